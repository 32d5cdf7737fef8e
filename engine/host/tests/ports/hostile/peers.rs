//! Servers that break the rules, each at one place of an otherwise polite dialogue, and what is said about them.
//!
//! A case is a script: what the server says, when it listens, how it ends. Whatever it does, the attempt ends, the right
//! stage is blamed, and the recipient is tried again.

use std::time::Duration;

use policy::ledger::Outcome;
use policy::tls::TlsPolicy;
use smtp::limits::PhaseLimits;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;

use super::attempt::Given;
use crate::stage::{listener, live, port};

/// What a server does next.
#[derive(Debug, Clone, Copy)]
enum Act {
    Say(&'static [u8]),
    /// Listens until a line has come.
    Hear,
    /// Listens until something has come.
    HearSome,
    /// Listens until the message has ended.
    HearMessage,
    /// Says this until nobody listens any more.
    Flood(&'static [u8]),
    /// Says this again and again, a byte at a time, each well before anybody could lose patience.
    Drip(&'static [u8]),
    /// Listens, and says nothing more.
    Silence,
    /// Neither listens nor says anything until the connection is closed from the other end.
    Deaf,
    Reset,
}

use Act::{Deaf, Drip, Flood, Hear, HearMessage, HearSome, Reset, Say, Silence};

const HELLO: Act = Say(b"220 mx.test\r\n");
const OK: Act = Say(b"250 ok\r\n");
const TLS_OFFERED: Act = Say(b"250-mx.test\r\n250 STARTTLS\r\n");
const SHORT: Duration = Duration::from_millis(100);

/// Up to the go-ahead for the message.
const ENVELOPE: [Act; 10] = [HELLO, Hear, OK, Hear, OK, Hear, OK, Hear, Say(b"354 go\r\n"), HearMessage];

fn garbled(script: &[Act], words: &str) {
    check(script, PhaseLimits::RFC5321, TlsPolicy::OnDemand, words);
}

fn check(script: &[Act], limits: PhaseLimits, tls: TlsPolicy, words: &str) {
    live(async {
        let listener = listener().await;
        let given = Given { limits, tls, ..Given::new(port(&listener)) };
        let script = script.to_vec();
        let label = format!("{script:?}");
        spawn_local(serve(listener, script));
        let found = given.attempt().await;
        assert_eq!(found.words, words, "{label}");
        assert_eq!((found.outcome, found.is_kept), (Outcome::Cancelled, true), "{label}");
    });
}

/// The same for every visitor.
async fn serve(listener: TcpListener, script: Vec<Act>) {
    while let Ok((visitor, _)) = listener.accept().await {
        let script = script.clone();
        spawn_local(async move { play(visitor, &script).await });
    }
}

async fn play(mut visitor: TcpStream, script: &[Act]) -> std::io::Result<()> {
    visitor.set_nodelay(true)?;
    let mut heard = Vec::new();
    for act in script {
        match act {
            Say(words) => visitor.write_all(words).await?,
            Hear => hear_until(&mut visitor, &mut heard, b"\r\n").await?,
            HearSome => {
                visitor.read_buf(&mut heard).await?;
            }
            HearMessage => hear_until(&mut visitor, &mut heard, b"\r\n.\r\n").await?,
            Flood(words) => loop {
                visitor.write_all(words).await?;
            },
            Drip(words) => {
                for byte in words.iter().cycle() {
                    visitor.write_all(&[*byte]).await?;
                    tokio::time::sleep(SHORT / 10).await;
                }
            }
            Silence => while visitor.read(&mut [0; 4096]).await? > 0 {},
            Deaf => {
                // Everything is heard at once when nobody says anything any more.
                while !visitor.ready(tokio::io::Interest::ERROR).await?.is_error() {}
            }
            Reset => SockRef::from(&visitor).set_linger(Some(Duration::ZERO))?,
        }
    }
    Ok(())
}

/// Listens up to the end of this, and keeps what came after it.
async fn hear_until(visitor: &mut TcpStream, heard: &mut Vec<u8>, end: &[u8]) -> std::io::Result<()> {
    loop {
        if let Some(at) = heard.windows(end.len()).position(|window| window == end) {
            heard.drain(..at + end.len());
            return Ok(());
        }
        if visitor.read_buf(heard).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn after(acts: &[Act]) -> Vec<Act> {
    ENVELOPE.iter().chain(acts).copied().collect()
}

#[test]
fn a_banner_without_end_is_cut() {
    for words in [
        b"220-hello\r\n".as_slice(),
        b"2222222222",
        b"220 hello ",
        b"\r\n",
        b"\n",
        b"\0\0\0\0",
        b"\xff\xfe\xfd",
    ] {
        garbled(&[Flood(words)], "Greeting: the server's answer was not SMTP");
    }
}

#[test]
fn an_answer_without_end_is_cut_wherever_it_comes() {
    let not_smtp = |stage: &str| format!("{stage}: the server's answer was not SMTP");
    for words in [b"250-PIPELINING\r\n".as_slice(), b"250-x", b"250-\r\n"] {
        garbled(&[HELLO, Hear, Flood(words)], &not_smtp("Ehlo"));
        garbled(&[HELLO, Hear, OK, Hear, Flood(words)], &not_smtp("Mail"));
        garbled(&[HELLO, Hear, OK, Hear, OK, Hear, Flood(words)], &not_smtp("Rcpt"));
        garbled(&after(&[Flood(words)]), &not_smtp("EndOfData"));
    }
}

#[test]
fn answers_that_contradict_themselves_are_none() {
    garbled(&[HELLO, Hear, Say(b"250-a\r\n550 b\r\n")], "Ehlo: the server's answer was not SMTP");
    garbled(&[HELLO, Hear, OK, Hear, Say(b"250-a\r\n251 b\r\n")], "Mail: the server's answer was not SMTP");
    garbled(&[HELLO, Hear, OK, Hear, Say(b"999 what\r\n")], "Mail: the server's answer was not SMTP");
    garbled(
        &[HELLO, Hear, OK, Hear, Say(b"HTTP/1.1 400 Bad Request\r\n")],
        "Mail: the server's answer was not SMTP",
    );
}

#[test]
fn an_answer_before_the_question_is_none() {
    garbled(&[Say(b"220 hello\r\n250 early\r\n"), Silence], "Ehlo: the server's answer was not SMTP");
    garbled(
        &[HELLO, Hear, Say(b"250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"), Silence],
        "Mail: the server's answer was not SMTP",
    );
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    garbled(&[Say(b"554 \0\xff\x1b[31m\r\n"), Hear], "Greeting: 554");
    garbled(&[HELLO, Hear, Say(b"250 ok\r\n"), Hear, Say(b"451 \0\x80\xfe\r\n"), Hear], "Mail: 451");
}

#[test]
fn a_flood_while_the_message_is_sent_ends_it() {
    live(async {
        let listener = listener().await;
        let limits = PhaseLimits { body: SHORT, ..PhaseLimits::RFC5321 };
        let given = Given { limits, message: vec![b'x'; 16 << 20], ..Given::new(port(&listener)) };
        spawn_local(serve(listener, [&ENVELOPE[..9], &[Flood(b"250 x\r\n")]].concat()));
        let found = given.attempt().await;
        assert!(found.words.starts_with("Body: "), "{found:?}");
        assert_eq!((found.outcome, found.is_kept), (Outcome::Cancelled, true));
    });
}

#[test]
fn whoever_says_nothing_is_waited_for_as_long_as_the_phase_allows() {
    let usual = PhaseLimits::RFC5321;
    for (said, limits, stage) in [
        (&[][..], PhaseLimits { greeting: SHORT, ..usual }, "Greeting"),
        (&ENVELOPE[..2], PhaseLimits { ehlo: SHORT, ..usual }, "Ehlo"),
        (&ENVELOPE[..4], PhaseLimits { mail: SHORT, ..usual }, "Mail"),
        (&ENVELOPE[..6], PhaseLimits { rcpt: SHORT, ..usual }, "Rcpt"),
        (&ENVELOPE[..8], PhaseLimits { data: SHORT, ..usual }, "Data"),
        (&ENVELOPE[..], PhaseLimits { end_of_data: SHORT, ..usual }, "EndOfData"),
    ] {
        let script = [said, &[Silence]].concat();
        check(&script, limits, TlsPolicy::OnDemand, &format!("{stage}: no answer in time"));
        // Half an answer is none, and a line that is not the last is none either.
        let half = [said, &[Say(b"250-"), Silence]].concat();
        check(&half, limits, TlsPolicy::OnDemand, &format!("{stage}: no answer in time"));
        // Nor does a byte now and then stretch the limit: it is the whole answer's.
        let drip = [said, &[Drip(b"250-x\r\n")]].concat();
        check(&drip, limits, TlsPolicy::OnDemand, &format!("{stage}: no answer in time"));
    }
}

#[test]
fn whoever_does_not_listen_is_written_to_as_long_as_the_phase_allows() {
    live(async {
        let listener = listener().await;
        let limits = PhaseLimits { body: SHORT, ..PhaseLimits::RFC5321 };
        let given = Given { limits, message: vec![b'x'; 16 << 20], ..Given::new(port(&listener)) };
        spawn_local(serve(listener, [&ENVELOPE[..9], &[Deaf]].concat()));
        let found = given.attempt().await;
        assert_eq!(found.words, "Body: no answer in time");
        assert_eq!((found.outcome, found.is_kept), (Outcome::Cancelled, true));
    });
}

#[test]
fn whoever_goes_away_is_tried_again() {
    for (said, stage) in [
        (&[][..], "Greeting"),
        (&ENVELOPE[..2], "Ehlo"),
        (&ENVELOPE[..4], "Mail"),
        (&ENVELOPE[..6], "Rcpt"),
        (&ENVELOPE[..8], "Data"),
        (&ENVELOPE[..], "EndOfData"),
    ] {
        garbled(said, &format!("{stage}: connection closed by the server"));
        garbled(&[said, &[Reset]].concat(), &format!("{stage}: connection reset"));
    }
}

#[test]
fn whatever_is_said_between_starttls_and_the_handshake_is_not_believed() {
    let limits = PhaseLimits { starttls: SHORT, ..PhaseLimits::RFC5321 };
    for (acts, words) in [
        (
            &[Say(b"220 go\r\n250 injected\r\n"), Silence][..],
            "something was said between STARTTLS and the handshake",
        ),
        (&[Say(b"220 go\r\n250 inj"), Silence], "something was said between STARTTLS and the handshake"),
        (&[Say(b"220 go\r\n"), Hear, Silence], "no answer in time"),
        (
            &[Say(b"220 go\r\n"), HearSome, Flood(b"250 ok\r\n")],
            "the server does not speak TLS, although it said so",
        ),
        (
            &[Say(b"220 go\r\n"), HearSome, Say(b"\x16\x03\x01\xff\xff"), Flood(b"\0")],
            "the server broke the rules of TLS",
        ),
        (&[Say(b"220-go\r\n"), Silence], "no answer in time"),
    ] {
        let script = [&[HELLO, Hear, TLS_OFFERED, Hear], acts].concat();
        check(&script, limits, TlsPolicy::Required, &format!("Ehlo: {words}"));
    }
}
