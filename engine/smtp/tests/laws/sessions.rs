//! Laws of the sessions: one outcome for each recipient whatever the server does, and no two opinions about who has the
//! message; and no mail in plain text where TLS is wanted.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use smtp::client::{
    ClientSession, Flow, Loss, Options, Outcome, StartTls, Step, Transaction, Transfer, Trust,
};
use smtp::server::{Answer, Host, ServerConfig, ServerSession, Then, Turn};
use smtp::{Address, Body, Domain, Extensions, Reply, ReversePath, SizeLimit};

fn client(options: Options) -> ClientSession {
    ClientSession::new(Domain::parse("client.test").expect("a domain"), options)
}

fn options() -> impl Strategy<Value = Options> {
    let starttls = select(vec![StartTls::Never, StartTls::IfOffered, StartTls::Always(Trust::Anybody)]);
    let flow = select(vec![Flow::Stepwise, Flow::Eager]);
    let transfer = select(vec![Transfer::Data, Transfer::ChunkIfOffered]);
    (starttls, flow, transfer).prop_map(|(starttls, flow, transfer)| Options {
        starttls,
        flow,
        transfer,
        ..Options::default()
    })
}

/// Up to `room` bytes of what a client has to write.
fn output(client: &ClientSession, room: usize) -> Vec<u8> {
    let mut output = client.output().concat();
    output.truncate(room);
    output
}

/// The `index`-th transaction, for `recipients` who are in no other.
fn transaction(index: usize, recipients: usize) -> Transaction {
    let address = |n: usize| Address::parse(&format!("r{index}-{n}@bigbox.test")).expect("an address");
    Transaction {
        sender: ReversePath::Null,
        recipients: (0..recipients).map(address).collect(),
        body: Arc::new(Body::new(b"Subject: x\r\n\r\n.dot\n.\nend")),
    }
}

/// What may happen to a client, in an order that nobody planned.
#[derive(Debug, Clone)]
enum Event {
    Received(Vec<u8>),
    /// Up to so many bytes can be written.
    Room(usize),
    Lost,
}

fn event() -> impl Strategy<Value = Event> {
    let reply = "(220|250|250-a\r\n250|354|421|451|503|550|554) [a-z]{0,5}\r\n";
    prop_oneof![
        20 => reply.prop_map(|text| Event::Received(text.into_bytes())),
        6 => "(250|354|220) [a-z]{0,5}\r\n".prop_map(|text| Event::Received(text.into_bytes())),
        1 => vec(any::<u8>(), 0..20).prop_map(Event::Received),
        20 => prop_oneof![Just(Event::Room(usize::MAX)), (0..100_usize).prop_map(Event::Room)],
        1 => Just(Event::Lost),
    ]
}

/// Drives a client through `events` and then loses the connection. Checks each transaction's outcomes.
fn drive(options: Options, events: Vec<Event>, extensions: &str, recipients: usize) {
    let mut session = client(Options { starttls: StartTls::Never, ..options });
    let (mut begun, mut open) = (0, 0);
    let setup = [
        Event::Room(usize::MAX),
        Event::Received(b"220 hi\r\n".to_vec()),
        Event::Room(usize::MAX),
        Event::Received(format!("250-hi\r\n250 {extensions}\r\n").into_bytes()),
    ];
    for event in setup.into_iter().chain(events).chain([Event::Lost]) {
        match event {
            Event::Received(bytes) => session.received(&bytes),
            Event::Room(room) => session.wrote(output(&session, room).len()),
            Event::Lost => session.lost(Loss::Closed),
        }
        loop {
            match session.step() {
                Step::Done(outcomes) => {
                    assert_eq!(outcomes.len(), recipients, "one outcome each");
                    assert!(open > 0, "nobody's outcome is told twice");
                    assert!(
                        outcomes[0] != Outcome::NotBegun || open == 1,
                        "who is ahead waits for the others"
                    );
                    open -= 1;
                }
                Step::Ready if begun < 3 => {
                    session.begin(transaction(begun, recipients));
                    (begun, open) = (begun + 1, 1);
                }
                Step::Ready => {
                    session.quit();
                    break;
                }
                Step::Write if begun < 3 && session.may_begin_ahead() => {
                    session.begin_ahead(transaction(begun, recipients));
                    (begun, open) = (begun + 1, open + 1);
                    assert!(open == 2 && !session.may_begin_ahead(), "only one is ahead");
                }
                Step::Write => {
                    assert!(!output(&session, 1).is_empty());
                    break;
                }
                Step::Read { .. } | Step::Secure { .. } => break,
                Step::Over(_) => {
                    assert_eq!((open, output(&session, 1)), (0, Vec::new()), "nobody is forgotten");
                    break;
                }
            }
        }
    }
    assert!(matches!(session.step(), Step::Over(_)), "a lost connection ends a session");
}

/// Drives a client that wants TLS through `events`, without ever doing the handshake.
fn drive_before_the_handshake(options: Options, events: Vec<Event>) {
    let starttls = StartTls::Always(Trust::NamedHost);
    let mut session = client(Options { starttls, ..options });
    for event in events {
        match event {
            Event::Received(bytes) => session.received(&bytes),
            Event::Room(room) => session.wrote(output(&session, room).len()),
            Event::Lost => session.lost(Loss::Closed),
        }
        assert!(session.step() != Step::Ready, "mail may be sent in plain text");
    }
}

/// A host that takes its answers from a list, and keeps who it took a message for.
#[derive(Debug)]
struct Dice {
    answers: VecDeque<Throw>,
    recipients: Vec<Address>,
    content: Vec<u8>,
    taken: BTreeSet<Address>,
    refused: BTreeSet<Address>,
}

/// How the host feels about a question.
#[derive(Debug, Clone, Copy)]
enum Throw {
    Yes,
    No(u16),
    Silence(Then),
    /// It says yes and closes the connection.
    YesAndClose,
}

fn throw() -> impl Strategy<Value = Throw> {
    let code = select(vec![421_u16, 450, 452, 500, 550, 552, 554]);
    let then = select(vec![Then::Close, Then::Reset, Then::Hang]);
    prop_oneof![
        40 => Just(Throw::Yes),
        8 => code.prop_map(Throw::No),
        1 => then.prop_map(Throw::Silence),
        1 => Just(Throw::YesAndClose),
    ]
}

/// What a host says that stays where it is.
fn word() -> impl Strategy<Value = Throw> {
    let code = select(vec![450_u16, 452, 500, 550, 552, 554]);
    prop_oneof![4 => Just(Throw::Yes), 1 => code.prop_map(Throw::No)]
}

impl Dice {
    fn answer(&mut self, yes: u16) -> Answer {
        match self.answers.pop_front().unwrap_or(Throw::Yes) {
            Throw::Yes => Answer::say(Reply::new(yes, None, "yes\nindeed")),
            Throw::No(code) => Answer::say(Reply::new(code, None, "no")),
            Throw::Silence(then) => Answer::silence(then),
            Throw::YesAndClose => Answer::say(Reply::new(yes, None, "yes")).then(Then::Close),
        }
    }
}

fn says_yes(answer: &Answer) -> bool {
    answer.reply.as_ref().is_none_or(|reply| reply.code().get() < 400)
}

impl Host for Dice {
    fn greet(&mut self) -> Answer {
        self.answer(220)
    }

    fn hello(&mut self, _name: &str) -> Answer {
        self.answer(250)
    }

    fn start_tls(&mut self) -> Answer {
        self.answer(220)
    }

    fn mail(&mut self, _from: &ReversePath, _declared_size: Option<u64>) -> Answer {
        self.recipients.clear();
        self.answer(250)
    }

    fn rcpt(&mut self, to: &Address) -> Answer {
        let answer = self.answer(250);
        if says_yes(&answer) {
            self.recipients.push(to.clone());
        } else {
            self.refused.insert(to.clone());
        }
        answer
    }

    fn data(&mut self) -> Answer {
        self.content.clear();
        self.answer(354)
    }

    fn body(&mut self, chunk: &[u8]) {
        self.content.extend_from_slice(chunk);
    }

    fn end_of_data(&mut self, bytes: u64) -> Answer {
        assert_eq!(self.content, b"Subject: x\r\n\r\n.dot\r\n.\r\nend\r\n");
        assert_eq!(bytes, self.content.len() as u64);
        let answer = self.answer(250);
        if says_yes(&answer) {
            self.taken.extend(self.recipients.drain(..));
        } else {
            self.refused.extend(self.recipients.drain(..));
        }
        answer
    }

    fn quit(&mut self) -> Answer {
        self.answer(221)
    }

    fn reset(&mut self) {
        self.recipients.clear();
    }
}

/// Both sides and what is on the way between them.
struct Wire {
    client: ClientSession,
    server: ServerSession,
    host: Dice,
    to_client: VecDeque<u8>,
    then: Then,
    sizes: Box<dyn Iterator<Item = usize>>,
}

impl Wire {
    fn new(options: Options, answers: Vec<Throw>, extensions: Extensions, sizes: Vec<usize>) -> Self {
        let (taken, refused) = (BTreeSet::new(), BTreeSet::new());
        let host =
            Dice { answers: answers.into(), recipients: Vec::new(), content: Vec::new(), taken, refused };
        let server = ServerSession::new(ServerConfig { extensions, ..ServerConfig::default() });
        let sizes = Box::new(sizes.into_iter().cycle());
        Self {
            client: client(options),
            server,
            host,
            to_client: VecDeque::new(),
            then: Then::Continue,
            sizes,
        }
    }

    fn size(&mut self) -> usize {
        self.sizes.next().expect("an endless list")
    }

    fn take(&mut self, turn: Turn) {
        self.to_client.extend(turn.bytes);
        if self.then == Then::Continue {
            self.then = turn.then;
        }
    }

    fn write(&mut self) {
        let size = self.size();
        let output = output(&self.client, size);
        let turn = self.server.receive(&mut self.host, &output);
        self.client.wrote(output.len());
        self.take(turn);
    }

    fn read(&mut self) {
        let n = self.to_client.len().min(self.size());
        let bytes: Vec<u8> = self.to_client.drain(..n).collect();
        match (n, self.then) {
            (1.., _) => self.client.received(&bytes),
            (0, Then::Close) => self.client.lost(Loss::Closed),
            (0, Then::Reset) => self.client.lost(Loss::Reset),
            (0, Then::Hang) => self.client.lost(Loss::TimedOut),
            (0, Then::Continue) => panic!("both sides wait: {:?} {:?}", self.client, self.server),
        }
    }

    fn shake_hands(&mut self) {
        if self.server.awaits_handshake() {
            self.server.secured();
            self.client.secured();
        } else {
            self.client.lost(Loss::Closed);
        }
    }

    /// Sends one message for each of `counts` recipients. Comes back with what became of whom.
    fn run(&mut self, counts: &[usize]) -> Vec<(Address, Outcome)> {
        let mut told = Vec::new();
        let mut waiting = counts.iter().enumerate().map(|(index, count)| transaction(index, *count));
        let mut recipients = VecDeque::new();
        let turn = self.server.greeting(&mut self.host);
        self.take(turn);
        loop {
            match self.client.step() {
                Step::Write => {
                    if self.client.may_begin_ahead()
                        && let Some(next) = waiting.next()
                    {
                        recipients.push_back(next.recipients.clone());
                        self.client.begin_ahead(next);
                    }
                    self.write();
                }
                Step::Read { .. } => self.read(),
                Step::Secure { .. } => self.shake_hands(),
                Step::Done(outcomes) => {
                    let recipients = recipients.pop_front().expect("what is over was begun");
                    told.extend(recipients.into_iter().zip(outcomes));
                }
                Step::Ready => match waiting.next() {
                    Some(next) => {
                        recipients.push_back(next.recipients.clone());
                        self.client.begin(next);
                    }
                    None => self.client.quit(),
                },
                Step::Over(_) => return told,
            }
        }
    }
}

fn extensions() -> impl Strategy<Value = Extensions> {
    let size =
        prop_oneof![Just(SizeLimit::NotOffered), Just(SizeLimit::Unlimited), Just(SizeLimit::Max(1000))];
    (any::<bool>(), any::<bool>(), any::<bool>(), size).prop_map(
        |(pipelining, enhanced_status_codes, starttls, size)| Extensions {
            pipelining,
            enhanced_status_codes,
            starttls,
            size,
            ..Extensions::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_recipient_has_one_outcome_whatever_happens(
        options in options(),
        events in vec(event(), 0..40),
        extensions in select(vec!["PIPELINING", "PIPELINING\r\n250-CHUNKING", "CHUNKING", "X-NOTHING"]),
        recipients in 1..5_usize,
    ) {
        drive(options, events, extensions, recipients);
    }

    #[test]
    fn no_mail_is_sent_in_plain_text_where_tls_is_wanted(
        options in options(),
        events in vec(event(), 0..40),
    ) {
        drive_before_the_handshake(options, events);
    }

    #[test]
    fn both_sides_agree_about_who_has_the_message(
        options in options(),
        answers in vec(throw(), 0..40),
        extensions in extensions(),
        sizes in vec(prop_oneof![1..10_usize, 1..200_usize, Just(usize::MAX)], 1..6),
        counts in vec(1..6_usize, 1..4),
    ) {
        let mut wire = Wire::new(options, answers, extensions, sizes);
        let told = wire.run(&counts);
        for (address, outcome) in &told {
            let (taken, refused) = (wire.host.taken.contains(address), wire.host.refused.contains(address));
            match outcome {
                Outcome::Accepted(_) => prop_assert!(taken, "{} accepted", address),
                Outcome::Refused { .. } => prop_assert!(!taken, "{} refused", address),
                Outcome::Lost { .. } => prop_assert!(!taken && !refused, "{} lost", address),
                Outcome::NotBegun => prop_assert!(!taken && !refused, "{} not begun", address),
                Outcome::Uncertain { .. } => {}
                Outcome::Unsendable(_) => prop_assert!(false, "{} is sendable", address),
            }
            prop_assert!(!refused || !matches!(outcome, Outcome::Accepted(_)), "{} was refused", address);
        }
        let told: BTreeSet<_> = told.into_iter().map(|(address, _)| address).collect();
        prop_assert!(wire.host.taken.is_subset(&told), "nobody gets a message unnoticed");
    }

    #[test]
    fn who_has_the_message_does_not_depend_on_what_was_begun_ahead(
        options in options(),
        answers in vec(word(), 0..40),
        sizes in vec(prop_oneof![1..10_usize, Just(usize::MAX)], 1..6),
        counts in vec(1..4_usize, 1..5),
    ) {
        let extensions = Extensions { pipelining: true, ..Extensions::default() };
        let run = |flow| {
            let options = Options { flow, starttls: StartTls::Never, ..options };
            let mut wire = Wire::new(options, answers.clone(), extensions, sizes.clone());
            let told = wire.run(&counts);
            (told, wire.host.taken, wire.host.refused)
        };
        prop_assert_eq!(run(Flow::Eager), run(Flow::Stepwise));
    }
}
