//! What can be said to `bouncelab open`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The folder that a run wrote, or a folder of such folders
    #[arg(value_name = "DIR", default_value = "out")]
    pub(crate) folder: PathBuf,
    /// The port on 127.0.0.1 [default: any free one]
    #[arg(long, value_name = "PORT", default_value = "0", hide_default_value = true)]
    pub(crate) port: u16,
    /// Print where it is, and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
}

/// What is to be known beside the options.
pub(super) const OPEN_NOTES: &str = "\
Shows the reports of runs that have ended: the page over all scenarios, and the
Response page of each. What has no report.html gets one made from its record.
The files of the folder can be fetched at the same address. Only this machine is
answered. A run that writes into the folder meanwhile is seen when the page is
loaded again.

A browser is opened where standard output is a terminal. Ctrl-C ends it, and is
no failure (exit code 0).

Examples:
  bouncelab run --out out && bouncelab open
  bouncelab open results --no-browser --port 8080";
