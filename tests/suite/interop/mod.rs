//! Our engine and our fleet with the programs of others, over loopback.
//!
//! Neither side is ours alone here, so what both of our sides misunderstand alike shows. A trial whose program is not on this
//! machine is listed as ignored, with what it lacks before its name; `.ci/run` installs what can be installed.
//!
//! - [`sink`], [`aiosmtpd`], [`receives`]: our engine to Postfix' test server, to a server in Python, to a real Postfix
//! - [`clients`], [`delivers`]: our fleet under command-line clients, and under a real Postfix with a queue
//! - [`junit`]: our report for CI systems under the schema of one
//! - [`mailing`], [`watched`]: our engine; [`fleet`]: our fleet; [`program`], [`postfix`]: the programs of others

mod aiosmtpd;
mod clients;
mod delivers;
mod fleet;
mod junit;
mod mailing;
mod postfix;
pub(crate) mod program;
mod receives;
mod sink;
mod watched;

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::files;

pub(crate) fn trials() -> Vec<Trial> {
    [
        sink::trials(),
        aiosmtpd::trials(),
        receives::trials(),
        clients::trials(),
        delivers::trials(),
        junit::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Something of others that a trial needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Foreign {
    /// A program by this name.
    Program(&'static str),
    /// Python with the package aiosmtpd.
    Aiosmtpd,
    /// swaks with what it needs for TLS.
    SwaksWithTls,
    /// Postfix, and the right to start it.
    Postfix,
    /// The schema of JUnit files, and xmllint.
    JunitSchema,
}

impl Foreign {
    /// What of it this machine lacks.
    fn lack(self) -> Option<String> {
        match self {
            Self::Program(name) => program::find(name).is_none().then(|| format!("no {name}")),
            Self::Aiosmtpd => aiosmtpd::python().is_none().then(|| "no aiosmtpd".to_owned()),
            Self::SwaksWithTls => clients::swaks_lacks(),
            Self::JunitSchema => junit::lack(),
            Self::Postfix if program::find("postfix").is_none() => Some("no postfix".to_owned()),
            Self::Postfix => (!program::is_root()).then(|| "postfix, but not root".to_owned()),
        }
    }
}

/// A trial: its name, and what it does.
type Case = (&'static str, fn() -> Result<(), String>);

/// The trials of a peer. Without it they are ignored, visibly; whoever asks for them all the same is told why they fail.
fn trials_with(needs: Foreign, cases: &[Case]) -> Vec<Trial> {
    let lack = needs.lack();
    let made = |(case, check): &Case| match lack.clone() {
        None => crate::trial("interop", case, *check),
        Some(lack) => {
            let kind = format!("skipped: {lack}");
            crate::trial("interop", case, move || Err(lack)).with_kind(kind).with_ignored_flag(true)
        }
    };
    cases.iter().map(made).collect()
}

/// An empty folder for one trial.
fn scratch(name: &str) -> PathBuf {
    let folder = files::scratch("interop").join(name);
    // What an earlier run left behind.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target directory is writable");
    folder
}

/// Complains if `is` is not what was wanted.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, wanted: &T) -> Result<(), String> {
    if is == wanted { Ok(()) } else { Err(format!("{what}: {is:?}, wanted {wanted:?}")) }
}

/// A message as a server keeps it, with LF for CRLF, without the Received header that the server put before it.
fn without_trace(text: &str) -> String {
    let mut lines = text.split_inclusive('\n').peekable();
    lines.next_if(|line| line.starts_with("Received:"));
    while lines.next_if(|line| line.starts_with(['\t', ' '])).is_some() {}
    lines.collect()
}

/// Files with a certificate that nobody has signed, and its key.
fn certificate(folder: &Path) -> Result<(PathBuf, PathBuf), String> {
    let made = rcgen::generate_simple_self_signed(["mx.sink.test".to_owned()]);
    let made = made.map_err(|error| error.to_string())?;
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let write = |file: &Path, text: String| std::fs::write(file, text).map_err(|error| error.to_string());
    write(&certificate, made.cert.pem())?;
    write(&key, made.signing_key.serialize_pem())?;
    Ok((certificate, key))
}
