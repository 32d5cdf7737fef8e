//! Renderings of hand-made records, compared with the files under `tests/golden/`.
//!
//! A changed rendering shows in review as a changed file. To accept it: `BLESS=1 cargo test -p reports`.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod columns;
mod comparing;
mod contrast;
mod counted;
mod crowd;
mod golden;
mod hostile;
mod machines;
mod markdown;
mod pages;
mod sample;
mod stories;
mod terminal;
