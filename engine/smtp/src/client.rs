//! The client's side of a connection: what to send, what each reply means, one outcome for each recipient.
//!
//! ```text
//!            output() / wrote()        received() / lost()
//!                   ^                          |
//!     Outbox <--- commands ---  ClientSession  v
//!     (bytes)                   greeting, EHLO, STARTTLS, idle, QUIT
//!                                     |    ^
//!                               begin |    | outcomes
//!                                     v    |
//!                                  Exchange: MAIL, RCPT.., DATA, body, final dot
//! ```
//!
//! - [`ClientSession`]: the connection from the greeting to the end, and how a caller drives it
//! - [`Options`], [`StartTls`], [`Trust`], [`Flow`], [`Transfer`]: what whoever opens a connection chooses
//! - [`Security`]: how its bytes travel
//! - [`Step`], [`End`]: what a session asks of its caller
//! - [`Transaction`]: what to send; [`Outcome`]: what became of it
//!
//! The session knows how long a phase may take ([`crate::limits::PhaseLimits`]) but no time: the caller tells it when
//! that has passed.

mod exchange;
mod opening;
mod options;
mod outbox;
mod outcome;
mod session;
mod step;
mod transaction;

pub use crate::{Phase, Security};
pub use options::{Flow, Options, StartTls, Transfer, Trust};
pub use outcome::{Loss, Obstacle, Outcome};
pub use session::ClientSession;
pub use step::{End, Step};
pub use transaction::Transaction;
