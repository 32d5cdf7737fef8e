//! `bouncelab explain`: the story of one recipient, from the record of a run or by running its scenario again.

use std::io::Write as _;
use std::path::Path;

use harness::Options;
use record::{Record, Timing, files};
use reports::{NoSuchContact, Suite, terminal};

use crate::args::Explain;
use crate::folder::files_below;
use crate::{Exit, Streams, check, discover, guard, series};

pub(crate) fn explain(wanted: &Explain, streams: &mut Streams<'_>) -> Exit {
    let mut told = Told::default();
    let end = match &wanted.run {
        run if !run.exists() => report_missing(run, streams),
        run if run.is_dir() => from_folder(run, wanted, &mut told, streams),
        run => by_running(run, wanted, &mut told, streams),
    };
    if let Err(exit) = end {
        return exit;
    }
    if told.stories > 0 {
        return Exit::Held;
    }
    let run = wanted.run.display();
    let words = match told.nearest {
        Some(unknown) => unknown.to_string(),
        None => {
            format!("no record in {run}\n  a run leaves one with --out: bouncelab run SCENARIO --out FOLDER")
        }
    };
    streams.fail(Exit::NothingMatched, words)
}

/// What became of the records so far.
#[derive(Default)]
struct Told {
    stories: usize,
    /// What the first record said that does not have the contact.
    nearest: Option<NoSuchContact>,
}

impl Told {
    fn tell(&mut self, record: &Record, wanted: &Explain, streams: &mut Streams<'_>) {
        let tell = if wanted.dialogue { reports::story_with_dialogues } else { reports::story };
        match tell(record, &wanted.contact, streams.look()) {
            Ok(story) => {
                let gap = if self.stories > 0 { "\n" } else { "" };
                let _ = write!(streams.out, "{gap}{story}");
                self.stories += 1;
            }
            Err(unknown) => {
                self.nearest.get_or_insert(unknown);
            }
        }
    }
}

fn report_missing(run: &Path, streams: &mut Streams<'_>) -> Result<(), Exit> {
    let run = run.display();
    let words = format!(
        "there is no `{run}`\n  \
         name the folder of a record, as `bouncelab run SCENARIO --out {run}` leaves it, or a scenario"
    );
    Err(streams.fail(Exit::NothingMatched, words))
}

/// Tells from the records in a folder and in the folders below it, one at a time: they can be large.
fn from_folder(
    folder: &Path,
    wanted: &Explain,
    told: &mut Told,
    streams: &mut Streams<'_>,
) -> Result<(), Exit> {
    let below = files_below(folder, |_| true).map_err(|error| streams.fail(Exit::Environment, error))?;
    for folder in below.iter().filter(|file| file.ends_with(files::RUN)).filter_map(|file| file.parent()) {
        let record = files::read(folder).map_err(|error| streams.fail(Exit::Environment, error))?;
        told.tell(&record, wanted, streams);
    }
    Ok(())
}

fn by_running(file: &Path, wanted: &Explain, told: &mut Told, streams: &mut Streams<'_>) -> Result<(), Exit> {
    let plan = discover::read(file, streams).map_err(|invalid| {
        check::report_invalid(&[invalid], 1, "; nothing was run", streams);
        Exit::Invalid
    })?;
    let options = Options { seed: wanted.seed, threads: series::all_cores(), ..Options::default() };
    match guard::run(&harness::run, &plan, &options) {
        Ok(record) => {
            told.tell(&record, wanted, streams);
            Ok(())
        }
        Err(mishap) => {
            let seed = wanted.seed.unwrap_or_else(|| plan.seed());
            let case = mishap.into_case(file, &plan, seed, String::new());
            let exit = case.standing().into();
            let suite = Suite { cases: vec![case], timing: Timing::default() };
            let _ = write!(streams.err, "{}", terminal::details(&suite, streams.look()));
            Err(exit)
        }
    }
}
