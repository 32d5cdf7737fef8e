//! Data-driven suites over the whole: one file or one statement is one test, listed by its name.
//!
//! - [`scenarios`]: what ships must hold
//! - [`fail`]: what must fail, with its golden report
//! - [`invalid`]: what must be refused, with its golden message
//! - [`transcripts`]: what the command says to its user
//! - [`determinism`]: threads, shards, repetition and real sockets reach no result
//! - [`referee`]: a server that we did not write agrees
//! - [`differential`]: files mean the same to a second YAML reader
//! - [`arrows`]: the dependencies between the crates
//! - [`tidy`]: what no lint knows
//! - [`coverage`]: what is defined is used and documented
//! - [`docs`]: generated pages and the README are true
//! - [`browser`]: the Response page in Chromium, where that is installed
//! - [`interop`]: our engine and our fleet with the programs of others, where these are installed
//! - [`summary`]: the report for programs keeps to its published schema
//! - [`schemas`]: the published schemas are true, and the files of records keep to them
//! - [`planted`]: bugs planted into the engine are caught; slow, so only with `-- --ignored planted`
//!
//! The command runs in this process ([`command`]), in the folder of the workspace, so that paths in golden texts are
//! those that a user sees. With `BLESS=1` in the environment, golden files and generated pages are written instead of
//! compared ([`golden`]): read the difference before you keep it.

mod arrows;
mod browser;
mod command;
mod coverage;
mod determinism;
mod differential;
mod docs;
mod fail;
mod files;
mod golden;
mod interop;
mod invalid;
mod library;
mod planted;
mod referee;
mod scenarios;
mod schemas;
mod summary;
mod tidy;
mod transcripts;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    std::env::set_current_dir(files::root()).expect("the workspace is where it was built");
    let suites = [
        scenarios::trials(),
        fail::trials(),
        invalid::trials(),
        transcripts::trials(),
        determinism::trials(),
        referee::trials(),
        differential::trials(),
        arrows::trials(),
        tidy::trials(),
        coverage::trials(),
        docs::trials(),
        interop::trials(),
        summary::trials(),
        schemas::trials(),
        browser::trials(),
        planted::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), suites.into_iter().flatten().collect()).exit_code()
}

/// A test by the name `suite::case`.
fn trial(suite: &str, case: &str, check: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(format!("{suite}::{case}"), move || check().map_err(Into::into))
}
