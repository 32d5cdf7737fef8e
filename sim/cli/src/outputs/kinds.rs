//! What the kinds of reports are made of, and the names of their files.
//!
//! Some are about the whole suite and made at its end. Others are about one record and made while it is there: records
//! are large, and there is never more than one in memory.

use record::Record;
use reports::{Ran, Suite, junit};

use crate::args::Report;

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
#[expect(dead_code, reason = "the renderers of pages and tables read it")]
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
            Self::Junit => Some(OfSuite { file: "junit.xml", render: junit::render }),
            Self::Json => Some(OfSuite { file: "report.json", render: reports::json::render }),
            Self::Html | Self::Md | Self::Csv | Self::Parquet => None,
        }
    }

    /// What it says about each record.
    pub(crate) const fn of_record(self) -> Option<OfRecord> {
        match self {
            Self::Html | Self::Csv | Self::Parquet | Self::Junit | Self::Json | Self::Md => None,
        }
    }
}
