//! Messages: merge fields, headers, MIME, and DKIM signatures.
//!
//! Pure: no socket, no clock, no randomness of its own. Same inputs, same octets. MIME, encoded words, folding, signatures and
//! internationalised names are those of maintained libraries; here stands what they leave open.
//!
//! - [`FieldNames`], [`Fields`]: what is known of each recipient
//! - [`Pattern`], [`Place`]: texts with merge fields, and what is escaped where
//! - [`Draft`], [`Template`]: the message of a mailing, with all mistakes found when it is read
//! - [`Composer`], [`Recipient`], [`Message`]: the octets for one recipient
//! - [`Identity`], [`Epoch`]: Message-IDs that stay, dates from a clock
//! - [`Secret`], [`ReturnPaths`], [`Unsubscribe`]: whom a bounce is about, and how a recipient leaves
//! - [`Signer`], [`KeyError`]: DKIM
//! - [`address`], [`address_utf8`], [`domain`]: addresses with domains in any script

mod composer;
mod dkim;
mod epoch;
mod field;
mod header;
mod identity;
mod mailbox;
mod pattern;
mod place;
mod return_path;
mod template;
mod token;
mod unsubscribe;

pub use composer::{Composer, Message, Needs, Recipient};
pub use dkim::{KeyError, Signer};
pub use epoch::Epoch;
pub use field::{BUILT_IN, FieldError, FieldNames, Fields, NAME_BYTES, VALUE_BYTES};
pub use identity::Identity;
pub use mailbox::{MailboxError, address, address_utf8, domain};
pub use pattern::{Fault, MERGE_FIELDS, Mistake, Pattern, TEXT_BYTES};
pub use place::Place;
pub use return_path::{NotOurs, ReturnPaths};
pub use template::{Draft, EXTRA_HEADERS, Part, Template, TemplateError, Wrong};
pub use token::Secret;
pub use unsubscribe::{LINK_BYTES, Unsubscribe, UnsubscribeError, Way};
