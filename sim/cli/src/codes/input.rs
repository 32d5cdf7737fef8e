//! A reply that somebody wants to have read, with where it comes from.

use serde::Deserialize;
use smtp::{EnhancedStatusCode, Reply, ReplyCode};
use verdicts::verdict::Stage;
use verdicts::{ProviderId, RuleBook};

use crate::args::Origin;

/// A reply with whose it is, as far as that is known.
pub(super) struct Input {
    pub(super) reply: Reply,
    pub(super) provider: Option<ProviderId>,
    pub(super) stage: Stage,
}

/// A line of a file. Other keys are passed over, so that files can say more.
#[derive(Debug, Deserialize)]
struct Line {
    code: Code,
    #[serde(default)]
    enhanced: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    mx: Option<String>,
    #[serde(default)]
    domain: Option<String>,
    #[serde(default)]
    phase: Option<String>,
}

/// A basic code, as a number or as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Code {
    Number(u64),
    Text(String),
}

impl Input {
    /// From the arguments of the command.
    pub(super) fn of_arguments(lines: &[String], origin: &Origin) -> Result<Self, String> {
        let text = lines.join("\n");
        let reply = Reply::parse(&text).ok_or_else(|| {
            let beginning: String = lines.join(" ").chars().take(40).collect();
            format!("`{beginning}` is no reply: it must begin with a code from 200 to 599, as in \"550 5.1.1 user unknown\"")
        })?;
        Self::new(reply, origin)
    }

    /// From a line of a file; what it does not say, the arguments say for all.
    pub(super) fn of_line(line: &[u8], origin: &Origin) -> Result<Self, String> {
        let line: Line = serde_json::from_slice(line).map_err(|error| cause(&error))?;
        let code = match &line.code {
            Code::Number(number) => u16::try_from(*number).ok(),
            Code::Text(text) => text.trim().parse().ok(),
        };
        let code = code.and_then(ReplyCode::new).ok_or("`code` must be a number from 200 to 599")?;
        let enhanced = match line.enhanced.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(EnhancedStatusCode::parse(text).ok_or_else(|| {
                format!("`{text}` is no enhanced code: write class.subject.detail, as in \"5.1.1\", or null")
            })?),
        };
        let origin = Origin {
            provider: line.provider.or_else(|| origin.provider.clone()),
            mx: line.mx.or_else(|| origin.mx.clone()),
            domain: line.domain.or_else(|| origin.domain.clone()),
            phase: line.phase.or_else(|| origin.phase.clone()),
        };
        Self::new(Reply::new(code.get(), enhanced, &line.text), &origin)
    }

    fn new(reply: Reply, origin: &Origin) -> Result<Self, String> {
        let stage = match origin.phase.as_deref() {
            None => Stage::Rcpt,
            Some(phase) => Stage::of_phase(phase).ok_or_else(|| {
                format!("`{phase}` is no phase: write connect, ehlo, mail, rcpt, data or end-of-data")
            })?,
        };
        Ok(Self { reply, provider: provider(origin)?, stage })
    }
}

/// What is wrong with a line, without the position that serde adds: it is always line 1.
fn cause(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    format!("{words}, at column {}", error.column())
}

/// Whose reply it is: the provider named, else that of the MX host, else that of the domain.
fn provider(origin: &Origin) -> Result<Option<ProviderId>, String> {
    let rules = RuleBook::shipped();
    if let Some(name) = &origin.provider {
        return rules.named(name).map(Some).ok_or_else(|| crate::providers::unknown(name));
    }
    Ok(rules.recognise(origin.mx.as_deref(), origin.domain.as_deref()))
}
