//! Laws of the client's session: one outcome for each recipient whatever the server does, and no mail in plain text where TLS
//! is wanted.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use smtp::client::{
    ClientSession, Flow, Loss, Options, Outcome, StartTls, Step, Transaction, Transfer, Trust,
};
use smtp::{Address, Body, Domain, ReversePath};

pub(crate) fn client(options: Options) -> ClientSession {
    ClientSession::new(Domain::parse("client.test").expect("a domain"), options)
}

pub(crate) fn options() -> impl Strategy<Value = Options> {
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
pub(crate) fn output(client: &ClientSession, room: usize) -> Vec<u8> {
    let mut output = client.output().concat();
    output.truncate(room);
    output
}

/// The `index`-th transaction, for `recipients` who are in no other.
pub(crate) fn transaction(index: usize, recipients: usize) -> Transaction {
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
                Step::Write if begun == 3 && session.may_begin_ahead() => {
                    session.quit_ahead();
                    assert!(!session.may_begin_ahead(), "nothing is ahead of the end");
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

#[test]
fn an_empty_message_stays_before_what_is_begun_ahead() {
    let transfer = Transfer::ChunkIfOffered;
    let mut session = client(Options { flow: Flow::Eager, transfer, ..Options::default() });
    let hear = |session: &mut ClientSession, text: &str| {
        session.wrote(output(session, usize::MAX).len());
        session.received(text.as_bytes());
    };
    hear(&mut session, "220 hi\r\n");
    hear(&mut session, "250-hi\r\n250-CHUNKING\r\n250 PIPELINING\r\n");
    session.begin(Transaction { body: Arc::new(Body::new(b"")), ..transaction(0, 1) });
    hear(&mut session, "250 ok\r\n250 ok\r\n354 go\r\n");
    assert!(session.step() == Step::Write && session.may_begin_ahead());
    session.begin_ahead(transaction(1, 1));
    let expected = ".\r\nMAIL FROM:<>\r\nRCPT TO:<r1-0@bigbox.test>\r\nDATA\r\n";
    assert_eq!(String::from_utf8_lossy(&output(&session, usize::MAX)), expected);
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
}
