//! Laws of the server's session: pieces make no difference, each command has one reply, content is never taken for
//! commands nor commands for content, and nobody but CRLF . CRLF ends a message.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use smtp::server::{Answer, Credentials, Host, ServerConfig, ServerSession, Then, Tolerance, Turn};
use smtp::{Address, Extensions, Mechanisms, Reply, ReplyParser, ReversePath, SizeLimit, limits};

/// A host that writes down what it is asked, and refuses by a list.
#[derive(Debug, Default)]
struct Clerk {
    /// Whether the next question is refused; nothing is when the list is at its end.
    refusals: std::vec::IntoIter<bool>,
    /// What was asked, pieces of content joined.
    asked: Vec<Vec<u8>>,
}

impl Clerk {
    fn new(refusals: Vec<bool>) -> Self {
        Self { refusals: refusals.into_iter(), asked: Vec::new() }
    }

    fn answer(&mut self, question: String, yes: u16) -> Answer {
        self.asked.push(question.into_bytes());
        let code = if self.refusals.next() == Some(true) { 450 } else { yes };
        Answer::say(Reply::new(code, None, "so be it")).after(Duration::from_millis(10))
    }

    /// The contents of all messages that were complete.
    fn messages(&self) -> Vec<&[u8]> {
        let complete = self.asked.windows(2).filter(|pair| pair[1].starts_with(b"end "));
        complete.map(|pair| pair[0].strip_prefix(b"body ").unwrap_or_default()).collect()
    }
}

impl Host for Clerk {
    fn greet(&mut self) -> Answer {
        self.answer("greet".to_owned(), 220)
    }

    fn hello(&mut self, name: &str) -> Answer {
        self.answer(format!("hello {name}"), 250)
    }

    fn start_tls(&mut self) -> Answer {
        self.answer("starttls".to_owned(), 220)
    }

    fn authenticate(&mut self, credentials: &Credentials<'_>) -> Answer {
        self.answer(format!("auth {}", credentials.user), 235)
    }

    fn mail(&mut self, from: &ReversePath, _: Option<u64>) -> Answer {
        self.answer(format!("mail {from}"), 250)
    }

    fn rcpt(&mut self, to: &Address) -> Answer {
        self.answer(format!("rcpt {to}"), 250)
    }

    fn data(&mut self) -> Answer {
        self.answer("data".to_owned(), 354)
    }

    fn body(&mut self, chunk: &[u8]) {
        assert!(!chunk.is_empty(), "nothing is handed on");
        match self.asked.last_mut() {
            Some(last) if last.starts_with(b"body ") => last.extend_from_slice(chunk),
            _ => self.asked.push([b"body ", chunk].concat()),
        }
    }

    fn end_of_data(&mut self, bytes: u64) -> Answer {
        self.answer(format!("end {bytes}"), 250)
    }

    fn quit(&mut self) -> Answer {
        self.answer("quit".to_owned(), 221)
    }

    fn reset(&mut self) {
        self.asked.push(b"reset".to_vec());
    }
}

/// What was said in a session, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Said {
    bytes: Vec<u8>,
    after: Duration,
    then: Then,
}

impl Said {
    fn add(&mut self, turn: Turn) {
        assert!(self.then == Then::Continue || turn == Turn::default(), "after the end: {turn:?}");
        self.bytes.extend(turn.bytes);
        self.after += turn.after;
        if self.then == Then::Continue {
            self.then = turn.then;
        }
    }

    fn codes(&self) -> Vec<u16> {
        let mut parser = ReplyParser::new();
        let mut codes = Vec::new();
        for piece in self.bytes.chunks(limits::REPLY_BYTES / 2) {
            parser.feed(piece);
            while let Some(reply) = parser.next().expect("a server's replies are replies") {
                codes.push(reply.code().get());
            }
        }
        codes
    }
}

/// Everything that is offered, and nothing that is counted.
fn generous() -> ServerConfig {
    let extensions = Extensions {
        pipelining: true,
        eight_bit_mime: true,
        smtputf8: true,
        chunking: true,
        dsn: true,
        auth: Mechanisms { plain: true, login: true },
        ..Extensions::default()
    };
    ServerConfig { extensions, max_errors: u32::MAX, ..ServerConfig::default() }
}

fn config() -> impl Strategy<Value = ServerConfig> {
    let tolerance = || prop_oneof![Just(Tolerance::Take), Just(Tolerance::Refuse)];
    let size = prop_oneof![Just(SizeLimit::NotOffered), Just(SizeLimit::Unlimited), Just(SizeLimit::Max(40))];
    let errors = prop_oneof![Just(2), Just(u32::MAX)];
    (any::<[bool; 4]>(), size, errors, tolerance(), tolerance()).prop_map(
        |(
            [chunking, auth, starttls, enhanced_status_codes],
            size,
            max_errors,
            bare_line_ends,
            long_lines,
        )| {
            let auth = Mechanisms { plain: auth, login: auth };
            let extensions = generous().extensions;
            let extensions =
                Extensions { chunking, auth, starttls, enhanced_status_codes, size, ..extensions };
            ServerConfig { extensions, max_errors, bare_line_ends, long_lines, ..ServerConfig::default() }
        },
    )
}

/// A command that is answered once, whatever the answer, and that leaves neither content nor silence behind it.
fn command() -> impl Strategy<Value = Vec<u8>> {
    let lines = vec![
        "EHLO client.test",
        "HELO client.test",
        "MAIL FROM:<a@b.test>",
        "MAIL FROM:<a@b.test>",
        "MAIL FROM:<jörg@b.test> SMTPUTF8 RET=FULL",
        "RCPT TO:<ann@bigbox.test>",
        "RCPT TO:<ann@bigbox.test>",
        "RCPT TO:<ann@bigbox.test> NOTIFY=SOMETIMES",
        "RCPT TO:<Postmaster>",
        "RSET",
        "NOOP",
        "VRFY ann",
        "EXPN staff",
        "HELP",
        "HELP data",
        "AUTH PLAIN AGFubgBzZWNyZXQ=",
        "AUTH PLAIN ?",
        "BDAT 0",
        "BDAT 0 LAST",
        "nonsense\n.",
    ];
    proptest::sample::select(lines).prop_map(|line| format!("{line}\r\n").into_bytes())
}

/// A chunk that is full of commands.
fn chunk() -> impl Strategy<Value = Vec<u8>> {
    let evil = proptest::sample::select(vec![
        "MAIL FROM:<evil@b.test>\r\n",
        "RCPT TO:<evil@bigbox.test>\r\n",
        "EHLO evil\r\n",
        "QUIT\r\n",
        ".\r\n",
        "\r\n",
    ]);
    (vec(evil, 0..4), any::<bool>()).prop_map(|(lines, last)| {
        let content = lines.concat();
        format!("BDAT {}{}\r\n{content}", content.len(), if last { " LAST" } else { "" }).into_bytes()
    })
}

/// Bytes out of which dots, line ends and halves of them are made.
fn message_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), Just(0), Just(b'a')];
    vec(byte, 0..40)
}

/// Anything that a client may send, and much that it should not.
fn talk() -> impl Strategy<Value = Vec<u8>> {
    let transaction = b"EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<ann@bigbox.test>\r\n".to_vec();
    let piece = prop_oneof![
        10 => command(),
        4 => Just(transaction),
        4 => chunk(),
        3 => message_like().prop_map(|content| [b"DATA\r\n", &content[..], b"\r\n.\r\n"].concat()),
        2 => "(AUTH (PLAIN|LOGIN)|dGlt|\\*|QUIT|STARTTLS|BDAT 99|BDAT x)\r\n".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..30),
        1 => (900..1100_usize).prop_map(|length| vec![b'x'; length]),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A session that was greeted.
fn greeted(config: ServerConfig, host: &mut Clerk) -> (ServerSession, Said) {
    let mut session = ServerSession::new(config);
    let mut said = Said::default();
    said.add(session.greeting(host));
    (session, said)
}

/// A session in which `bytes` arrive in pieces of these sizes.
fn hold(config: ServerConfig, mut host: Clerk, bytes: &[u8], sizes: &[usize]) -> (Said, Vec<Vec<u8>>) {
    let (mut session, mut said) = greeted(config, &mut host);
    let (mut rest, mut sizes) = (bytes, sizes.iter().cycle());
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rest.len().min(*sizes.next().expect("an endless list")));
        said.add(session.receive(&mut host, piece));
        rest = tail;
    }
    (said, host.asked)
}

/// The same session, heard in parts that are as long as their answers allow.
fn hold_in_parts(config: ServerConfig, mut host: Clerk, bytes: &[u8]) -> (Said, Vec<Vec<u8>>) {
    let (mut session, mut said) = greeted(config, &mut host);
    let mut rest = bytes;
    while !rest.is_empty() {
        said.add(session.receive_part(&mut host, &mut rest));
    }
    (said, host.asked)
}

/// The answers to a message that comes like this, and the contents of what was complete.
fn deliver(wire: &[u8], sizes: &[usize]) -> (Vec<u16>, Vec<Vec<u8>>) {
    let begin = b"EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<ann@bigbox.test>\r\n".to_vec();
    let mut host = Clerk::default();
    let (mut session, mut said) = greeted(generous(), &mut host);
    let mut rest = &[&begin[..], wire].concat()[..];
    let mut sizes = sizes.iter().cycle();
    while let Some(piece) = rest.split_off(..rest.len().min(*sizes.next().expect("an endless list"))) {
        if piece.is_empty() {
            break;
        }
        said.add(session.receive(&mut host, piece));
    }
    (said.codes().split_off(4), host.messages().into_iter().map(<[u8]>::to_vec).collect())
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1..40_usize, 1..6)
}

/// Where content by the letter of RFC 5321 4.5.2 ends: after the first line that is a dot.
fn end_by_the_letter(wire: &[u8]) -> Option<usize> {
    let after_data = [b"\r\n", wire].concat();
    after_data.windows(5).position(|window| window == b"\r\n.\r\n").map(|at| at + 3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn answers_are_the_same_in_any_pieces(
        config in config(),
        refusals in vec(proptest::bool::weighted(0.1), 0..30),
        bytes in talk(),
        sizes in sizes(),
    ) {
        let whole = hold(config, Clerk::new(refusals.clone()), &bytes, &[usize::MAX]);
        prop_assert_eq!(&hold(config, Clerk::new(refusals.clone()), &bytes, &sizes), &whole);
        prop_assert_eq!(&hold_in_parts(config, Clerk::new(refusals), &bytes), &whole);
    }

    #[test]
    fn each_command_has_one_reply_and_content_is_no_command(
        refusals in vec(proptest::bool::weighted(0.2), 0..30),
        talk in vec(prop_oneof![3 => command(), 1 => chunk()], 0..30),
        sizes in sizes(),
    ) {
        let host = Clerk::new([vec![false], refusals].concat());
        let (said, asked) = hold(generous(), host, &talk.concat(), &sizes);
        prop_assert_eq!(said.codes().len(), 1 + talk.len());
        for question in asked.iter().filter(|question| !question.starts_with(b"body ")) {
            prop_assert!(!String::from_utf8_lossy(question).contains("evil"), "content was obeyed");
            prop_assert!(question != b"quit");
        }
    }

    #[test]
    fn chunks_carry_what_the_final_dot_would(
        content in message_like(),
        cuts in vec(0..20_usize, 0..9),
        sizes in sizes(),
    ) {
        let body = smtp::Body::new(&content);
        let with_data = deliver(&[b"DATA\r\n", body.wire()].concat(), &sizes);
        let content = &with_data.1[0];
        let (mut chunks, mut rest) = (Vec::new(), &content[..]);
        for cut in &cuts {
            let (chunk, tail) = rest.split_at(rest.len().min(*cut));
            chunks.extend_from_slice(&[format!("BDAT {}\r\n", chunk.len()).as_bytes(), chunk].concat());
            rest = tail;
        }
        chunks.extend_from_slice(&[format!("BDAT {} LAST\r\n", rest.len()).as_bytes(), rest].concat());
        let (codes, contents) = deliver(&chunks, &sizes);
        prop_assert_eq!(contents, with_data.1);
        prop_assert_eq!(codes, vec![250; cuts.len() + 1]);
        prop_assert_eq!(with_data.0, vec![354, 250]);
    }

    #[test]
    fn nothing_but_crlf_dot_crlf_ends_a_message(wire in message_like(), sizes in sizes()) {
        let (codes, contents) = deliver(&[b"DATA\r\n", &wire[..]].concat(), &sizes);
        prop_assert_eq!(contents.len(), usize::from(end_by_the_letter(&wire).is_some()));
        if contents.is_empty() {
            prop_assert_eq!(codes, vec![354]);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn a_turn_ends_when_much_is_to_be_said(
        line in command(),
        lines in 1..40_000_usize,
    ) {
        let mut host = Clerk::default();
        let (mut session, _) = greeted(generous(), &mut host);
        let flood = line.repeat(lines);
        let mut rest = &flood[..];
        while !rest.is_empty() {
            let turn = session.receive_part(&mut host, &mut rest);
            prop_assert!(turn.bytes.len() < limits::TURN_BYTES + 512, "{} octets", turn.bytes.len());
            host.asked.clear();
        }
    }
}
