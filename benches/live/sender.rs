//! Our engine as a program that does what `smtp-source` does: many messages to one place over twenty connections.
//!
//! The whole engine: queues, limits, verdicts, contacts, metrics, the ports of the operating system. Left out is what the
//! other does not do either: messages that are made for each recipient, the DNS, a kept account.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

use engine::port::Later;
use engine::{Engine, Settings};
use host::clock::{Epoch, SystemClock};
use host::connector::{Route, TcpConnector};
use host::dial::{Addresses, Dialer};
use host::dns::LookupFailed;
use host::reach::Reach;
use host::routes::ToRelay;
use host::tls::{Roots, Tls};
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::ids::ContactId;
use policy::ledger::{Entry, Fact, Ledger, Outcome};
use policy::mailing::{Content, Kind, Letter, Listed, Mailing, UncertainPolicy};
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::tls::TlsPolicy;
use policy::{Dispatcher, Setup};
use smtp::client::Flow;
use smtp::{Address, Body, Domain, ReversePath};
use tokio::runtime::{Builder, LocalOptions};
use units::{Draw, Instant};

use crate::processes::ourselves;

pub(crate) const ROLE: &str = "send";

/// Connections at once, unless a task says otherwise.
pub(crate) const CONNECTIONS: u32 = 20;

/// Whom `smtp-source` sends to. We send to the contacts that follow, each once.
pub(crate) const RECIPIENT: &str = "c000001@bigbox.test";

/// What a sender is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    pub(crate) messages: u32,
    /// Of a message without its header, in bytes.
    pub(crate) payload_bytes: usize,
    pub(crate) messages_per_connection: u32,
    pub(crate) connections: u32,
}

/// What a sender saw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) delivered: u32,
    /// The longest time from the beginning of an attempt to its outcome.
    pub(crate) longest: Duration,
    /// How many took 20 ms or more.
    pub(crate) stalls: u32,
}

/// The program that does `task`.
pub(crate) fn command(to: SocketAddr, task: Task) -> Command {
    let mut command = ourselves(ROLE);
    let Task { messages, payload_bytes, messages_per_connection, connections } = task;
    command.args([to.to_string(), messages.to_string(), payload_bytes.to_string()]);
    command.args([messages_per_connection.to_string(), connections.to_string()]);
    command
}

/// What the program said.
pub(crate) fn seen(said: &str) -> Seen {
    let numbers: Vec<u32> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [delivered, longest, stalls] = numbers[..] else { panic!("a sender said {said:?}") };
    Seen { delivered, longest: Duration::from_micros(longest.into()), stalls }
}

/// Does the task that the arguments tell.
pub(crate) fn main(arguments: &[String]) {
    let [to, messages, payload_bytes, messages_per_connection, connections] = arguments else {
        panic!("a sender needs five arguments")
    };
    let task = Task {
        messages: number(messages),
        payload_bytes: number(payload_bytes),
        messages_per_connection: number(messages_per_connection),
        connections: number(connections),
    };
    let Seen { delivered, longest, stalls } = send(number(to), task);
    println!("{delivered} {} {stalls}", longest.as_micros());
}

fn number<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("a sender cannot read {text:?}"))
}

fn send(to: SocketAddr, task: Task) -> Seen {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let runtime = runtime.expect("a runtime needs memory and a descriptor");
    let clock = SystemClock::new(Epoch::now()).handle();
    let dialer = Dialer::new(clock.clone(), Rc::new(Nobody), Reach::LoopbackOnly);
    let connector = TcpConnector::new(dialer, Route::Fixed(to.into()), Tls::new(&Roots::nobody()));
    let book = Book::new(task.messages);
    let dispatcher = Dispatcher::new(setup(task), Box::new(book.clone()));
    let name = Domain::parse("mta.sender.example").expect("a domain");
    let settings = Settings { flow: Flow::Eager, ..Settings::new(name) };
    let engine =
        Engine::new(dispatcher, clock, Rc::new(connector), Rc::new(ToRelay::new(&to.into())), settings);
    runtime.block_on(engine.run());
    book.seen()
}

fn setup(task: Task) -> Setup {
    let contact = |number| {
        let address = Address::parse(&format!("c{number:06}@bigbox.test")).expect("an address");
        (address, Standing::new(ContactStatus::Active))
    };
    let sender = Address::parse("bounce@sender.example").expect("an address");
    let mailing = Mailing {
        name: "bench".to_owned(),
        kind: Kind::Regular,
        start: Instant::ZERO,
        content: Content::Shared(Letter { sender: ReversePath::Address(sender), body: body(task).into() }),
        list: (0..task.messages).map(|position| Listed { contact: ContactId(position), position }).collect(),
        plan: RetryPlan::default(),
        contact_policy: ContactPolicy::Classic,
        uncertain: UncertainPolicy::Resend,
    };
    Setup {
        contacts: (1..=task.messages).map(contact).collect(),
        mailings: vec![mailing],
        limits: SiteLimits {
            connections: task.connections,
            messages_per_connection: task.messages_per_connection,
            recipients_per_message: 1,
            rate: None,
        },
        tls: TlsPolicy::OnDemand,
        draw: Draw::new(1, "bench"),
    }
}

/// A header like that of `smtp-source`, and lines as long as its lines.
fn body(task: Task) -> Body {
    let header = "From: <bounce@sender.example>\r\nTo: <c000001@bigbox.test>\r\n\
                  Date: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-Id: <1.1@mta.sender.example>\r\n\r\n";
    let line = format!("{}\r\n", "X".repeat(78));
    let payload = line.repeat(task.payload_bytes / line.len() + 1);
    Body::new(format!("{header}{}\r\n", &payload[..task.payload_bytes - 2]).as_bytes())
}

/// Knows no address: nobody is looked up.
struct Nobody;

impl Addresses for Nobody {
    fn addresses<'a>(&'a self, _: &'a Domain) -> Later<'a, Result<Vec<IpAddr>, LookupFailed>> {
        Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) })
    }
}

/// Counts, and remembers when whose attempt began.
#[derive(Debug, Clone)]
struct Book(Rc<RefCell<Pages>>);

#[derive(Debug)]
struct Pages {
    begun: Vec<Instant>,
    seen: Seen,
}

impl Book {
    fn new(contacts: u32) -> Self {
        let seen = Seen { delivered: 0, longest: Duration::ZERO, stalls: 0 };
        Self(Rc::new(RefCell::new(Pages { begun: vec![Instant::ZERO; contacts as usize], seen })))
    }

    fn seen(&self) -> Seen {
        self.0.borrow().seen
    }
}

impl Ledger for Book {
    fn note(&mut self, at: Instant, entry: Entry<'_>) {
        let Pages { begun, seen } = &mut *self.0.borrow_mut();
        let begun = &mut begun[entry.contact.index()];
        match entry.fact {
            Fact::AttemptBegun { .. } => *begun = at,
            Fact::AttemptEnded { .. } => {
                let took = at.since(*begun);
                seen.longest = seen.longest.max(took);
                seen.stalls += u32::from(took >= crate::stalls::STALL);
            }
            Fact::Settled { outcome: Outcome::Delivered, .. } => seen.delivered += 1,
            Fact::Settled { .. }
            | Fact::Selected
            | Fact::Excluded(_)
            | Fact::Uncounted { .. }
            | Fact::Feedback { .. }
            | Fact::StandingChanged { .. }
            | Fact::Reactivation { .. }
            | Fact::ReactivationRefused { .. } => {}
        }
    }
}
