//! Our fleet under the clients that everybody has: `smtp-source`, swaks, curl, and Python's smtplib.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use super::fleet::{Fleet, Receipt};
use super::program::{find, run};
use super::{Foreign, same, scratch, trials_with};

pub(super) fn trials() -> Vec<Trial> {
    let source = trials_with(
        Foreign::Program("smtp-source"),
        &[
            ("fleet under smtp-source, sessions that are kept", || smtp_source(&["-d"])),
            ("fleet under smtp-source, a session a message", || smtp_source(&[])),
            ("fleet under smtp-source, refusals", smtp_source_is_refused),
        ],
    );
    let swaks = trials_with(
        Foreign::Program("swaks"),
        &[
            ("fleet under swaks, pipelined", swaks_pipelined),
            ("fleet under swaks, AUTH", swaks_auth),
            ("fleet under swaks, refusals", swaks_is_refused),
        ],
    );
    let secure = trials_with(Foreign::SwaksWithTls, &[("fleet under swaks, TLS", swaks_tls)]);
    let curl = trials_with(
        Foreign::Program("curl"),
        &[
            ("fleet under curl", curl_plain),
            ("fleet under curl, verified TLS", curl_tls),
            ("fleet under curl, a certificate that is bad", curl_distrusts),
        ],
    );
    let python = trials_with(Foreign::Program("python3"), &[("fleet under smtplib", smtplib)]);
    [source, swaks, secure, curl, python].into_iter().flatten().collect()
}

/// What swaks lacks for TLS.
pub(super) fn swaks_lacks() -> Option<String> {
    if find("swaks").is_none() {
        return Some("no swaks".to_owned());
    }
    let said = run(Command::new("swaks").arg("--support")).map(|ended| ended.said).unwrap_or_default();
    (!said.contains("=== TLS supported")).then(|| "swaks without TLS".to_owned())
}

const FROM: &str = "you@sender.test";
const ANN: &str = "ann@shop.test";

/// Complains unless these, and nobody else, got mail.
fn accepted(fleet: &Fleet, wanted: &[&str]) -> Result<Vec<Receipt>, String> {
    let receipts = fleet.receipts()?;
    let mut got: Vec<&str> = receipts
        .iter()
        .filter(|receipt| receipt.answer == "accepted")
        .map(|receipt| receipt.recipient.as_str())
        .collect();
    got.sort_unstable();
    same("accepted", &got, &wanted.to_vec())?;
    Ok(receipts)
}

/// Complains unless these were refused with these codes, in this order.
fn refused(receipts: &[Receipt], wanted: &[(&str, u16)]) -> Result<(), String> {
    let refused = receipts.iter().filter(|receipt| receipt.answer == "refused");
    let got: Vec<_> =
        refused.map(|receipt| (receipt.recipient.as_str(), receipt.code.unwrap_or_default())).collect();
    same("refused", &got, &wanted.to_vec())
}

/// A message in a file.
fn message(folder: &Path) -> Result<PathBuf, String> {
    let file = folder.join("message.eml");
    std::fs::write(&file, "Subject: hi\r\n\r\nhi\r\n.dot\r\n").map_err(|error| error.to_string())?;
    Ok(file)
}

/// The certificate to trust, in a file.
fn authority(fleet: &Fleet, folder: &Path) -> Result<PathBuf, String> {
    let file = folder.join("ca.pem");
    std::fs::write(&file, fleet.ca_pem()).map_err(|error| error.to_string())?;
    Ok(file)
}

fn source(fleet: &Fleet, to: &str) -> Result<Command, String> {
    let mut command = Command::new(find("smtp-source").ok_or("it was there a moment ago")?);
    command.args(["-f", FROM, "-t", to]).arg(fleet.address().to_string());
    Ok(command)
}

fn smtp_source(options: &[&str]) -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let mut command = Command::new(find("smtp-source").ok_or("it was there a moment ago")?);
    command.args(options).args(["-s", "10", "-m", "300", "-r", "3", "-l", "5000"]);
    command.args(["-f", FROM, "-t", ANN]).arg(fleet.address().to_string());
    run(&mut command)?.well()?;
    let receipts = fleet.receipts()?;
    let accepted = receipts.iter().filter(|receipt| receipt.answer == "accepted");
    same("accepted", &accepted.count(), &900)?;
    same("receipts", &receipts.len(), &900)
}

/// It ends at the first refusal, and says which.
fn smtp_source_is_refused() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let ended = run(&mut source(&fleet, "full@shop.test")?)?;
    if ended.code == Some(0) || !ended.said.contains("552") {
        return Err(format!("{ended:?}"));
    }
    refused(&accepted(&fleet, &[])?, &[("full@shop.test", 552)])
}

fn swaks(fleet: &Fleet, to: &str) -> Command {
    let address = fleet.address();
    let mut command = Command::new("swaks");
    command.args(["--server", &address.ip().to_string(), "--port", &address.port().to_string()]);
    command.args(["--ehlo", "client.sender.test", "--from", FROM, "--to", to]);
    command
}

fn swaks_pipelined() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    run(swaks(&fleet, "ann@shop.test,bob@shop.test").arg("--pipeline"))?.well()?;
    accepted(&fleet, &[ANN, "bob@shop.test"]).map(drop)
}

fn swaks_auth() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    for way in ["PLAIN", "LOGIN"] {
        let ended =
            run(swaks(&fleet, ANN).args(["--auth", way, "--auth-user", "ann", "--auth-password", "secret"]));
        let said = ended?.well()?;
        if !said.contains("<~  235") && !said.contains("<-  235") {
            return Err(format!("{way}: nobody was let in\n{said}"));
        }
    }
    accepted(&fleet, &[ANN, ANN]).map(drop)
}

/// What swaks ends with when no recipient was taken, and when the message was not.
const NO_RECIPIENTS: i32 = 24;
const NO_MESSAGE: i32 = 26;

fn swaks_is_refused() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let cases = [("550-5.1.1@shop.test", NO_RECIPIENTS, 550), ("554-at-end@shop.test", NO_MESSAGE, 554)];
    for (to, wanted, _) in cases {
        let ended = run(&mut swaks(&fleet, to))?;
        same(&ended.said, &ended.code, &Some(wanted))?;
    }
    refused(&accepted(&fleet, &[])?, &cases.map(|(to, _, code)| (to, code)))
}

fn swaks_tls() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let ca = authority(&fleet, &scratch("swaks"))?;
    let mut command = swaks(&fleet, ANN);
    command.args(["--tls", "--tls-verify", "--tls-ca-path"]).arg(ca);
    let said = run(&mut command)?.well()?;
    if !said.contains("TLS started") {
        return Err(said);
    }
    accepted(&fleet, &[ANN]).map(drop)
}

/// curl, to a host by its name.
fn curl(fleet: &Fleet, host: &str, message: &Path, to: &str) -> Command {
    let address = fleet.address();
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "30", "--connect-to"]);
    command.arg(format!("{host}:{}:{address}", address.port()));
    command.arg(format!("smtp://{host}:{}", address.port()));
    command.args(["--mail-from", FROM, "--mail-rcpt", to, "--upload-file"]).arg(message);
    command
}

fn curl_plain() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let message = message(&scratch("curl"))?;
    run(&mut curl(&fleet, fleet.name(), &message, ANN))?.well()?;
    let receipts = accepted(&fleet, &[ANN])?;
    same("sender", &receipts[0].sender.as_str(), &FROM)?;
    let size = std::fs::metadata(&message).map_err(|error| error.to_string())?.len();
    same("its size", &receipts[0].body_bytes, &Some(size))
}

fn curl_tls() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let folder = scratch("curl-tls");
    let (message, ca) = (message(&folder)?, authority(&fleet, &folder)?);
    run(curl(&fleet, fleet.name(), &message, ANN).args(["--ssl-reqd", "--cacert"]).arg(ca))?.well()?;
    accepted(&fleet, &[ANN]).map(drop)
}

/// What curl ends with when it does not believe a certificate.
const DISTRUST: i32 = 60;

/// The certificate is that of another host.
fn curl_distrusts() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let folder = scratch("curl-distrust");
    let (message, ca) = (message(&folder)?, authority(&fleet, &folder)?);
    let mut command = curl(&fleet, "other.test", &message, ANN);
    let ended = run(command.args(["--ssl-reqd", "--cacert"]).arg(ca))?;
    same(&ended.said, &ended.code, &Some(DISTRUST))?;
    accepted(&fleet, &[]).map(drop)
}

/// STARTTLS with a certificate that is checked, AUTH, 8BITMIME, SMTPUTF8, and which of several recipients were refused.
fn smtplib() -> Result<(), String> {
    let fleet = Fleet::magic()?;
    let ca = authority(&fleet, &scratch("smtplib"))?;
    let mut command = Command::new("python3");
    command.arg("tests/suite/interop/smtplib_client.py").arg(ca).arg(fleet.name());
    run(command.arg(fleet.address().port().to_string()))?.well()?;
    let receipts = accepted(&fleet, &[ANN, ANN, "bob@shop.test", "jörg@shop.test"])?;
    refused(&receipts, &[("full@shop.test", 552), ("550@shop.test", 550)])
}
