//! What the kinds of reports are made of, and the names of their files.
//!
//! Some are about the whole suite and made at its end. Others are about one record and made while it is there: records
//! are large, and there is never more than one in memory.

use record::Record;
use reports::figures::Figures;
use reports::html::{self, About, Live};
use reports::parquet::{self, NotBuilt};
use reports::{Ran, Suite, csv, junit, markdown};

use crate::args::Report;

/// The page of a record, and that over all of them.
pub(crate) const PAGE: &str = "report.html";

/// A report over all scenarios, at the top of the output folder.
pub(crate) struct OfSuite {
    pub(crate) file: &'static str,
    pub(crate) render: fn(&Suite) -> String,
}

/// A report about one record, in the folder of the record.
pub(crate) struct OfRecord {
    pub(crate) file: &'static str,
    pub(crate) render: fn(&Subject<'_>) -> Result<Vec<u8>, String>,
}

/// What a report about a record is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) record: &'a Record,
    pub(crate) ran: &'a Ran,
    /// Where the page over all scenarios is, as seen from the folder of the record; `None` if there is none.
    pub(crate) suite_page: Option<&'a str>,
}

impl Report {
    /// What it says about the whole suite.
    pub(crate) const fn of_suite(self) -> Option<OfSuite> {
        match self {
            Self::Html => Some(OfSuite { file: PAGE, render: html::suite }),
            Self::Junit => Some(OfSuite { file: "junit.xml", render: junit::render }),
            Self::Json => Some(OfSuite { file: "report.json", render: reports::json::render }),
            Self::Md => Some(OfSuite { file: "report.md", render: markdown::render }),
            Self::Csv | Self::Parquet => None,
        }
    }

    /// What it says about each record.
    pub(crate) const fn of_record(self) -> Option<OfRecord> {
        match self {
            Self::Html => Some(OfRecord { file: PAGE, render: response }),
            Self::Parquet => Some(OfRecord { file: "attempts.parquet", render: attempts }),
            Self::Csv => Some(OfRecord { file: "metrics.csv", render: metrics }),
            Self::Junit | Self::Json | Self::Md => None,
        }
    }

    /// What it is called where it is said where everything is.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Html => "page",
            Self::Junit => "junit",
            Self::Json => "json",
            Self::Md => "markdown",
            Self::Csv => "metrics",
            Self::Parquet => "attempts",
        }
    }

    /// Whether this program can make it, to be asked before anything is run.
    ///
    /// # Errors
    /// Why not, and what to do about it.
    pub(crate) fn is_made_here(self) -> Result<(), NotBuilt> {
        match self {
            Self::Parquet => parquet::available(),
            Self::Html | Self::Junit | Self::Json | Self::Md | Self::Csv => Ok(()),
        }
    }
}

fn response(subject: &Subject<'_>) -> Result<Vec<u8>, String> {
    let about = About {
        source: Some(&subject.record.source),
        timing: Some(subject.ran.timing()),
        again: subject.ran.again(),
        suite_page: subject.suite_page,
        live: Live::Finished,
    };
    Ok(html::response(subject.record, &about).into_bytes())
}

fn metrics(subject: &Subject<'_>) -> Result<Vec<u8>, String> {
    Ok(csv::render(subject.record, &Figures::of(subject.record)).into_bytes())
}

fn attempts(subject: &Subject<'_>) -> Result<Vec<u8>, String> {
    parquet::attempts(subject.record).map_err(|error| error.to_string())
}
