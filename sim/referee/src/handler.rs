//! What mailin calls when it has understood something: every call but those for lines of a message becomes a question.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mailin_embedded::{Action, Handler, Response};
use xxhash_rust::xxh3::Xxh3;

use crate::questions::{Answer, Asked, Question, Questions};

/// Asks the harness what to answer. mailin clones it for every connection that it accepts, in their order.
pub(crate) struct Asking {
    questions: Questions,
    accepted: Arc<AtomicU64>,
    connection: u64,
    hash: Xxh3,
    bytes: u64,
}

impl Asking {
    pub(crate) fn new(questions: Questions) -> Self {
        Self { questions, accepted: Arc::default(), connection: 0, hash: Xxh3::new(), bytes: 0 }
    }

    fn ask(&self, asked: Asked<'_>) -> Response {
        let Answer { code, text, close } =
            self.questions.ask(&Question { connection: self.connection, asked });
        let mut response = Response::custom(code, text);
        if close {
            response.action = Action::Close;
        }
        response
    }
}

impl Clone for Asking {
    fn clone(&self) -> Self {
        Self {
            questions: self.questions.clone(),
            accepted: Arc::clone(&self.accepted),
            connection: self.accepted.fetch_add(1, Ordering::SeqCst) + 1,
            hash: Xxh3::new(),
            bytes: 0,
        }
    }
}

impl Handler for Asking {
    fn helo(&mut self, _: IpAddr, name: &str) -> Response {
        self.ask(Asked::Hello { name })
    }

    fn mail(&mut self, _: IpAddr, name: &str, from: &str) -> Response {
        self.ask(Asked::Mail { name, from })
    }

    fn rcpt(&mut self, to: &str) -> Response {
        self.ask(Asked::Rcpt { to })
    }

    fn data_start(&mut self, name: &str, from: &str, eight_bit: bool, to: &[String]) -> Response {
        self.hash.reset();
        self.bytes = 0;
        self.ask(Asked::Data { name, from, eight_bit, to })
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.hash.update(line);
        self.bytes += line.len() as u64;
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.ask(Asked::EndOfData { hash: self.hash.digest(), bytes: self.bytes })
    }
}
