//! Pages for people: one self-contained file each, for any browser, without a network.
//!
//! - [`response()`]: the Response page of a run; [`live_update`]: its next state, for a page that is looked at meanwhile
//! - [`suite()`]: the page over many scenarios; [`difference()`]: that of two runs
//! - [`Frame`]: the outer document, with the style and the script of all pages
//! - [`shown`]: foreign text and links on their way into a page; [`data`]: the same for the data of a page
//! - `header`, `groups`, `mailing`, `checks`, `contacts`, `made`: the parts of the Response page
//! - [`tracks`]: numbers that follow the time slider
//!
//! Every part is a template in `templates/` and the values that it shows. What a part says is complete without a script; the
//! script adds views, the slider, search and stories.

mod chart;
mod checks;
mod contacts;
pub(crate) mod data;
mod difference;
mod frame;
mod groups;
mod header;
mod made;
mod mailing;
mod response;
pub(crate) mod shown;
mod suite;
mod tracks;

pub use difference::difference;
pub use frame::{EVENTS, Live, policy_of_pages};
pub use response::{About, live_update, response};
pub use suite::suite;
