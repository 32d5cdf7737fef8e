//! Taking down what is said in a connection, for the sample that is kept of it.
//!
//! A file of its own because nothing depends on it: without a transcript every call here does nothing.

use smtp::server::{Host, ServerSession, Step, Then, Turn};
use units::Instant;

use crate::builder::Dialogues;
use crate::conversation::{Conversation, Handshake};
use crate::provider::Provider;
use crate::transcript::{Farewell, Rebuff, Transcript};

/// The transcript of a connection, as long as it goes on and if one is taken.
#[derive(Debug)]
pub(super) struct Minutes(Option<Transcript>);

/// What stands in a rebuff in the place of a command.
const GREETING: [u8; 4] = *b"OPEN";
const HANDSHAKE: [u8; 4] = *b"TLS ";

impl Minutes {
    pub(super) fn begin(provider: &mut Provider, connection: u32) -> Self {
        Self(match provider.house.dialogues {
            Dialogues::Kept => Some(provider.sample.begin(connection)),
            Dialogues::Forgotten => None,
        })
    }

    /// Lets the session receive `bytes`. The conversation is the host, or what the host asks in turn.
    pub(super) fn hear<H: Host>(
        &mut self,
        session: &mut ServerSession,
        host: &mut H,
        bytes: &[u8],
        conversation: impl Fn(&H) -> &Conversation,
    ) -> Turn {
        match self.0.as_mut().filter(|transcript| !transcript.is_full()) {
            None => session.receive(host, bytes),
            Some(transcript) => session.receive_overheard(host, bytes, |host, step| {
                write_down(transcript, conversation(host), step);
            }),
        }
    }

    /// The server says, or does, something that answers no command.
    pub(super) fn speak(&mut self, conversation: &Conversation, turn: &Turn) {
        let Some(transcript) = &mut self.0 else { return };
        transcript.say(conversation.now, &turn.bytes);
        if turn.then != Then::Continue || matches!(turn.bytes.first(), Some(b'4' | b'5')) {
            let code = turn.bytes.first_chunk().copied().unwrap_or_default();
            meet(transcript, conversation, GREETING, code);
        }
    }

    /// What came of a handshake.
    pub(super) fn shake_hands(&mut self, conversation: &Conversation, handshake: &Handshake) {
        let Some(transcript) = &mut self.0 else { return };
        match *handshake {
            Handshake::Done { after } => {
                transcript.note(conversation.now + after, "the TLS handshake is done");
            }
            Handshake::Broken { after, then } => {
                let done = conversation.now + after;
                transcript.note(done, "the TLS handshake comes to nothing");
                transcript.end_turn(done, then, Farewell::Unsaid);
                meet(transcript, conversation, HANDSHAKE, <[u8; 3]>::default());
            }
        }
    }

    pub(super) fn note(&mut self, now: Instant, text: &str) {
        if let Some(transcript) = &mut self.0 {
            transcript.note(now, text);
        }
    }

    pub(super) fn unsay(&mut self) {
        if let Some(transcript) = &mut self.0 {
            transcript.unsay();
        }
    }

    /// What was said in this turn has been said by then.
    pub(super) fn end_turn(&mut self, done: Instant, turn: &Turn) {
        if let Some(transcript) = &mut self.0 {
            let how = if turn.bytes.is_empty() { Farewell::Unsaid } else { Farewell::Said };
            transcript.end_turn(done, turn.then, how);
        }
    }

    /// The connection has ended: nothing more is taken down.
    pub(super) fn end(&mut self, conversation: &Conversation) {
        if let Some(transcript) = self.0.take() {
            let mut provider = conversation.provider().borrow_mut();
            let index = provider.index;
            provider.sample.end(index, conversation.connection(), transcript);
        }
    }
}

fn write_down(transcript: &mut Transcript, conversation: &Conversation, step: Step<'_>) {
    if let Some(Rebuff { verb, code, .. }) = transcript.step(conversation.now, step, conversation.octets()) {
        meet(transcript, conversation, verb, code);
    }
}

fn meet(transcript: &mut Transcript, conversation: &Conversation, verb: [u8; 4], code: [u8; 3]) {
    if !transcript.is_full() {
        let rebuff = Rebuff { rule: conversation.rule(), verb, code };
        conversation.provider().borrow_mut().sample.meet(rebuff, conversation.connection(), transcript);
    }
}
