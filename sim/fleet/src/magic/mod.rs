//! Addresses that say themselves what becomes of them: `bounce+550-5.1.1@any.test`, `greylist-10m@any.test`.
//!
//! What stands before the `@` decides, or what stands after the last `+` in it. There is one table of words; from it addresses are
//! read, and the help and the documentation are made. Three use it: the behaviour `magic` of a scenario, the demonstration of the
//! command, and the fleet for whoever has no scenario.
//!
//! - [`Spell`]: what becomes of a recipient
//! - [`read`], [`nearest`], [`table`], [`examples`]: the table of words
//! - [`fleet`], [`serves`]: servers that take mail for all domains that nobody owns

mod servers;
mod spell;
mod words;

pub use servers::{fleet, serves};
pub use spell::{Interruption, Spell};
pub use words::{Example, examples, nearest, read, table};
