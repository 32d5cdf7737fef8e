//! The ledger in columns, as Parquet: for DuckDB, pandas, and whatever else reads many attempts at once.
//!
//! The library for it takes longer to build than the rest of the reports, so it is behind the feature `parquet`. Without it, this
//! module is there and says how to get it.
//!
//! - `rows`: a row an attempt, out of the ledger
//! - `columns`: what the columns are
//! - `file`: the file that they become

#[cfg(feature = "parquet")]
mod columns;
#[cfg(feature = "parquet")]
mod file;
#[cfg(feature = "parquet")]
mod rows;

use std::fmt;

use record::Record;

/// The version of the columns, in the file's metadata under `bouncelab:format`. It grows by one when a reader of the old ones
/// could misread the new ones; a column may be added without.
pub const PARQUET_VERSION: u32 = 1;

/// This program was built without the feature `parquet`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBuilt;

impl fmt::Display for NotBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this program was built without Parquet; build it with `cargo install --path sim/cli --features parquet`",
        )
    }
}

impl std::error::Error for NotBuilt {}

/// Whether this program can write Parquet, to be asked before anything is run.
///
/// # Errors
/// [`NotBuilt`], if it cannot.
pub const fn available() -> Result<(), NotBuilt> {
    if cfg!(feature = "parquet") { Ok(()) } else { Err(NotBuilt) }
}

/// A Parquet file with a row for each attempt that ended, counted or not, in the order of the ledger.
///
/// # Errors
/// [`NotBuilt`], if this program cannot write Parquet.
pub fn attempts(record: &Record) -> Result<Vec<u8>, NotBuilt> {
    available()?;
    Ok(rendered(record))
}

#[cfg(feature = "parquet")]
fn rendered(record: &Record) -> Vec<u8> {
    // Writing into memory, by a schema of our own: nothing that could fail.
    file::of(record).expect("columns in memory can be written")
}

#[cfg(not(feature = "parquet"))]
fn rendered(_: &Record) -> Vec<u8> {
    Vec::new()
}
