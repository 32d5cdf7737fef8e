//! What a client session asks of its caller, and how it says that it is over.
//!
//! A file of its own because it is the whole contract with whoever owns the stream and the clock.

use std::sync::Arc;
use std::time::Duration;

use super::{Loss, Outcome, Trust};
use crate::{Phase, Reply};

/// What a session needs next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write [`ClientSession::output`](super::ClientSession::output), which is not empty, and tell how much was
    /// written. Before that, the next transaction may be begun if
    /// [`ClientSession::may_begin_ahead`](super::ClientSession::may_begin_ahead). The phase's limit holds for each write. Bytes that arrive meanwhile may be told at any time.
    Write,
    /// Read, and tell what arrived, or that nothing will.
    Read {
        /// Whose reply is waited for.
        phase: Phase,
        /// How long it may take, from when the wait for this reply began.
        limit: Duration,
    },
    /// Do the TLS handshake, and tell with [`ClientSession::secured`](super::ClientSession::secured) that it is done, or
    /// that it failed. Nothing is written or read in plain text any more.
    Secure {
        /// Whom it may be done with.
        trust: Trust,
        /// How long the handshake may take.
        limit: Duration,
    },
    /// Idle: begin a transaction or quit.
    Ready,
    /// The transaction is over. One outcome for each recipient, in the order of the transaction. Next comes
    /// [`Step::Ready`] or [`Step::Over`].
    Done(Vec<Outcome>),
    /// Close the stream. Nothing more will happen.
    Over(End),
}

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// We said QUIT while idle.
    Quit,
    /// The server did not want the session, or could not be brought to forget a transaction.
    Refused {
        /// Greeting, Ehlo, StartTls or Reset.
        phase: Phase,
        /// The refusal; 421 too, at Greeting, Ehlo and StartTls.
        reply: Arc<Reply>,
    },
    /// The connection ended without an answer.
    Failed {
        /// What was under way; Mail when the session was idle.
        phase: Phase,
        /// How it ended.
        loss: Loss,
    },
    /// The server gave the session up: 421 after EHLO, or a refusal in the middle of a body.
    ServerClosing {
        /// What it said.
        reply: Arc<Reply>,
    },
}
