//! Renderers of records: what people and machines read after a run.
//!
//! Pure functions of [`record::Record`]s; nothing is measured, read or printed here. The same suite gives the same
//! bytes, so that a report can be made again from files, years later.
//!
//! - [`Suite`], [`Case`]: what was run, the input of all reports; [`Ran`]: what they keep of a record
//! - [`terminal`]: for the person who started the run
//! - [`story()`]: one recipient, from the first attempt to the last status
//! - [`junit`]: for a CI system
//! - [`json`]: for programs
//! - [`figures`]: what the page, charts and CSV say, counted once; [`charts`]: drawn
//! - [`csv`]: metrics over time, for a spreadsheet
//! - [`parquet`]: the attempts in columns, for DuckDB and pandas
//! - [`markdown`]: for a page that somebody reads in passing
//! - [`github`]: for GitHub Actions, beside the lines of the scenarios
//! - [`manifest()`]: what an output folder says of itself, from which a suite is made again
//! - [`difference`]: what differs between two runs
//! - [`html`]: pages for people, above all the Response page of a run
//! - [`harmless()`]: foreign text for a terminal or a log
//! - [`Look`], [`Style`]: colours and width

pub mod charts;
mod command;
pub mod csv;
pub mod difference;
pub mod figures;
mod finding;
mod foreign;
pub mod github;
pub mod html;
mod idle;
pub mod json;
pub mod junit;
mod layout;
mod look;
mod manifest;
pub mod markdown;
mod page;
pub mod parquet;
mod ran;
mod silence;
mod story;
mod suite;
mod tally;
pub mod terminal;
mod wording;

pub use foreign::harmless;
pub use look::{Look, Style};
pub use manifest::{manifest, without_record};
pub use ran::Ran;
pub use record::files::DefectKind;
pub use story::{NoSuchContact, story, story_with_dialogues};
pub use suite::{Case, Defect, NotReached, Refused, Standing, Suite};
