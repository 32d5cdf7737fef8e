//! Running scenarios one after the other, each on all cores. A record is written and digested as soon as there is one, and
//! dropped: there is never more than one in memory.

use std::io::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::{Options, Plan, Progress};
use record::{Record, Timing};
use reports::terminal::{Columns, Expected};
use reports::{Case, DefectKind, Ran, Suite};
use units::Span;

use crate::args::{Run, Server, Wire};
use crate::guard::{self, Harness, Mishap};
use crate::limit::{self, Limit};
use crate::outputs::Outputs;
use crate::{Exit, Streams, bar};

/// How long a scenario may take in real time unless it is said otherwise.
const LIVE_LIMIT: Duration = Duration::from_secs(120);

/// How scenarios are run, and where their records go.
pub(crate) struct Series<'a> {
    pub(crate) wanted: &'a Run,
    pub(crate) outputs: Option<&'a Outputs>,
    pub(crate) harness: &'a Harness<'a>,
}

impl Series<'_> {
    /// Runs the plans and shows a line for each that was finished. Whatever happens to one, the next one is run, until the
    /// command is interrupted. Answers with the suite, and with [`Exit::Environment`] if a record could not be written.
    pub(crate) fn run(&self, plans: Vec<(PathBuf, Plan)>, streams: &mut Streams<'_>) -> (Suite, Exit) {
        let began = now();
        let expected: Vec<_> = plans.iter().map(|(_, plan)| self.expected(plan)).collect();
        let columns = Columns::expecting(&expected, streams.look());
        let (mut cases, mut exit) = (Vec::new(), Exit::Held);
        for (file, plan) in plans {
            let case = self.case(&file, &plan, &mut exit, streams);
            if !matches!(case, Case::NotReached(_)) {
                let _ = write!(streams.out, "{}", columns.line(&case));
                let _ = streams.out.flush();
            }
            cases.push(case);
        }
        (Suite { cases, timing: timing(began.elapsed()) }, exit)
    }

    fn expected<'p>(&self, plan: &'p Plan) -> Expected<'p> {
        Expected {
            name: plan.name(),
            expectations: plan.expectations() as u64,
            contacts: plan.contacts() as u64,
            seed: self.seed(plan),
        }
    }

    /// Runs one scenario, as often as asked for, and writes its record.
    fn case(&self, file: &Path, plan: &Plan, exit: &mut Exit, streams: &mut Streams<'_>) -> Case {
        let began = now();
        let record = match self.repeated(plan, streams) {
            Ok(record) => record,
            Err(mishap) => return mishap.into_case(file, plan, self.seed(plan), self.further_options()),
        };
        let ran =
            Ran::of(&record, timing(began.elapsed() / self.wanted.repeat)).quoting(plan.source().text());
        let Some(outputs) = self.outputs else { return ran.into() };
        let (ran, written) = outputs.write_record(file, &record, ran, streams);
        *exit = exit.graver(written);
        ran.into()
    }

    /// The record of the last repetition; all of them had the same digest.
    fn repeated(&self, plan: &Plan, streams: &Streams<'_>) -> Result<Record, Mishap> {
        let record = self.once(plan, streams)?;
        let first = record.digest;
        (1..self.wanted.repeat).try_fold(record, |before, _| {
            drop(before);
            let record = self.once(plan, streams)?;
            if record.digest == first {
                return Ok(record);
            }
            let found = format!("digest {first:016x} the first time, {:016x} later", record.digest);
            Err(Mishap::Bug(DefectKind::NotReproducible, found))
        })
    }

    fn once(&self, plan: &Plan, streams: &Streams<'_>) -> Result<Record, Mishap> {
        if streams.interrupt().is_pressed() {
            return Err(Mishap::CalledOff);
        }
        let progress = Arc::new(Progress::default());
        streams.interrupt().watch(&progress);
        let options = Options {
            seed: self.wanted.seed,
            shards: self.wanted.shards,
            threads: self.wanted.threads.unwrap_or_else(all_cores),
            wire: self.wanted.wire.into(),
            server: self.wanted.server.into(),
            referee: None,
            progress: Arc::clone(&progress),
            onlooker: None,
        };
        let (limit, live) = (self.time_limit(), streams.is_live());
        let work = || guard::run(self.harness, plan, &options);
        let work = || bar::beside(plan.name(), &progress, live, work);
        match limit::within(limit, &progress, work) {
            (Err(Mishap::CalledOff), Limit::Reached) => {
                let (settled, expected) = progress.counts();
                let limit = Span(limit.unwrap_or_default());
                let found = format!("after {limit}, {settled} of {expected} recipients were final");
                Err(Mishap::Bug(DefectKind::TimeLimit, found))
            }
            (outcome, _) => outcome,
        }
    }

    /// In real time nobody waits for thirty hours by mistake.
    fn time_limit(&self) -> Option<Duration> {
        let usual = (self.wanted.wire == Wire::Live).then_some(LIVE_LIMIT);
        self.wanted.time_limit.or(usual)
    }

    fn seed(&self, plan: &Plan) -> u64 {
        self.wanted.seed.unwrap_or_else(|| plan.seed())
    }

    /// What else was asked for that a bug may depend on. The seed is not among it.
    fn further_options(&self) -> String {
        let repeat = (self.wanted.repeat > 1).then_some(self.wanted.repeat);
        let options =
            [("--shards", self.wanted.shards), ("--threads", self.wanted.threads), ("--repeat", repeat)];
        let given = options.iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}")));
        let wire = match self.wanted.wire {
            Wire::Memory => None,
            Wire::Lockstep => Some("--wire lockstep".to_owned()),
            Wire::Live => Some("--wire live".to_owned()),
        };
        let server = match self.wanted.server {
            Server::Own => None,
            Server::Mailin => Some("--server mailin".to_owned()),
        };
        let limit = self.wanted.time_limit.map(|limit| format!("--time-limit {}", Span(limit)));
        given.chain(wire).chain(limit).chain(server).collect::<Vec<_>>().join(" ")
    }
}

impl From<Wire> for harness::Wire {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Memory => Self::Memory,
            Wire::Lockstep => Self::Lockstep,
            Wire::Live => Self::Live,
        }
    }
}

impl From<Server> for harness::Server {
    fn from(server: Server) -> Self {
        match server {
            Server::Own => Self::Own,
            Server::Mailin => Self::Mailin,
        }
    }
}

/// The number of threads that the machine can run at once.
pub(crate) fn all_cores() -> u32 {
    std::thread::available_parallelism()
        .map(NonZero::get)
        .ok()
        .and_then(|cores| cores.try_into().ok())
        .unwrap_or(1)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a run took is told to people and never part of a record"
)]
fn now() -> Instant {
    Instant::now()
}

fn timing(took: Duration) -> Timing {
    Timing { wall: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX) }
}
