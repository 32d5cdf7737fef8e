//! The command, called in this process: what it does with files and folders, with streams that fail, and how it ends.
//!
//! What it prints when all goes well is shown by the transcripts of the whole (`tests/`).

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[cfg(unix)]
mod discovery;
mod github;
mod kept;
mod outputs;
mod place;
mod send;
mod served;
mod serving;
mod streams;
