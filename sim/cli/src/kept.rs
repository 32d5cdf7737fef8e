//! What earlier runs have left behind: the suites in a folder, read one record at a time.
//!
//! A file of its own, because `report`, `merge` and `diff` all begin with it.

use std::path::{Path, PathBuf};

use record::files::{self, End, HERE, Manifest};
use record::{Record, Timing};
use reports::{Case, Ran};

use crate::folder::files_below;
use crate::{Exit, Streams};

/// A suite as it lies in a folder.
pub(crate) struct Kept {
    /// The folder, as the user named it or as it was found below that.
    pub(crate) folder: PathBuf,
    /// What it says of itself; `None` for records that no manifest lists.
    pub(crate) manifest: Option<Manifest>,
    /// The scenarios.
    pub(crate) cases: Vec<KeptCase>,
}

/// A scenario of such a suite.
pub(crate) enum KeptCase {
    /// It has a record.
    Record(KeptRecord),
    /// It has none.
    Without(Case),
}

/// Where a record is, and what only its manifest knows.
pub(crate) struct KeptRecord {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// How long the run took; nothing if no manifest tells.
    timing: Timing,
    /// The digest that the manifest gives.
    digest: Option<u64>,
}

/// The suites in the folder `named`: its own, or else every one below it; records that no manifest lists are one together.
///
/// # Errors
/// The exit code, if there is none, or it cannot be read; it has been said why.
pub(crate) fn find(named: &Path, streams: &mut Streams<'_>) -> Result<Vec<Kept>, Exit> {
    // Without the slash that a shell puts after the name of a folder.
    let folder: PathBuf = named.components().collect();
    if folder.join(files::SUITE).exists() {
        return Ok(vec![listed(folder, streams)?]);
    }
    if folder.join(files::RUN).exists() {
        return Ok(vec![Kept { cases: vec![bare(folder.clone())], folder, manifest: None }]);
    }
    if !folder.is_dir() {
        let words = format!(
            "there is no folder `{}`\n  name one that `bouncelab run SCENARIO --out FOLDER` wrote",
            folder.display()
        );
        return Err(streams.fail(Exit::NothingMatched, words));
    }
    below(&folder, streams)
}

fn below(folder: &Path, streams: &mut Streams<'_>) -> Result<Vec<Kept>, Exit> {
    let all = files_below(folder, |_| true).map_err(|error| streams.fail(Exit::Environment, error))?;
    let folders_of =
        |name| all.iter().filter(move |file| file.ends_with(name)).filter_map(|file| file.parent());
    let listing: Vec<&Path> = folders_of(files::SUITE).collect();
    // What lies in another suite is part of it, whichever of them was found first.
    let is_within = |own: &Path| listing.iter().any(|other| own != *other && own.starts_with(other));
    let suites: Vec<&Path> = listing.iter().copied().filter(|suite| !is_within(suite)).collect();
    let loose = folders_of(files::RUN).filter(|own| !suites.iter().any(|suite| own.starts_with(suite)));
    let loose: Vec<_> = loose.map(|own| bare(own.to_owned())).collect();
    let mut found = Vec::new();
    for suite in suites {
        found.push(listed(suite.to_owned(), streams)?);
    }
    if !loose.is_empty() {
        found.push(Kept { folder: folder.to_owned(), manifest: None, cases: loose });
    }
    if found.is_empty() {
        let words = format!(
            "no record in {}\n  a run leaves one with --out: bouncelab run SCENARIO --out FOLDER",
            folder.display()
        );
        return Err(streams.fail(Exit::NothingMatched, words));
    }
    Ok(found)
}

/// The suite that the manifest in `folder` lists.
fn listed(folder: PathBuf, streams: &mut Streams<'_>) -> Result<Kept, Exit> {
    let manifest = Manifest::read(&folder).map_err(|error| streams.fail(Exit::Environment, error))?;
    let case = |entry: &files::Entry| match &entry.end {
        End::Run { folder: own, wall_nanos, digest, .. } => KeptCase::Record(KeptRecord {
            folder: if own == HERE { folder.clone() } else { folder.join(own) },
            timing: Timing { wall: *wall_nanos },
            digest: Some(*digest),
        }),
        End::Refused { .. } | End::Defect { .. } | End::NotReached {} => {
            KeptCase::Without(reports::without_record(entry))
        }
    };
    let cases = manifest.cases.iter().map(case).collect();
    Ok(Kept { folder, manifest: Some(manifest), cases })
}

fn bare(folder: PathBuf) -> KeptCase {
    KeptCase::Record(KeptRecord { folder, timing: Timing::default(), digest: None })
}

impl Kept {
    /// How long all of it took.
    pub(crate) fn timing(&self) -> Timing {
        Timing { wall: self.manifest.as_ref().map_or(0, |manifest| manifest.wall_nanos) }
    }

    /// The folders of its records.
    pub(crate) fn records(&self) -> impl Iterator<Item = &Path> {
        self.cases.iter().filter_map(|case| match case {
            KeptCase::Record(kept) => Some(kept.folder.as_path()),
            KeptCase::Without(_) => None,
        })
    }
}

impl KeptCase {
    /// Its record, if it has one, and how it stands.
    ///
    /// # Errors
    /// As [`KeptRecord::read`].
    pub(crate) fn read(&self, streams: &mut Streams<'_>) -> Result<(Option<Record>, Case), Exit> {
        match self {
            Self::Without(case) => Ok((None, case.clone())),
            Self::Record(kept) => kept.read(streams).map(|(record, ran)| (Some(record), ran.into())),
        }
    }
}

impl KeptRecord {
    /// Reads the record, and digests it as the run itself did.
    ///
    /// # Errors
    /// The exit code, if it cannot be read, does not have the digest that it gives itself, or is not the one that the manifest
    /// lists; it has been said why.
    pub(crate) fn read(&self, streams: &mut Streams<'_>) -> Result<(Record, Ran), Exit> {
        let record = files::read(&self.folder).map_err(|error| streams.fail(Exit::Environment, error))?;
        if harness::digest(&record) != record.digest {
            let words = format!(
                "the record in `{}` is not the one that was written there: its files are not of one run; run the scenarios again",
                self.folder.display()
            );
            return Err(streams.fail(Exit::Environment, words));
        }
        if self.digest.is_some_and(|digest| digest != record.digest) {
            let words = format!(
                "the record in `{}` is not the one that `{}` lists; name its folder alone, or run the scenarios again",
                self.folder.display(),
                files::SUITE
            );
            return Err(streams.fail(Exit::Environment, words));
        }
        let ran = Ran::of(&record, self.timing).kept_in(self.folder.display().to_string());
        let ran = if record.source.is_empty() { ran } else { ran.quoting(&record.source) };
        Ok((record, ran))
    }
}
