//! `bouncelab diff`: what differs between two runs. There are never more than two records in memory.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use record::files;
use reports::difference::{self, Difference, ScenarioDifference, Side};

use crate::args::{Diff, Format};
use crate::kept::{self, Kept, KeptCase};
use crate::{Exit, Streams};

pub(crate) fn diff(wanted: &Diff, streams: &mut Streams<'_>) -> Exit {
    let difference = match between(wanted, streams) {
        Ok(difference) => difference,
        Err(exit) => return exit,
    };
    let text = match wanted.format {
        Format::Text => difference::text(&difference, streams.look()),
        Format::Json => difference::json(&difference),
    };
    let _ = write!(streams.out, "{text}");
    let found = if difference.is_empty() { Exit::Held } else { Exit::Failed };
    match &wanted.html {
        Some(file) => found.graver(write_page(file, &difference, streams)),
        None => found,
    }
}

fn write_page(file: &Path, difference: &Difference, streams: &mut Streams<'_>) -> Exit {
    match fs::write(file, reports::html::difference(difference)) {
        Ok(()) => Exit::Held,
        Err(error) => streams.fail(Exit::Environment, format!("cannot write `{}`: {error}", file.display())),
    }
}

fn between(wanted: &Diff, streams: &mut Streams<'_>) -> Result<Difference, Exit> {
    let before = the_only(&wanted.before, streams)?;
    let after = the_only(&wanted.after, streams)?;
    let (old, new) = keys(&before, &after, streams)?;
    let mut difference = Difference {
        before: before.folder.display().to_string(),
        after: after.folder.display().to_string(),
        same: 0,
        scenarios: Vec::new(),
        only_before: old.iter().filter(|key| !new.contains(key)).cloned().collect(),
        only_after: Vec::new(),
    };
    for (key, later) in new.iter().zip(&after.cases) {
        match old.iter().position(|other| other == key) {
            None => difference.only_after.push(key.clone()),
            Some(place) => match scenario(&before.cases[place], later, streams)? {
                Some(found) => difference.scenarios.push(found),
                None => difference.same += 1,
            },
        }
    }
    Ok(difference)
}

fn the_only(folder: &Path, streams: &mut Streams<'_>) -> Result<Kept, Exit> {
    let mut found = kept::find(folder, streams)?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (last, _) => {
            let folders: Vec<_> =
                found.iter().chain(&last).map(|kept| kept.folder.display().to_string()).collect();
            let words = format!(
                "there are several runs in `{}`: {}\n  name one of them",
                folder.display(),
                folders.join(", ")
            );
            Err(streams.fail(Exit::Usage, words))
        }
    }
}

/// By what the scenarios of both sides are recognised: by their files. Two single ones belong together, whatever they are called.
///
/// # Errors
/// The exit code, if a record cannot be read; it has been said why.
fn keys(before: &Kept, after: &Kept, streams: &mut Streams<'_>) -> Result<(Vec<String>, Vec<String>), Exit> {
    let (old, new) = (scenario_files(before, streams)?, scenario_files(after, streams)?);
    Ok(match (old.as_slice(), new.as_slice()) {
        ([_], [only]) => (vec![only.clone()], new),
        (_, _) => (old, new),
    })
}

fn scenario_files(kept: &Kept, streams: &mut Streams<'_>) -> Result<Vec<String>, Exit> {
    if let Some(manifest) = &kept.manifest {
        return Ok(manifest.cases.iter().map(|entry| files::below(Path::new(&entry.file))).collect());
    }
    let key = |case: &KeptCase| match case {
        KeptCase::Without(case) => Ok(files::below(Path::new(case.file()))),
        KeptCase::Record(own) => match files::scenario_file(&own.folder) {
            // Made without a file: its folder is all that is known.
            Ok(file) if file.is_empty() => Ok(files::below(&own.folder)),
            Ok(file) => Ok(files::below(Path::new(&file))),
            Err(error) => Err(streams.fail(Exit::Environment, error)),
        },
    };
    kept.cases.iter().map(key).collect()
}

fn scenario(
    before: &KeptCase,
    after: &KeptCase,
    streams: &mut Streams<'_>,
) -> Result<Option<ScenarioDifference>, Exit> {
    let (old_record, old) = before.read(streams)?;
    let (new_record, new) = after.read(streams)?;
    let before = Side { case: &old, record: old_record.as_ref() };
    let after = Side { case: &new, record: new_record.as_ref() };
    Ok(ScenarioDifference::between(before, after))
}
