//! `bouncelab merge`: joins the parts of a suite that were run apart.

mod shards;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use record::Timing;
use reports::{Suite, terminal};

use crate::args::Merge;
use crate::kept::{self, Kept, KeptCase};
use crate::outputs::Outputs;
use crate::{Exit, Streams, ci};

use shards::Joined;

pub(crate) fn merge(wanted: &Merge, streams: &mut Streams<'_>) -> Exit {
    joined(wanted, streams).unwrap_or_else(|exit| exit)
}

fn joined(wanted: &Merge, streams: &mut Streams<'_>) -> Result<Exit, Exit> {
    let mut suites: Vec<Kept> = Vec::new();
    for shard in &wanted.shards {
        suites.extend(kept::find(shard, streams)?);
    }
    let joined = Joined::of(&suites).map_err(|reasons| {
        let reasons: String = reasons.iter().map(|reason| format!("\n  - {reason}")).collect();
        streams.fail(Exit::Usage, format!("these do not belong together, and nothing was joined:{reasons}"))
    })?;
    refuse_unless_free(&wanted.out, streams)?;
    let files = joined.cases.iter().map(|(file, _)| Path::new(*file));
    let outputs = Outputs::prepare(&wanted.out, &wanted.report, files, streams)?;
    let (suite, exit) = copy(&joined, &outputs, streams)?;
    let _ = write!(streams.out, "{}", terminal::report(&suite, streams.look()));
    let exit = outputs.finish(&suite, joined.options, exit, streams);
    let exit = exit.graver(ci::tell(&suite, streams));
    Ok(suite.cases.iter().map(|case| case.standing().into()).fold(exit, Exit::graver))
}

fn refuse_unless_free(folder: &Path, streams: &mut Streams<'_>) -> Result<(), Exit> {
    let has_something = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if !has_something {
        return Ok(());
    }
    let words = format!("`{}` is not empty; --out needs a folder that is new or empty", folder.display());
    Err(streams.fail(Exit::Usage, words))
}

/// Writes the records into the folder of the whole, one at a time, and answers with the suite. Reading a record in full and
/// writing it again gives the same bytes, and what is damaged is noticed.
fn copy(joined: &Joined<'_>, outputs: &Outputs, streams: &mut Streams<'_>) -> Result<(Suite, Exit), Exit> {
    let (mut cases, mut exit) = (Vec::new(), Exit::Held);
    for (file, case) in &joined.cases {
        cases.push(match case {
            KeptCase::Without(case) => case.clone(),
            KeptCase::Record(kept) => {
                let (record, ran) = kept.read(streams)?;
                let (ran, written) = outputs.write_record(Path::new(file), &record, ran, streams);
                exit = exit.graver(written);
                ran.into()
            }
        });
    }
    Ok((Suite { cases, timing: Timing { wall: joined.wall_nanos } }, exit))
}
