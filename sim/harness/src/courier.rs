//! What comes back from providers (reports, complaints, unsubscribes), each carried to the engine at its moment.
//!
//! A task for each echo, which begins to wait when the message is accepted: so echoes of one provider come in the order in
//! which they would come without other providers, whatever shard it is in.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

use engine::Engine;
use engine::clock::Clock;
use fleet::{Echo, EchoKind, Fleet, Outbox};
use tokio::task::JoinSet;

/// Carries echoes from a fleet to whoever receives them.
pub(crate) struct Courier {
    fleet: Rc<RefCell<Fleet>>,
    clock: Clock,
    bag: Rc<Bag>,
}

/// The echoes that are on their way.
struct Bag {
    clock: Clock,
    receive: Rc<dyn Fn(Echo)>,
    echoes: RefCell<JoinSet<()>>,
}

impl Courier {
    /// One that carries what the fleet sends from now on to an engine.
    pub(crate) fn to_engine(fleet: &Rc<RefCell<Fleet>>, clock: Clock, engine: &Engine) -> Self {
        let engine = engine.clone();
        Self::to(fleet, clock, Rc::new(move |echo| receive(&engine, &echo)))
    }

    fn to(fleet: &Rc<RefCell<Fleet>>, clock: Clock, receive: Rc<dyn Fn(Echo)>) -> Self {
        let bag = Rc::new(Bag { clock: clock.clone(), receive, echoes: RefCell::default() });
        let outbox: Rc<dyn Outbox> = Rc::<Bag>::clone(&bag);
        fleet.borrow_mut().send_post_to(&outbox);
        Self { fleet: Rc::clone(fleet), clock, bag }
    }

    /// Waits until everything has arrived, and everything has happened that happens to messages.
    ///
    /// # Panics
    /// Whoever received something panicked: the panic is passed on.
    pub(crate) async fn finish(&self) {
        while let Some(carried) =
            poll_fn(|context| self.bag.echoes.borrow_mut().poll_join_next(context)).await
        {
            if let Err(error) = carried {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        let quiet_at = self.fleet.borrow().quiet_at();
        if self.clock.now() < quiet_at {
            self.clock.sleep_until(quiet_at).await;
        }
    }

    /// Takes nothing more.
    pub(crate) fn retire(self) {
        self.fleet.borrow_mut().stop_post();
    }
}

/// Hands an echo to the engine, which writes down itself what it makes of it.
fn receive(engine: &Engine, echo: &Echo) {
    let _ = match &echo.what {
        EchoKind::Mail { to, message } => engine.receive_report(to, message),
        EchoKind::OneClick { link, .. } => engine.unsubscribe(link),
    };
}

impl Outbox for Bag {
    fn send(&self, echo: Echo) {
        let (clock, receive) = (self.clock.clone(), Rc::clone(&self.receive));
        self.echoes.borrow_mut().spawn_local(async move {
            clock.sleep_until(echo.due).await;
            receive(echo);
        });
    }
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Courier").field("bag", &self.bag).finish_non_exhaustive()
    }
}

impl fmt::Debug for Bag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bag").field("echoes", &self.echoes.borrow().len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fleet::{Active, Dial, Dns, FleetBuilder, MxRecord, ProviderSpec, library};
    use scenario::{Kind, Problems, Source, tree};
    use units::Instant;

    use super::*;
    use crate::clock::VirtualTime;
    use crate::progress::Progress;

    fn fleet(fate: &str) -> Fleet {
        let root = tree(&Source::new("fate.yaml", fate)).expect(fate);
        let Kind::Map(entries) = root.kind else { panic!("not a map: {fate}") };
        let mut problems = Problems::new();
        let written = entries.into_iter().map(|(key, settings)| scenario::Behaviour { key, settings });
        let read = written.filter_map(|one| fleet::read_behaviour(&one, &mut problems)).map(Active::always);
        let mut builder = FleetBuilder::new(7);
        let spec = ProviderSpec {
            index: 0,
            name: "bigbox",
            profile: library().generic(),
            domains: vec!["bigbox.test".to_owned()],
            dns: Dns::Hosts(vec![MxRecord { preference: 10, host: "mx1.bigbox.test".to_owned() }]),
            behaviours: read.collect(),
            contacts: &["ann@bigbox.test"],
        };
        builder.add_provider(spec).expect("names are free");
        assert!(problems.is_empty(), "{fate}: {problems:?}");
        builder.build()
    }

    fn deliver(fleet: &Fleet, now: Instant) {
        let Dial::Connected { mut server, .. } = fleet.connect("mx1.bigbox.test", now) else {
            panic!("refused")
        };
        server.greeting(now);
        for said in
            ["EHLO a.test", "MAIL FROM:<b@a.test>", "RCPT TO:<ann@bigbox.test>", "DATA", "Subject: x\r\n."]
        {
            server.receive(now, format!("{said}\r\n").as_bytes());
        }
        server.closed(now);
    }

    /// Which echoes arrive when, of a message that is accepted at the start and of another an hour later, and when all is
    /// over.
    fn carried(fate: &str) -> (Vec<(Instant, String)>, Instant) {
        let time = VirtualTime::new(Arc::new(Progress::default()));
        let clock = time.clock();
        let fleet = Rc::new(RefCell::new(fleet(fate)));
        let arrived: Rc<RefCell<Vec<(Instant, String)>>> = Rc::default();
        let receive: Rc<dyn Fn(Echo)> = Rc::new({
            let (clock, arrived) = (clock.clone(), Rc::clone(&arrived));
            move |echo| match echo.what {
                EchoKind::Mail { to, message } => {
                    let text = String::from_utf8_lossy(&message);
                    let subject =
                        text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
                    arrived.borrow_mut().push((clock.now(), format!("{to}: {subject}")));
                }
                EchoKind::OneClick { link, .. } => arrived.borrow_mut().push((clock.now(), link)),
            }
        });
        let courier = Courier::to(&fleet, clock.clone(), receive);
        let ended = time.run(async {
            for hour in 0..2 {
                clock.sleep_until(Instant::from_hours(hour)).await;
                deliver(&fleet.borrow(), clock.now());
            }
            courier.finish().await;
            clock.now()
        });
        courier.retire();
        (arrived.take(), ended.expect("it comes to its end"))
    }

    #[test]
    fn letters_arrive_at_their_moments() {
        let fate =
            "fate: { auto_replied: { share: 100%, after: 90m }, complained: { share: 100%, after: 3d } }";
        let minutes = |minutes: u64| Instant::from_nanos(minutes * 60_000_000_000);
        let expected = [
            (minutes(90), "b@a.test: Auto: x"),
            (minutes(150), "b@a.test: Auto: x"),
            (minutes(72 * 60), "b@a.test: FW: x"),
            (minutes(73 * 60), "b@a.test: FW: x"),
        ];
        let (arrived, ended) = carried(fate);
        assert_eq!(arrived, expected.map(|(at, what)| (at, what.to_owned())));
        assert_eq!(ended, minutes(73 * 60));
    }

    #[test]
    fn the_end_waits_for_what_nobody_is_told_of() {
        let opened = carried("fate: { opened: { share: 100%, after: 2d } }");
        assert_eq!(opened, (Vec::new(), Instant::from_hours(49)));
        assert_eq!(carried("fate: { lost: 100% }"), (Vec::new(), Instant::from_hours(1)));
    }
}
