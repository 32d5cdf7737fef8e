//! What the referee asks, and what it is answered: a JSON object a line each. The program has the same types in
//! `sim/referee/src/questions.rs`; two programs share no code.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What mailin made of something that it read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Question {
    /// Connections are counted from 1 in the order in which they were accepted.
    pub(crate) connection: u64,
    #[serde(flatten)]
    pub(crate) asked: Asked,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "asked", rename_all = "kebab-case")]
pub(crate) enum Asked {
    Hello {
        name: String,
    },
    Mail {
        name: String,
        from: String,
    },
    Rcpt {
        to: String,
    },
    Data {
        name: String,
        from: String,
        eight_bit: bool,
        to: Vec<String>,
    },
    /// The content without dot-stuffing: its XXH3 and how many octets it has.
    EndOfData {
        hash: u64,
        bytes: u64,
    },
}

/// What shall be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    /// One line, the enhanced code included.
    pub(crate) text: String,
    /// Whether the connection shall be closed afterwards.
    pub(crate) close: bool,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello { name } => write!(f, "EHLO of `{name}`"),
            Self::Mail { name, from } => write!(f, "MAIL from <{from}> by `{name}`"),
            Self::Rcpt { to } => write!(f, "RCPT to <{to}>"),
            Self::Data { name, from, eight_bit, to } => {
                let what = if *eight_bit { "8-bit message" } else { "message" };
                write!(f, "DATA: a {what} from <{from}> by `{name}` to {}", to.join(", "))
            }
            Self::EndOfData { hash, bytes } => {
                write!(f, "the end of a message of {bytes} octets with the hash {hash:016x}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_the_program_writes_and_reads_them() {
        let line = r#"{"connection":3,"asked":"end-of-data","hash":18446744073709551615,"bytes":7}"#;
        let question: Question = serde_json::from_str(line).expect("a question");
        let asked = Asked::EndOfData { hash: u64::MAX, bytes: 7 };
        assert_eq!(question, Question { connection: 3, asked });
        let answer = Answer { code: 550, text: "5.1.1 no".to_owned(), close: false };
        assert_eq!(
            serde_json::to_string(&answer).expect("plain data"),
            r#"{"code":550,"text":"5.1.1 no","close":false}"#
        );
    }
}
