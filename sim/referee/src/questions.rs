//! The questions to the harness, and its answers: a JSON object a line each. The harness has the same types in
//! `sim/harness/src/wire/referee/questions.rs`; two programs share no code, and a word that one does not know ends the run.

use std::io::{self, BufRead, Write};
use std::process;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What mailin made of something that it read.
#[derive(Debug, Serialize)]
pub(crate) struct Question<'a> {
    /// Connections are counted from 1 in the order in which they were accepted.
    pub(crate) connection: u64,
    #[serde(flatten)]
    pub(crate) asked: Asked<'a>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "asked", rename_all = "kebab-case")]
pub(crate) enum Asked<'a> {
    Hello {
        name: &'a str,
    },
    Mail {
        name: &'a str,
        from: &'a str,
    },
    Rcpt {
        to: &'a str,
    },
    Data {
        name: &'a str,
        from: &'a str,
        eight_bit: bool,
        to: &'a [String],
    },
    /// The content without dot-stuffing: its XXH3 and how many octets it has.
    EndOfData {
        hash: u64,
        bytes: u64,
    },
}

/// What shall be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    /// One line, the enhanced code included.
    pub(crate) text: String,
    /// Whether the connection shall be closed afterwards.
    pub(crate) close: bool,
}

/// Asks the harness. There is one for all connections, which take turns.
#[derive(Clone)]
pub(crate) struct Questions(Arc<Mutex<Receiver<String>>>);

impl Questions {
    /// Listens to the answers. When there are no more, the process ends: nobody is left to ask.
    pub(crate) fn start() -> Self {
        let (send, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                let Ok(line) = line else { break };
                if send.send(line).is_err() {
                    break;
                }
            }
            process::exit(0);
        });
        Self(Arc::new(Mutex::new(answers)))
    }

    /// Asks, and waits for the answer. What is no answer ends the process, and with it the run.
    pub(crate) fn ask(&self, question: &Question<'_>) -> Answer {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = serde_json::to_string(question).map_err(io::Error::from).and_then(|line| {
            let mut out = io::stdout().lock();
            out.write_all(format!("{line}\n").as_bytes())?;
            out.flush()
        });
        let answer = asked.ok().and_then(|()| answers.recv().ok());
        let Some(answer) = answer.and_then(|line| serde_json::from_str(&line).ok()) else {
            process::exit(65);
        };
        answer
    }
}
