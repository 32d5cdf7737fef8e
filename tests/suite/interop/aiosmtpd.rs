//! Our engine to aiosmtpd, a server in Python: inside TLS, one command after the other.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use super::mailing::{Manner, mail, people};
use super::program::{PATIENCE, Running, find, until};
use super::{Foreign, same, scratch, trials_with};
use crate::files;

pub(super) fn trials() -> Vec<Trial> {
    trials_with(Foreign::Aiosmtpd, &[("engine to aiosmtpd inside TLS", takes_and_refuses)])
}

/// The Python that has the package: that of the environment which `.ci/run` makes, or the system's.
pub(super) fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("interop/bin/python");
    let has_it = |python: &PathBuf| {
        let output = Command::new(python).args(["-c", "import aiosmtpd"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    Some(own).into_iter().chain(find("python3")).find(has_it)
}

fn takes_and_refuses() -> Result<(), String> {
    let folder = scratch("aiosmtpd");
    let (server, port) = start(&folder)?;
    let mut to = people(40);
    to.extend(["unknown@sink.test", "full@sink.test", "spam@sink.test"].map(str::to_owned));
    let sent = mail(port, Manner::EVERYTHING, &to);
    drop(server);
    for (address, fate) in [
        ("unknown@sink.test", "hard 550 unknown-user"),
        ("full@sink.test", "soft 452 mailbox-full"),
        ("spam@sink.test", "hard 550 policy-content"),
    ] {
        same(address, &sent.fates[address].as_str(), &fate)?;
    }
    let arrivals = arrivals(&folder.join("mail"))?;
    same("delivered", &arrivals.len(), &40)?;
    sent.arrived(&arrivals)
}

fn start(folder: &Path) -> Result<(Running, u16), String> {
    let mail = folder.join("mail");
    std::fs::create_dir_all(&mail).map_err(|error| error.to_string())?;
    let (certificate, key) = super::certificate(folder)?;
    let log = folder.join("log");
    let mut command = Command::new(python().ok_or("it was there a moment ago")?);
    command.arg("tests/suite/interop/aiosmtpd_server.py").arg(mail).arg(certificate).arg(key);
    let server = Running::start(&mut command, &log)?;
    // It says its port in the first line.
    let port = until("aiosmtpd's port", PATIENCE, || files::text(&log).split_once('\n')?.0.parse().ok());
    Ok((server, port.map_err(|error| format!("{error}\n{}", files::text(&log)))?))
}

/// The messages that it has kept, which all came inside TLS: recipient and message.
fn arrivals(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let arrival = |file: &PathBuf| {
        let text = files::text(file).replace("\r\n", "\n");
        let (first, message) = text.split_once('\n').ok_or("no first line")?;
        let to = first.strip_prefix("TLS ").ok_or_else(|| format!("not inside TLS: {first}"))?;
        Ok((to.to_owned(), message.to_owned()))
    };
    files::below(folder, &[]).iter().map(arrival).collect()
}
