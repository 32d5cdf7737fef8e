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
    let (old, new) = keys(&before, &after);
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

/// By what the scenarios of both sides are recognised: by their files, or by the folders of their records where only those
/// are known. Two single ones belong together, whatever they are called.
fn keys(before: &Kept, after: &Kept) -> (Vec<String>, Vec<String>) {
    let listed = before.manifest.as_ref().zip(after.manifest.as_ref());
    let (old, new) = match listed {
        Some((before, after)) => {
            let keys = |entries: &[files::Entry]| {
                entries.iter().map(|entry| files::below(Path::new(&entry.file))).collect()
            };
            (keys(&before.cases), keys(&after.cases))
        }
        None => (folders(before), folders(after)),
    };
    match (old.as_slice(), new.as_slice()) {
        ([_], [only]) => (vec![only.clone()], new),
        (_, _) => (old, new),
    }
}

fn folders(kept: &Kept) -> Vec<String> {
    let key = |case: &KeptCase| match case {
        KeptCase::Record(own) => files::below(own.folder.strip_prefix(&kept.folder).unwrap_or(&own.folder)),
        KeptCase::Without(case) => files::below(&Path::new(case.file()).with_extension("")),
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
