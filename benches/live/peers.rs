//! Postfix's load programs: `smtp-source`, which sends as fast as it can, and `smtp-sink`, which takes everything.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::processes::{Running, program};
use crate::sender::{CONNECTIONS, RECIPIENT, Task};

/// Where Debian puts them, which is not on everybody's path.
const FOLDERS: [&str; 2] = ["", "/usr/sbin"];

/// How often a sink is looked for that does not answer yet, a few milliseconds apart.
const LOOKS: u32 = 2000;

/// Both programs.
#[derive(Debug)]
pub(crate) struct Peers {
    folder: &'static Path,
}

impl Peers {
    pub(crate) fn find() -> Option<Self> {
        let starts = |folder: &Path, name: &str| {
            let mut command = Command::new(folder.join(name));
            // Without arguments they say how they are used.
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        let folder = FOLDERS.map(Path::new).into_iter();
        let mut found = folder.filter(|folder| starts(folder, "smtp-source") && starts(folder, "smtp-sink"));
        found.next().map(|folder| Self { folder })
    }

    /// A sink of its own port, and its process.
    pub(crate) fn sink(&self) -> (Running, SocketAddr) {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = free.local_addr().expect("it is bound");
        drop(free);
        let mut command = program(self.folder.join("smtp-sink"));
        // It does not want to be root.
        if std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
            command.args(["-u", "nobody"]);
        }
        let mut sink = Running::start(command.arg(address.to_string()).arg("4096"));
        assert!((0..LOOKS).any(|_| greets(address)), "smtp-sink does not answer at {address}");
        assert!(!sink.has_ended(), "somebody else answers at {address}");
        (sink, address)
    }

    /// `smtp-source`, told to do the same as our sender.
    pub(crate) fn source(&self, to: SocketAddr, task: Task) -> Command {
        let mut command = program(self.folder.join("smtp-source"));
        if task.messages_per_connection > 1 {
            command.arg("-d");
        }
        command.args(["-s", &CONNECTIONS.to_string(), "-m", &task.messages.to_string()]);
        command.args(["-l", &task.payload_bytes.to_string()]);
        command.args(["-f", "bounce@sender.example", "-t", RECIPIENT, &to.to_string()]);
        command
    }
}

/// Whether a server says at this address that it is one; waits a little if not.
fn greets(address: SocketAddr) -> bool {
    let greeting = TcpStream::connect(address).and_then(|stream| {
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).map(|_| line)
    });
    let greets = greeting.is_ok_and(|line| line.starts_with("220"));
    if !greets {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    greets
}
