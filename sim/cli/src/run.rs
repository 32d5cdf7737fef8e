//! `bouncelab run`: runs scenarios, reports what held, and decides the exit code.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use harness::{Options, Plan};
use record::Timing;
use reports::{Case, Refused, Standing, Suite, terminal};

use crate::args::{Run, Server, Wire};
use crate::discover::{Found, Invalid};
use crate::guard::Harness;
use crate::live::LiveRun;
use crate::outputs::{self, Outputs};
use crate::series::Series;
use crate::{Exit, Streams, check, ci, demo, discover, referee, watch};

pub(crate) fn run(wanted: &Run, streams: &mut Streams<'_>) -> Exit {
    if let Some(addresses) = &wanted.demo {
        return demo::demo(addresses, wanted.seed, streams);
    }
    if let Some(words) = contradiction(wanted) {
        return streams.fail(Exit::Usage, words);
    }
    outputs::remove_old_reports(wanted);
    if wanted.watch {
        return with_harness(wanted, streams, |harness, streams| watch::watch(harness, wanted, streams));
    }
    let found = match wanted_plans(wanted, streams) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    if !found.invalid.is_empty() {
        return refuse(&found, wanted, streams);
    }
    with_harness(wanted, streams, |harness, streams| run_with(harness, found.plans, wanted, streams))
}

/// What was asked for that cannot be had together.
fn contradiction(wanted: &Run) -> Option<&'static str> {
    match wanted.wire {
        Wire::Live if wanted.repeat > 1 => Some(
            "--repeat compares results, and no two runs in real time are alike; leave it out, or take --wire lockstep",
        ),
        Wire::Live if wanted.server == Server::Mailin => Some(
            "--server mailin keeps step with virtual time; take --wire lockstep, or memory to compare with",
        ),
        Wire::Memory | Wire::Lockstep if wanted.live_page.is_some() => Some(
            "--live-page shows a run in real time; add --wire live, or take --report html and look afterwards",
        ),
        Wire::Memory | Wire::Lockstep | Wire::Live => None,
    }
}

/// The scenarios that are meant, without those that the filter leaves out.
///
/// # Errors
/// The exit code, if there is none; it has been said why.
pub(crate) fn wanted_plans(wanted: &Run, streams: &mut Streams<'_>) -> Result<Found, Exit> {
    let mut found = discover::plans(&wanted.paths, streams)?;
    let filter = wanted.filter.as_deref();
    found.plans.retain(|(file, plan)| is_wanted(file, plan, filter));
    if found.plans.is_empty() && found.invalid.is_empty() {
        let filter = filter.unwrap_or_default();
        let words = format!("no scenario has `{filter}` in its name or path");
        return Err(streams.fail(Exit::NothingMatched, words));
    }
    Ok(found)
}

/// Does `work` with what runs plans as it was asked for.
fn with_harness(
    wanted: &Run,
    streams: &mut Streams<'_>,
    work: impl FnOnce(&Harness<'_>, &mut Streams<'_>) -> Exit,
) -> Exit {
    if wanted.wire == Wire::Lockstep && wanted.server == Server::Mailin {
        let Some(program) = referee::program() else {
            return streams.fail(Exit::Environment, referee::MISSING);
        };
        let harness = |plan: &Plan, options: &Options| {
            harness::run(plan, &Options { referee: Some(program.clone()), ..options.clone() })
        };
        return work(&harness, streams);
    }
    let Some(port) = wanted.live_page else { return work(&harness::run, streams) };
    let live = match LiveRun::start(port, streams) {
        Ok(live) => live,
        Err(exit) => return exit,
    };
    let exit = work(&|plan: &Plan, options: &Options| live.run(plan, options), streams);
    live.end();
    exit
}

fn is_wanted(file: &Path, plan: &Plan, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| plan.name().contains(filter) || file.to_string_lossy().contains(filter))
}

/// Runs the plans by means of `harness`, and tells everything about it.
fn run_with(
    harness: &Harness<'_>,
    plans: Vec<(PathBuf, Plan)>,
    wanted: &Run,
    streams: &mut Streams<'_>,
) -> Exit {
    let files = plans.iter().map(|(file, _)| file.as_path());
    let outputs = match Outputs::of_run(wanted, files, streams) {
        Ok(outputs) => outputs,
        Err(exit) => return exit,
    };
    streams.await_interrupt();
    let (suite, exit) = Series { wanted, outputs: outputs.as_ref(), harness }.run(plans, streams);
    print(&suite, streams);
    let exit = match &outputs {
        Some(outputs) => outputs.finish(&suite, wanted.options(), exit, streams),
        None => exit,
    };
    let exit = exit.graver(ci::tell(&suite, streams));
    suite.cases.iter().map(|case| case.standing().into()).fold(exit, Exit::graver)
}

/// Prints what is to be said about the whole.
pub(crate) fn print(suite: &Suite, streams: &mut Streams<'_>) {
    let details = terminal::details(suite, streams.look());
    if !details.is_empty() {
        let _ = write!(streams.out, "\n{details}");
    }
    let gap = if suite.cases.iter().all(|case| case.standing() == Standing::NotReached) { "" } else { "\n" };
    let _ = write!(streams.out, "{gap}{}", terminal::total(suite, streams.look()));
}

/// Nothing is run while a scenario is invalid; the reports that were asked for say so too.
fn refuse(found: &Found, wanted: &Run, streams: &mut Streams<'_>) -> Exit {
    let files = found.plans.len() + found.invalid.len();
    check::report_invalid(&found.invalid, files, "; nothing was run", streams);
    let suite = Suite { cases: found.invalid.iter().map(refused).collect(), timing: Timing::default() };
    let exit = match Outputs::of_run(wanted, std::iter::empty(), streams) {
        Ok(Some(outputs)) => outputs.finish(&suite, wanted.options(), Exit::Held, streams),
        Ok(None) => Exit::Held,
        Err(exit) => exit,
    };
    exit.graver(ci::tell(&suite, streams)).graver(Exit::Invalid)
}

pub(crate) fn refused(Invalid { file, line, rendered, .. }: &Invalid) -> Case {
    Case::Refused(Refused { file: file.display().to_string(), line: *line, problem: rendered.clone() })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use clap::Parser as _;
    use harness::RunError;
    use record::Record;
    use scenario::Source;

    use super::*;
    use crate::Interrupt;
    use crate::args::{Arguments, Command};

    /// What became of scenarios that were run by means of something else than the harness alone.
    struct Ended {
        exit: Exit,
        out: String,
    }

    const NAMES: [&str; 3] = ["Ann", "Bob", "Cleo"];

    /// Runs three scenarios, as `run` with `options` would; `stage` stands between the command and the harness.
    fn staged(
        options: &str,
        stage: impl Fn(&Plan, &Options, &Interrupt) -> Result<Record, RunError> + Sync,
    ) -> Ended {
        let words = ["bouncelab", "run"].into_iter().chain(options.split_whitespace());
        let Command::Run(wanted) = Arguments::parse_from(words).command else { panic!("it runs") };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams::plain(&mut out, &mut err);
        let interrupt = streams.interrupt().clone();
        let harness = |plan: &Plan, options: &Options| stage(plan, options, &interrupt);
        let exit = run_with(&harness, NAMES.map(plan).into(), &wanted, &mut streams);
        drop(streams);
        assert_eq!(String::from_utf8(err).unwrap(), "");
        Ended { exit, out: String::from_utf8(out).unwrap() }
    }

    fn plan(name: &str) -> (PathBuf, Plan) {
        let text = format!(
            "name: {name}\nproviders:\n  northmail: {{}}\naudience:\n  - {{ domain: northmail.test, contacts: 3 }}\n\
             mailings:\n  - {{ name: newsletter }}\nexpect:\n  - delivered == 3\n"
        );
        let file = format!("{name}.yaml");
        let plan = Plan::read(&Source::new(file.as_str(), text.as_str())).unwrap();
        (file.into(), plan)
    }

    impl Ended {
        fn must(&self, exit: Exit, says: &[&str]) {
            assert_eq!(self.exit, exit, "{}", self.out);
            let missing: Vec<_> = says.iter().filter(|words| !self.out.contains(**words)).collect();
            assert!(missing.is_empty(), "{missing:?} is not said in\n{}", self.out);
        }
    }

    #[test]
    fn all_is_well() {
        staged("", |plan, options, _| harness::run(plan, options))
            .must(Exit::Held, &["✓ Ann ", "✓ Cleo", "3 scenarios held, 3 expectations, 9 contacts in "]);
    }

    #[test]
    fn a_panic_does_not_keep_the_others_from_running() {
        let ended = staged("--seed 5 --shards 2", |plan, options, _| match plan.name() {
            "Bob" => panic!("two is not three"),
            _ => harness::run(plan, options),
        });
        let block = "INTERNAL ERROR  in Bob\nnext            this is a bug in Bouncelab, not in the scenario; please report it with these lines\n  = found     two is not three\n  = seed      5\n";
        let again = "= again     bouncelab run Bob.yaml --seed 5 --shards 2\n";
        let total = "no verdict: 1 of 3 scenarios, a bug in Bouncelab\n";
        ended.must(Exit::Internal, &["✓ Ann", "! Bob    internal error\n", "✓ Cleo", block, again, total]);
    }

    #[test]
    fn a_deadlock_is_as_grave_as_a_broken_law() {
        let at = units::Instant::from_nanos(3_600_000_000_000);
        let ended = staged("", |plan, options, _| match plan.name() {
            "Ann" => panic!("less grave"),
            "Bob" => Err(RunError::Stuck { at, seed: 1, contact: Some("ann@northmail.test".into()) }),
            _ => harness::run(plan, options),
        });
        let found =
            "nothing can happen any more at 1h, and not everybody is final, ann@northmail.test for one\n";
        let block = format!("  = found     {found}");
        let title = "\nDEADLOCK  in Bob\n";
        ended.must(
            Exit::LawBroken,
            &["! Ann    internal error\n", "! Bob    deadlock\n", "✓ Cleo", title, &block],
        );
    }

    #[test]
    fn a_result_that_differs_is_found() {
        let runs = AtomicU32::new(0);
        let ended = staged("--repeat 3", |plan, options, _| {
            let mut record = harness::run(plan, options)?;
            if plan.name() == "Cleo" && runs.fetch_add(1, Ordering::SeqCst) == 2 {
                record.digest ^= 1;
            }
            Ok(record)
        });
        let again = "= again     bouncelab run Cleo.yaml --seed 1 --repeat 3\n";
        ended.must(Exit::NotReproducible, &["✓ Bob", "! Cleo   not reproducible\n", again]);
    }

    #[test]
    fn an_interruption_between_two_scenarios_is_seen() {
        let ended = staged("", |plan, options, interrupt| {
            let record = harness::run(plan, options);
            if plan.name() == "Bob" {
                interrupt.press();
            }
            record
        });
        let total = "2 scenarios held, 2 expectations, 6 contacts in ";
        ended.must(
            Exit::Interrupted,
            &["✓ Ann", "✓ Bob", total, "; interrupted: 2 of 3 scenarios were finished\n"],
        );
        assert!(!ended.out.contains("Cleo"), "{}", ended.out);
    }

    #[test]
    fn an_interruption_between_two_repetitions_is_seen() {
        let runs = AtomicU32::new(0);
        let ended = staged("--repeat 1000", |plan, options, interrupt| {
            if runs.fetch_add(1, Ordering::SeqCst) == 1 {
                interrupt.press();
            }
            harness::run(plan, options)
        });
        ended.must(Exit::Interrupted, &[]);
        assert_eq!(ended.out, "interrupted: 0 of 3 scenarios were finished\n");
        assert_eq!(runs.into_inner(), 2);
    }

    #[test]
    fn a_run_under_way_is_called_off() {
        let ended = staged("", |plan, options, interrupt| {
            if plan.name() == "Bob" {
                interrupt.press();
            }
            // A run as short as this one does not look up.
            if options.progress.is_called_off() {
                Err(RunError::CalledOff)
            } else {
                harness::run(plan, options)
            }
        });
        ended.must(Exit::Interrupted, &["interrupted: 1 of 3 scenarios were finished\n"]);
    }
}
