//! Foreign programs: whether they are there, running them to their end, keeping them while a test needs them.
//!
//! Nothing outlives its test: what is dropped is killed, and every wait has a bound.

use std::fs::File;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How often it is looked whether something has happened.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(20);

/// How long a program may take to its end, or until it listens, unless it is said otherwise.
pub(super) const PATIENCE: Duration = Duration::from_secs(40);

/// Where a program is; system administrators' programs are not always on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let look = format!("PATH=$PATH:/usr/sbin:/usr/local/sbin command -v {program}");
    let output = Command::new("sh").args(["-c", &look]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim_end()))
}

/// Whether this process is the administrator's.
pub(super) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// How a program ended, and what it said, standard output and error one after the other.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

impl Ended {
    /// What it said, if it was content.
    pub(crate) fn well(self) -> Result<String, String> {
        if self.code == Some(0) {
            Ok(self.said)
        } else {
            Err(format!("exit code {:?}\n{}", self.code, self.said))
        }
    }
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<Ended, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut running = Running(child.map_err(|error| format!("{name}: {error}"))?);
    let (out, err) = (running.0.stdout.take(), running.0.stderr.take());
    let (out, err) = (read(out.expect("it is piped")), read(err.expect("it is piped")));
    // Its pipes are closed when it ends.
    let rest = |pipe: mpsc::Receiver<Vec<u8>>| {
        pipe.recv_timeout(PATIENCE).map_err(|_| format!("{name} has not ended within {PATIENCE:?}"))
    };
    let said = [rest(out)?, rest(err)?].concat();
    let status = running.0.wait().map_err(|error| format!("{name}: {error}"))?;
    Ok(Ended { code: status.code(), said: String::from_utf8_lossy(&said).into_owned() })
}

fn read(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        let _ = pipe.read_to_end(&mut all);
        let _ = sender.send(all);
    });
    receiver
}

/// A program that runs until this is dropped.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    /// Starts it; what it says goes to `log`.
    pub(super) fn start(command: &mut Command, log: &Path) -> Result<Self, String> {
        let failed = |error: io::Error| format!("{}: {error}", log.display());
        let out = File::create(log).map_err(failed)?;
        let err = out.try_clone().map_err(failed)?;
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        Ok(Self(child.map_err(|error| format!("{}: {error}", command.get_program().display()))?))
    }

    /// Waits until it, or a child of it, listens at `port`.
    pub(super) fn listening_at(mut self, port: u16) -> Result<Self, String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        until("listening", PATIENCE, || match self.0.try_wait() {
            Ok(None) => TcpStream::connect(address).ok().map(|_| Ok(())),
            ended => Some(Err(format!("it ended: {ended:?}"))),
        })??;
        Ok(self)
    }

    /// Waits until it has ended by itself.
    pub(super) fn ended(mut self) -> Result<(), String> {
        until("the end of a program", PATIENCE, || self.0.try_wait().ok().flatten()).map(drop)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // That it has ended already is all right.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that is free now.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    listener.local_addr().expect("it is bound").port()
}

/// Asks again and again until there is an answer: other programs say nothing when they are done.
#[expect(clippy::disallowed_methods, reason = "other programs run in real time")]
pub(super) fn until<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Result<T, String> {
    for _ in 0..limit.as_millis() / LOOKED_AT_EVERY.as_millis() {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        thread::sleep(LOOKED_AT_EVERY);
    }
    Err(format!("{what}: not within {limit:?}"))
}
