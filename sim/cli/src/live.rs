//! `run --live-page`: the Response page of a run in real time, filling while the run goes on.
//!
//! The page is answered for on a thread of its own. It ends with the run, whoever looks: those who do are told, and keep
//! what they see.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use harness::{Onlooker, Options, Plan, RunError};
use host::clock::{Epoch, SystemClock};
use record::Record;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::oneshot;

use crate::web::guard::guarded;
use crate::web::live::LivePage;
use crate::{Exit, Streams, open};

/// How long the end waits for those who are still to be told of it.
const PARTING: Duration = Duration::from_millis(500);

/// Runs scenarios, and shows them meanwhile.
pub(crate) struct LiveRun {
    /// Where the page is.
    address: SocketAddr,
    scene: Arc<Scene>,
    page: LivePage,
    stop: oneshot::Sender<()>,
    answering: JoinHandle<()>,
}

/// What is to be seen.
#[derive(Default)]
struct Scene {
    onlooker: Arc<Onlooker>,
    /// The scenario that ended last.
    last: Mutex<Option<Arc<Record>>>,
}

impl LiveRun {
    /// Begins to answer at this port of 127.0.0.1, and says where.
    ///
    /// # Errors
    /// The exit code, if the port cannot be had; it has been said why.
    pub(crate) fn start(port: u16, streams: &mut Streams<'_>) -> Result<Self, Exit> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (listener, address) = listen(address).map_err(|error| open::refused(address, &error, streams))?;
        let scene = Arc::new(Scene::default());
        let looked_at = Arc::clone(&scene);
        let page = LivePage::new(move || {
            let scene = Arc::clone(&looked_at);
            Box::pin(async move { scene.look().await })
        });
        let (stop, stopped) = oneshot::channel();
        let answering = std::thread::spawn({
            let page = page.clone();
            move || answer(listener, &page, stopped)
        });
        let live = Self { address, scene, page, stop, answering };
        let _ = writeln!(streams.out, "the run is at http://{}/\n", live.address);
        // Whoever reads this in a pipe waits for it.
        let _ = streams.out.flush();
        Ok(live)
    }

    /// Runs a plan in view of everybody.
    ///
    /// # Errors
    /// As [`harness::run()`].
    pub(crate) fn run(&self, plan: &Plan, options: &Options) -> Result<Record, RunError> {
        let onlooker = Some(Arc::clone(&self.scene.onlooker));
        let outcome = harness::run(plan, &Options { onlooker, ..options.clone() });
        // One that came to no end leaves nothing that could pass for its result.
        *lock(&self.scene.last) = outcome.as_ref().ok().map(|record| Arc::new(record.clone()));
        outcome
    }

    /// Shows how it ended, and ends.
    pub(crate) fn end(self) {
        let last = lock(&self.scene.last).take();
        self.page.end(last.as_deref());
        let _ = self.stop.send(());
        // If it panicked, that has been printed.
        let _ = self.answering.join();
    }
}

impl Scene {
    /// What is under way, or else what was last.
    async fn look(&self) -> Option<Arc<Record>> {
        let present = self.onlooker.look().await.map(Arc::new);
        present.or_else(|| lock(&self.last).clone())
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Answers until it is to stop.
fn answer(listener: TcpListener, page: &LivePage, stopped: oneshot::Receiver<()>) {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let runtime: LocalRuntime = runtime.expect("a runtime needs memory and a descriptor");
    let clock = SystemClock::new(Epoch::now()).handle();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime with sockets");
        let (stopping, stop) = oneshot::channel::<()>();
        let router = guarded(page.router("/"));
        let answering = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stop.await;
        });
        let answering = tokio::spawn(async move { answering.await });
        let (page, own) = (page.clone(), clock.clone());
        let drawing = tokio::task::spawn_local(async move { page.keep_up(&own).await });
        let _ = stopped.await;
        drawing.abort();
        let _ = stopping.send(());
        let _ = clock.timer().limit(clock.now() + PARTING, answering).await;
    });
    runtime.shutdown_background();
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use harness::Wire;
    use scenario::Source;

    use super::*;
    use crate::web::testing;

    /// It takes a second: each answer comes after 100 ms.
    const SLOW: &str = "
name: Slow
providers: { northmail: { latency: 100ms } }
audience: [{ domain: northmail.test, contacts: 3 }]
mailings: [{ name: news }]
expect: [delivered == 3]
";

    #[test]
    fn whoever_looks_sees_it_fill_and_end_and_keeps_nobody_waiting() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let live = LiveRun::start(0, &mut Streams::plain(&mut out, &mut err)).expect("a free port");
        let plan = Plan::read(&Source::new("slow.yaml", SLOW)).expect("a sound scenario");
        let mut seen = testing::events(live.address, "/events");
        let options = Options { wire: Wire::Live, ..Options::default() };
        let record = live.run(&plan, &options).expect("it runs to its end");
        assert_eq!(record.mailings[0].counters.delivered, 3);
        assert!(seen.next().is_some_and(|state| state.contains("nothing is judged yet")));
        live.end();
        let rest: Vec<String> = seen.collect();
        let [.., last, "event: end", "data: end"] = &rest.iter().map(String::as_str).collect::<Vec<_>>()[..]
        else {
            panic!("{rest:#?}")
        };
        assert!(last.contains("the expectation held"), "{last}");
    }

    #[test]
    fn the_end_is_told_of_what_expects_nothing_and_of_what_was_stopped() {
        let ending = |plan: &str, halt: fn(&Options)| {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let live = LiveRun::start(0, &mut Streams::plain(&mut out, &mut err)).expect("a free port");
            let plan = Plan::read(&Source::new("slow.yaml", plan)).expect("a sound scenario");
            let options = Options { wire: Wire::Live, ..Options::default() };
            let mut seen = testing::events(live.address, "/events");
            std::thread::scope(|scope| {
                let run = scope.spawn(|| live.run(&plan, &options));
                assert!(seen.next().is_some_and(|state| state.contains("nothing is judged yet")));
                halt(&options);
                let _ = run.join().expect("it does not panic");
            });
            live.end();
            let states: Vec<String> = seen.filter(|line| line.contains("header")).collect();
            states.last().cloned().expect("a last state")
        };
        let calm = ending(&SLOW.replace("expect: [delivered == 3]", ""), |_| ());
        assert!(calm.contains("it expects nothing") && !calm.contains("is judged yet"), "{calm}");
        let stopped = ending(SLOW, |options| options.progress.call_off());
        assert!(stopped.contains("stopped; nothing was judged"), "{stopped}");
        assert!(!stopped.contains("is judged yet"), "{stopped}");
    }

    #[test]
    fn a_port_that_is_taken_is_told_with_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let refused = LiveRun::start(address.port(), &mut Streams::plain(&mut out, &mut err));
        assert_eq!(refused.err(), Some(Exit::Environment));
        let words = format!("something listens at {address} already: stop it, or choose another port");
        assert!(String::from_utf8(err).unwrap().contains(&words));
    }
}
