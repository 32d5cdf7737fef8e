//! What can be said to `bouncelab codes` and `bouncelab providers`: whose reply it is, and whose profile.

use std::path::PathBuf;

use clap::Args;

use super::Format;

pub(super) const CODES_NOTES: &str = "\
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

pub(super) const PROVIDERS_NOTES: &str = "\
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

#[derive(Debug, Args)]
pub(crate) struct Providers {
    /// Only this one, in full
    #[arg(value_name = "NAME", conflicts_with = "mx")]
    pub(crate) name: Option<String>,
    /// Only the one that runs this mail exchanger, in full
    #[arg(long, value_name = "HOST")]
    pub(crate) mx: Option<String>,
}
