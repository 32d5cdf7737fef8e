//! A small world for the tests of this crate: one provider, and a client that knows no better than to say one command
//! after the other.

use scenario::{Kind, Problems, Source, tree};
use smtp::server::{Then, Turn};
use units::Instant;

use crate::{
    Active, Dial, Dns, Fleet, FleetBuilder, Handshake, MxRecord, ProviderSpec, Receipts, library,
    read_behaviour,
};

/// The body of every message that is not given.
pub(crate) const BODY: &str = "Subject: spring sale\r\n\r\nHello\r\n";

/// The address of the contact with this number, counted from 1.
pub(crate) fn contact(number: u32) -> String {
    format!("c{number:06}@bigbox.test")
}

/// One provider, `bigbox`, with the domain `bigbox.test` and the hosts `mx1.bigbox.test` and `mx2.bigbox.test`.
pub(crate) struct World {
    pub(crate) fleet: Fleet,
    /// What the server said last, codes and texts, lines separated by LF.
    pub(crate) said: String,
}

impl World {
    /// Bigbox has the wording of `profile`, the first `contacts` generated contacts, and behaves as `yaml` says: a map
    /// of behaviours.
    pub(crate) fn new(profile: &str, contacts: u32, yaml: &str) -> Self {
        let behaviours = behaviours(yaml).unwrap_or_else(|problems| panic!("{yaml}: {problems:?}"));
        Self::with(7, "bigbox", profile, contacts, behaviours)
    }

    pub(crate) fn with(seed: u64, name: &str, profile: &str, contacts: u32, behaviours: Vec<Active>) -> Self {
        let contacts: Vec<String> = (1..=contacts).map(contact).collect();
        let mut builder = FleetBuilder::new(seed);
        let spec = ProviderSpec {
            index: 3,
            name,
            profile: library().get(profile).expect(profile),
            domains: vec!["bigbox.test".to_owned()],
            dns: Dns::Hosts(vec![host(10, "mx1.bigbox.test"), host(20, "mx2.bigbox.test")]),
            behaviours,
            contacts: &contacts.iter().map(String::as_str).collect::<Vec<_>>(),
        };
        builder.add_provider(spec).expect("names are free");
        Self { fleet: builder.build(), said: String::new() }
    }

    /// Sends the usual message to `recipients`; what came of it.
    pub(crate) fn send(&mut self, at: Instant, recipients: &[&str]) -> String {
        self.send_body(at, recipients, BODY)
    }

    /// Sends a message to `recipients` over `mx1.bigbox.test`; the codes of all replies, and what the server did to the
    /// connection, if anything.
    pub(crate) fn send_body(&mut self, at: Instant, recipients: &[&str], body: &str) -> String {
        self.talk("mx1.bigbox.test", at, &message("news@sender.test", recipients, body))
    }

    /// Says `lines` one after the other, for as long as the server listens, and leaves out what makes no sense after a
    /// refusal: recipients after a refused sender, DATA without a recipient, the message without a go-ahead, everything
    /// without the TLS that was asked for.
    pub(crate) fn talk(&mut self, host: &str, at: Instant, lines: &[String]) -> String {
        let (after, mut server) = match self.fleet.connect(host, at) {
            Dial::Connected { after, server } => (after, server),
            Dial::Refused { .. } => return "refused".to_owned(),
            Dial::TimedOut => return "timed out".to_owned(),
        };
        let mut now = at + after;
        let mut codes: Vec<String> = Vec::new();
        let (mut tls, mut mail, mut rcpt) = (Heard::Consent, Heard::Refusal, Heard::Refusal);
        let mut turn = server.greeting(now);
        if let Some(at) = server.wakes_at().filter(|_| turn.bytes.is_empty() && turn.then == Then::Continue) {
            now = at;
            turn = server.wake(at);
        }
        let mut lines = lines.iter();
        loop {
            now += turn.after;
            let heard = self.hear(&turn, &mut codes);
            if turn.then != Then::Continue {
                break;
            }
            match server.secure(now) {
                Some(Handshake::Done { after }) => now += after,
                Some(Handshake::Broken { then, .. }) => {
                    self.hear(&Turn { then, ..Turn::default() }, &mut codes);
                    break;
                }
                None => {}
            }
            let Some(line) = lines.find(|line| match &line[..4] {
                "RCPT" => mail == Heard::Consent,
                "DATA" => rcpt == Heard::Consent,
                "EHLO" | "HELO" | "STAR" | "MAIL" => tls == Heard::Consent,
                "RSET" | "QUIT" => true,
                _ => heard == Heard::Consent && codes.last().is_some_and(|code| code == "354"),
            }) else {
                break;
            };
            turn = server.receive(now, line.as_bytes());
            let consents = turn.bytes.starts_with(b"2");
            match &line[..4] {
                "STAR" if !consents => tls = Heard::Refusal,
                "MAIL" if consents => (mail, rcpt) = (Heard::Consent, Heard::Refusal),
                "MAIL" => (mail, rcpt) = (Heard::Refusal, Heard::Refusal),
                "RCPT" if consents => rcpt = Heard::Consent,
                _ => {}
            }
        }
        server.closed(now);
        codes.join(" ")
    }

    /// Takes down what a turn says: the code, and what happens to the connection.
    fn hear(&mut self, turn: &Turn, codes: &mut Vec<String>) -> Heard {
        if !turn.bytes.is_empty() {
            self.said = String::from_utf8_lossy(&turn.bytes).replace("\r\n", "\n").trim_end().to_owned();
            codes.push(self.said.lines().last().expect("something was said").chars().take(3).collect());
        }
        match turn.then {
            Then::Close if codes.last().is_some_and(|code| code == "221") => {}
            Then::Close => codes.push("closed".to_owned()),
            Then::Reset => codes.push("reset".to_owned()),
            Then::Hang => codes.push("silence".to_owned()),
            Then::Continue => {}
        }
        let consents = codes.last().is_some_and(|code| code.starts_with(['2', '3']));
        if consents { Heard::Consent } else { Heard::Refusal }
    }

    /// The fleet itself.
    pub(crate) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// What the fleet wrote down in a run of 30 hours.
    pub(crate) fn receipts(self) -> Receipts {
        self.fleet.into_receipts(Instant::from_hours(30))
    }
}

fn host(preference: u16, name: &str) -> MxRecord {
    MxRecord { preference, host: name.to_owned() }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Consent,
    Refusal,
}

/// What a client says to send a message: one element for each thing that is answered.
pub(crate) fn message(sender: &str, recipients: &[&str], body: &str) -> Vec<String> {
    let mut lines = vec!["EHLO out.sender.test\r\n".to_owned(), format!("MAIL FROM:<{sender}>\r\n")];
    lines.extend(recipients.iter().map(|recipient| format!("RCPT TO:<{recipient}>\r\n")));
    lines.extend(["DATA\r\n".to_owned(), format!("{body}.\r\n"), "QUIT\r\n".to_owned()]);
    lines
}

/// What a client says to send the usual message inside TLS.
pub(crate) fn secured(recipients: &[&str]) -> Vec<String> {
    let mut lines = vec!["EHLO out.sender.test\r\n".to_owned(), "STARTTLS\r\n".to_owned()];
    lines.extend(message("news@sender.test", recipients, BODY));
    lines
}

/// The behaviours in a map, in force all along, in the order of the map.
pub(crate) fn behaviours(yaml: &str) -> Result<Vec<Active>, Vec<String>> {
    if yaml.is_empty() {
        return Ok(Vec::new());
    }
    let said =
        |problems: Problems| problems.into_sorted().into_iter().map(|problem| problem.message).collect();
    let root = tree(&Source::new("behaviours.yaml", yaml)).map_err(said)?;
    let Kind::Map(entries) = root.kind else { panic!("not a map: {yaml}") };
    let mut problems = Problems::new();
    let read = entries.into_iter().map(|(key, settings)| scenario::Behaviour { key, settings });
    let read: Vec<_> = read.filter_map(|behaviour| read_behaviour(&behaviour, &mut problems)).collect();
    if problems.is_empty() { Ok(read.into_iter().map(Active::always).collect()) } else { Err(said(problems)) }
}

/// `yaml` must be refused, with a problem that says `message`.
pub(crate) fn refuse(yaml: &str, message: &str) {
    match behaviours(yaml) {
        Ok(_) => panic!("was taken: {yaml}"),
        Err(problems) => {
            assert!(problems.iter().any(|problem| problem.contains(message)), "{yaml}: {problems:?}");
        }
    }
}
