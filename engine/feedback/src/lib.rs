//! Reads what comes back about a message that was accepted: delivery reports, complaints, automatic answers.
//!
//! Octets in, a [`policy::feedback::Notice`] out. Pure and bounded: any octets, no panic, and never more work than the first
//! [`READ_BYTES`] of a message are worth. Whom it is about is not asked here, because nothing in a message that anybody can
//! write may decide that; the return path that it came to does.
//!
//! A crate of its own because reading MIME takes a library that decisions must not reach.
//!
//! - [`read`]: what kind of message it is
//! - `parts`: the parts of a multipart message, and their header fields
//! - `fields`: blocks of fields, of which reports consist
//! - `status`: delivery reports (RFC 3464, RFC 6533)
//! - `complaint`: complaints (RFC 5965)

mod complaint;
mod fields;
mod message;
mod parts;
mod status;

pub use message::{READ_BYTES, read};
