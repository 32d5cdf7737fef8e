//! How the parts of an expectation are written: filters, conditions, instants.
//!
//! - [`Cursor`], [`Piece`]: the text and stretches of it; [`Fault`], [`Located`]: what is wrong with it, and where
//! - [`Filter`], [`Filterable`], [`FilterKind`], [`Meaning`]: of whom something is measured
//! - [`Condition`], [`Miss`], [`Comparables`]: what is compared with what
//! - [`When`]: at which instants

mod condition;
mod cursor;
mod fault;
mod filter;
mod filter_kind;
mod quantity;
mod when;

pub(crate) use condition::{Condition, Miss, OPERATORS};
pub(crate) use cursor::{Cursor, Piece};
pub(crate) use fault::{Fault, Located};
pub(crate) use filter::{Filter, Filterable, Meaning, quoted_if};
pub(crate) use filter_kind::{FilterKind, STATUSES};
pub(crate) use quantity::Comparables;
pub(crate) use when::{INSTANTS, When};
