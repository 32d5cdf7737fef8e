//! No hidden stall: on one quiet session, no message takes 20 ms or more.
//!
//! What this looks for is Nagle's algorithm waiting for a delayed acknowledgement, which takes 40 ms for every message, and
//! timers that are only good to a millisecond or ten. A machine that is busy with other things may take a program off the
//! processor for as long; that is not every time the same, so the best of a few tries counts.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use benches::timed;

use crate::Effort;
use crate::processes::run;
use crate::sender::{self, RECIPIENT, Task};
use crate::served;

/// What counts as a stall.
pub(crate) const STALL: Duration = Duration::from_millis(20);

const MESSAGES: u32 = 10_000;

const PAYLOAD_BYTES: usize = 1024;

const TRIES: u32 = 3;

/// Whoever speaks to the fleet.
#[derive(Debug, Clone, Copy)]
enum Client {
    Engine,
    /// One command after the other, each in a write of its own, over a socket as the system gives it.
    StepByStep,
}

/// How long messages took.
#[derive(Debug, Clone, Copy)]
struct Taken {
    longest: Duration,
    stalls: u32,
}

/// Measures both clients.
pub(crate) fn measure(effort: Effort) {
    println!("\nstalls: {MESSAGES} messages of {PAYLOAD_BYTES} bytes over one session to the fleet");
    for client in [Client::Engine, Client::StepByStep] {
        let best = (0..TRIES).map(|_| take(client)).find(|taken| taken.stalls == 0);
        let taken = best.unwrap_or_else(|| take(client));
        let name = match client {
            Client::Engine => "engine",
            Client::StepByStep => "one command after the other",
        };
        println!("  {name:<30} longest {:?}, {} of 20 ms or more", taken.longest, taken.stalls);
        let most = match effort {
            Effort::Full => 0,
            // Nobody can tell a stall from a machine that is busy, if there are only a few.
            Effort::Quick => MESSAGES / 1000,
        };
        assert!(taken.stalls <= most, "{} messages took 20 ms or more, at most {most}", taken.stalls);
    }
}

fn take(client: Client) -> Taken {
    let (_fleet, address) = served::start();
    match client {
        Client::Engine => {
            let task = Task {
                messages: MESSAGES,
                payload_bytes: PAYLOAD_BYTES,
                messages_per_connection: MESSAGES,
                connections: 1,
            };
            let seen = sender::seen(&run(&mut sender::command(address, task)).0);
            assert_eq!(seen.delivered, MESSAGES, "not everything was delivered");
            Taken { longest: seen.longest, stalls: seen.stalls }
        }
        Client::StepByStep => step_by_step(address).expect("the fleet answers"),
    }
}

fn step_by_step(address: SocketAddr) -> io::Result<Taken> {
    let mut session = Session::open(address)?;
    let message = format!(
        "Subject: bench\r\n\r\n{}.\r\n",
        format!("{}\r\n", "X".repeat(62)).repeat(PAYLOAD_BYTES / 64)
    );
    let mut taken = Taken { longest: Duration::ZERO, stalls: 0 };
    for _ in 0..MESSAGES {
        let (answered, took) = timed(|| session.send(&message));
        answered?;
        taken.longest = taken.longest.max(took);
        taken.stalls += u32::from(took >= STALL);
    }
    Ok(taken)
}

/// A client that knows nothing but the standard's simplest dialogue.
struct Session {
    reader: BufReader<TcpStream>,
}

impl Session {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let mut session = Self { reader: BufReader::new(TcpStream::connect(address)?) };
        session.hear(220)?;
        session.say("HELO mta.sender.example\r\n", 250)?;
        Ok(session)
    }

    fn send(&mut self, message: &str) -> io::Result<()> {
        self.say("MAIL FROM:<bounce@sender.example>\r\n", 250)?;
        self.say(&format!("RCPT TO:<{RECIPIENT}>\r\n"), 250)?;
        self.say("DATA\r\n", 354)?;
        self.say(message, 250)
    }

    fn say(&mut self, words: &str, expected: u16) -> io::Result<()> {
        self.reader.get_mut().write_all(words.as_bytes())?;
        self.hear(expected)
    }

    /// A reply of one line, which is all that this dialogue is answered with.
    fn hear(&mut self, expected: u16) -> io::Result<()> {
        let mut line = String::new();
        self.reader.by_ref().take(512).read_line(&mut line)?;
        if line.starts_with(&format!("{expected} ")) {
            return Ok(());
        }
        Err(io::Error::other(format!("{expected} was expected: {line:?}")))
    }
}
