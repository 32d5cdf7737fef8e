//! What a client session has to write, and which of it is waiting for an answer.
//!
//! A file of its own because replies have no names: all that tells whose reply one is, is how many commands have left
//! completely. A reply to a command that has not left is a lie. Bodies are written from their shared bytes, not copied.

use std::sync::Arc;

use crate::{Body, Command};

/// Bytes to write, and how many answers they call for.
#[derive(Debug)]
pub(super) struct Outbox {
    /// Command lines, each of which calls for one answer.
    commands: Vec<u8>,
    /// How much of `commands` is written.
    written: usize,
    /// A body, written after the commands, with what is written of it.
    body: Option<(Arc<Body>, usize)>,
    /// What has left completely and has not been answered.
    unanswered: usize,
}

impl Outbox {
    /// Nothing to write on a fresh connection, which calls for an answer itself: the greeting.
    pub(super) const fn new() -> Self {
        Self { commands: Vec::new(), written: 0, body: None, unanswered: 1 }
    }

    pub(super) fn add(&mut self, command: &Command) {
        command.encode(&mut self.commands);
    }

    /// Adds a message without content.
    pub(super) fn add_lone_dot(&mut self) {
        self.commands.extend_from_slice(b".\r\n");
    }

    pub(super) fn add_body(&mut self, body: Arc<Body>) {
        self.body = Some((body, 0));
    }

    /// What to write now.
    pub(super) fn output(&self) -> &[u8] {
        match &self.body {
            Some((body, written)) if self.commands.is_empty() => &body.wire()[*written..],
            Some(_) | None => &self.commands[self.written..],
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.body.is_none()
    }

    /// The first `n` bytes of the output are written.
    pub(super) fn wrote(&mut self, n: usize) {
        let output = self.output();
        assert!(n <= output.len(), "{n} bytes written of {}", output.len());
        match &mut self.body {
            Some(body) if self.commands.is_empty() => {
                body.1 += n;
                if body.1 == body.0.wire().len() {
                    self.body = None;
                    self.unanswered += 1;
                }
            }
            Some(_) | None => {
                let from = self.written;
                self.written += n;
                self.unanswered += memchr::memchr_iter(b'\n', &self.commands[from..self.written]).count();
                if self.written == self.commands.len() {
                    self.commands.clear();
                    self.written = 0;
                }
            }
        }
    }

    /// An answer has come. Nothing when nothing was waiting for one.
    pub(super) fn answered(&mut self) -> Option<()> {
        self.unanswered = self.unanswered.checked_sub(1)?;
        Some(())
    }

    /// Nothing more will be written.
    pub(super) fn clear(&mut self) {
        self.commands = Vec::new();
        self.written = 0;
        self.body = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes `n` bytes; then this is left to write, and this many answers may come.
    fn check(outbox: &mut Outbox, n: usize, output: &str, answers: usize) {
        outbox.wrote(n);
        assert_eq!(outbox.output(), output.as_bytes());
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
        check(&mut outbox, 5, "\nDATA\r\n", 0);
        check(&mut outbox, 1, "DATA\r\n", 1);
        check(&mut outbox, 6, "x\r\n.\r\n", 1);
        check(&mut outbox, 5, "\n", 0);
        check(&mut outbox, 1, "", 1);
        assert!(outbox.is_empty());
    }
}
