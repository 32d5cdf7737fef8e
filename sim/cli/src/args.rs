//! What can be said on the command line, and the help.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{Exit, Streams};

mod open;
mod reference;
mod reports;
mod serve;

pub(crate) use open::Open;
pub(crate) use reference::{Described, Part, Reference};
use reports::{DIFF_NOTES, MERGE_NOTES, REPORT_NOTES};
pub(crate) use reports::{Diff, Merge, Remake, Report};
use serve::serve_notes;
pub(crate) use serve::{Latency, Offer, Serve};

/// Proves how a bulk-mail engine behaves before it sends a single real message.
#[derive(Debug, Parser)]
#[command(name = "bouncelab", version, arg_required_else_help = true, after_help = exit_codes())]
pub(crate) struct Arguments {
    /// Use colours: auto, always, never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub(crate) colour: Colour,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios and check what they expect
    #[command(after_help = run_notes())]
    Run(Run),
    /// Send a mailing over real sockets
    #[command(after_help = crate::send::NOTES)]
    Send(crate::send::Send),
    /// Read scenarios and list every problem; nothing runs
    Check(Check),
    /// Tell the story of a recipient: attempts, replies, waits, verdicts
    #[command(after_help = EXPLAIN_NOTES)]
    Explain(Explain),
    /// Make reports again, of runs that left their records
    #[command(after_help = REPORT_NOTES)]
    Report(Remake),
    /// Join the parts of a suite that were run apart
    #[command(after_help = MERGE_NOTES)]
    Merge(Merge),
    /// Show what differs between two runs
    #[command(after_help = DIFF_NOTES)]
    Diff(Diff),
    /// Say what replies mean: reason, what to do, the page about it
    #[command(after_help = CODES_NOTES, override_usage = "bouncelab codes [OPTIONS] REPLY...\n       bouncelab codes [OPTIONS] --file FILE")]
    Codes(Codes),
    /// List the providers that are known, or show one with its replies
    #[command(after_help = PROVIDERS_NOTES)]
    Providers(Providers),
    /// Be a scenario's mailbox providers on real ports, for any client
    #[command(after_help = serve_notes())]
    Serve(Serve),
    /// Show the reports of runs that have ended, in a browser
    #[command(after_help = open::OPEN_NOTES)]
    Open(Open),
    /// Print what can be written in a scenario, the laws, the exit codes
    Reference(Reference),
}

// Lines of the help have at most 80 columns: clap does not wrap them.

const RUN_NOTES: &str = "\
Folders are searched to the bottom, except those named `providers`, which hold
profiles. Threads and shards never change a result.

Wires: in memory, nothing is real and thirty hours take milliseconds. In
lockstep, the engine and the fleet speak over TCP and TLS on loopback, on the
same virtual time and with the same result, byte for byte. Live, real time
passes: for scenarios that are over soon.

With --live-page, the Response page of a live run is answered for while it goes
on, and fills as time passes; the page ends with the run. With --watch, what has
changed is run again, and the difference shown; Ctrl-C while it waits is no
failure (exit code 0), and during a run the usual interruption (130).

With --demo nothing is read: each magic address is mailed alone, in a world of
its own, and the table says what became of it. Name some to see only those; a
word alone, as in `full`, is one at any.test.

With --server mailin --wire lockstep, a server that others have written
(mailin-embedded) reads the engine's words and says the fleet's answers. Where
it takes them for something else than the fleet does, the run ends. It cannot do
all that the fleet can: what is missing is listed, and nothing is sent to it.

Examples:
  bouncelab run                               every scenario below ./scenarios
  bouncelab run scenarios/outage --seed 11    one theme, with another seed
  bouncelab run my.yaml --watch               again whenever it is saved
  bouncelab run my.yaml --wire live --live-page
  bouncelab run my.yaml --repeat 2            prove that it is reproducible
  bouncelab run --wire lockstep               everything, over real sockets
  bouncelab run --demo                        one of every magic address
  bouncelab run --demo full@any.test slow@any.test
  bouncelab run my.yaml --report html,junit --out results";

const EXPLAIN_NOTES: &str = "\
Examples:
  bouncelab explain results --contact ann@bigbox.test    from an earlier run
  bouncelab explain my.yaml --contact ann@bigbox.test    runs it again first";

const CODES_NOTES: &str = "\
A reply begins with its code, as in a log; its lines may be given as several
arguments. Whose it is makes a difference: name the provider, or the MX host, or
the recipient's domain (in this order they count); else its words may tell.

Each line of a file is a JSON object with `code`, `enhanced` (or null), `text`,
and optionally `provider`, `mx`, `domain`, `phase`; the options say it for lines
that do not. `id` is handed back, other keys are passed over, blank lines too. A
line that is wrong is answered with `line` and `error`, the others are still
read; then the exit code is 3. Without a phase, RCPT is taken for granted.

Examples:
  bouncelab codes \"550 5.1.1 user unknown\"
  bouncelab codes \"552 5.2.2 mailbox full\" --mx mx1.example.com --phase rcpt
  bouncelab codes --file replies.jsonl --format json
  zcat replies.jsonl.gz | bouncelab codes --file - --format json";

const PROVIDERS_NOTES: &str = "\
Examples:
  bouncelab providers                  all of them
  bouncelab providers gmail            one, with its limits, page and replies
  bouncelab providers --mx HOST        whoever runs this mail exchanger";

#[derive(Debug, Args)]
pub(crate) struct Codes {
    /// The reply, or its lines
    #[arg(value_name = "REPLY", required_unless_present = "file", conflicts_with = "file")]
    pub(crate) reply: Vec<String>,
    /// Read JSON objects, one a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) origin: Origin,
    /// Answer as text for people, or as json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub(crate) format: Format,
}

/// Whose reply it is, and where it was given.
#[derive(Debug, Default, Args)]
pub(crate) struct Origin {
    /// Whose reply it is, as `bouncelab providers` lists it
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// The mail exchanger that gave it
    #[arg(long, value_name = "HOST")]
    pub(crate) mx: Option<String>,
    /// The domain of the recipient
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    /// When: connect, ehlo, mail, rcpt, data, end-of-data
    #[arg(long, value_name = "PHASE")]
    pub(crate) phase: Option<String>,
}

/// How verdicts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Providers {
    /// Only this one, in full
    #[arg(value_name = "NAME", conflicts_with = "mx")]
    pub(crate) name: Option<String>,
    /// Only the one that runs this mail exchanger, in full
    #[arg(long, value_name = "HOST")]
    pub(crate) mx: Option<String>,
}

/// What a demonstration does not take: it has no scenarios, keeps nothing, and takes no time.
const WITHOUT_DEMO: [&str; 12] = [
    "paths",
    "filter",
    "report",
    "out",
    "threads",
    "shards",
    "wire",
    "server",
    "time_limit",
    "repeat",
    "live_page",
    "watch",
];

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
    /// No scenario: show what becomes of magic addresses
    #[arg(long, value_name = "ADDR", num_args = 0.., conflicts_with_all = WITHOUT_DEMO)]
    pub(crate) demo: Option<Vec<String>>,
    /// Use this seed instead of the scenario's own
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Only scenarios whose name or path contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Reports, too: html, junit, json, md, csv, parquet
    #[arg(long, value_name = "KIND", value_delimiter = ',', hide_possible_values = true)]
    pub(crate) report: Vec<Report>,
    /// Folder for records and reports [with --report: out]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Threads to use [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) threads: Option<u32>,
    /// Cut each run into shards [default: four a thread]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub(crate) shards: Option<u32>,
    /// How engine and fleet meet: memory, lockstep, live
    #[arg(
        long,
        value_name = "WIRE",
        default_value = "memory",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) wire: Wire,
    /// Whose server answers: own, mailin
    #[arg(
        long,
        value_name = "SERVER",
        default_value = "own",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) server: Server,
    /// End a scenario after this real time [with live: 2m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) time_limit: Option<Duration>,
    /// With live: show the run while it goes on [port: any]
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub(crate) live_page: Option<u16>,
    /// Then wait, and run again what has changed
    #[arg(long, conflicts_with = "live_page")]
    pub(crate) watch: bool,
    /// Run each scenario so often and compare
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) repeat: u32,
}

/// How the engine meets the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wire {
    /// In memory, on virtual time.
    Memory,
    /// Over real sockets on loopback, on virtual time.
    Lockstep,
    /// Over real sockets on loopback, in real time.
    Live,
}

/// Whose server answers the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Server {
    /// The fleet's own.
    Own,
    /// mailin-embedded, which reads the engine's words for itself.
    Mailin,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The folder of a record (or of several), or a scenario file
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// The address whose story to tell
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) contact: String,
    /// Show what was said, too, where it was kept
    #[arg(long)]
    pub(crate) dialogue: bool,
    /// With a scenario file: run it with this seed
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let read = units::quantity::duration(text).map_err(|error| format!("{error}; {}", error.remedy()))?;
    if read.is_zero() { Err("no time at all".to_owned()) } else { Ok(read) }
}

/// Notes on running, with the table of addresses.
fn run_notes() -> String {
    format!(
        "{RUN_NOTES}\n\nMagic addresses, for --demo and for providers with `magic: {{}}`:\n\n{}",
        fleet::magic::table()
    )
}

/// The table of exit codes, for the help.
fn exit_codes() -> String {
    let lines = Exit::ALL.iter().map(|exit| format!("\n  {:>3}  {}", exit.code(), exit.meaning()));
    let precedence = Exit::precedence();
    format!("Exit codes:{}\n\n{precedence}", lines.collect::<String>())
}

/// Prints what clap has to say: help and version to standard output, errors to standard error.
pub(crate) fn explain_usage(error: &clap::Error, streams: &mut Streams<'_>) -> Exit {
    let text = if streams.colours() { error.render().ansi().to_string() } else { error.render().to_string() };
    if error.use_stderr() {
        let _ = write!(streams.err, "{text}");
        return Exit::Usage;
    }
    let _ = write!(streams.out, "{text}");
    Exit::Held
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_fits_into_80_columns() {
        let mut command = Arguments::command();
        command.build();
        let pages = command.get_subcommands().cloned().chain([command.clone()]);
        for mut page in pages {
            let help = page.render_help().to_string();
            let wide: Vec<_> = help.lines().filter(|line| line.chars().count() > 80).collect();
            assert!(wide.is_empty(), "{}: {wide:#?}", page.get_name());
        }
    }
}
