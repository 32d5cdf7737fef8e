//! What all pages that this program serves have in common.
//!
//! - `guard`: what a browser may do with an answer, and whom is answered
//! - `screen`: the state of a page that changes while it is looked at, sent to everybody who looks
//! - `live`: the Response page of what is under way

pub(crate) mod guard;
pub(crate) mod live;
pub(crate) mod screen;
#[cfg(test)]
pub(crate) mod testing;
