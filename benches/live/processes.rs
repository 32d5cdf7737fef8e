//! Programs that are started, and what they cost.
//!
//! Where it is allowed they run before everything else on the machine (`chrt`, from util-linux), so that what others do there
//! shows less.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// What a program cost from its start to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system.
    pub(crate) processor: Duration,
}

/// Whether programs may run before everything else.
pub(crate) fn is_urgent_allowed() -> bool {
    let tried = Command::new("chrt").args(["-f", "10", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// A program that is about to be started, before everything else if that is allowed.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    if is_urgent_allowed() {
        let mut command = Command::new("chrt");
        command.args(["-f", "10"]).arg(name);
        command
    } else {
        Command::new(name)
    }
}

/// This program in another role.
pub(crate) fn ourselves(role: &str) -> Command {
    let mut command = program(std::env::current_exe().expect("a program knows where it is"));
    command.arg(role);
    command
}

/// Runs a program to its end; what it printed, and what it cost. Nothing else may be waited for meanwhile.
pub(crate) fn run(command: &mut Command) -> (String, Cost) {
    let before = children();
    let (output, wall) = benches::timed(|| command.stderr(Stdio::inherit()).output());
    let output = output.expect("it can be started");
    assert!(output.status.success(), "{command:?} failed: {}", output.status);
    let cost = Cost { wall, processor: children() - before };
    (String::from_utf8_lossy(&output.stdout).into_owned(), cost)
}

/// What the children that have ended used of the processor.
fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("every process has it");
    let duration = |time: TimeVal| {
        let (seconds, micros) = (time.tv_sec(), time.tv_usec());
        Duration::new(seconds.unsigned_abs(), 1000 * u32::try_from(micros).expect("below a million"))
    };
    duration(usage.user_time()) + duration(usage.system_time())
}

/// A program that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::piped()).spawn().expect("it can be started"))
    }

    /// Starts a program that prints one line when it is ready; the line.
    pub(crate) fn start_and_listen(command: &mut Command) -> (Self, String) {
        let mut running = Self::start(command.stdout(Stdio::piped()));
        let output: ChildStdout = running.0.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("it can be read");
        (running, line.trim().to_owned())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }

    /// What its threads have used of the processor so far; nothing where that is not told.
    pub(crate) fn processor(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id()));
        let of_task = |task: std::io::Result<std::fs::DirEntry>| {
            let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
        };
        tasks.into_iter().flatten().filter_map(of_task).sum()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
