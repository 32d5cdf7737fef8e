//! A server that goes away after every single byte, of what it says and of what it hears: closed in good order, and reset.
//!
//! The laws: nothing hangs, nothing panics; what the server took and said so is delivered, and nothing else is; what it may
//! have taken is uncertain; whoever is not served is tried again.

use std::time::Duration;

use policy::ledger::Outcome;
use policy::verdict::Class;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::spawn_local;

use super::attempt::{Found, Given};
use crate::stage::{listener, live, port};

/// When the server goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// After so many bytes that it said.
    Said(usize),
    /// After so many bytes that it heard.
    Heard(usize),
}

/// How it goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Close,
    Reset,
}

/// What happened at the server's end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    said: usize,
    heard: usize,
    /// It has heard the whole message.
    has_message: bool,
    /// It has said all of the answer to it.
    has_answered: bool,
}

struct Server {
    visitor: TcpStream,
    limit: Limit,
    seen: Seen,
    input: Vec<u8>,
}

/// The limit was reached, or the visitor has left.
struct Gone;

impl Server {
    async fn serve(&mut self, offers: &[u8]) -> Result<(), Gone> {
        self.say(b"220 mx.test\r\n").await?;
        loop {
            let line = self.hear(b"\r\n").await?;
            match &line[..4] {
                b"EHLO" => self.say(offers).await?,
                b"DATA" => {
                    self.say(b"354 go\r\n").await?;
                    self.hear(b"\r\n.\r\n").await?;
                    self.seen.has_message = true;
                    self.say(b"250 taken\r\n").await?;
                    self.seen.has_answered = true;
                }
                b"QUIT" => return self.say(b"221 bye\r\n").await,
                _ => self.say(b"250 ok\r\n").await?,
            }
        }
    }

    async fn say(&mut self, words: &[u8]) -> Result<(), Gone> {
        let left = match self.limit {
            Limit::Said(limit) => words.len().min(limit - self.seen.said),
            Limit::Heard(_) => words.len(),
        };
        self.visitor.write_all(&words[..left]).await.map_err(|_| Gone)?;
        self.seen.said += left;
        if left < words.len() { Err(Gone) } else { Ok(()) }
    }

    /// What is heard up to and with `end`.
    async fn hear(&mut self, end: &[u8]) -> Result<Vec<u8>, Gone> {
        loop {
            if let Some(at) = self.input.windows(end.len()).position(|window| window == end) {
                return Ok(self.input.drain(..at + end.len()).collect());
            }
            let mut bytes = [0; 512];
            let left = match self.limit {
                Limit::Heard(limit) => bytes.len().min(limit - self.seen.heard),
                Limit::Said(_) => bytes.len(),
            };
            let count = self.visitor.read(&mut bytes[..left]).await.map_err(|_| Gone)?;
            if count == 0 {
                return Err(Gone);
            }
            self.seen.heard += count;
            self.input.extend(&bytes[..count]);
        }
    }

    /// Closing in good order means to hear what is still said; otherwise the system makes a reset of it.
    async fn leave(mut self, way: Way) -> Seen {
        match way {
            Way::Reset => SockRef::from(&self.visitor).set_linger(Some(Duration::ZERO)).expect("a socket"),
            Way::Close => {
                let _ = self.visitor.shutdown().await;
                while let Ok(1..) = self.visitor.read(&mut [0; 512]).await {}
            }
        }
        self.seen
    }
}

/// One attempt against a server that goes away at this point.
async fn attempt(offers: &'static [u8], limit: Limit, way: Way) -> (Found, Seen) {
    let listener = listener().await;
    let given = Given::new(port(&listener));
    let server = spawn_local(async move {
        let (visitor, _) = listener.accept().await.expect("a visitor");
        visitor.set_nodelay(true).expect("a socket");
        let mut server = Server { visitor, limit, seen: Seen::default(), input: Vec::new() };
        let _ = server.serve(offers).await;
        server.leave(way).await
    });
    let found = given.attempt().await;
    (found, server.await.expect("a server does not panic"))
}

fn judge(found: &Found, seen: Seen, way: Way) -> Result<(), &'static str> {
    if !found.is_kept {
        return Err("it is not tried again");
    }
    match (found.outcome, seen) {
        (Outcome::Delivered, Seen { has_answered: true, .. }) => Ok(()),
        (Outcome::Delivered, _) => Err("it was never taken"),
        // A reset may overtake the answer; then it is uncertain.
        (_, Seen { has_answered: true, .. }) if way == Way::Close => Err("it was taken, and said to be"),
        (Outcome::Cancelled, Seen { has_message: true, .. }) if found.class != Class::Uncertain => {
            Err("it may have been taken")
        }
        (Outcome::Cancelled, _) => Ok(()),
        (Outcome::SoftBounced | Outcome::HardBounced | Outcome::Dropped, _) => Err("it is final"),
    }
}

fn check_all(offers: &'static [u8]) {
    live(async {
        let (found, whole) = attempt(offers, Limit::Said(usize::MAX), Way::Close).await;
        assert_eq!(found.outcome, Outcome::Delivered, "a polite server is served: {found:?}");
        assert!(whole.said > 60 && whole.heard > 100, "{whole:?}");
        let limits = (0..=whole.said).map(Limit::Said).chain((1..=whole.heard).map(Limit::Heard));
        let mut delivered = 0;
        let mut broken = Vec::new();
        for limit in limits {
            for way in [Way::Close, Way::Reset] {
                let (found, seen) = attempt(offers, limit, way).await;
                delivered += u32::from(found.outcome == Outcome::Delivered);
                if let Err(why) = judge(&found, seen, way) {
                    broken.push(format!("{limit:?} {way:?}: {why}: {found:?}, {seen:?}"));
                }
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
        assert!(delivered > 0, "from some point on it is delivered");
    });
}

#[test]
fn a_server_that_takes_one_command_at_a_time_may_go_away_at_any_byte() {
    check_all(b"250 mx.test\r\n");
}

#[test]
fn a_server_that_takes_commands_in_groups_may_go_away_at_any_byte() {
    check_all(b"250-mx.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
}
