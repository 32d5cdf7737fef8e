//! `bouncelab report`: makes reports again, of runs that left their records.

use std::io::Write as _;
use std::path::Path;

use reports::{Suite, terminal};

use crate::args::Remake;
use crate::kept::{self, Kept, KeptCase};
use crate::outputs::Outputs;
use crate::{Exit, Streams};

pub(crate) fn report(wanted: &Remake, streams: &mut Streams<'_>) -> Exit {
    match suites(wanted, streams) {
        Ok(suites) => suites.iter().fold(Exit::Held, |exit, kept| {
            let made = again(kept, wanted, streams);
            exit.graver(made.err().unwrap_or(Exit::Held))
        }),
        Err(exit) => exit,
    }
}

fn suites(wanted: &Remake, streams: &mut Streams<'_>) -> Result<Vec<Kept>, Exit> {
    let mut suites = Vec::new();
    for folder in &wanted.folders {
        suites.extend(kept::find(folder, streams)?);
    }
    if wanted.out.is_some() && suites.len() > 1 {
        let folders: Vec<_> = suites.iter().map(|kept| kept.folder.display().to_string()).collect();
        let words = format!(
            "the reports of {} suites would all go into one folder: {}\n  \
             leave --out away, name one folder, or join them first: bouncelab merge DIR... --out DIR",
            suites.len(),
            folders.join(", ")
        );
        return Err(streams.fail(Exit::Usage, words));
    }
    Ok(suites)
}

/// Makes the reports of one suite again, one record at a time.
fn again(kept: &Kept, wanted: &Remake, streams: &mut Streams<'_>) -> Result<(), Exit> {
    let folder: &Path = wanted.out.as_deref().unwrap_or(&kept.folder);
    let outputs = Outputs::again(folder, &wanted.report, kept, streams)?;
    let (mut cases, mut exit) = (Vec::new(), Exit::Held);
    for case in &kept.cases {
        cases.push(match case {
            KeptCase::Without(case) => case.clone(),
            KeptCase::Record(own) => {
                let (record, ran) = own.read(streams)?;
                let (ran, written) = outputs.report_on(&own.folder, &record, ran, streams);
                exit = exit.graver(written);
                ran.into()
            }
        });
    }
    let suite = Suite { cases, timing: kept.timing() };
    exit = exit.graver(outputs.write_reports(&suite, streams));
    if exit != Exit::Held {
        return Err(exit);
    }
    let _ = write!(streams.out, "{}", terminal::total(&suite, streams.look()));
    outputs.tell_where(&suite, streams);
    Ok(())
}
