//! What can be said to `bouncelab send`, and its help.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use policy::tls::TlsPolicy;

// Lines of the help have at most 80 columns: clap does not wrap them.
pub(crate) const NOTES: &str = "\
Nothing but this machine is reached unless it is said where the mail goes: to
one server (--route), where a name server says (--resolver), or to real mail
servers (--to-the-internet).

What a mailing file can say is in docs/send.md. Who cannot be delivered to now
is tried again over 30 hours, unless the file has another plan.

Ctrl-C lets finish what is under way (for half a minute), gives up the rest, and
says what is left; so does --time-limit. Pressed twice, it ends the program.

Examples:
  bouncelab send news.yaml --route 127.0.0.1:2525 --time-limit 10m
  bouncelab send news.yaml --resolver 127.0.0.1:5353 --port 2525 --record out
  bouncelab send news.yaml --to-the-internet --tls required";

#[derive(Debug, Args)]
pub(crate) struct Send {
    /// The mailing: what is sent to whom
    #[arg(value_name = "MAILING")]
    pub(crate) file: PathBuf,
    /// Send everything to this server
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["resolver", "to_the_internet"])]
    pub(crate) route: Option<String>,
    /// Ask this name server where mail goes
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "to_the_internet")]
    pub(crate) resolver: Option<String>,
    /// Deliver to real mail servers
    #[arg(long)]
    pub(crate) to_the_internet: bool,
    /// Port of mail servers [default: 25]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "route")]
    pub(crate) port: Option<u16>,
    /// Address that connections come from
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) source: Option<IpAddr>,
    /// Name to give in EHLO [default: sender's domain]
    #[arg(long, value_name = "NAME")]
    pub(crate) ehlo: Option<String>,
    /// TLS: opportunistic (default), required, verified
    #[arg(
        long,
        value_name = "WISH",
        default_value = "opportunistic",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) tls: TlsWish,
    /// Believe certificates issued by these, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Connections to a site at a time
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) connections: u32,
    /// Messages in a connection
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) per_connection: u32,
    /// Give up what is left after this time, such as 10m
    #[arg(long, value_name = "TIME", value_parser = crate::args::duration)]
    pub(crate) time_limit: Option<Duration>,
    /// Keep the record in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,
}

/// What is asked of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TlsWish {
    /// TLS where it is offered, whoever is at the other end.
    Opportunistic,
    /// TLS, whoever is at the other end.
    Required,
    /// TLS with a host whose certificate is valid and names it.
    Verified,
}

impl TlsWish {
    /// The engine's wish. That a certificate must be valid is a demand of each domain, not of ours.
    pub(super) const fn policy(self) -> TlsPolicy {
        match self {
            Self::Opportunistic => TlsPolicy::Opportunistic,
            Self::Required | Self::Verified => TlsPolicy::Required,
        }
    }
}
