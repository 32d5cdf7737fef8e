//! What a run leaves in its output folder: records and reports.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use record::Record;
use reports::{Case, Suite};

use crate::args::{Report, Run};
use crate::{Exit, Streams};

/// Where reports go when no folder is named.
const DEFAULT_FOLDER: &str = "out";

/// The output folder of a run, if it has one.
pub(crate) struct Outputs {
    folder: PathBuf,
    reports: Vec<Report>,
    /// Whether the folder itself is the record: there is only one scenario.
    single: bool,
}

impl Outputs {
    /// What `wanted` asks for; `scenarios` are going to be run.
    pub(crate) fn of(wanted: &Run, scenarios: usize) -> Option<Self> {
        let folder = match (&wanted.out, wanted.report.is_empty()) {
            (Some(folder), _) => folder.clone(),
            (None, false) => PathBuf::from(DEFAULT_FOLDER),
            (None, true) => return None,
        };
        Some(Self { folder, reports: wanted.report.clone(), single: scenarios == 1 })
    }

    /// The folder for the record of the scenario in `file`: the output folder itself for a single scenario, else the
    /// scenario's path without its suffix below it.
    pub(crate) fn record_folder(&self, file: &Path) -> PathBuf {
        if self.single {
            return self.folder.clone();
        }
        let plain = file.with_extension("");
        let inside = plain.components().filter(|part| matches!(part, std::path::Component::Normal(_)));
        self.folder.join(inside.collect::<PathBuf>())
    }

    /// Writes the record of one scenario.
    pub(crate) fn write_record(
        &self,
        file: &Path,
        record: &Record,
        streams: &mut Streams<'_>,
    ) -> Result<PathBuf, Exit> {
        let folder = self.record_folder(file);
        record::files::write(&folder, record).map_err(|error| {
            let _ = writeln!(streams.err, "error: {error}");
            Exit::Environment
        })?;
        Ok(folder)
    }

    /// Writes the reports over all scenarios.
    pub(crate) fn write_reports(&self, suite: &Suite<'_>, streams: &mut Streams<'_>) -> Result<(), Exit> {
        for report in &self.reports {
            let (name, text) = match report {
                Report::Junit => ("junit.xml", reports::junit::render(suite)),
                Report::Json => ("report.json", reports::json::render(suite)),
            };
            let path = self.folder.join(name);
            let written = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&path, text));
            if let Err(error) = written {
                let _ = writeln!(streams.err, "error: cannot write {}: {error}", path.display());
                return Err(Exit::Environment);
            }
        }
        if !self.reports.is_empty() || suite.cases.iter().any(|case| matches!(case, Case::Ran(_))) {
            let _ = writeln!(streams.out, "written to {}", self.folder.display());
        }
        Ok(())
    }
}
