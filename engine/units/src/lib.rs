//! Values without behaviour that the product and its fakes have in common.
//!
//! Pure: nothing here reads a clock, opens a file, or draws from a global source of randomness.
//!
//! - [`Instant`]: a moment, in nanoseconds since the scenario's epoch
//! - [`Share`], [`Rate`], [`ByteSize`]: quantities with their unit in the type
//! - [`quantity`]: how people write them (`29h30m`, `10%`, `100/min`, `2 MiB`), both ways
//! - [`Draw`]: counter-based, seeded randomness
//! - [`Table`]: a hash map for look-ups whose order reaches nothing

mod draw;
mod instant;
pub mod quantity;
mod rate;
mod share;
mod size;
mod table;

pub use draw::Draw;
pub use instant::{Instant, Span};
pub use quantity::QuantityError;
pub use rate::Rate;
pub use share::Share;
pub use size::ByteSize;
pub use table::Table;
