//! What is true about the replies of a profile, and how far reading them by their numbers agrees with it.
//!
//! The data say for each reply its true reason, whether it passes by itself, and what it is a statement about, found by
//! people who read the provider's pages. Reading by number is known to be weak; how weak is written at the end of each
//! table and not asserted. What is asserted is the one mistake that costs a contact: a reply about something else that is
//! read as proof against the address. Where numbers cannot avoid it, the reply is listed as an exception with the reason,
//! by hand; blessing neither adds nor removes one.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use policy::verdict::{Class, Scope, Stage, Verdict};
use serde_yaml::Value;
use smtp::{EnhancedStatusCode, Reply};

const EXCEPTIONS: &str = "# Hard against the address although the data say otherwise, accepted:\n";

/// A reply of a profile and what is true about it.
pub(crate) struct Annotation {
    pub(crate) id: String,
    pub(crate) stage: Stage,
    pub(crate) reply: Reply,
    category: String,
    permanence: String,
    scope: String,
}

/// All replies of the profile at `path`.
pub(crate) fn read(path: &Path) -> Result<Vec<Annotation>, String> {
    let wrong = |problem: &str| format!("{}: {problem}", path.display());
    let text = fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
    let profile: Value = serde_yaml::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let replies = profile["replies"].as_sequence().ok_or_else(|| wrong("it has no replies"))?;
    replies
        .iter()
        .map(|reply| annotation(reply).ok_or_else(|| wrong(&format!("cannot read {reply:?}"))))
        .collect()
}

fn annotation(entry: &Value) -> Option<Annotation> {
    let text = |key: &str| entry[key].as_str().map(str::to_owned);
    let code = u16::try_from(entry["code"].as_u64()?).ok()?;
    let enhanced = match &entry["enhanced"] {
        Value::Null => None,
        enhanced => Some(EnhancedStatusCode::parse(enhanced.as_str()?)?),
    };
    Some(Annotation {
        id: text("id")?,
        stage: stage(entry["phase"].as_str()?)?,
        reply: Reply::new(code, enhanced, &text("text")?),
        category: text("category")?,
        permanence: text("permanence")?,
        scope: text("scope")?,
    })
}

fn stage(phase: &str) -> Option<Stage> {
    Some(match phase {
        "connect" => Stage::Greeting,
        "ehlo" => Stage::Ehlo,
        "mail" => Stage::Mail,
        "rcpt" => Stage::Rcpt,
        "data" => Stage::Data,
        "end-of-data" => Stage::EndOfData,
        _ => return None,
    })
}

impl Annotation {
    /// Whose reply it is: ids are made of it and a number.
    pub(crate) fn provider(&self) -> &str {
        self.id.rsplit_once('-').map_or(self.id.as_str(), |(provider, _)| provider)
    }

    fn agrees_on_class(&self, class: Class) -> bool {
        match self.permanence.as_str() {
            "permanent" => class == Class::Hard,
            "temporary" => class == Class::Soft,
            other => panic!("{} is neither permanent nor temporary but {other}", self.id),
        }
    }

    fn agrees_on_scope(&self, scope: Scope) -> bool {
        match self.scope.as_str() {
            "address" => scope == Scope::Address,
            "message" => scope == Scope::Message,
            "sender-ip" | "sender-domain" => scope == Scope::Source,
            "system" => scope == Scope::Site,
            "connection" => scope == Scope::Connection,
            "recipient" => scope == Scope::Recipient,
            other => panic!("{} has the scope {other}, which is not known here", self.id),
        }
    }
}

/// How often data and reading agree.
#[derive(Default)]
pub(crate) struct Tally {
    replies: usize,
    category: usize,
    permanence: usize,
    scope: usize,
    all: usize,
    /// Hard, but it passes by itself.
    too_hard: Vec<String>,
    /// Soft, but it does not pass.
    too_soft: Vec<String>,
    /// Read as proof against the address, without being about it.
    convicted: Vec<String>,
}

/// A reply that is read as proof against the address without being about it, and why that is accepted.
pub(crate) struct Exception {
    id: String,
    reason: String,
}

/// The exceptions that a table lists at its end.
pub(crate) fn accepted(table: &str) -> Vec<Exception> {
    let list = table.split_once(EXCEPTIONS).map_or("", |(_, list)| list);
    list.lines()
        .filter_map(|line| line.trim().split_once(": "))
        .map(|(id, reason)| Exception { id: id.to_owned(), reason: reason.to_owned() })
        .collect()
}

impl Tally {
    /// Counts a reply, and says what is true about it where it was read otherwise.
    pub(crate) fn compare(&mut self, annotation: &Annotation, verdict: &Verdict) -> String {
        let category = annotation.category == verdict.category.name();
        let permanence = annotation.agrees_on_class(verdict.class);
        let scope = annotation.agrees_on_scope(verdict.scope);
        self.replies += 1;
        self.category += usize::from(category);
        self.permanence += usize::from(permanence);
        self.scope += usize::from(scope);
        self.all += usize::from(category && permanence && scope);
        match verdict.class {
            Class::Hard if !permanence => self.too_hard.push(annotation.id.clone()),
            Class::Soft if !permanence => self.too_soft.push(annotation.id.clone()),
            Class::Hard | Class::Soft | Class::Delivered | Class::Uncertain => {}
        }
        let is_about_the_address = annotation.scope == "address";
        if (verdict.class, verdict.scope) == (Class::Hard, Scope::Address) && !is_about_the_address {
            self.convicted.push(annotation.id.clone());
        }
        let Annotation { category: reason, permanence: time, scope: about, .. } = annotation;
        let truths = [(permanence, time), (category, reason), (scope, about)];
        let missed: Vec<_> =
            truths.iter().filter(|(agrees, _)| !agrees).map(|(_, truth)| truth.as_str()).collect();
        if missed.is_empty() { String::new() } else { format!("     in truth {}\n", missed.join(", ")) }
    }

    /// The end of a table: the figures, and the exceptions with their reasons.
    pub(crate) fn summary(&self, accepted: &[Exception]) -> String {
        let share =
            |count: usize| format!("{count} ({} %)", (count * 100 + self.replies / 2) / self.replies.max(1));
        let mut text = format!(
            "\n# Of {} replies as the data say: category {}, permanence {}, scope {}, all three {}.\n",
            self.replies,
            share(self.category),
            share(self.permanence),
            share(self.scope),
            share(self.all),
        );
        for (mistake, ids) in [
            ("Hard, but it passes by itself", &self.too_hard),
            ("Soft, but it does not pass", &self.too_soft),
        ] {
            let ids = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
            writeln!(text, "# {mistake}: {ids}.").expect("writing to a string");
        }
        text += EXCEPTIONS;
        if accepted.is_empty() {
            text += "  none\n";
        }
        for Exception { id, reason } in accepted {
            writeln!(text, "  {id}: {reason}").expect("writing to a string");
        }
        text
    }

    /// Complains about whoever is convicted without being excepted, and about exceptions that are not needed.
    pub(crate) fn guard(&self, accepted: &[Exception]) -> Result<(), String> {
        let is_excepted = |id: &&String| accepted.iter().any(|exception| exception.id == **id);
        let mut problems: Vec<String> = self
            .convicted
            .iter()
            .filter(|id| !is_excepted(id))
            .map(|id| format!("{id} is read as proof against the address, but is not about it"))
            .collect();
        let idle = accepted.iter().filter(|exception| !self.convicted.contains(&exception.id));
        problems.extend(idle.map(|exception| format!("{} needs no exception any more", exception.id)));
        if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
    }
}
