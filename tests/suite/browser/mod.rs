//! The Response page in a browser: headless Chromium, driven by chromedriver and selenium in Python.
//!
//! The page of a big run, that of a hostile one and that of a suite are used as a person would use them; what the page shows is compared with the
//! data inside it. On a machine without browser, driver or selenium the trial is listed as ignored, with what is missing.
//! Screenshots in both themes are left in the target directory, to be looked at.

mod hostile;

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Options, Plan};
use libtest_mimic::Trial;
use record::{Record, Timing};
use reports::html::{self, About, response};
use reports::{Case, NotReached, Ran, Suite};
use scenario::Source;

use crate::files;
use crate::interop::program::{find, run};

/// A mailing to 100 000 contacts.
const BIG: &str = "scenarios/scale/mixed-fleet-100k.yaml";

/// A run in which much comes back; its texts are made hostile.
const EVENTFUL: &str = "scenarios/scale/a-week-of-everything.yaml";

pub(crate) fn trials() -> Vec<Trial> {
    let name = "the Response page in Chromium";
    let trial = match lack() {
        None => crate::trial("browser", name, check),
        Some(lack) => {
            let kind = format!("skipped: {lack}");
            crate::trial("browser", name, move || Err(lack)).with_kind(kind).with_ignored_flag(true)
        }
    };
    vec![trial]
}

/// What this machine lacks.
fn lack() -> Option<String> {
    let programs = ["chromium", "chromedriver"].into_iter();
    let missing = programs.filter(|name| find(name).is_none()).map(|name| format!("no {name}")).next();
    missing.or_else(|| python().is_none().then(|| "no selenium".to_owned()))
}

/// The Python that has selenium: that of the environment which is made for foreign programs, or the system's.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("interop/bin/python");
    let has_it = |python: &PathBuf| {
        let output = Command::new(python).args(["-c", "import selenium"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    Some(own).into_iter().chain(find("python3")).find(has_it)
}

fn check() -> Result<(), String> {
    let folder = files::scratch("browser");
    let [big, hostile, suite] = ["big.html", "hostile.html", "suite.html"].map(|name| folder.join(name));
    let records = [record(BIG)?, hostile::poisoned(record(EVENTFUL)?)];
    write(&big, &response(&records[0], &About::default()))?;
    write(&hostile, &response(&records[1], &About::default()))?;
    write(&suite, &html::suite(&suite_of(&records)))?;
    let python = python().ok_or("it was there a moment ago")?;
    let driver = find("chromedriver").ok_or("it was there a moment ago")?;
    let mut command = Command::new(python);
    command.arg("tests/suite/browser/page.py").arg(driver).args([big, hostile, suite, folder]);
    run(&mut command)?.well().map(drop)
}

fn record(file: &str) -> Result<Record, String> {
    let source = Source::read(Path::new(file)).map_err(|problem| problem.message)?;
    let plan = Plan::read(&source).map_err(|problems| format!("{problems:?}"))?;
    harness::run(&plan, &Options::default()).map_err(|error| error.to_string())
}

/// Both runs, and a scenario that was not reached.
fn suite_of(records: &[Record]) -> Suite {
    let ran = records.iter().map(|record| Case::from(Ran::of(record, Timing::default())));
    let not_reached = NotReached { scenario: "not-reached".to_owned(), file: "last.yaml".to_owned() };
    Suite { cases: ran.chain([Case::NotReached(not_reached)]).collect(), timing: Timing::default() }
}

fn write(file: &Path, page: &str) -> Result<(), String> {
    std::fs::write(file, page).map_err(|error| error.to_string())
}
