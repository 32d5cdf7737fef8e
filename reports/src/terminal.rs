//! The report for the person who started the run: a line a scenario, a block for whatever did not hold, a total.
//!
//! A suite whose scenarios hold is a list and one line. What failed is shown with the line of the file, what was wanted
//! and measured, and who is concerned; its second line is the command to go on with.
//!
//! - `line`: the line of a scenario, in columns over the suite
//! - `overview`: the expectations and counters of a scenario that failed
//! - `excerpt`: a line of the scenario file with a caret
//! - `block`: the blocks: failed expectations, broken laws, nothing sent, no verdict, not run
//! - `total`: the last line
//! - `written`: where the other reports are

mod block;
mod excerpt;
mod line;
mod overview;
mod total;
mod written;

use crate::look::Look;
use crate::page::Page;
use crate::suite::{Case, Standing, Suite};

pub(crate) use block::violation;
pub use line::{Columns, Expected};
pub use total::total;
pub(crate) use total::total_words;
pub use written::written;

/// The whole report: [`summary`], [`details`] and [`total`].
pub fn report(suite: &Suite, look: Look) -> String {
    let details = details(suite, look);
    let gap = if details.is_empty() { "" } else { "\n" };
    format!("{}{gap}{details}\n{}", summary(suite, look), total(suite, look))
}

/// One line a scenario, in columns; none for those that were not reached, because they can be many and the total counts
/// them. Whoever shows each line as its scenario ends uses [`Columns::line`] instead.
pub fn summary(suite: &Suite, look: Look) -> String {
    let columns = Columns::fitted(suite, look);
    let reached = suite.cases.iter().filter(|case| case.standing() != Standing::NotReached);
    reached.map(|case| columns.line(case)).collect()
}

/// A block for each thing that is not as it should be, in the order of the suite; empty if there is none.
pub fn details(suite: &Suite, look: Look) -> String {
    let mut page = Page::new(look);
    for case in &suite.cases {
        match case {
            Case::Refused(refused) => block::refused(&mut page, refused),
            Case::Defect(defect) => block::defect(&mut page, defect),
            Case::NotReached(_) => {}
            Case::Ran(ran) => {
                overview::write(&mut page, ran);
                block::failed_expectations(&mut page, ran);
                block::broken_laws(&mut page, ran);
                block::nothing_sent(&mut page, ran);
                block::idle_rules(&mut page, ran);
            }
        }
    }
    page.into_text()
}
