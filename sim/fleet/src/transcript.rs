//! What is said in one connection, written down while it goes on.
//!
//! On the hot path of every connection: bytes are appended to one buffer, and made into text only if the connection turns
//! out to be kept ([`crate::sample`]). Bounded; what comes after the bound is not written down.
//!
//! An answer stands below what it answers. In a group of commands (RFC 2920) it was said when all of them had been heard,
//! which its moment tells.

use smtp::server::{Heard, Step, Then};
use units::Instant;

/// How many lines are written down at most.
const MAX_LINES: usize = 200;

/// How many bytes of text are written down at most.
const MAX_BYTES: usize = 16 * 1024;

/// The beginnings of the commands that are told apart.
const VERBS: [&[u8; 4]; 14] = [
    b"EHLO", b"HELO", b"STAR", b"AUTH", b"MAIL", b"RCPT", b"DATA", b"BDAT", b"RSET", b"NOOP", b"QUIT",
    b"VRFY", b"EXPN", b"HELP",
];

/// What was said in one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialogue {
    /// The provider's index.
    pub provider: u32,
    /// The connection's number.
    pub connection: u32,
    /// The lines, in order: at most 200 of at most 16 KiB in all, as they came.
    pub lines: Vec<Spoken>,
    /// Whether more was said than that.
    pub extent: Extent,
}

/// Whether all that was said is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// The beginning.
    Cut,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// When it was heard, or had been said.
    pub at: Instant,
    /// Whose it is.
    pub voice: Voice,
    /// What was said, without the end of its line. Control characters are replaced.
    pub text: String,
}

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The client's.
    Client,
    /// The server's.
    Server,
    /// Nobody's: it tells what happened and was not said.
    Note,
}

/// What is said in a connection that is under way.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    text: Vec<u8>,
    lines: Vec<Line>,
    extent: Extent,
    /// The beginning of a command whose end has not come.
    partial: Vec<u8>,
    /// Whether content came that no note tells of yet.
    content: Content,
    /// The line that the turn under way begins with.
    turn: usize,
    /// The command that was heard last, as far as it says which one it is.
    verb: [u8; 4],
    /// Whether it is kept when it ends.
    pub(crate) standing: Standing,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    at: Instant,
    voice: Voice,
    /// Where it ends in the text.
    end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Content {
    #[default]
    None,
    Coming,
}

/// Whether a transcript is kept when its connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Standing {
    /// Not for what happened so far.
    #[default]
    Passing,
    Kept,
}

/// Something that a client does not like to hear: what connections are kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rebuff {
    /// The rule that had something to say last.
    pub(crate) rule: Option<u32>,
    /// To which command.
    pub(crate) verb: [u8; 4],
    /// The digits of its code; nothing if the connection went away instead.
    pub(crate) code: [u8; 3],
}

impl Transcript {
    /// Whether nothing more is written down.
    pub(crate) fn is_full(&self) -> bool {
        self.extent == Extent::Cut
    }

    /// The server heard something and decided what it says to it; `octets` is the size of the message so far. What it says
    /// gets its moment when the turn is done. Comes back with a refusal, if it is one.
    pub(crate) fn step(&mut self, now: Instant, step: Step<'_>, octets: u64) -> Option<Rebuff> {
        match step.kind {
            Heard::Ignored => return None,
            Heard::Content => self.content = Content::Coming,
            Heard::Command => self.hear_command(now, step.bytes),
            Heard::Secret => self.hear(now, b"***"),
        }
        if step.said.is_empty() && step.then == Then::Continue {
            return None;
        }
        self.note_content(now, octets);
        self.say(now, step.said);
        let code: [u8; 3] = step.said.first_chunk().copied().unwrap_or_default();
        let refused = matches!(code[0], b'4' | b'5');
        let gone = step.said.is_empty() || matches!(step.then, Then::Hang | Then::Reset);
        (refused || gone).then_some(Rebuff { rule: None, verb: self.verb, code })
    }

    /// The server says something that answers no command: its greeting, a farewell.
    pub(crate) fn say(&mut self, now: Instant, said: &[u8]) {
        for line in said.split_inclusive(|byte| *byte == b'\n') {
            self.push(now, Voice::Server, line);
        }
    }

    /// Something happened that is nobody's word.
    pub(crate) fn note(&mut self, now: Instant, text: &str) {
        self.push(now, Voice::Note, text.as_bytes());
    }

    /// What was said in this turn has been said by then.
    pub(crate) fn end_turn(&mut self, done: Instant, then: Then, how: Farewell) {
        for line in &mut self.lines[self.turn..] {
            match line.voice {
                Voice::Server => line.at = done,
                Voice::Client | Voice::Note => {}
            }
        }
        self.turn = self.lines.len();
        match (then, how) {
            (Then::Continue, _) | (Then::Close, Farewell::Said) => {}
            (Then::Close, Farewell::Unsaid) => self.note(done, "the server closes the connection"),
            (Then::Reset, _) => self.note(done, "the connection is reset"),
            (Then::Hang, _) => self.note(done, "the server says nothing more"),
        }
    }

    /// What was decided in this turn was never said: the connection was cut before all was heard.
    pub(crate) fn unsay(&mut self) {
        let mut begin = self.turn.checked_sub(1).map_or(0, |before| self.lines[before].end);
        let text = self.text.clone();
        self.text.truncate(begin);
        for line in self.lines.split_off(self.turn) {
            let text = &text[std::mem::replace(&mut begin, line.end)..line.end];
            match line.voice {
                Voice::Client => self.push(line.at, line.voice, text),
                Voice::Server | Voice::Note => {}
            }
        }
    }

    /// The dialogue, as text; the transcript is empty then, and can be used again.
    pub(crate) fn take(&mut self, provider: u32, connection: u32) -> Dialogue {
        let mut begin = 0;
        let spoken = |Line { at, voice, end }: &Line| {
            let text = clean(&self.text[begin..*end]);
            begin = *end;
            Spoken { at: *at, voice: *voice, text }
        };
        let lines = self.lines.iter().map(spoken).collect();
        let dialogue = Dialogue { provider, connection, lines, extent: self.extent };
        self.clear();
        dialogue
    }

    /// Forgets everything but the room it took.
    pub(crate) fn clear(&mut self) {
        let (mut text, mut lines) = (std::mem::take(&mut self.text), std::mem::take(&mut self.lines));
        text.clear();
        lines.clear();
        *self = Self { text, lines, ..Self::default() };
    }

    fn hear_command(&mut self, now: Instant, bytes: &[u8]) {
        if self.partial.is_empty() && bytes.ends_with(b"\n") {
            return self.hear(now, bytes);
        }
        if self.partial.len() < MAX_BYTES {
            self.partial.extend_from_slice(bytes);
        }
        if bytes.ends_with(b"\n") {
            let line = std::mem::take(&mut self.partial);
            self.hear(now, &line);
        }
    }

    fn hear(&mut self, now: Instant, line: &[u8]) {
        self.verb = verb(line);
        match secret(line) {
            None => self.push(now, Voice::Client, line),
            Some(shown) => self.push(now, Voice::Client, &[shown, b" ***"].concat()),
        }
    }

    fn note_content(&mut self, now: Instant, octets: u64) {
        if self.content == Content::Coming {
            self.content = Content::None;
            self.verb = *b"BODY";
            self.note(now, &format!("<{octets} bytes>"));
        }
    }

    fn push(&mut self, at: Instant, voice: Voice, line: &[u8]) {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if self.is_full() || self.lines.len() == MAX_LINES || self.text.len() + text.len() > MAX_BYTES {
            self.extent = Extent::Cut;
            return;
        }
        self.text.extend_from_slice(text);
        self.lines.push(Line { at, voice, end: self.text.len() });
    }
}

/// Whether the server said goodbye before it closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    Said,
    Unsaid,
}

/// Which command a line is. All that a client may invent are one.
fn verb(line: &[u8]) -> [u8; 4] {
    let begins =
        |verb: &&&[u8; 4]| line.first_chunk::<4>().is_some_and(|own| own.eq_ignore_ascii_case(**verb));
    VERBS.iter().find(begins).map_or([b' '; 4], |verb| **verb)
}

/// What may be shown of a command that has a secret in it (`AUTH PLAIN` and what proves who it is).
fn secret(line: &[u8]) -> Option<&[u8]> {
    if !line.first_chunk::<5>()?.eq_ignore_ascii_case(b"AUTH ") {
        return None;
    }
    let mechanism = line[5..].iter().position(|byte| *byte == b' ')?;
    Some(&line[..5 + mechanism])
}

/// Text of somebody else's, without what changes what is seen of it.
fn clean(bytes: &[u8]) -> String {
    let visible = |char: char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char };
    String::from_utf8_lossy(bytes).chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step<'a>(kind: Heard, bytes: &'a str, said: &'a str) -> Step<'a> {
        Step { kind, bytes: bytes.as_bytes(), said: said.as_bytes(), then: Then::Continue }
    }

    fn shown(mut transcript: Transcript) -> Vec<String> {
        let dialogue = transcript.take(0, 1);
        let voice = |voice| match voice {
            Voice::Client => "C",
            Voice::Server => "S",
            Voice::Note => "-",
        };
        let line = |line: &Spoken| format!("{} {} {}", line.at.as_nanos(), voice(line.voice), line.text);
        dialogue.lines.iter().map(line).collect()
    }

    #[test]
    fn an_answer_stands_below_what_it_answers_at_the_moment_of_its_group() {
        let mut transcript = Transcript::default();
        let now = Instant::from_nanos(1);
        for line in ["MAIL FROM:<>\r\n", "RCPT TO:<a@b.test>\r\n"] {
            assert_eq!(transcript.step(now, step(Heard::Command, line, "250 2.1.0 Ok\r\n"), 0), None);
        }
        transcript.end_turn(Instant::from_nanos(5), Then::Continue, Farewell::Unsaid);
        let expected = ["1 C MAIL FROM:<>", "5 S 250 2.1.0 Ok", "1 C RCPT TO:<a@b.test>", "5 S 250 2.1.0 Ok"];
        assert_eq!(shown(transcript), expected);
    }

    #[test]
    fn secrets_and_control_characters_are_not_shown() {
        let mut transcript = Transcript::default();
        let mut hear = |kind, bytes, said| transcript.step(Instant::ZERO, step(kind, bytes, said), 0);
        hear(Heard::Command, "auth plain AGFubgBzZWNyZXQ=\r\n", "235 Ok\r\n");
        hear(Heard::Command, "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n");
        hear(Heard::Secret, "YW5u\r\n", "334 \u{1b}[31mUGFz\r\n");
        hear(Heard::Ignored, "hidden\r\n", "");
        let expected = [
            "0 C auth plain ***",
            "0 S 235 Ok",
            "0 C AUTH LOGIN",
            "0 S 334 VXNlcm5hbWU6",
            "0 C ***",
            "0 S 334 \u{fffd}[31mUGFz",
        ];
        assert_eq!(shown(transcript), expected);
    }

    #[test]
    fn commands_in_pieces_are_one_line_and_content_is_a_number() {
        let mut transcript = Transcript::default();
        let mut hear = |kind, bytes, said| transcript.step(Instant::ZERO, step(kind, bytes, said), 9);
        hear(Heard::Command, "DA", "");
        hear(Heard::Command, "TA\r\n", "354 Go\r\n");
        hear(Heard::Content, "Hi\r\n", "");
        let refused = hear(Heard::Content, "there\r\n.\r\n", "550-No\r\n550 Never\r\n");
        assert_eq!(refused, Some(Rebuff { rule: None, verb: *b"BODY", code: *b"550" }));
        assert_eq!(
            shown(transcript),
            ["0 C DATA", "0 S 354 Go", "0 - <9 bytes>", "0 S 550-No", "0 S 550 Never"]
        );
    }

    #[test]
    fn what_was_not_heard_whole_was_not_answered() {
        let mut transcript = Transcript::default();
        transcript.step(Instant::ZERO, step(Heard::Command, "NOOP\r\n", "250 Ok\r\n"), 0);
        transcript.unsay();
        transcript.end_turn(Instant::from_nanos(2), Then::Reset, Farewell::Unsaid);
        assert_eq!(shown(transcript), ["0 C NOOP", "2 - the connection is reset"]);
    }

    #[test]
    fn a_transcript_is_bounded_and_says_so() {
        let mut transcript = Transcript::default();
        for _ in 0..1000 {
            transcript.step(Instant::ZERO, step(Heard::Command, "NOOP\r\n", "250 Ok\r\n"), 0);
        }
        let dialogue = transcript.take(0, 1);
        assert_eq!((dialogue.lines.len(), dialogue.extent), (MAX_LINES, Extent::Cut));
        assert!(!transcript.is_full(), "it can be used again");
        let long = format!("NOOP {}\r\n", "x".repeat(MAX_BYTES));
        transcript.step(Instant::ZERO, step(Heard::Command, &long, "500 Too long\r\n"), 0);
        assert_eq!(transcript.take(0, 1).extent, Extent::Cut);
    }
}
