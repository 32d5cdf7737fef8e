//! Looking at a run under way, from another thread.
//!
//! Who looks asks, and every world answers between two things that it does: as long as nobody asks, nothing is done for it.
//! Only worlds in real time can be asked. On virtual time a question would have to come at some virtual moment, and nothing
//! that is decided outside may reach a result.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use record::Record;
use tokio::sync::{mpsc, oneshot};

use crate::world::Outcome;

/// Somebody who looks at a run in real time, from its beginning to its end; see [`crate::Options::onlooker`].
#[derive(Debug, Default)]
pub struct Onlooker {
    /// The run that is under way.
    run: Mutex<Option<mpsc::UnboundedSender<oneshot::Sender<Record>>>>,
}

impl Onlooker {
    /// The record as it stands: [`Record::ended`] is the present moment, there is no digest, and nothing is judged. What no
    /// server has decided yet is not in the receipts. `None` if no run is under way, or one is about to end.
    pub async fn look(&self) -> Option<Record> {
        let (tell, told) = oneshot::channel();
        lock(&self.run).as_ref()?.send(tell).ok()?;
        told.await.ok()
    }

    /// Answers whoever looks with what `standing` gives, while `work` is done.
    pub(crate) fn beside<T>(
        &self,
        standing: impl Fn() -> Option<Record> + Send,
        work: impl FnOnce() -> T,
    ) -> T {
        let (ask, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<Record>>();
        *lock(&self.run) = Some(ask);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while let Some(tell) = asked.blocking_recv() {
                    if let Some(record) = standing() {
                        // Whoever has asked may have gone.
                        let _ = tell.send(record);
                    }
                }
            });
            let _closing = Closing(self);
            work()
        })
    }
}

/// Lets nobody ask any more when it is dropped, also by a panic; so the one who answers comes to an end.
struct Closing<'a>(&'a Onlooker);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        *lock(&self.0.run) = None;
    }
}

/// The worlds of a run, for those who ask them.
#[derive(Debug, Default)]
pub(crate) struct Worlds(Mutex<Vec<Place>>);

#[derive(Debug)]
enum Place {
    UnderWay(mpsc::UnboundedSender<oneshot::Sender<Outcome>>),
    Over(Box<Outcome>),
}

/// The place of one world.
#[derive(Debug)]
pub(crate) struct Seat<'a> {
    worlds: &'a Worlds,
    number: usize,
    visitors: mpsc::UnboundedReceiver<oneshot::Sender<Outcome>>,
}

impl Worlds {
    /// One more world begins.
    pub(crate) fn enter(&self) -> Seat<'_> {
        let (ask, visitors) = mpsc::unbounded_channel();
        let mut places = lock(&self.0);
        places.push(Place::UnderWay(ask));
        Seat { worlds: self, number: places.len() - 1, visitors }
    }

    /// How all worlds stand that have begun; `None` if one of them does not answer, because it is about to end.
    pub(crate) fn standing(&self) -> Option<Vec<Outcome>> {
        let ask = |place: &Place| match place {
            Place::UnderWay(world) => {
                let (tell, told) = oneshot::channel();
                world.send(tell).ok().map(|()| Reply::Coming(told))
            }
            Place::Over(outcome) => Some(Reply::Here(outcome.clone())),
        };
        let replies: Option<Vec<Reply>> = lock(&self.0).iter().map(ask).collect();
        replies?.into_iter().map(Reply::wait).collect()
    }
}

enum Reply {
    Coming(oneshot::Receiver<Outcome>),
    Here(Box<Outcome>),
}

impl Reply {
    fn wait(self) -> Option<Outcome> {
        match self {
            Self::Coming(told) => told.blocking_recv().ok(),
            Self::Here(outcome) => Some(*outcome),
        }
    }
}

impl Seat<'_> {
    /// Does `work`, and meanwhile tells visitors how the world stands.
    pub(crate) async fn attend<T>(
        &mut self,
        standing: impl Fn() -> Outcome,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            while let Poll::Ready(Some(tell)) = self.visitors.poll_recv(context) {
                let _ = tell.send(standing());
            }
            work.as_mut().poll(context)
        })
        .await
    }

    /// The world has come to its end.
    pub(crate) fn leave(self, outcome: Outcome) {
        lock(&self.worlds.0)[self.number] = Place::Over(Box::new(outcome));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scenario::Source;
    use tokio::runtime::Builder;

    use super::*;
    use crate::{Options, Plan, Wire, run};

    /// It takes a second: each answer comes after 100 ms.
    const SLOW: &str = "
name: Slow
providers: { northmail: { latency: 100ms }, bigbox: { latency: 100ms } }
audience: [{ domain: northmail.test, contacts: 3 }, { domain: bigbox.test, contacts: 3 }]
mailings: [{ name: news }]
";

    #[test]
    fn what_is_seen_under_way_is_the_beginning_of_what_is_seen_in_the_end() {
        let plan = Plan::read(&Source::new("slow.yaml", SLOW)).expect("a sound scenario");
        let onlooker = Arc::new(Onlooker::default());
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let looks = |running: &dyn Fn() -> bool| {
            let mut seen = Vec::new();
            while running() {
                seen.extend(runtime.block_on(onlooker.look()));
            }
            seen
        };
        let options = Options {
            wire: Wire::Live,
            threads: 2,
            onlooker: Some(Arc::clone(&onlooker)),
            ..Options::default()
        };
        let (seen, whole) = std::thread::scope(|scope| {
            let running = scope.spawn(|| run(&plan, &options));
            let seen = looks(&|| !running.is_finished());
            (seen, running.join().expect("no panic").expect("it runs to its end"))
        });
        assert!(!seen.is_empty());
        assert!(seen.is_sorted_by_key(|record| record.ended));
        for record in &seen {
            let counters = record.mailings[0].counters;
            assert_eq!(counters.selected, counters.pending + counters.dropped + counters.sent);
            assert_eq!(record.contacts, whole.contacts);
            assert_eq!((record.digest, &record.checked), (0, &record::Checked::default()));
            for event in &record.events {
                let same = |other: &&record::Event| (other.at, other.contact) == (event.at, event.contact);
                assert!(whole.events.iter().any(|other| same(&other)), "{event:?}");
            }
        }
        assert_eq!(whole.mailings[0].counters.delivered, 6);
        assert!(runtime.block_on(onlooker.look()).is_none());
    }
}
