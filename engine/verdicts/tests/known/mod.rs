//! Replies with what is known to be true about them, and how far the rules agree.
//!
//! Shared by the tests of the rules and the example `confusion`. Files are YAML: a list of replies, or a map with `replies`.
//! Each has `id`, `code`, `text` and what is true: `category`, `permanence`, `scope`; optionally `enhanced`, `phase`, `frequency`,
//! `provider` (else the id tells: `gmail-002`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;
use smtp::{EnhancedStatusCode, Reply};
use verdicts::verdict::{Category, Class, Scope, Stage, Verdict};
use verdicts::{ProviderId, RuleBook};

/// A reply and what is true about it.
pub(crate) struct Known {
    /// Its identifier.
    pub(crate) id: String,
    /// Who gives it.
    pub(crate) provider: Option<ProviderId>,
    /// Where it is given.
    pub(crate) stage: Stage,
    /// The reply.
    pub(crate) reply: Reply,
    /// How often it is met.
    pub(crate) frequency: String,
    /// Its true reason.
    pub(crate) category: String,
    is_permanent: bool,
    scope: String,
}

/// The replies of all profiles.
pub(crate) fn profiles() -> Vec<Known> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/providers");
    let entries = fs::read_dir(folder).expect("the folder of the profiles is readable");
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("its entries are readable").path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| read(path)).collect()
}

/// Replies collected by somebody who did not know the rules, and looked at afterwards.
pub(crate) fn held_out() -> Vec<Known> {
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/held-out.yaml")))
}

/// Replies that nobody who wrote rules has looked at.
pub(crate) fn unseen() -> Vec<Known> {
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/unseen.yaml")))
}

/// The replies of a file.
///
/// # Panics
/// The file cannot be read, or is not written as it should be.
pub(crate) fn read(path: &Path) -> Vec<Known> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let value: Value =
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let list = value.get("replies").unwrap_or(&value).as_sequence();
    list.unwrap_or_else(|| panic!("{} has no replies", path.display())).iter().map(known).collect()
}

fn known(entry: &Value) -> Known {
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let id = text("id");
    let code = entry["code"].as_u64().and_then(|code| u16::try_from(code).ok()).expect("a code");
    let provider = match entry["provider"].as_str() {
        Some(provider) => provider,
        None => id.rsplit_once('-').expect("an id is PROVIDER-NUMBER").0,
    };
    Known {
        provider: RuleBook::shipped().named(provider),
        stage: Stage::of_phase(&text("phase")).unwrap_or(Stage::Rcpt),
        reply: Reply::new(code, EnhancedStatusCode::parse(&text("enhanced")), &text("text")),
        frequency: text("frequency"),
        category: text("category"),
        is_permanent: text("permanence") == "permanent",
        scope: text("scope"),
        id,
    }
}

impl Known {
    /// What the rules make of it.
    pub(crate) fn verdict(&self) -> Verdict {
        RuleBook::shipped().verdict(self.provider, self.stage, &self.reply)
    }

    /// The reply, with what is true and what was read, in three lines.
    pub(crate) fn shown(&self, verdict: &Verdict) -> String {
        let class = if self.is_permanent { "hard" } else { "soft" };
        format!(
            "{} {:?}: {} {} {}\n    true {class} {} {}\n    read {} {} {} by {}\n",
            self.id,
            self.stage,
            self.reply.code(),
            self.reply.enhanced().map(|code| code.to_string()).unwrap_or_default(),
            self.reply.text().replace('\n', "\\n"),
            self.category,
            self.scope,
            verdict.class.name(),
            verdict.category.name(),
            verdict.scope.name(),
            verdict.rule,
        )
    }
}

/// How often reading and truth agree.
#[derive(Default)]
pub(crate) struct Figures {
    replies: usize,
    category: usize,
    class: usize,
    address_read: usize,
    address_true: usize,
    address_both: usize,
    confusion: BTreeMap<(String, &'static str), usize>,
}

impl Figures {
    /// The figures of these replies.
    pub(crate) fn of(replies: &[Known]) -> Self {
        let mut figures = Self::default();
        for known in replies {
            figures.add(known, &known.verdict());
        }
        figures
    }

    /// Counts a reply; whether it was read rightly.
    pub(crate) fn add(&mut self, known: &Known, verdict: &Verdict) -> bool {
        let category = verdict.category.name() == known.category;
        let class = (verdict.class == Class::Hard) == known.is_permanent;
        let (read, is_true) = (verdict.scope == Scope::Address, known.scope == "address");
        self.replies += 1;
        self.category += usize::from(category);
        self.class += usize::from(class);
        self.address_read += usize::from(read);
        self.address_true += usize::from(is_true);
        self.address_both += usize::from(read && is_true);
        *self.confusion.entry((known.category.clone(), verdict.category.name())).or_default() += 1;
        category && class && read == is_true
    }

    /// The shares that must be high, in tenths of a percent: category, class, precision and recall of the scope `address`.
    pub(crate) fn shares(&self) -> [usize; 4] {
        let share = |part: usize, whole: usize| part * 1000 / whole.max(1);
        [
            share(self.category, self.replies),
            share(self.class, self.replies),
            share(self.address_both, self.address_read),
            share(self.address_both, self.address_true),
        ]
    }

    /// The shares as lines of a table.
    pub(crate) fn summary(&self) -> String {
        let [category, class, precision, recall] =
            self.shares().map(|share| format!("{}.{} %", share / 10, share % 10));
        format!(
            "| replies | {} |\n| category right | {category} |\n| class right (passes by itself or not) | {class} |\n\
             | scope `address`: precision | {precision} |\n| scope `address`: recall | {recall} |\n",
            self.replies
        )
    }

    /// Who was taken for whom: a line for each true category.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from("| truth | replies | read rightly | taken for |\n|---|---|---|---|\n");
        for category in Category::ALL.map(Category::name) {
            let row: Vec<(&str, usize)> = self
                .confusion
                .iter()
                .filter(|((truth, _), _)| truth == category)
                .map(|((_, read), count)| (*read, *count))
                .collect();
            let all: usize = row.iter().map(|(_, count)| count).sum();
            if all == 0 {
                continue;
            }
            let right = row.iter().find(|(read, _)| *read == category).map_or(0, |(_, count)| *count);
            let wrong: Vec<String> = row
                .iter()
                .filter(|(read, _)| *read != category)
                .map(|(read, count)| format!("{read} {count}"))
                .collect();
            writeln!(text, "| {category} | {all} | {right} | {} |", wrong.join(", "))
                .expect("writing to a string");
        }
        text
    }
}
