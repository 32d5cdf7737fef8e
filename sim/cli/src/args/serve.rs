//! What can be said to `bouncelab serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::duration;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The scenario; without one, addresses say what becomes of them
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: Option<PathBuf>,
    /// SMTP: the first host; others follow [127.0.0.1:2525]
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2525", hide_default_value = true)]
    pub(crate) listen: SocketAddr,
    /// SMTP: all hosts at this port, from 127.1.0.1 on
    #[arg(long, value_name = "PORT", conflicts_with = "listen", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Name server, UDP and TCP [127.0.0.1:5300]
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:5300", hide_default_value = true)]
    pub(crate) dns: SocketAddr,
    /// Control port, HTTP [127.0.0.1:8025]
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8025", hide_default_value = true)]
    pub(crate) control: SocketAddr,
    /// Write the CA that clients must trust to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_out: Option<PathBuf>,
    /// Time passes so many times as fast [default: 1x]
    #[arg(long, value_name = "N", default_value = "1x", hide_default_value = true, value_parser = speed)]
    pub(crate) speed: u32,
    /// Time that answers take: none, simulated [none]
    #[arg(
        long,
        value_name = "KIND",
        default_value = "none",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(crate) latency: Latency,
    /// EHLO: profile (as the provider does), all
    #[arg(long, value_name = "KIND", hide_possible_values = true)]
    pub(crate) offer: Option<Offer>,
    /// Use this seed instead of the scenario's own
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// End after this time, as in 30s
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    pub(crate) duration: Option<Duration>,
    /// Connections open at once [default: 1000]
    #[arg(long, value_name = "N", default_value = "1000", hide_default_value = true, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub(crate) connections: u32,
    /// Receipts kept for each provider [default: 1000000]
    #[arg(long, value_name = "N", default_value = "1000000", hide_default_value = true, value_parser = clap::value_parser!(u32).range(1..=16_000_000))]
    pub(crate) receipts: u32,
    /// Print nothing but what goes wrong
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// How long answers take where nothing says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Latency {
    /// No time: a mail server under test is to be as fast as it can.
    None,
    /// 20 to 80 ms, as in a simulated run.
    Simulated,
}

/// What servers offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Offer {
    Profile,
    All,
}

/// Reads `60x` or `60`.
fn speed(text: &str) -> Result<u32, String> {
    let digits = text.strip_suffix('x').unwrap_or(text);
    let factor = digits.parse().ok().filter(|factor| (1..=100_000).contains(factor));
    factor.ok_or_else(|| "write a whole number from 1 to 100000, as in 60x".to_owned())
}

/// Notes on serving, with the table of addresses.
pub(super) fn serve_notes() -> String {
    let table = fleet::magic::table();
    format!("Addresses that say what becomes of them, where no scenario is served:\n\n{table}\n{SERVE_NOTES}")
}

const SERVE_NOTES: &str = "\
Port 0 is any free one. Only this machine can connect unless --listen says
otherwise. A scenario's hosts offer what its providers do, or with --offer all
everything; magic ones offer everything. No answer takes time unless the
scenario says so or --latency does: a mail server under test is to be as fast as
it can. A provider whose receipts are full takes no more mail until it is reset
at the control port.

Ctrl-C ends it, prints what was seen, and is no failure (exit code 0), unless
--for was to end it (130). docs/serve.md has recipes for Postfix, Exim, swaks,
curl and Python.

Examples:
  bouncelab serve                                  magic addresses
  bouncelab serve my.yaml --speed 60x              an hour a minute
  bouncelab serve my.yaml --port 2525              for clients that ask the DNS
  bouncelab serve --listen 127.0.0.1:0 --for 60s   any free port, for CI";
