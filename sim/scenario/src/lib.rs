//! Scenario files: YAML in, a checked model out in which every value knows its place.
//!
//! This crate owns the syntax and the skeleton of a scenario. What a behaviour means is handed in as a [`Vocabulary`];
//! what an expectation means is decided by whoever reads its text. All problems of a file are reported at once.
//!
//! - [`Source`], [`Place`]: the author's text and a stretch of it
//! - [`Problem`], [`Problems`], [`render`]: what is wrong, and how it is shown
//! - [`Node`], [`tree`]: the YAML as a tree with places
//! - [`Definition`], [`Field`], [`Vocabulary`], [`skeleton()`], [`reference`]: what can be written, and its documentation
//! - [`Reader`], [`value`]: reading a map key by key
//! - [`load`], [`read`], [`Scenario`] and its parts: the checked model; [`Sender`] and [`Content`]: the sender's side of it

mod definition;
pub mod field;
mod load;
mod model;
mod node;
mod problem;
mod ramp;
mod reader;
mod reference;
mod render;
mod sender;
mod skeleton;
mod source;
mod suggest;
pub mod value;
mod yaml;

pub use definition::{Definition, Vocabulary};
pub use field::Field;
pub use load::{domain, load, mx_hosts, read};
pub use model::{
    Action, Behaviour, ContactPolicy, ContactStatus, Deed, Entry, Habits, Limits, Listed, Mailing,
    MailingKind, Mx, MxHost, Placed, Provider, Repeat, Rule, Scenario, Span, Uncertain,
};
pub use node::{Kind, Node};
pub use problem::{Problem, Problems};
pub use ramp::{STEPS, ramp};
pub use reader::Reader;
pub use reference::reference;
pub use render::{Style, render};
pub use sender::{
    Content, Dkim, DkimFault, DkimKey, Record, RecordData, ReturnPath, Sender, Signing, Unsubscribe,
};
pub use skeleton::skeleton;
pub use source::{Place, Source};
pub use suggest::{did_you_mean, suggestion};
pub use yaml::tree;
