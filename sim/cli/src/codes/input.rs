//! A reply that somebody wants to have read, with where it comes from.

use serde_json::{Map, Value};
use smtp::{EnhancedStatusCode, Reply, ReplyClass, ReplyCode};
use verdicts::verdict::Stage;
use verdicts::{ProviderId, RuleBook};

use crate::args::Origin;

/// A reply with whose it is, as far as that is known.
pub(super) struct Input {
    pub(super) reply: Reply,
    pub(super) provider: Option<ProviderId>,
    pub(super) stage: Stage,
    /// The host or domain that was given, if nobody is known to run it.
    pub(super) unknown: Option<String>,
    /// What the line of a file is called by whoever wrote it: handed back as it is.
    pub(super) id: Option<Value>,
}

/// Commands as logs name them, and the phase in which they are answered.
const COMMANDS: [(&str, &str); 6] = [
    ("in reply to EHLO", "ehlo"),
    ("in reply to HELO", "ehlo"),
    ("in reply to MAIL", "mail"),
    ("in reply to RCPT", "rcpt"),
    ("in reply to DATA", "data"),
    ("in reply to end of DATA", "end-of-data"),
];

impl Input {
    /// From the arguments of the command: lines of a reply, or its words, as they stand in a log.
    pub(super) fn of_arguments(arguments: &[String], origin: &Origin) -> Result<Self, String> {
        let has_code = |line: &String| code_of(line).is_some();
        let is_words = !arguments.iter().skip(1).any(has_code);
        let text = arguments.join(if is_words { " " } else { "\n" });
        let text = unwrapped(&text);
        let first = code_of(text);
        let other = text.lines().filter_map(code_of).find(|code| Some(*code) != first);
        if let (Some(first), Some(other)) = (first, other) {
            return Err(format!(
                "the lines have different codes, {first} and {other}: give one reply at a time"
            ));
        }
        let reply = Reply::parse(text).ok_or_else(|| {
            let beginning: String = text.chars().take(40).collect();
            format!(
                "`{beginning}` is no reply: it must begin with a code from 200 to 599, as in \"550 5.1.1 user unknown\""
            )
        })?;
        let said = COMMANDS.iter().find(|(command, _)| text.contains(command)).map(|(_, phase)| *phase);
        Self::new(reply, origin, said)
    }

    /// From a line of a file; what it does not say, the arguments say for all.
    pub(super) fn of_line(line: &[u8], origin: &Origin) -> Result<Self, String> {
        // Bytes that are not UTF-8 are taken for Latin-1, as in a reply.
        let text_of_line = match std::str::from_utf8(line) {
            Ok(text) => text.into(),
            Err(_) => line.iter().map(|byte| char::from(*byte)).collect::<String>(),
        };
        let value: Value = serde_json::from_str(&text_of_line).map_err(|error| {
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or_default();
            format!("not JSON ({words}, at column {})", error.column())
        })?;
        let Value::Object(line) = value else {
            let hint = if value.is_array() { "; one object a line, not a list (`jq -c '.[]'`)" } else { "" };
            return Err(format!("not an object, but {}{hint}", kind(&value)));
        };
        let code = match &line.get("code") {
            Some(Value::Number(number)) => number.as_u64().and_then(|code| u16::try_from(code).ok()),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
            None => return Err("`code` is missing".to_owned()),
        };
        let code = code.and_then(ReplyCode::new).ok_or("`code` must be a whole number from 200 to 599")?;
        if !line.contains_key("text") {
            return Err("`text` is missing: write \"\" if the reply has none".to_owned());
        }
        let words = text(&line, "text")?.unwrap_or_default();
        let enhanced = match text(&line, "enhanced")?.map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(EnhancedStatusCode::parse(text).ok_or_else(|| {
                format!("`{text}` is no enhanced code: write class.subject.detail, as in \"5.1.1\", or null")
            })?),
        };
        let own = |key: &str, all: &Option<String>| -> Result<Option<String>, String> {
            Ok(text(&line, key)?.map(str::to_owned).or_else(|| all.clone()))
        };
        let origin = Origin {
            provider: own("provider", &origin.provider)?,
            mx: own("mx", &origin.mx)?,
            domain: own("domain", &origin.domain)?,
            phase: own("phase", &origin.phase)?,
        };
        let input = Self::new(Reply::new(code.get(), enhanced, words), &origin, None)?;
        Ok(Self { id: line.get("id").cloned(), ..input })
    }

    /// `said` is the phase that the reply itself tells.
    fn new(reply: Reply, origin: &Origin, said: Option<&str>) -> Result<Self, String> {
        let accepts = matches!(reply.class(), ReplyClass::Positive | ReplyClass::Intermediate);
        let stage = match origin.phase.as_deref().or(said) {
            None if accepts => Stage::EndOfData,
            None => Stage::Rcpt,
            Some(phase) => Stage::of_phase(&phase.to_ascii_lowercase()).ok_or_else(|| {
                format!("`{phase}` is no phase: write connect, ehlo, mail, rcpt, data or end-of-data")
            })?,
        };
        if reply.class() == ReplyClass::Intermediate || (accepts && stage != Stage::EndOfData) {
            return Err(format!("{} refuses nothing, and delivers nothing either", reply.code()));
        }
        let provider = provider(origin)?;
        let unknown = origin.mx.as_ref().or(origin.domain.as_ref()).filter(|_| provider.is_none()).cloned();
        Ok(Self { reply, provider, stage, unknown, id: None })
    }
}

/// A reply without what logs and reports put around it.
fn unwrapped(text: &str) -> &str {
    let text = text.trim().trim_matches(['"', '\'']);
    let text = text.split_once(" said: ").map_or(text, |(_, said)| said);
    let text = text.strip_prefix("smtp;").or_else(|| text.strip_prefix("SMTP;")).unwrap_or(text);
    text.trim_start()
}

/// The code that a line begins with.
fn code_of(line: &str) -> Option<u16> {
    let line = line.trim_start();
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.parse().ok().filter(|code| (200..600).contains(code))?;
    rest.is_empty().then_some(code).or_else(|| rest.starts_with([' ', '-']).then_some(code))
}

/// The text of a key; nothing if it is missing or null.
fn text<'a>(line: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, String> {
    match line.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("`{key}` must be text, not {}", kind(other))),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whose reply it is: the provider named, else that of the MX host, else that of the domain, which may be that of an address.
fn provider(origin: &Origin) -> Result<Option<ProviderId>, String> {
    let rules = RuleBook::shipped();
    if let Some(name) = &origin.provider {
        let name = name.to_ascii_lowercase();
        return rules.named(&name).map(Some).ok_or_else(|| crate::providers::unknown(&name));
    }
    let domain = origin.domain.as_deref().map(|domain| domain.rsplit('@').next().unwrap_or(domain));
    Ok(rules.recognise(origin.mx.as_deref(), domain))
}
