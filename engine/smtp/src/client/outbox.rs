//! What a client session has to write, and which of it is waiting for an answer.
//!
//! A file of its own because replies have no names: all that tells whose reply one is, is how many commands have left
//! completely. A reply to a command that has not left is a lie. Bodies are written from their shared bytes, not copied.

use std::sync::Arc;

use crate::{Body, Command};

/// Bytes to write, and how many answers they call for.
#[derive(Debug)]
pub(super) struct Outbox {
    /// Written first.
    before: Lines,
    /// A body, written after those.
    body: Option<Content>,
    /// Written after the body. Empty when there is none.
    behind: Lines,
    /// What has left completely and has not been answered.
    unanswered: usize,
}

/// Command lines, each of which calls for one answer.
#[derive(Debug, Default)]
struct Lines {
    bytes: Vec<u8>,
    written: usize,
}

/// A body, with how much of it is written.
#[derive(Debug)]
struct Content {
    body: Arc<Body>,
    form: Form,
    written: usize,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Stuffed, up to a final dot that calls for an answer.
    Stuffed,
    /// As it is, behind a BDAT line that calls for the answer.
    Raw,
}

impl Outbox {
    /// Nothing to write on a fresh connection, which calls for an answer itself: the greeting.
    pub(super) fn new() -> Self {
        Self { before: Lines::default(), body: None, behind: Lines::default(), unanswered: 1 }
    }

    pub(super) fn add(&mut self, command: &Command) {
        command.encode(self.lines());
    }

    /// Adds a message without content.
    pub(super) fn add_lone_dot(&mut self) {
        self.lines().extend_from_slice(b".\r\n");
    }

    /// Adds a message up to its final dot.
    pub(super) fn add_body(&mut self, body: Arc<Body>) {
        self.body = Some(Content { body, form: Form::Stuffed, written: 0 });
    }

    /// Adds a message that is not empty, as the chunk that the last command speaks of.
    pub(super) fn add_chunk(&mut self, body: Arc<Body>) {
        self.body = Some(Content { body, form: Form::Raw, written: 0 });
    }

    fn lines(&mut self) -> &mut Vec<u8> {
        let lines = if self.body.is_some() { &mut self.behind } else { &mut self.before };
        &mut lines.bytes
    }

    /// What to write now, in this order. Some of it may be empty.
    pub(super) fn parts(&self) -> [&[u8]; 3] {
        [self.before.rest(), self.body.as_ref().map_or(&[], Content::rest), self.behind.rest()]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.before.bytes.is_empty() && self.body.is_none()
    }

    /// Whether there is a body that has not left completely.
    pub(super) const fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Whether there is a body of which nothing has left.
    pub(super) fn has_fresh_body(&self) -> bool {
        self.body.as_ref().is_some_and(|content| content.written == 0)
    }

    /// The first `n` bytes of all there is to write are written.
    pub(super) fn wrote(&mut self, n: usize) {
        let room: usize = self.parts().iter().map(|part| part.len()).sum();
        assert!(n <= room, "{n} bytes written of {room}");
        let (lines, n) = self.before.wrote(n);
        self.unanswered += lines;
        let Some(content) = &mut self.body else { return };
        let rest = content.rest().len();
        content.written += n.min(rest);
        if n < rest {
            return;
        }
        match content.form {
            Form::Stuffed => self.unanswered += 1,
            Form::Raw => {}
        }
        self.body = None;
        std::mem::swap(&mut self.before, &mut self.behind);
        let (lines, _) = self.before.wrote(n - rest);
        self.unanswered += lines;
    }

    /// An answer has come. Nothing when nothing was waiting for one.
    pub(super) fn answered(&mut self) -> Option<()> {
        self.unanswered = self.unanswered.checked_sub(1)?;
        Some(())
    }

    /// Nothing more will be written.
    pub(super) fn clear(&mut self) {
        (self.before, self.body, self.behind) = (Lines::default(), None, Lines::default());
    }
}

impl Lines {
    fn rest(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    /// As many of `n` bytes as there are here are written. Tells how many lines have left with that, and what is left of `n`.
    fn wrote(&mut self, n: usize) -> (usize, usize) {
        let taken = n.min(self.rest().len());
        let lines = memchr::memchr_iter(b'\n', &self.rest()[..taken]).count();
        self.written += taken;
        if self.written == self.bytes.len() {
            self.bytes.clear();
            self.written = 0;
        }
        (lines, n - taken)
    }
}

impl Content {
    fn rest(&self) -> &[u8] {
        let bytes = match self.form {
            Form::Stuffed => self.body.wire(),
            Form::Raw => self.body.raw(),
        };
        &bytes[self.written..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes `n` bytes; then this is left to write, and this many answers may come.
    fn check(outbox: &mut Outbox, n: usize, output: &str, answers: usize) {
        outbox.wrote(n);
        assert_eq!(outbox.parts().concat(), output.as_bytes());
        let taken = std::iter::from_fn(|| outbox.answered()).count();
        assert_eq!(taken, answers, "answers when {output:?} is left");
    }

    #[test]
    fn only_what_has_left_completely_can_be_answered() {
        let mut outbox = Outbox::new();
        check(&mut outbox, 0, "", 1);
        outbox.add(&Command::Rset);
        outbox.add(&Command::Data);
        outbox.add_body(Arc::new(Body::new(b"x")));
        check(&mut outbox, 5, "\nDATA\r\nx\r\n.\r\n", 0);
        check(&mut outbox, 1, "DATA\r\nx\r\n.\r\n", 1);
        check(&mut outbox, 6, "x\r\n.\r\n", 1);
        outbox.add(&Command::Rset);
        check(&mut outbox, 5, "\nRSET\r\n", 0);
        outbox.add(&Command::Noop);
        check(&mut outbox, 2, "SET\r\nNOOP\r\n", 1);
        outbox.add(&Command::Data);
        check(&mut outbox, 16, "\n", 2);
        check(&mut outbox, 1, "", 1);
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_chunk_is_written_as_it_is_and_answered_once() {
        let mut outbox = Outbox::new();
        check(&mut outbox, 0, "", 1);
        outbox.add(&Command::Rset);
        outbox.add_chunk(Arc::new(Body::new(b".x")));
        check(&mut outbox, 6, ".x\r\n", 1);
        check(&mut outbox, 3, "\n", 0);
        check(&mut outbox, 1, "", 0);
        assert!(outbox.is_empty());
    }
}
