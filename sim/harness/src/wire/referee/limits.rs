//! What mailin-embedded 0.8 cannot say or understand. Read from its source and held in place by the tests of `sim/referee`.
//!
//! Its handler is asked about EHLO, MAIL, RCPT, DATA and the end of the message, and answers each with one line. All else it
//! says by itself: the greeting, the extensions, the go-ahead, RSET, NOOP, QUIT, and what breaks the protocol.

use std::fmt;

use fleet::{Asked, Exchange};
use smtp::server::{Then, Turn};
use smtp::{BodyType, MailParameters, RcptParameters, Reply, ReplyClass, ReversePath};

/// Something that mailin cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lack {
    Greeting,
    Extensions,
    Silence,
    ClosedWithoutReply,
    Reset,
    SeveralLines,
    NotText,
    /// Its state machine stays in the message after a refusal, and takes the next commands for more of it.
    StuckInMessage,
    ClosedAfterSuccess,
    NoGoAhead,
    OwnWords,
    Group,
    NullSender,
    Path,
    Parameters,
    Tls,
    Authentication,
    /// Words of another length take another time.
    Pieces,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "greet in any other way than at once, with 220 and its name",
            Self::Extensions => "offer anything but 8BITMIME",
            Self::Silence => "say nothing and stay",
            Self::ClosedWithoutReply => "close without a reply",
            Self::Reset => "reset a connection",
            Self::SeveralLines => "say a reply of several lines",
            Self::NotText => "say a reply that is not UTF-8",
            Self::StuckInMessage => "refuse a message and go on: it takes the next commands for more of it",
            Self::ClosedAfterSuccess => "close after a positive reply to EHLO or DATA",
            Self::NoGoAhead => "answer DATA with 2yz",
            Self::OwnWords => "complain about the protocol in the fleet's words",
            Self::Group => "answer several commands at once",
            Self::NullSender => "take a message from <>",
            Self::Path => "read a path with a space, `<` or `>` in it",
            Self::Parameters => "read parameters other than BODY",
            Self::Tls => "begin TLS",
            Self::Authentication => "be told who the client is",
            Self::Pieces => "say its words in pieces: they are not as long as the fleet's",
        })
    }
}

/// What a greeting asks of mailin that it cannot do.
pub(crate) fn in_greeting(turn: &Turn) -> Option<Lack> {
    let usual = turn.then == Then::Continue && turn.bytes.starts_with(b"220 ");
    (!usual).then_some(Lack::Greeting)
}

/// What a turn asks of mailin that it cannot do.
pub(crate) fn in_turn(exchanges: &[Exchange], turn: &Turn) -> Option<Lack> {
    match exchanges {
        [] if turn.bytes.is_empty() => unspoken(turn.then),
        // RSET and NOOP
        [] => (turn.then != Then::Continue || !turn.bytes.starts_with(b"250 ")).then_some(Lack::OwnWords),
        [exchange] => in_question(&exchange.asked).or_else(|| in_answer(exchange, turn)),
        _ => Some(Lack::Group),
    }
}

fn unspoken(then: Then) -> Option<Lack> {
    match then {
        Then::Continue => None,
        Then::Hang => Some(Lack::Silence),
        Then::Close => Some(Lack::ClosedWithoutReply),
        Then::Reset => Some(Lack::Reset),
    }
}

fn in_question(asked: &Asked) -> Option<Lack> {
    match asked {
        Asked::StartTls => Some(Lack::Tls),
        Asked::Authenticate => Some(Lack::Authentication),
        Asked::Mail { from: ReversePath::Null, .. } => Some(Lack::NullSender),
        Asked::Mail { from: ReversePath::Address(address), parameters } => {
            // Which of BODY's values it was does not matter.
            let others = MailParameters { body: BodyType::Unstated, ..parameters.clone() };
            in_path(address.as_str())
                .or_else(|| (others != MailParameters::default()).then_some(Lack::Parameters))
        }
        Asked::Rcpt { to, parameters } => in_path(to.as_str())
            .or_else(|| (*parameters != RcptParameters::default()).then_some(Lack::Parameters)),
        Asked::Hello { .. } | Asked::Data | Asked::EndOfData { .. } | Asked::Quit => None,
    }
}

fn in_path(path: &str) -> Option<Lack> {
    path.contains([' ', '<', '>', '\t']).then_some(Lack::Path)
}

fn in_answer(exchange: &Exchange, turn: &Turn) -> Option<Lack> {
    let Some(reply) = &exchange.answer.reply else {
        // Silence that goes on is silence all the same.
        return unspoken(turn.then).or(Some(Lack::Silence));
    };
    match turn.then {
        Then::Hang => return Some(Lack::Silence),
        Then::Reset => return Some(Lack::Reset),
        Then::Continue | Then::Close => {}
    }
    if let (Asked::Hello { .. }, 250) = (&exchange.asked, reply.code().get()) {
        return in_welcome(turn);
    }
    let mut encoded = Vec::new();
    reply.encode(&mut encoded);
    if encoded != turn.bytes {
        return Some(Lack::Group);
    }
    if reply.lines().count() > 1 {
        return Some(Lack::SeveralLines);
    }
    if std::str::from_utf8(&encoded).is_err() {
        return Some(Lack::NotText);
    }
    in_consequence(&exchange.asked, reply, turn.then)
}

/// The reply to EHLO or HELO: mailin's is the same to both.
fn in_welcome(turn: &Turn) -> Option<Lack> {
    let lines = turn.bytes.strip_suffix(b"\r\n").unwrap_or(&turn.bytes);
    let offered = lines.split(|byte| *byte == b'\n').skip(1);
    let only_known = offered.into_iter().all(|line| line == b"250 8BITMIME");
    match turn.then {
        Then::Continue => (!only_known).then_some(Lack::Extensions),
        Then::Close | Then::Reset | Then::Hang => Some(Lack::ClosedAfterSuccess),
    }
}

/// Where the state that mailin goes to is not that of the fake server.
fn in_consequence(asked: &Asked, reply: &Reply, then: Then) -> Option<Lack> {
    match (asked, reply.class(), then) {
        (Asked::Data, ReplyClass::Positive, _) => Some(Lack::NoGoAhead),
        (Asked::Data, ReplyClass::Intermediate, Then::Close) => Some(Lack::ClosedAfterSuccess),
        (Asked::EndOfData { .. }, ReplyClass::Transient | ReplyClass::Permanent, Then::Continue) => {
            Some(Lack::StuckInMessage)
        }
        (Asked::Quit, class, then) => {
            (class != ReplyClass::Positive || then != Then::Close).then_some(Lack::OwnWords)
        }
        _ => None,
    }
}

/// The command that a question is about, for people.
pub(crate) fn stage(exchanges: &[Exchange]) -> &'static str {
    match exchanges.first().map(|exchange| &exchange.asked) {
        None => "between commands",
        Some(Asked::Hello { .. }) => "at EHLO",
        Some(Asked::StartTls) => "at STARTTLS",
        Some(Asked::Authenticate) => "at AUTH",
        Some(Asked::Mail { .. }) => "at MAIL",
        Some(Asked::Rcpt { .. }) => "at RCPT",
        Some(Asked::Data) => "at DATA",
        Some(Asked::EndOfData { .. }) => "at the end of a message",
        Some(Asked::Quit) => "at QUIT",
    }
}

#[cfg(test)]
mod tests {
    use smtp::Address;
    use smtp::server::Answer;

    use super::*;

    fn turn(reply: Option<&Reply>, then: Then) -> Turn {
        let mut turn = Turn { then, ..Turn::default() };
        reply.into_iter().for_each(|reply| reply.encode(&mut turn.bytes));
        turn
    }

    fn check(asked: Asked, reply: Option<(u16, &str)>, then: Then, lack: Option<Lack>) {
        let reply = reply.map(|(code, text)| Reply::new(code, None, text));
        let turn = turn(reply.as_ref(), then);
        let words = format!("{asked:?} {turn:?}");
        let answer = Answer { reply, ..Answer::silence(then) }.after(turn.after);
        assert_eq!(in_turn(&[Exchange { asked, answer }], &turn), lack, "{words}");
    }

    fn address(text: &str) -> Address {
        Address::parse(text).expect(text)
    }

    fn mail(from: ReversePath) -> Asked {
        Asked::Mail { from, parameters: MailParameters::default() }
    }

    fn rcpt(to: &str) -> Asked {
        Asked::Rcpt { to: address(to), parameters: RcptParameters::default() }
    }

    const END: Asked = Asked::EndOfData { hash: 1, bytes: 2 };

    #[test]
    fn one_line_to_a_question_can_be_said() {
        let hello = || Asked::Hello { name: "mta.test".to_owned() };
        check(hello(), Some((250, "mx.test")), Then::Continue, None);
        check(hello(), Some((554, "no")), Then::Close, None);
        check(mail(ReversePath::Address(address("a@b.test"))), Some((421, "later")), Then::Close, None);
        check(rcpt("a@b.test"), Some((550, "no")), Then::Continue, None);
        check(Asked::Data, Some((354, "go")), Then::Continue, None);
        check(Asked::Data, Some((451, "later")), Then::Continue, None);
        check(END, Some((250, "ok")), Then::Continue, None);
        check(END, Some((554, "no")), Then::Close, None);
        check(Asked::Quit, Some((221, "bye")), Then::Close, None);
    }

    #[test]
    fn all_else_cannot() {
        let address = |text| ReversePath::Address(address(text));
        check(rcpt("a@b.test"), Some((550, "no\nno")), Then::Continue, Some(Lack::SeveralLines));
        check(rcpt("\"a b\"@b.test"), Some((250, "ok")), Then::Continue, Some(Lack::Path));
        check(mail(address("\"<\"@b.test")), Some((250, "ok")), Then::Continue, Some(Lack::Path));
        check(mail(ReversePath::Null), Some((250, "ok")), Then::Continue, Some(Lack::NullSender));
        let parameters = MailParameters { size: Some(1), ..MailParameters::default() };
        let sized = Asked::Mail { from: address("a@b.test"), parameters };
        check(sized, Some((250, "ok")), Then::Continue, Some(Lack::Parameters));
        check(END, Some((554, "no")), Then::Continue, Some(Lack::StuckInMessage));
        check(END, None, Then::Close, Some(Lack::ClosedWithoutReply));
        check(Asked::Data, None, Then::Reset, Some(Lack::Reset));
        check(Asked::Data, None, Then::Hang, Some(Lack::Silence));
        check(Asked::Data, Some((250, "ok")), Then::Continue, Some(Lack::NoGoAhead));
        check(Asked::Data, Some((354, "go")), Then::Close, Some(Lack::ClosedAfterSuccess));
        check(Asked::StartTls, Some((220, "go")), Then::Continue, Some(Lack::Tls));
    }

    #[test]
    fn what_is_said_unasked_is_said_by_mailin() {
        let says = |text: &str, then| in_turn(&[], &turn(Reply::parse(text).as_ref(), then));
        assert_eq!(says("250 ok", Then::Continue), None);
        assert_eq!(says("503 no", Then::Continue), Some(Lack::OwnWords));
        assert_eq!(in_turn(&[], &Turn::default()), None);
        let greeting = |text: &str| in_greeting(&turn(Reply::parse(text).as_ref(), Then::Continue));
        assert_eq!(greeting("220 mx.test"), None);
        assert_eq!(greeting("220 mx.test\nwelcome"), Some(Lack::Greeting));
        assert_eq!(greeting("554 no"), Some(Lack::Greeting));
    }

    #[test]
    fn of_extensions_there_is_one() {
        let welcome = |bytes: &[u8]| in_welcome(&Turn { bytes: bytes.to_vec(), ..Turn::default() });
        assert_eq!(welcome(b"250-mx.test\r\n250 8BITMIME\r\n"), None);
        assert_eq!(welcome(b"250 mx.test\r\n"), None);
        assert_eq!(welcome(b"250-mx.test\r\n250-8BITMIME\r\n250 STARTTLS\r\n"), Some(Lack::Extensions));
    }
}
