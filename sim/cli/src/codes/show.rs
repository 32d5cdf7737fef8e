//! A verdict, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use units::Span;
use verdicts::verdict::{Class, Disposition, Scope, Verdict};
use verdicts::{ProviderId, RuleBook};

use super::input::Input;
use crate::args::Format;

/// What a reply means.
pub(super) struct Shown<'a> {
    input: &'a Input,
    /// The line of the file that it stands in.
    line: Option<u64>,
    verdict: Verdict,
    provider: Option<ProviderId>,
}

/// A verdict as a JSON object. Every key is always there.
#[derive(Serialize)]
struct Object<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    code: u16,
    enhanced: Option<String>,
    class: &'a str,
    category: &'a str,
    scope: &'a str,
    action: &'a str,
    wait_seconds: Option<u64>,
    limit: Option<u32>,
    rule: &'a str,
    /// `words` or `number`.
    read_by: &'a str,
    reason: &'a str,
    provider: Option<&'a str>,
    /// `given` (by name, host or domain) or `words`.
    provider_by: Option<&'a str>,
    help_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Malformed<'a> {
    line: u64,
    error: &'a str,
}

impl<'a> Shown<'a> {
    pub(super) fn new(input: &'a Input, line: Option<u64>) -> Self {
        let rules = RuleBook::shipped();
        let (mut verdict, provider) = rules.reading(input.provider, input.stage, &input.reply);
        if provider.is_none() {
            // Of nobody in particular: the registry explains the enhanced codes.
            verdict.help_url = rules.help(rules.generic()).map(|help| help.url.as_str());
        }
        Self { input, line, verdict, provider }
    }

    /// As an answer to one question.
    pub(super) fn in_full(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => self.json(),
        }
    }

    /// As one of many; the first has a heading above it.
    pub(super) fn in_a_line(&self, format: Format, is_first: bool) -> String {
        match format {
            Format::Json => self.json(),
            Format::Text => {
                let heading = if is_first { HEADING } else { "" };
                let Verdict { class, category, scope, disposition, rule, .. } = self.verdict;
                let reply = self.reply();
                let start: String = reply.chars().take(60).collect();
                format!(
                    "{heading}{:>5}  {:<9}  {:<19}  {:<10}  {:<11}  {:<32}  {start}\n",
                    self.line.unwrap_or_default(),
                    class.name(),
                    category.name(),
                    scope.name(),
                    disposition.name(),
                    rule
                )
            }
        }
    }

    /// What decided.
    fn read_by(&self) -> &'static str {
        if self.verdict.is_by_number() { "number" } else { "words" }
    }

    /// Code and text, on one line.
    fn reply(&self) -> String {
        let reply = &self.input.reply;
        let enhanced = reply.enhanced().map(|code| format!(" {code}")).unwrap_or_default();
        format!("{}{enhanced} {}", reply.code(), reply.text().replace('\n', " | "))
    }

    fn json(&self) -> String {
        let Verdict { class, category, scope, disposition, wait, limit, rule, reason, help_url } =
            self.verdict;
        let object = Object {
            line: self.line,
            id: self.input.id.as_ref(),
            code: self.input.reply.code().get(),
            enhanced: self.input.reply.enhanced().map(|code| code.to_string()),
            class: class.name(),
            category: category.name(),
            scope: scope.name(),
            action: disposition.name(),
            wait_seconds: wait.map(|wait| wait.as_secs()),
            limit,
            rule,
            read_by: self.read_by(),
            reason,
            provider: self.provider.map(|id| RuleBook::shipped().provider(id).id),
            provider_by: self.provider.map(|_| if self.input.provider.is_some() { "given" } else { "words" }),
            help_url,
        };
        line_of(&object)
    }

    fn text(&self) -> String {
        let Verdict { class, category, scope, disposition, wait, limit, rule, reason, help_url } =
            self.verdict;
        let wait = wait.map(|wait| format!(" ({})", Span(wait))).unwrap_or_default();
        let mut text = format!("{}\n", self.reply());
        let mut fact = |label: &str, value: &str| {
            writeln!(text, "  {label:<9} {value}").expect("writing to a string");
        };
        fact("class", class.name());
        fact("category", category.name());
        fact("scope", &about(scope));
        fact("action", &format!("{}{wait}: {}", disposition.name(), disposition.about()));
        fact("then", fate(class, disposition));
        fact("reason", reason);
        fact(
            "rule",
            &format!(
                "{rule}, by {}",
                if self.read_by() == "words" { "its words" } else { "its number only" }
            ),
        );
        if let Some(limit) = limit {
            fact("limit", &limit.to_string());
        }
        if let Some(id) = self.provider {
            let recognised = if self.input.provider.is_none() { ", by its words" } else { "" };
            fact("provider", &format!("{}{recognised}", RuleBook::shipped().provider(id).name));
        } else if let Some(unknown) = &self.input.unknown {
            fact("provider", &format!("nobody is known to run `{unknown}`"));
        }
        fact("help", help_url.unwrap_or("no page is known"));
        text
    }
}

/// What a reply is a statement about, in words.
fn about(scope: Scope) -> String {
    match scope {
        Scope::Us => "about ourselves".to_owned(),
        _ => format!("about the {}", scope.name()),
    }
}

/// What becomes of the recipient.
const fn fate(class: Class, disposition: Disposition) -> &'static str {
    match (disposition, class) {
        (Disposition::Done, _) => "the recipient is delivered",
        (Disposition::GiveUp | Disposition::Suppress, _) | (Disposition::Suspend, Class::Hard) => {
            "the recipient is a hard bounce"
        }
        (Disposition::Retry | Disposition::RetryLater, Class::Hard) => {
            "if every attempt ends like this, the recipient is a hard bounce"
        }
        (Disposition::Retry | Disposition::RetryLater, _) => {
            "if every attempt ends like this, the recipient is a soft bounce"
        }
        (Disposition::AskPolicy, _) => "the mailing's policy for uncertain outcomes decides",
        _ => "the recipient keeps its attempts",
    }
}

/// Above many verdicts.
const HEADING: &str = " LINE  CLASS      CATEGORY             SCOPE       ACTION       RULE                              REPLY\n";

/// A line that could not be read, in its place among the answers.
pub(super) fn malformed(line: u64, error: &str, format: Format) -> String {
    match format {
        Format::Json => line_of(&Malformed { line, error }),
        Format::Text => format!("{line:>5}  not a reply: {error}\n"),
    }
}

fn line_of(object: &impl Serialize) -> String {
    serde_json::to_string(object).expect("texts and numbers are JSON") + "\n"
}
