//! The command `bouncelab`, as a function of its arguments and streams.
//!
//! A library, so that tests can call it in their own process and look at what it prints. The only place of the workspace
//! that reads the real time (to tell how long a run took), the terminal, and the environment.
//!
//! - `args`: what can be said, and `--help`
//! - `discover`, `folder`: which scenario files are meant
//! - `run`, `send`, `check`, `explain`, `report`, `merge`, `diff`, `codes`, `providers`, `serve`, `reference`: the commands
//! - `demo`: what becomes of magic addresses, without a scenario
//! - `series`, `guard`, `limit`: running scenarios one after the other, whatever happens to one of them
//! - [`referee`]: where its program is
//! - `ci`: what a run tells GitHub Actions
//! - `outputs`: what a run leaves in its output folder; `kept`: reading it again
//! - [`Streams`], [`Interrupt`]: where output goes, and Ctrl-C
//! - [`Exit`]: the exit codes

mod args;
mod bar;
mod check;
mod ci;
mod codes;
mod demo;
mod diff;
mod discover;
mod exit;
mod explain;
mod folder;
mod guard;
mod interrupt;
mod kept;
mod limit;
mod live;
mod merge;
mod open;
mod outputs;
mod providers;
pub mod referee;
mod reference;
mod report;
mod run;
mod send;
mod series;
mod serve;
mod streams;
mod watch;
mod web;

use std::ffi::OsString;

use clap::Parser as _;

pub use exit::Exit;
pub use interrupt::Interrupt;
pub use streams::Streams;

/// Runs the command and answers with its exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> Exit {
    let exit = match args::Arguments::try_parse_from(arguments) {
        Ok(arguments) => carry_out(arguments, streams),
        Err(error) => args::explain_usage(&error, streams),
    };
    streams.conclude(exit)
}

fn carry_out(arguments: args::Arguments, streams: &mut Streams<'_>) -> Exit {
    streams.choose_colours(arguments.colour);
    match arguments.command {
        args::Command::Run(wanted) => run::run(&wanted, streams),
        args::Command::Send(wanted) => send::send(&wanted, streams),
        args::Command::Check(wanted) => check::check(&wanted, streams),
        args::Command::Explain(wanted) => explain::explain(&wanted, streams),
        args::Command::Report(wanted) => report::report(&wanted, streams),
        args::Command::Merge(wanted) => merge::merge(&wanted, streams),
        args::Command::Diff(wanted) => diff::diff(&wanted, streams),
        args::Command::Codes(wanted) => codes::codes(&wanted, streams),
        args::Command::Providers(wanted) => providers::providers(&wanted, streams),
        args::Command::Serve(wanted) => serve::serve(&wanted, streams),
        args::Command::Open(wanted) => open::open(&wanted, streams),
        args::Command::Reference(wanted) => reference::reference(&wanted, streams),
    }
}
