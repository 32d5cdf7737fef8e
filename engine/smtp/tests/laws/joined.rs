//! Laws of both sessions, joined: no two opinions about who has the message, whatever the host says and however the bytes
//! are cut; and it makes no difference to a server what was begun ahead.

use std::collections::{BTreeSet, VecDeque};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use smtp::client::{ClientSession, Flow, Loss, Options, Outcome, StartTls, Step, Transfer};
use smtp::server::{Answer, Host, ServerConfig, ServerSession, Then, Turn};
use smtp::{Address, Extensions, Reply, ReversePath, SizeLimit};

use crate::sessions::{client, options, output, transaction};

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
        self.content.clear();
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
    /// How many bytes still pass, to the server and to the client; then the connection is gone.
    lasts: [usize; 2],
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
            lasts: [usize::MAX; 2],
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
        let size = self.size().min(self.lasts[0]);
        self.lasts[0] -= size.min(self.client.output().concat().len());
        let output = output(&self.client, size);
        if output.is_empty() {
            return self.client.lost(Loss::Reset);
        }
        let turn = self.server.receive(&mut self.host, &output);
        self.client.wrote(output.len());
        self.take(turn);
    }

    fn read(&mut self) {
        let n = self.to_client.len().min(self.size()).min(self.lasts[1]);
        self.lasts[1] -= n;
        let bytes: Vec<u8> = self.to_client.drain(..n).collect();
        match (n, self.then) {
            (0, _) if self.lasts[1] == 0 => self.client.lost(Loss::Closed),
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

    /// Checks that what the client was told is what became of the messages.
    fn agree(&self, told: &[(Address, Outcome)]) {
        for (address, outcome) in told {
            let (taken, refused) = (self.host.taken.contains(address), self.host.refused.contains(address));
            match outcome {
                Outcome::Accepted(_) => assert!(taken && !refused, "{address} is {outcome:?}"),
                Outcome::Refused { .. } | Outcome::Lost { .. } | Outcome::NotBegun => {
                    assert!(!taken, "{address} is {outcome:?}");
                }
                Outcome::Uncertain { .. } => {}
                Outcome::Unsendable(_) => panic!("{address} is sendable"),
            }
        }
        let known: BTreeSet<_> = told.iter().map(|(address, _)| address.clone()).collect();
        assert!(self.host.taken.is_subset(&known), "nobody gets a message unnoticed");
        assert_eq!(known.len(), told.len(), "one outcome each");
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
                    if self.client.may_begin_ahead() {
                        match waiting.next() {
                            Some(next) => {
                                recipients.push_back(next.recipients.clone());
                                self.client.begin_ahead(next);
                            }
                            None => self.client.quit_ahead(),
                        }
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
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), size).prop_map(
        |(pipelining, chunking, enhanced_status_codes, starttls, size)| Extensions {
            pipelining,
            chunking,
            enhanced_status_codes,
            starttls,
            size,
            ..Extensions::default()
        },
    )
}

/// A connection that is lost after any number of bytes in either direction: nobody is forgotten, and nobody is told the untruth.
#[test]
fn the_connection_may_be_lost_at_any_byte() {
    let extensions = Extensions { pipelining: true, chunking: true, ..Extensions::default() };
    let ways = [
        (Flow::Stepwise, Transfer::Data),
        (Flow::Eager, Transfer::Data),
        (Flow::Stepwise, Transfer::ChunkIfOffered),
    ];
    for (flow, transfer) in ways {
        for direction in [0, 1] {
            let lost_after = |bytes: usize| {
                let options = Options { flow, transfer, ..Options::default() };
                let answers = vec![Throw::Yes, Throw::Yes, Throw::Yes, Throw::No(550)];
                let mut wire = Wire::new(options, answers, extensions, vec![usize::MAX]);
                wire.lasts[direction] = bytes;
                let told = wire.run(&[2, 1, 2]);
                wire.agree(&told);
                (told.len(), wire.lasts[direction])
            };
            let bytes = (0..).take_while(|bytes| lost_after(*bytes).1 == 0).count();
            assert!(bytes > 200, "the whole dialogue has more than {bytes} bytes");
            assert_eq!(lost_after(bytes).0, 5, "in the end everybody is told of");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

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
        let is_refused = |address: &Address| wire.host.refused.contains(address);
        for (address, outcome) in &told {
            let unheard = matches!(outcome, Outcome::Lost { .. } | Outcome::NotBegun);
            prop_assert!(!unheard || !is_refused(address), "{} is {:?}", address, outcome);
        }
        wire.agree(&told);
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
