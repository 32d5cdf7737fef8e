//! A referee that takes the engine's words for something else than the fleet ends the run. Needs the referee's program, and
//! says so where it was not built.

use std::future::pending;
use std::path::Path;
use std::sync::Arc;

use fleet::Asked as Heard;
use smtp::server::Answer as Decided;
use smtp::{Address, MailParameters, RcptParameters, Reply, ReversePath};

use super::*;
use crate::clock::VirtualTime;

/// A connection to mailin, which has been greeted.
struct Stage {
    witness: Box<dyn Witness>,
    trouble: Rc<Trouble>,
}

impl Stage {
    /// None if the program was not built.
    fn set() -> Option<Self> {
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../referee/target");
        let programs = ["release", "debug"].map(|profile| built.join(profile).join("bouncelab-mailin"));
        let Some(program) = programs.into_iter().find(|program| program.is_file()) else {
            eprintln!("SKIPPED: `cargo build --manifest-path sim/referee/Cargo.toml` builds the referee");
            return None;
        };
        let trouble = Rc::<Trouble>::default();
        let referee = Referee::start(&Summons { program, connections: 1 }, Rc::clone(&trouble));
        let host = Domain::parse("mx.test").expect("a domain");
        let witness = referee.expect("it starts").call(&host, 7, Network::default());
        let mut stage = Self { witness, trouble };
        let mut greeting = Turn { bytes: b"220 mx.test\r\n".to_vec(), ..Turn::default() };
        stage.witness.greeted(Instant::ZERO, &mut greeting);
        assert_eq!(String::from_utf8_lossy(&greeting.bytes), "220 referee.test ESMTP\r\n");
        Some(stage)
    }

    /// The engine says `words`, the fleet takes them for `asked` and answers `reply`; what the engine hears.
    fn say(&mut self, words: &str, asked: Heard, reply: &str) -> String {
        let reply = Reply::parse(reply).expect("a reply");
        let mut turn = Turn::default();
        reply.encode(&mut turn.bytes);
        if asked == Heard::Quit || reply.code().get() == 421 {
            turn.then = Then::Close;
        }
        let answer = Decided::say(reply).then(turn.then);
        self.witness.heard(Instant::ZERO, words.as_bytes(), &[Exchange { asked, answer }], &mut turn);
        String::from_utf8_lossy(&turn.bytes).into_owned()
    }

    /// Says EHLO as both understand it.
    fn welcomed() -> Option<Self> {
        let mut stage = Self::set()?;
        let asked = Heard::Hello { name: "mta.test".to_owned() };
        let heard = stage.say("EHLO mta.test\r\n", asked, "250 mx.test");
        assert_eq!(heard, "250-server offers extensions:\r\n250 8BITMIME\r\n");
        Some(stage)
    }

    /// How the run ended.
    fn trouble(&self) -> String {
        let time = VirtualTime::new(Arc::default());
        let ended = time.run(self.trouble.beside(pending::<()>()));
        ended.and_then(|told| told).map_or_else(|halt| halt.to_string(), |()| "not at all".to_owned())
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).expect(text)
}

fn mail(text: &str) -> Heard {
    Heard::Mail { from: ReversePath::Address(address(text)), parameters: MailParameters::default() }
}

fn rcpt(text: &str) -> Heard {
    Heard::Rcpt { to: address(text), parameters: RcptParameters::default() }
}

#[test]
fn what_both_understand_is_said_in_the_words_of_the_fleet() {
    let Some(mut stage) = Stage::welcomed() else { return };
    assert_eq!(stage.say("MAIL FROM:<a@a.test>\r\n", mail("a@a.test"), "250 2.1.0 Ok"), "250 2.1.0 Ok\r\n");
    assert_eq!(stage.say("RCPT TO:<b@b.test>\r\n", rcpt("b@b.test"), "550 5.1.1 no"), "550 5.1.1 no\r\n");
    assert_eq!(stage.say("RCPT TO:<c@b.test>\r\n", rcpt("c@b.test"), "250 Ok"), "250 Ok\r\n");
    let go_ahead = stage.say("DATA\r\n", Heard::Data, "354 go");
    assert_eq!(go_ahead, "354 Start mail input; end with <CRLF>.<CRLF>\r\n");
    let end = Heard::EndOfData { hash: xxhash_rust::xxh3::xxh3_64(b".a\r\n"), bytes: 4 };
    assert_eq!(stage.say("..a\r\n.\r\n", end, "250 Ok: queued"), "250 Ok: queued\r\n");
    assert_eq!(stage.say("QUIT\r\n", Heard::Quit, "221 Bye"), "221 Goodbye\r\n");
}

#[test]
fn another_argument_ends_the_run() {
    let Some(mut stage) = Stage::welcomed() else { return };
    assert_eq!(stage.say("MAIL FROM:<a@a.test>\r\n", mail("b@a.test"), "250 Ok"), "");
    assert_eq!(
        stage.trouble(),
        "at 0h, connection 7 to mx.test: expected MAIL from <b@a.test> by `mta.test`, and the referee has MAIL from \
         <a@a.test> by `mta.test`"
    );
}

#[test]
fn another_message_ends_the_run() {
    let Some(mut stage) = Stage::welcomed() else { return };
    stage.say("MAIL FROM:<a@a.test>\r\n", mail("a@a.test"), "250 Ok");
    stage.say("RCPT TO:<b@b.test>\r\n", rcpt("b@b.test"), "250 Ok");
    stage.say("DATA\r\n", Heard::Data, "354 go");
    // A fleet that would not take the dot off the line.
    let end = Heard::EndOfData { hash: xxhash_rust::xxh3::xxh3_64(b"..a\r\n"), bytes: 5 };
    assert_eq!(stage.say("..a\r\n.\r\n", end, "250 Ok"), "");
    assert!(stage.trouble().contains("expected the end of a message of 5 octets"), "{}", stage.trouble());
}

#[test]
fn another_question_ends_the_run() {
    let Some(mut stage) = Stage::welcomed() else { return };
    assert_eq!(stage.say("MAIL FROM:<a@a.test>\r\n", rcpt("a@a.test"), "250 Ok"), "");
    let expected = "expected RCPT to <a@a.test>, and the referee has MAIL from <a@a.test>";
    assert!(stage.trouble().contains(expected), "{}", stage.trouble());
}

#[test]
fn words_that_it_does_not_understand_end_the_run() {
    let Some(mut stage) = Stage::welcomed() else { return };
    assert_eq!(stage.say("MAIL FROM: a@a.test\r\n", mail("a@a.test"), "250 Ok"), "");
    let expected = "expected MAIL from <a@a.test> by `mta.test`, and the referee has `500 Syntax error`";
    assert!(stage.trouble().contains(expected), "{}", stage.trouble());
}

#[test]
fn another_code_ends_the_run() {
    let Some(mut stage) = Stage::welcomed() else { return };
    let mut turn = Turn { bytes: b"250 Ok\r\n".to_vec(), ..Turn::default() };
    stage.witness.heard(Instant::ZERO, b"VRFY a\r\n", &[], &mut turn);
    assert!(stage.trouble().contains("expected 250, and the referee has `252 Maybe`"), "{}", stage.trouble());
}

#[test]
fn what_it_cannot_say_ends_the_run_before_it_is_asked() {
    let Some(mut stage) = Stage::welcomed() else { return };
    assert_eq!(stage.say("MAIL FROM:<a@a.test>\r\n", mail("a@a.test"), "550 no\nno"), "");
    let expected = "expected what mailin can do, and the referee has to say a reply of several lines";
    assert!(stage.trouble().contains(expected), "{}", stage.trouble());
}
