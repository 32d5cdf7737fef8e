//! Our engine to `smtp-sink`, the test server of Postfix: as it is, and with each way it has of being difficult.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use super::mailing::{Manner, mail, people};
use super::program::{Running, find, free_port, is_root};
use super::{Foreign, scratch, trials_with, without_trace};
use crate::tidy::listed;

pub(super) fn trials() -> Vec<Trial> {
    trials_with(
        Foreign::Program("smtp-sink"),
        &[
            ("engine to smtp-sink", takes_all),
            ("engine to smtp-sink without pipelining", || takes_all_with("no-pipelining", &["-p"])),
            ("engine to smtp-sink without ESMTP", || takes_all_with("no-esmtp", &["-e"])),
            ("engine to smtp-sink behind a PIX", || takes_all_with("pix", &["-P"])),
            ("engine to smtp-sink with a small window", || takes_all_with("window", &["-T", "1000"])),
            ("engine to smtp-sink that thinks about DATA", || takes_all_with("slow-data", &["-w", "1"])),
            // Without pipelining, because while it waits it answers what is behind the command that it waits with.
            ("engine to smtp-sink that thinks about RCPT", || {
                takes_all_with("slow-rcpt", &["-p", "-W", "RCPT:1"])
            }),
            ("engine to smtp-sink that refuses for good", refuses_for_good),
            ("engine to smtp-sink that puts off", puts_off),
            ("engine to smtp-sink that hangs up", hangs_up),
            ("engine to smtp-sink that says 421 and hangs up", says_421),
            ("engine to smtp-sink that answers before the end", answers_too_early),
        ],
    )
}

/// How many people are mailed where all goes well.
const MANY: usize = 60;

fn takes_all() -> Result<(), String> {
    takes_all_with("plain", &[])
}

/// Every message arrives once and unchanged, whatever the server can do.
fn takes_all_with(name: &str, options: &[&str]) -> Result<(), String> {
    // A second a message, where it takes its time.
    let count = if name.starts_with("slow") { 4 } else { MANY };
    let folder = scratch(&format!("sink-{name}"));
    let (sink, port) = start(&folder, options)?;
    let sent = mail(port, Manner::EVERYTHING, &people(count));
    // What it has written is complete once it has ended.
    drop(sink);
    sent.all("delivered")?;
    sent.arrived(&dumps(&folder.join("mail"))?)
}

/// Servers that are difficult at a command each, and what the engine is to make of it. All mismatches at once.
fn difficult(option: &str, reply: Option<&str>, table: &[(&str, &str)]) -> Result<(), String> {
    let wrong = |(command, fate): &(&str, &str)| {
        let folder = scratch(&format!("sink{option}-{}", command.replace('.', "end")));
        let mut options = vec![option, command];
        // The text of refusals: -b for -r, -B for -f.
        options.extend(reply.into_iter().flat_map(|reply| [if option == "-f" { "-B" } else { "-b" }, reply]));
        let sent = start(&folder, &options).map(|(_sink, port)| mail(port, Manner::EVERYTHING, &people(1)));
        sent.and_then(|sent| sent.all(fate)).err().map(|error| format!("{option} {command}: {error}"))
    };
    listed(&table.iter().filter_map(wrong).collect::<Vec<_>>())
}

fn refuses_for_good() -> Result<(), String> {
    let unknown = "hard 550 unknown-user";
    let table = [("RCPT", unknown), ("DATA", unknown), (".", unknown)];
    difficult("-f", Some("550 5.1.1 no such user here"), &table)
}

fn puts_off() -> Result<(), String> {
    let full = "soft 452 mailbox-full";
    let table = [("RCPT", full), ("DATA", full), (".", full)];
    difficult("-r", Some("452 4.2.2 mailbox full"), &table)?;
    let outage = "soft 450 temporary-outage";
    difficult("-r", None, &[("CONNECT", outage), ("EHLO", outage), ("MAIL", outage)])
}

fn hangs_up() -> Result<(), String> {
    let outage = "soft no answer temporary-outage";
    let early = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"].map(|command| (command, outage));
    difficult("-q", None, &early)?;
    difficult("-q", None, &[(".", "uncertain no answer other")])
}

fn says_421() -> Result<(), String> {
    let (outage, throttle) = ("soft 421 temporary-outage", "throttle 421 temporary-outage");
    let table = [
        ("CONNECT", outage),
        ("EHLO", outage),
        ("MAIL", throttle),
        ("RCPT", throttle),
        ("DATA", throttle),
        (".", throttle),
    ];
    difficult("-Q", None, &table)
}

/// It says 550 after the go-ahead and does not listen any more.
fn answers_too_early() -> Result<(), String> {
    difficult("-A", None, &[("0", "hard 550 policy-content")])
}

/// A server that keeps each message in a file below `mail`.
fn start(folder: &Path, options: &[&str]) -> Result<(Running, u16), String> {
    let port = free_port();
    let mut command = Command::new(find("smtp-sink").ok_or("it was there a moment ago")?);
    if is_root() {
        // It insists. Nobody else could write below the target directory for certain.
        command.args(["-u", "root"]);
    }
    command
        .args(options)
        .args(["-d", "mail/m."])
        .arg(format!("127.0.0.1:{port}"))
        .arg("64")
        .current_dir(folder);
    Ok((Running::start(&mut command, &folder.join("log"))?.listening_at(port)?, port))
}

/// The messages that it has kept: recipient and message.
fn dumps(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let files = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    files
        .map(|file| {
            let path = file.map_err(|error| error.to_string())?.path();
            dump(&crate::files::text(&path)).ok_or_else(|| format!("{}: not a message", path.display()))
        })
        .collect()
}

/// Its own headers, the message, and an empty line.
fn dump(text: &str) -> Option<(String, String)> {
    let (_, rest) = text.split_once("X-Rcpt-Args: <")?;
    let (to, rest) = rest.split_once('>')?;
    let (_, message) = rest.split_once('\n')?;
    Some((to.to_owned(), without_trace(message.strip_suffix('\n')?)))
}
