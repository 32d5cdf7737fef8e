//! Dialogues in which the server is tested.
//!
//! Settings:
//!
//! ```text
//! offer: PIPELINING, SIZE 1000      what EHLO offers (default nothing)
//! max_errors: 3                     how many commands the server need not understand before it closes (default 20)
//! refuse: bare line ends            which messages are refused; also long lines
//! postmaster: ann@bigbox.test       whose mailbox RCPT without a domain means (default nobody's)
//! answer greet: 554 No thanks       what the host says; also hello, starttls, auth, mail, rcpt, data, end, quit. Before
//!                                   the colon there may be an address that it is only said to; after the text
//!                                   ` ; after 3s`, ` ; then close` (reset, hang) and ` ; spelled 250\n`. `silence` is no reply.
//! answer rset: 421 No               what it says where a host need not say anything: helo, bdat, in-vain (DATA), interrupt,
//!                                   rset, noop, vrfy
//! ```
//!
//! Without answers the host takes everything. Marks, besides `C` (handed to the server) and `S` (what it must have said):
//!
//! ```text
//! N:          the server must have said nothing
//! A: 3s       the server must take this long for the group
//! H: what     the host must have been asked this since the last `H`, one line each: greet, hello NAME, starttls, auth
//!             MECHANISM AUTHORIZATION/USER/PASSWORD, mail <SENDER> SIZE PARAMETERS, rcpt ADDRESS PARAMETERS, rcpt in vain
//!             ADDRESS, data, body CONTENT (all pieces joined), end OCTETS, quit, reset
//! K: done     the TLS handshake is done; the server must wait for it
//! X: close    the server must have closed (reset, hung up); a dialogue in which it did must say so
//! ```

use std::time::Duration;

use smtp::server::{Answer, Credentials, Host, ServerConfig, ServerSession, Then, Tolerance, Turn};
use smtp::{
    Address, Charset, EnhancedStatusCode, Extensions, MailParameters, RcptParameters, Reply, ReversePath,
    Submitter,
};

use crate::script::{Group, Script, Setting, compare};

pub(crate) fn run(script: &Script, pieces: usize) -> Result<(), String> {
    let (config, host) = configure(&script.settings)?;
    let mut session = ServerSession::new(config);
    let mut server = Server { host, said: Vec::new(), after: Duration::ZERO, then: Then::Continue };
    let turn = session.greeting(&mut server.host);
    server.take(turn);
    for group in &script.groups {
        match group.mark {
            'C' => {
                server.nothing_more(group.line)?;
                for mut piece in group.wire.chunks(pieces) {
                    while !piece.is_empty() {
                        let turn = session.receive_part(&mut server.host, &mut piece);
                        server.take(turn);
                    }
                }
            }
            'K' if session.awaits_handshake() => session.secured(),
            'K' => return Err(format!("{}: no handshake is due", group.line)),
            _ => server.check(group)?,
        }
    }
    server.nothing_more(script.groups.last().map_or(1, |group| group.line))
}

fn configure(settings: &[Setting]) -> Result<(ServerConfig, Scripted), String> {
    let (mut config, mut host) = (ServerConfig::default(), Scripted::default());
    for Setting { line, key, value } in settings {
        match key.as_str() {
            "offer" => {
                let offer = Reply::new(250, None, &format!("\n{}", value.replace(", ", "\n")));
                config.extensions = Extensions::from_reply(&offer);
            }
            "refuse" => match value.as_str() {
                "bare line ends" => config.bare_line_ends = Tolerance::Refuse,
                "long lines" => config.long_lines = Tolerance::Refuse,
                _ => return Err(format!("{line}: nothing that can be refused: {value}")),
            },
            "postmaster" => {
                let address = Address::parse(value).map_err(|error| format!("{line}: {error}"))?;
                host.postmaster = Some(address);
            }
            "max_errors" => config.max_errors = value.parse().map_err(|_| format!("{line}: no number"))?,
            _ => {
                let stage = key.strip_prefix("answer ").ok_or(format!("{line}: unknown setting: {key}"))?;
                let answer = parse_answer(value).ok_or(format!("{line}: no answer: {value}"))?;
                host.answers.push((stage.to_owned(), answer));
            }
        }
    }
    Ok((config, host))
}

fn parse_answer(text: &str) -> Option<Answer> {
    let mut parts = text.split(" ; ");
    let mut answer = match parts.next()? {
        "silence" => Answer::silence(Then::Continue),
        text => Answer::say(parse_reply(text)?),
    };
    for part in parts {
        answer = match part.split_once(' ')? {
            ("after", seconds) => answer.after(parse_seconds(seconds)?),
            ("then", then) => answer.then(parse_then(then)?),
            ("spelled", bytes) => {
                answer.spelled(bytes.replace("\\r", "\r").replace("\\n", "\n").into_bytes())
            }
            _ => return None,
        };
    }
    Some(answer)
}

fn parse_reply(text: &str) -> Option<Reply> {
    let (code, text) = text.split_once(' ')?;
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let enhanced = EnhancedStatusCode::parse(first);
    Some(Reply::new(code.parse().ok()?, enhanced, if enhanced.is_some() { rest } else { text }))
}

fn parse_seconds(text: &str) -> Option<Duration> {
    Some(Duration::from_secs(text.strip_suffix('s')?.parse().ok()?))
}

fn parse_then(text: &str) -> Option<Then> {
    match text {
        "close" => Some(Then::Close),
        "reset" => Some(Then::Reset),
        "hang" => Some(Then::Hang),
        _ => None,
    }
}

struct Server {
    host: Scripted,
    said: Vec<u8>,
    after: Duration,
    then: Then,
}

impl Server {
    fn take(&mut self, turn: Turn) {
        assert!(self.then == Then::Continue || turn == Turn::default(), "after the end: {turn:?}");
        self.said.extend(turn.bytes);
        self.after += turn.after;
        if self.then == Then::Continue {
            self.then = turn.then;
        }
    }

    fn check(&mut self, group: &Group) -> Result<(), String> {
        let (line, texts) = (group.line, group.texts());
        match group.mark {
            'S' => compare(line, "the server says", &group.wire, &std::mem::take(&mut self.said)),
            'N' => compare(line, "the server says", b"", &self.said),
            'A' => {
                let wanted = parse_seconds(&texts[0]).ok_or(format!("{line}: no time"))?;
                let found = std::mem::take(&mut self.after);
                compare(line, "it takes", format!("{wanted:?}").as_bytes(), format!("{found:?}").as_bytes())
            }
            'H' => {
                let asked = std::mem::take(&mut self.host.asked).join(&b'\n');
                compare(line, "the host was asked", &group.lines.join(&b'\n'), &asked)
            }
            'X' => {
                let wanted = parse_then(&texts[0]).ok_or(format!("{line}: no end"))?;
                let found = std::mem::replace(&mut self.then, Then::Continue);
                self.host.ended = true;
                compare(
                    line,
                    "the connection",
                    format!("{wanted:?}").as_bytes(),
                    format!("{found:?}").as_bytes(),
                )
            }
            mark => Err(format!("{line}: unknown mark {mark}")),
        }
    }

    fn nothing_more(&self, line: usize) -> Result<(), String> {
        compare(line, "before this the server also said", b"", &self.said)?;
        let then = if self.then == Then::Continue { String::new() } else { format!("{:?}", self.then) };
        compare(line, "before this the connection ended", b"", then.as_bytes())
    }
}

/// A host that says what the file tells it to, and keeps what it was asked.
#[derive(Default)]
struct Scripted {
    answers: Vec<(String, Answer)>,
    asked: Vec<Vec<u8>>,
    postmaster: Option<Address>,
    ended: bool,
}

impl Scripted {
    fn answer(&mut self, stage: &str, detail: &str, default: &str) -> Answer {
        assert!(!self.ended, "asked after the end: {stage}");
        self.asked.push(format!("{stage} {detail}").trim_end().as_bytes().to_owned());
        let special = format!("{stage} {}", detail.split(' ').next().unwrap_or_default());
        let wanted = self.answers.iter().find(|(key, _)| *key == stage || *key == special);
        wanted.map_or_else(|| parse_answer(default).expect("a valid default"), |(_, answer)| answer.clone())
    }
}

impl Scripted {
    /// What is said where nothing need be said.
    fn special(&mut self, stage: &str, detail: &str) -> Option<Answer> {
        let said = self.answers.iter().any(|(key, _)| key == stage);
        said.then(|| self.answer(stage, detail, ""))
    }
}

impl Host for Scripted {
    fn greet(&mut self) -> Answer {
        self.answer("greet", "", "220 mx.test ESMTP")
    }

    fn hello(&mut self, name: &str) -> Answer {
        self.answer("hello", name, "250 mx.test")
    }

    fn helo(&mut self, name: &str) -> Answer {
        self.special("helo", name).unwrap_or_else(|| self.hello(name))
    }

    fn start_tls(&mut self) -> Answer {
        self.answer("starttls", "", "220 2.0.0 Ready to start TLS")
    }

    fn authenticate(&mut self, credentials: &Credentials<'_>) -> Answer {
        let Credentials { mechanism, authorization, user, password } = credentials;
        let detail = format!("{} {}/{user}/{password}", mechanism.name(), authorization.unwrap_or_default());
        self.answer("auth", &detail, "235 2.7.0 Welcome")
    }

    fn mail(&mut self, _: &ReversePath, _: Option<u64>) -> Answer {
        unreachable!("everything is asked with its parameters")
    }

    fn mail_with(&mut self, from: &ReversePath, parameters: &MailParameters) -> Answer {
        let size = parameters.size.map(|octets| octets.to_string()).unwrap_or_default();
        let mut detail = format!("{from} {size}").trim_end().as_bytes().to_owned();
        parameters.dsn.encode(&mut detail);
        let auth = match &parameters.auth {
            Some(Submitter::Unknown) => " AUTH=<>".to_owned(),
            Some(Submitter::Mailbox(address)) => format!(" AUTH=<{address}>"),
            None => String::new(),
        };
        let utf8 = if parameters.charset == Charset::Utf8 { " SMTPUTF8" } else { "" };
        self.answer("mail", &format!("{}{auth}{utf8}", String::from_utf8_lossy(&detail)), "250 2.1.0 Ok")
    }

    fn rcpt(&mut self, _: &Address) -> Answer {
        unreachable!("everything is asked with its parameters")
    }

    fn rcpt_with(&mut self, to: &Address, parameters: &RcptParameters) -> Answer {
        let mut detail = to.as_str().as_bytes().to_owned();
        parameters.dsn.encode(&mut detail);
        self.answer("rcpt", &String::from_utf8_lossy(&detail), "250 2.1.5 Ok")
    }

    fn postmaster(&self) -> Option<Address> {
        self.postmaster.clone()
    }

    fn rcpt_in_vain(&mut self, to: &Address) {
        self.asked.push(format!("rcpt in vain {to}").into_bytes());
    }

    fn data(&mut self) -> Answer {
        self.answer("data", "", "354 Go ahead")
    }

    fn bdat(&mut self) -> Answer {
        self.special("bdat", "").unwrap_or_else(|| self.data())
    }

    fn data_in_vain(&mut self) -> Option<Answer> {
        self.special("in-vain", "")
    }

    fn interrupt(&mut self) -> Option<Answer> {
        self.special("interrupt", "")
    }

    fn rset(&mut self) -> Option<Answer> {
        self.special("rset", "")
    }

    fn noop(&mut self) -> Option<Answer> {
        self.special("noop", "")
    }

    fn vrfy(&mut self, whom: &str) -> Option<Answer> {
        self.special("vrfy", whom)
    }

    fn body(&mut self, chunk: &[u8]) {
        match self.asked.last_mut() {
            Some(last) if last.starts_with(b"body ") => last.extend_from_slice(chunk),
            _ => self.asked.push([b"body ", chunk].concat()),
        }
    }

    fn end_of_data(&mut self, bytes: u64) -> Answer {
        self.answer("end", &bytes.to_string(), "250 2.0.0 Taken")
    }

    fn quit(&mut self) -> Answer {
        self.answer("quit", "", "221 2.0.0 Bye")
    }

    fn reset(&mut self) {
        self.asked.push(b"reset".to_vec());
    }
}
