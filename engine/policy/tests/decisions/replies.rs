//! How replies are read: those of every shipped profile, and a list of misleading ones.
//!
//! A reply stands as in a log, its lines joined by `\n` (also written: `\\`, and `\xNN` for a byte), with the stage in
//! front; below it stands the verdict:
//!
//! ```text
//! rcpt 450 4.2.1 The user you are trying to contact is receiving email at a rate ...
//!   -> soft, rate-limited, recipient, retry (gmail/busy-recipient)
//! ```
//!
//! Replies go through the parser, as they come from a server. A refused greeting or EHLO is read as the engine does it:
//! [`Reader::turned_away`]. The files of profiles are written as a whole, from the data; `rules.txt` is written by
//! hand, and only its verdicts are filled in. What a whole transaction adds to the reading (who is named by a reply, what
//! was said before) is in the matrix.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::Trial;
use policy::classify::Reader;
use policy::verdict::{Stage, Verdict};
use smtp::{Reply, ReplyParser};
use units::Span;
use verdicts::RuleBook;

use crate::annotation::{self, Annotation, Tally};
use crate::{golden, trial};

const PROFILES: &str = "../../scenarios/providers";

pub(crate) fn trials() -> Vec<Trial> {
    let mut profiles: Vec<PathBuf> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(PROFILES))
        .expect("the folder of the profiles is readable")
        .map(|entry| entry.expect("its entries are readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    profiles.sort();
    assert!(!profiles.is_empty(), "there are no profiles in {PROFILES}");
    let names: Vec<String> = profiles.iter().map(|path| name(path)).collect();
    let mut trials: Vec<_> =
        profiles.into_iter().map(|path| trial("replies", &name(&path), move || profile(&path))).collect();
    trials.push(trial("replies", "rules", || rules(&golden::path("replies/rules.txt"))));
    trials.push(trial("replies", "every table has a profile", move || every_table_has_a_profile(&names)));
    trials
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A reply and where it was given.
pub(crate) struct Case {
    pub(crate) reader: Reader,
    pub(crate) stage: Stage,
    pub(crate) reply: Arc<Reply>,
}

impl Case {
    /// What the engine makes of it.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.stage < Stage::Mail {
            self.reader.turned_away(self.stage, &self.reply).verdict
        } else {
            self.reader.reply(self.stage, &self.reply)
        }
    }

    /// Reads a line as this module describes it.
    fn parse(reader: Reader, line: &str) -> Result<Self, String> {
        let (stage, wire) = line.split_once(' ').ok_or_else(|| format!("`{line}` has no reply"))?;
        let stage = stage_named(stage).ok_or_else(|| format!("`{stage}` is no stage, in `{line}`"))?;
        let mut bytes = unescaped(wire)?;
        bytes.extend_from_slice(b"\r\n");
        let mut parser = ReplyParser::new();
        parser.feed(&bytes);
        match parser.next() {
            Ok(Some(reply)) => Ok(Self { reader, stage, reply: Arc::new(reply) }),
            Ok(None) => Err(format!("`{line}` is no complete reply")),
            Err(fault) => Err(format!("`{line}` is no reply: {fault}")),
        }
    }
}

/// All replies of `rules.txt`.
pub(crate) fn misleading() -> Vec<Case> {
    let text = fs::read_to_string(golden::path("replies/rules.txt")).expect("rules.txt is readable");
    text.lines()
        .filter(|line| is_case(line))
        .map(|line| Case::parse(Reader::default(), line).expect("a reply"))
        .collect()
}

/// The table of a hand-written list, its comments and order kept.
fn rules(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut table = String::new();
    for line in text.lines().filter(|line| !line.starts_with("  -> ")) {
        table += &format!("{line}\n");
        if is_case(line) {
            table += &shown(&Case::parse(Reader::default(), line)?.verdict());
        }
    }
    golden::check(path, &table)
}

fn is_case(line: &str) -> bool {
    !line.is_empty() && !line.starts_with(['#', ' '])
}

/// The table of a profile, with how far it agrees with what the data say.
fn profile(path: &Path) -> Result<(), String> {
    let name = name(path);
    let table_path = golden::path(&format!("replies/{name}.txt"));
    let accepted = annotation::accepted(&fs::read_to_string(&table_path).unwrap_or_default());
    let mut table = format!("# How the replies of scenarios/providers/{name}.yaml are read.\n");
    let mut tally = Tally::default();
    for annotation in annotation::read(path)? {
        let reader = Reader { provider: RuleBook::shipped().named(annotation.provider()) };
        let case = Case::parse(reader, &line(&annotation))?;
        let verdict = case.verdict();
        writeln!(table, "\n# {}\n{}", annotation.id, line(&annotation)).expect("writing to a string");
        table += &shown(&verdict);
        // What is true is about the reply; that nobody was named when it was given is the engine's concern.
        table += &tally.compare(&annotation, &reader.reply(annotation.stage, &case.reply));
    }
    table += &tally.summary(&accepted);
    golden::check(&table_path, &table)?;
    tally.guard(&accepted)
}

fn shown(verdict: &Verdict) -> String {
    let Verdict { class, category, scope, disposition, wait, limit, rule, .. } = verdict;
    let (class, disposition) = (class.name(), disposition.name());
    let wait = wait.map(|wait| format!(" {}", Span(wait))).unwrap_or_default();
    let limit = limit.map(|limit| format!(" (limit {limit})")).unwrap_or_default();
    format!("  -> {class}, {}, {}, {disposition}{wait}{limit} ({rule})\n", category.name(), scope.name())
}

/// The name of an enum's variant as reports write names: `SlowDown` is `slow-down`.
pub(crate) fn kebab(value: &impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for letter in format!("{value:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A reply of a profile as a line of a table.
fn line(annotation: &Annotation) -> String {
    let mut wire = Vec::new();
    annotation.reply.encode(&mut wire);
    let wire = String::from_utf8_lossy(&wire).replace('\\', r"\\").replace("\r\n", "\n");
    format!("{} {}", kebab(&annotation.stage), wire.trim_end_matches('\n').replace('\n', r"\n"))
}

fn unescaped(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut parts = text.split('\\');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    while let Some(part) = parts.next() {
        let (byte, rest) = match part.as_bytes().first() {
            Some(b'n') => (b'\n', &part[1..]),
            Some(b'x') => {
                let number = part.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
                (number.ok_or_else(|| format!("`\\{part}` is no escape"))?, &part[3..])
            }
            None => (b'\\', parts.next().unwrap_or_default()),
            Some(_) => return Err(format!("`\\{part}` is no escape")),
        };
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Ok(bytes)
}

fn stage_named(name: &str) -> Option<Stage> {
    let stages = [Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::EndOfData];
    stages.into_iter().find(|stage| kebab(stage) == name)
}

/// A table without a profile checks nothing.
fn every_table_has_a_profile(profiles: &[String]) -> Result<(), String> {
    let tables = fs::read_dir(golden::path("replies")).map_err(|error| error.to_string())?;
    let orphans: Vec<String> = tables
        .map(|entry| name(&entry.expect("its entries are readable").path()))
        .filter(|table| table != "rules" && !profiles.contains(table))
        .collect();
    if orphans.is_empty() { Ok(()) } else { Err(format!("no profile has this name: {orphans:?}")) }
}
