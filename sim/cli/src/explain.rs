//! `bouncelab explain`: the story of one recipient, from the record of a run or by running its scenario again.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use harness::Options;
use record::{Record, files};

use crate::args::Explain;
use crate::{Exit, Streams, discover, run};

pub(crate) fn explain(wanted: &Explain, streams: &mut Streams<'_>) -> Exit {
    let records =
        if wanted.run.is_dir() { from_folder(&wanted.run, streams) } else { by_running(wanted, streams) };
    let records = match records {
        Ok(records) => records,
        Err(exit) => return exit,
    };
    let mut nearest = None;
    let mut told = 0;
    for record in &records {
        match reports::story(record, &wanted.contact, streams.look()) {
            Ok(story) => {
                told += 1;
                let _ = write!(streams.out, "{}{story}", if told > 1 { "\n" } else { "" });
            }
            Err(unknown) => nearest = nearest.or(Some(unknown)),
        }
    }
    match (told, nearest) {
        (0, Some(unknown)) => {
            let _ = writeln!(streams.err, "error: {unknown}");
            Exit::NothingMatched
        }
        (0, None) => {
            let folder = wanted.run.display();
            let _ = writeln!(
                streams.err,
                "error: no record in {folder}\n  a run leaves one with --out: bouncelab run SCENARIO --out {folder}"
            );
            Exit::NothingMatched
        }
        _ => Exit::Held,
    }
}

/// The records in a folder and in the folders below it.
fn from_folder(folder: &Path, streams: &mut Streams<'_>) -> Result<Vec<Record>, Exit> {
    let mut folders = Vec::new();
    find_records(folder, &mut folders).map_err(|error| {
        let _ = writeln!(streams.err, "error: cannot read {}: {error}", folder.display());
        Exit::Environment
    })?;
    folders
        .iter()
        .map(|folder| {
            files::read(folder).map_err(|error| {
                let _ = writeln!(streams.err, "error: {error}");
                Exit::Environment
            })
        })
        .collect()
}

fn find_records(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if folder.join(files::RUN).is_file() {
        found.push(folder.to_owned());
    }
    let mut below: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    below.sort();
    below.iter().filter(|entry| entry.is_dir()).try_for_each(|entry| find_records(entry, found))
}

fn by_running(wanted: &Explain, streams: &mut Streams<'_>) -> Result<Vec<Record>, Exit> {
    let plan = discover::read(&wanted.run, streams).map_err(|invalid| {
        crate::check::report_invalid(&[invalid], 1, "nothing was run", streams);
        Exit::Invalid
    })?;
    let options = Options { seed: wanted.seed, threads: run::all_cores(), ..Options::default() };
    match run::guarded(&plan, &options) {
        Ok(record) => Ok(vec![record]),
        Err(trouble) => Err(run::report_trouble(&wanted.run, &plan, wanted.seed, &trouble, streams)),
    }
}
