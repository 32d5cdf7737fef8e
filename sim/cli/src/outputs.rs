//! What a run leaves in its output folder: records and reports.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Component, Path, PathBuf};

use record::Record;
use reports::{Suite, junit};

use crate::args::{Report, Run};
use crate::{Exit, Streams, discover};

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

/// Removes the reports of an earlier run that are about to be made anew, so that whoever finds one later does not take it
/// for the result of a run that never got so far.
pub(crate) fn remove_old_reports(wanted: &Run) {
    let folder = wanted.out.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FOLDER));
    for report in &wanted.report {
        let _ = fs::remove_file(folder.join(report.file_name()));
    }
}

impl Report {
    const fn file_name(self) -> &'static str {
        match self {
            Self::Junit => "junit.xml",
            Self::Json => "report.json",
        }
    }
}

impl Outputs {
    /// What is asked for, and ready to be written to; `None` if nothing is. The scenarios in `files` are going to be run.
    ///
    /// # Errors
    /// The exit code, if two records would go into one folder, or the output folder cannot be written to; it has been
    /// said why.
    pub(crate) fn prepare<'a>(
        wanted: &Run,
        files: impl Iterator<Item = &'a Path>,
        streams: &mut Streams<'_>,
    ) -> Result<Option<Self>, Exit> {
        let folder = match (&wanted.out, wanted.report.is_empty()) {
            (Some(folder), _) => folder.clone(),
            (None, false) => PathBuf::from(DEFAULT_FOLDER),
            (None, true) => return Ok(None),
        };
        let records = record_folders(&folder, files).map_err(|shared| shared.refuse(streams))?;
        let outputs = Self { folder, reports: wanted.report.clone(), records };
        outputs.make_folder().map_err(|words| streams.fail(Exit::Environment, words))?;
        Ok(Some(outputs))
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

    /// Writes the record of the scenario in `file`; answers with its folder.
    ///
    /// # Errors
    /// The exit code, if it cannot be written; it has been said why.
    pub(crate) fn write_record(
        &self,
        file: &Path,
        record: &Record,
        streams: &mut Streams<'_>,
    ) -> Result<String, Exit> {
        let folder = self.records.get(file).unwrap_or(&self.folder);
        record::files::write(folder, record).map_err(|error| streams.fail(Exit::Environment, error))?;
        Ok(folder.display().to_string())
    }

    /// Writes the reports over all scenarios; answers with [`Exit::Held`], or with the exit code if one of them cannot be
    /// written, and it has been said why.
    pub(crate) fn write_reports(&self, suite: &Suite, streams: &mut Streams<'_>) -> Exit {
        let mut exit = Exit::Held;
        for report in &self.reports {
            let text = match report {
                Report::Junit => junit::render(suite),
                Report::Json => reports::json::render(suite),
            };
            let path = self.folder.join(report.file_name());
            if let Err(error) = fs::write(&path, text) {
                exit = streams.fail(Exit::Environment, format!("cannot write `{}`: {error}", path.display()));
            }
        }
        exit
    }

    /// Whether there are reports to be written.
    pub(crate) fn has_reports(&self) -> bool {
        !self.reports.is_empty()
    }

    /// The folder, as the user named it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The output folder itself for a single scenario, else the path of each scenario below it, without its suffix and without
/// what leads to the root or upwards.
fn record_folders<'a>(
    folder: &Path,
    files: impl Iterator<Item = &'a Path>,
) -> Result<BTreeMap<PathBuf, PathBuf>, Shared> {
    let mut owners: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for file in files {
        let plain = if discover::has_suffix(file) { file.with_extension("") } else { file.to_owned() };
        let inside = plain.components().filter(|part| matches!(part, Component::Normal(_)));
        let own = folder.join(inside.collect::<PathBuf>());
        if let Some(other) = owners.insert(own.clone(), file.to_owned()) {
            return Err(Shared { folder: own, files: [other, file.to_owned()] });
        }
    }
    let single = owners.len() == 1;
    Ok(owners.into_iter().map(|(own, file)| (file, if single { folder.to_owned() } else { own })).collect())
}

/// Two scenarios whose records would overwrite each other.
struct Shared {
    folder: PathBuf,
    files: [PathBuf; 2],
}

impl Shared {
    fn refuse(&self, streams: &mut Streams<'_>) -> Exit {
        let [one, other] = self.files.each_ref().map(|file| file.display());
        let folder = self.folder.display();
        let words = format!(
            "the records of `{one}` and `{other}` would both go into `{folder}`\n  \
             nothing was run; run one after the other, each with an --out of its own"
        );
        streams.fail(Exit::Usage, words)
    }
}
