//! `bouncelab providers`: who is known, how to recognise them, and what they say.

use std::fmt::Write as _;
use std::io::Write as _;

use fleet::{Habit, KnownReply, Particulars, library};
use verdicts::verdict::{Class, Stage};
use verdicts::{Help, PageOwner, Provider, ProviderId, RuleBook};

use crate::args::Providers;
use crate::{Exit, Streams};

pub(crate) fn providers(wanted: &Providers, streams: &mut Streams<'_>) -> Exit {
    let rules = RuleBook::shipped();
    let found = match (&wanted.name, &wanted.mx) {
        (None, None) => {
            let _ = write!(streams.out, "{}", list(rules));
            return Exit::Held;
        }
        (Some(name), _) => rules.named(name).ok_or_else(|| unknown(name)),
        (None, Some(host)) => {
            rules.recognise(Some(host), None).ok_or_else(|| format!("nobody is known to run `{host}`"))
        }
    };
    match found {
        Ok(id) => {
            let _ = write!(streams.out, "{}", profile(rules, id));
            Exit::Held
        }
        Err(problem) => streams.fail(Exit::NothingMatched, problem),
    }
}

/// That there is no such provider, with the nearest one.
pub(crate) fn unknown(name: &str) -> String {
    let names: Vec<&str> = RuleBook::shipped().providers().map(|(_, provider)| provider.id).collect();
    match scenario::did_you_mean(name, &names) {
        Some(near) => format!("there is no provider `{name}`: did you mean `{near}`?"),
        None => format!("there is no provider `{name}`: `bouncelab providers` lists them"),
    }
}

/// The replies that are known of a provider.
fn replies(id: &str) -> Vec<&'static KnownReply> {
    let all = library().profiles().flat_map(|profile| &profile.replies);
    all.filter(|reply| reply.provider() == id).collect()
}

fn list(rules: &RuleBook) -> String {
    let mut text = format!("{:<18} {:<9} {:>7}  {:<40} {}\n", "NAME", "KIND", "REPLIES", "MX", "HELP");
    for (id, provider) in rules.providers() {
        let mx = match provider.mx_patterns.as_slice() {
            [] => "any host".to_owned(),
            [only] => only.clone(),
            [first, ..] => format!("{first}, …"),
        };
        let help = rules.help(id).map_or("", |help| &help.url);
        let (kind, count) = (provider.kind.name(), replies(provider.id).len());
        writeln!(text, "{:<18} {kind:<9} {count:>7}  {mx:<40} {help}", provider.id)
            .expect("writing to a string");
    }
    text
}

fn profile(rules: &'static RuleBook, id: ProviderId) -> String {
    let provider = rules.provider(id);
    let mut text = format!("{} ({}), {}\n", provider.name, provider.id, provider.kind.name());
    let mut fact = |label: &str, value: &str| {
        if !value.is_empty() {
            writeln!(text, "  {label:<9} {value}").expect("writing to a string");
        }
    };
    fact("domains", &provider.domains.join(", "));
    fact("MX", &mx(provider));
    fact("runs on", provider.runs_on.map_or("", |platform| rules.provider(platform).id));
    fact("help", &rules.help(id).map_or_else(|| "no page is known".to_owned(), page));
    provider.limits.iter().for_each(|limit| fact("limit", limit));
    fact("note", &provider.note);
    provider.sources.iter().for_each(|source| fact("source", source));
    text += &habits(provider.id);
    let replies = replies(provider.id);
    writeln!(text, "\n{} known replies", replies.len()).expect("writing to a string");
    for reply in replies {
        text += &told(rules, id, reply);
    }
    text
}

/// What it is known to do, as scenarios write it; nothing if nothing is known.
fn habits(id: &str) -> String {
    // The generic profile speaks as Postfix does.
    let profile = if id == "postfix" { Some(library().generic()) } else { library().get(id) };
    let known = profile.map_or(&[][..], |profile| profile.habits.as_slice());
    let told = |habit: &Habit| {
        let note = if habit.note.is_empty() { String::new() } else { format!("\n    {}", habit.note) };
        format!("\n  {}{note}\n    {}: {}\n", habit.text, habit.provenance.name(), habit.source)
    };
    match known {
        [] => String::new(),
        known => format!(
            "\nHabits, turned on by `habits: as_published`\n{}",
            known.iter().map(told).collect::<String>()
        ),
    }
}

fn mx(provider: &Provider) -> String {
    let basis =
        if provider.mx_basis.is_empty() { String::new() } else { format!(" ({})", provider.mx_basis) };
    if provider.mx_patterns.is_empty() { String::new() } else { provider.mx_patterns.join(", ") + &basis }
}

fn page(help: &Help) -> String {
    match help.owner {
        PageOwner::Provider => format!("{} (official)", help.url),
        PageOwner::ThirdParty => format!("{} (by a third party)", help.url),
    }
}

/// A reply, what is true about it, and how it is read.
fn told(rules: &'static RuleBook, provider: ProviderId, known: &KnownReply) -> String {
    let reply = known.in_words(&Particulars::EXAMPLE);
    let enhanced = reply.enhanced().map(|code| format!(" {code}")).unwrap_or_default();
    let stage = Stage::of_phase(known.phase.name()).expect("phases have the names of stages");
    let read = rules.verdict(Some(provider), stage, &reply);
    let mut text = format!("\n  {}  at {}\n", known.id, known.phase.name());
    let mut line = |words: &str| writeln!(text, "    {words}").expect("writing to a string");
    line(&format!("{}{enhanced} {}", reply.code(), reply.text().replace('\n', "\n    ")));
    line(&format!(
        "{}, {}, about the {}; rule {}",
        known.category,
        known.permanence.name(),
        known.scope.name(),
        read.rule
    ));
    let is_permanent = known.permanence.name() == "permanent";
    if read.category.name() != known.category || (read.class == Class::Hard) != is_permanent {
        line(&format!("read otherwise: {}, {}", read.class.name(), read.category.name()));
    }
    if let Some(misleading) = &known.misleading {
        line(&format!("misleading: {misleading}"));
    }
    line(&format!("{}: {}", known.provenance.name(), known.source));
    text
}
