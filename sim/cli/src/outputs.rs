//! What a command leaves in its output folder: records, reports, and the manifest that lists them.
//!
//! - `folders`: where each record goes
//! - `kinds`: what each kind of report is made of
//! - `options`: the options that the manifest keeps

mod folders;
mod kinds;
mod options;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use record::Record;
use record::files::{self, RunOptions};
use reports::{Case, Ran, Suite, terminal};

use crate::args::{Report, Run};
use crate::kept::Kept;
use crate::{Exit, Streams};

pub(crate) use kinds::{PAGE, Subject};

/// Where reports go when no folder is named.
const DEFAULT_FOLDER: &str = "out";

/// Made and removed again, to see before anything runs whether the folder can be written to.
const PROBE: &str = ".bouncelab-probe";

/// The output folder of a run, and what goes into it.
pub(crate) struct Outputs {
    folder: PathBuf,
    reports: Vec<Report>,
    /// The folder for the record of each scenario, by its file.
    records: BTreeMap<PathBuf, PathBuf>,
}

/// Removes what an earlier run said about all scenarios and is about to be said anew, so that whoever finds it later does
/// not take it for the result of a run that never got so far.
pub(crate) fn remove_old_reports(wanted: &Run) {
    let Some(folder) = folder_of(wanted) else { return };
    // What a run left goes with it, whatever is asked for this time.
    let is_of_a_run = fs::remove_file(folder.join(files::SUITE)).is_ok();
    remove_reports(&folder, if is_of_a_run { Report::value_variants() } else { &wanted.report });
}

fn remove_reports(folder: &Path, reports: &[Report]) {
    let of_suite = reports.iter().filter_map(|report| report.of_suite()).map(|kind| kind.file);
    let of_record = reports.iter().filter_map(|report| report.of_record()).map(|kind| kind.file);
    for file in of_suite.chain(of_record) {
        let _ = fs::remove_file(folder.join(file));
    }
}

/// The output folder that a run was given, or that its reports need.
pub(crate) fn folder_of(wanted: &Run) -> Option<PathBuf> {
    let default = || (!wanted.report.is_empty()).then(|| PathBuf::from(DEFAULT_FOLDER));
    wanted.out.clone().or_else(default)
}

impl Outputs {
    /// What a run is asked for, and ready to be written to; `None` if nothing is. The scenarios in `files` are going to be
    /// run.
    ///
    /// # Errors
    /// The exit code, if two records would go into one folder, or the output folder cannot be written to; it has been
    /// said why.
    pub(crate) fn of_run<'a>(
        wanted: &Run,
        files: impl Iterator<Item = &'a Path>,
        streams: &mut Streams<'_>,
    ) -> Result<Option<Self>, Exit> {
        let Some(folder) = folder_of(wanted) else { return Ok(None) };
        Self::prepare(&folder, &wanted.report, files, streams).map(Some)
    }

    /// The folder with these reports over the scenarios in `files`, ready to be written to.
    ///
    /// # Errors
    /// As [`Self::of_run`].
    pub(crate) fn prepare<'a>(
        folder: &Path,
        reports: &[Report],
        files: impl Iterator<Item = &'a Path>,
        streams: &mut Streams<'_>,
    ) -> Result<Self, Exit> {
        // Without the slash that a shell puts after the name of a folder.
        let folder: PathBuf = folder.components().collect();
        let records = folders::of_records(&folder, files).map_err(|shared| shared.refuse(streams))?;
        Self { folder, reports: reports.to_owned(), records }.made(streams)
    }

    /// The folder for reports about what was kept. There, the key of a record is not its scenario but its own folder.
    ///
    /// # Errors
    /// The exit code, if the folder cannot be written to; it has been said why.
    pub(crate) fn again(
        folder: &Path,
        reports: &[Report],
        kept: &Kept,
        streams: &mut Streams<'_>,
    ) -> Result<Self, Exit> {
        let folder: PathBuf = folder.components().collect();
        let target = |own: &Path| match own.strip_prefix(&kept.folder) {
            Ok(inside) if inside != Path::new("") => folder.join(inside),
            Ok(_) | Err(_) => folder.clone(),
        };
        let records = kept.records().map(|own| (own.to_owned(), target(own))).collect();
        Self { folder, reports: reports.to_owned(), records }.made(streams)
    }

    /// Itself, with the folder made and old reports removed.
    fn made(self, streams: &mut Streams<'_>) -> Result<Self, Exit> {
        for report in &self.reports {
            report.is_made_here().map_err(|error| streams.fail(Exit::Usage, error))?;
        }
        self.make_folder().map_err(|words| streams.fail(Exit::Environment, words))?;
        for own in self.records.values() {
            remove_reports(own, &self.reports);
        }
        Ok(self)
    }

    fn make_folder(&self) -> Result<(), String> {
        let folder = self.folder.display();
        if self.folder.exists() && !self.folder.is_dir() {
            return Err(format!("`{folder}` is a file; --out needs a folder, or a name that is free"));
        }
        let probe = self.folder.join(PROBE);
        fs::create_dir_all(&self.folder)
            .and_then(|()| File::create(&probe))
            .and_then(|_| fs::remove_file(&probe))
            .map_err(|error| format!("cannot write into the folder `{folder}`: {error}"))
    }

    /// Writes the record of the scenario in `file`, and the reports about it. Answers with what is known of it, where it is
    /// kept included, and with [`Exit::Held`], or with the exit code if something cannot be written; it has been said why.
    pub(crate) fn write_record(
        &self,
        file: &Path,
        record: &Record,
        ran: Ran,
        streams: &mut Streams<'_>,
    ) -> (Ran, Exit) {
        let folder = self.records.get(file).unwrap_or(&self.folder);
        if let Err(error) = files::write(folder, record) {
            return (ran, streams.fail(Exit::Environment, error));
        }
        self.write_reports_of(folder, record, ran.kept_in(folder.display().to_string()), streams)
    }

    /// Writes the reports about a record that was kept in the folder `own`; answers as [`Self::write_record`].
    pub(crate) fn report_on(
        &self,
        own: &Path,
        record: &Record,
        ran: Ran,
        streams: &mut Streams<'_>,
    ) -> (Ran, Exit) {
        let folder = self.records.get(own).unwrap_or(&self.folder);
        self.write_reports_of(folder, record, ran, streams)
    }

    /// Writes the reports about one record into `folder`.
    fn write_reports_of(
        &self,
        folder: &Path,
        record: &Record,
        ran: Ran,
        streams: &mut Streams<'_>,
    ) -> (Ran, Exit) {
        let suite_page = self.suite_page(folder);
        let subject = Subject { record, ran: &ran, suite_page: suite_page.as_deref() };
        let mut exit = Exit::Held;
        for kind in self.reports.iter().filter_map(|report| report.of_record()) {
            let path = folder.join(kind.file);
            let rendered = (kind.render)(&subject);
            let written = rendered.and_then(|bytes| {
                fs::create_dir_all(folder)
                    .and_then(|()| fs::write(&path, bytes))
                    .map_err(|error| error.to_string())
            });
            exit = exit.graver(said_if_unwritten(&path, written, streams));
        }
        match self.page_in(folder) {
            Some(page) => {
                let shown = folder.join(PAGE).display().to_string();
                (ran.shown_on(shown).linked_by(page), exit)
            }
            None => (ran, exit),
        }
    }

    /// The way from the page over all scenarios to that of the record in `folder`; `None` if there are no such pages.
    fn page_in(&self, folder: &Path) -> Option<String> {
        let inside =
            folder.strip_prefix(&self.folder).ok().filter(|_| self.reports.contains(&Report::Html))?;
        let parts = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned() + "/");
        Some(parts.collect::<String>() + PAGE)
    }

    /// The way from the folder of a record to the page over all of them; `None` if there is none.
    fn suite_page(&self, folder: &Path) -> Option<String> {
        let depth = folder.strip_prefix(&self.folder).ok()?.components().count();
        (depth > 0 && self.reports.contains(&Report::Html)).then(|| "../".repeat(depth) + PAGE)
    }

    /// Writes the reports over all scenarios; answers with [`Exit::Held`], or with the exit code if one of them cannot be
    /// written, and it has been said why.
    pub(crate) fn write_reports(&self, suite: &Suite, streams: &mut Streams<'_>) -> Exit {
        let mut exit = Exit::Held;
        for report in &self.reports {
            let Some(kind) = report.of_suite() else { continue };
            if report.of_record().is_some_and(|own| own.file == kind.file) && self.is_one_record(suite) {
                continue;
            }
            let path = self.folder.join(kind.file);
            let written = fs::write(&path, (kind.render)(suite)).map_err(|error| error.to_string());
            exit = exit.graver(said_if_unwritten(&path, written, streams));
        }
        exit
    }

    /// Whether there is one record, and it lies in the output folder itself, where what is said about all scenarios would.
    fn is_one_record(&self, suite: &Suite) -> bool {
        let has_record = suite.cases.iter().any(|case| matches!(case, Case::Ran(_)));
        has_record && self.records.values().all(|own| *own == self.folder)
    }

    /// Writes what is to be said about the whole, in the end the manifest, and says where everything is. `exit` is how writing
    /// went so far; answers with how it went in the end.
    pub(crate) fn finish(
        &self,
        suite: &Suite,
        options: RunOptions,
        exit: Exit,
        streams: &mut Streams<'_>,
    ) -> Exit {
        let exit = exit.graver(self.write_reports(suite, streams));
        let exit = exit.graver(self.write_manifest(suite, options, streams));
        if exit == Exit::Held {
            self.tell_where(suite, streams);
        }
        exit
    }

    /// Says where everything was written: the folder, and each report; of those that each record has, with `**` for its folder.
    pub(crate) fn tell_where(&self, suite: &Suite, streams: &mut Streams<'_>) {
        let one_record = self.is_one_record(suite);
        let files = self.reports.iter().filter_map(|report| {
            let own = report.of_record().map(|kind| self.folder.join(kind.file));
            let of_each = report.of_record().map(|kind| self.folder.join("**").join(kind.file));
            let of_all = report.of_suite().map(|kind| self.folder.join(kind.file));
            let file = own.filter(|_| one_record).or(of_all).or(of_each)?;
            Some((report.word(), file.display().to_string()))
        });
        let files: Vec<_> = files.collect();
        let files: Vec<_> = files.iter().map(|(word, path)| (*word, path.as_str())).collect();
        let list = terminal::written(&files, streams.look());
        let _ = write!(streams.out, "written to {}\n{list}", self.folder.display());
    }

    /// Writes the manifest, if every record of the suite is there. It comes last: it says that the folder is complete.
    fn write_manifest(&self, suite: &Suite, options: RunOptions, streams: &mut Streams<'_>) -> Exit {
        let folder = self.folder.display().to_string();
        let Some(manifest) = reports::manifest(suite, &folder, options) else { return Exit::Held };
        match manifest.write(&self.folder) {
            Ok(()) => Exit::Held,
            Err(error) => streams.fail(Exit::Environment, error),
        }
    }
}

/// Says what kept a report from being written, if anything did.
fn said_if_unwritten(path: &Path, written: Result<(), String>, streams: &mut Streams<'_>) -> Exit {
    match written {
        Ok(()) => Exit::Held,
        Err(why) => streams.fail(Exit::Environment, format!("cannot write `{}`: {why}", path.display())),
    }
}
