//! What no lint knows: rules for the texts of this repository. All offences of a rule are listed at once.
//!
//! A file may be excepted from a rule for a reason ([`EXCEPTIONS`]); an exception that is not needed is an offence too.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::{files, golden, invalid, trial};

/// A rule: its name, which files it is for, and what offends against it in such a file.
struct Rule {
    name: &'static str,
    applies: fn(&Path) -> bool,
    offence: fn(&Path, &str) -> Option<String>,
}

const RULES: [Rule; 6] = [
    Rule { name: "module comments", applies: is_rust, offence: no_module_comment },
    Rule { name: "file length", applies: is_rust, offence: too_long },
    Rule { name: "machine paths", applies: |_| true, offence: machine_path },
    Rule { name: "nothing half done", applies: is_ours, offence: half_done },
    Rule { name: "lints are kept", applies: is_our_rust, offence: lint_evaded },
    Rule { name: "time, chance and environment are ports", applies: is_code, offence: around_the_ports },
];

/// An exception: rule, file, reason.
const EXCEPTIONS: [(&str, &str, &str); 13] = [
    ("machine paths", "reports/src/junit/names.rs", "a path that must not become a name"),
    ("nothing half done", "engine/smtp/src/command/parse.rs", "a command that no server knows"),
    (
        "lints are kept",
        "engine/units/src/table.rs",
        "the one hash map, with a fixed hasher, for look-ups only",
    ),
    ("lints are kept", "engine/host/src/clock.rs", "the port that the real time comes through"),
    (
        "time, chance and environment are ports",
        "engine/host/src/clock.rs",
        "the port that the real time comes through",
    ),
    ("lints are kept", "sim/cli/src/series.rs", "how long a run took is told to people"),
    (
        "time, chance and environment are ports",
        "sim/cli/src/series.rs",
        "how long a run took is told to people",
    ),
    ("lints are kept", "sim/cli/src/streams.rs", "the width that the environment asks for"),
    (
        "time, chance and environment are ports",
        "sim/cli/src/streams.rs",
        "the width that the environment asks for",
    ),
    ("lints are kept", "benches/src/lib.rs", "a bench measures real time"),
    ("lints are kept", "tests/suite/planted.rs", "another program runs in real time"),
    ("lints are kept", "tests/suite/interop/program.rs", "other programs run in real time"),
    ("time, chance and environment are ports", "benches/src/lib.rs", "a bench measures real time"),
];

/// Lines in a Rust file; above, it is to be split.
const LINES_MAX: usize = 400;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<_> = RULES.iter().map(|rule| trial("tidy", rule.name, || check(rule))).collect();
    trials.push(trial("tidy", "golden files have owners", golden_files_have_owners));
    trials
}

fn check(rule: &Rule) -> Result<(), String> {
    let excepted: Vec<&Path> = EXCEPTIONS
        .iter()
        .filter(|(name, ..)| *name == rule.name)
        .map(|(_, path, _)| Path::new(*path))
        .collect();
    let gone = excepted.iter().filter(|path| !path.is_file());
    let mut offences: Vec<_> =
        gone.map(|path| format!("{}: an exception for no file", path.display())).collect();
    for file in tracked().iter().filter(|file| (rule.applies)(file)) {
        // What is not text is none of our business.
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        match ((rule.offence)(file, &text), excepted.contains(&file.as_path())) {
            (Some(offence), false) => offences.push(format!("{}: {offence}", file.display())),
            (None, true) => offences.push(format!("{}: an exception that is not needed", file.display())),
            (Some(_), true) | (None, false) => {}
        }
    }
    listed(&offences)
}

/// All files of the repository, as far as git would take them.
fn tracked() -> Vec<PathBuf> {
    let ignored = files::text(".gitignore");
    let ignored = ignored.lines().map(|line| line.trim_matches('/'));
    files::below(".", &ignored.chain([".git"]).collect::<Vec<_>>())
}

fn is_rust(file: &Path) -> bool {
    files::has_suffix(file, "rs")
}

/// Code that reaches a user: no test, no build script.
fn is_code(file: &Path) -> bool {
    is_rust(file) && file.components().any(|part| part.as_os_str() == "src")
}

fn is_our_rust(file: &Path) -> bool {
    is_rust(file) && is_ours(file)
}

/// Everything but the rules themselves, which must name what they forbid.
fn is_ours(file: &Path) -> bool {
    file != Path::new("tests/suite/tidy.rs")
}

fn no_module_comment(_: &Path, text: &str) -> Option<String> {
    (!text.starts_with("//! "))
        .then(|| "it does not open with a `//!` comment that says what it is for".to_owned())
}

fn too_long(_: &Path, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > LINES_MAX).then(|| format!("{lines} lines, more than {LINES_MAX}: split it, or give a reason"))
}

fn machine_path(_: &Path, text: &str) -> Option<String> {
    let unix = ["home", "root", "tmp", "work", "Users"].map(|folder| format!("/{folder}/"));
    let windows = ["Users"].map(|folder| format!("C:\\{folder}"));
    let paths: Vec<&str> = unix.iter().chain(&windows).map(String::as_str).collect();
    found(text, &paths)
}

fn half_done(_: &Path, text: &str) -> Option<String> {
    found(text, &["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("])
}

/// Every relaxation of a lint has a reason and is an expectation, so that it goes away with its cause; those about
/// disallowed methods and types are listed here as well.
fn lint_evaded(_: &Path, text: &str) -> Option<String> {
    found(text, &["[allow(", "clippy::disallowed_", "cfg_attr("])
}

fn around_the_ports(_: &Path, text: &str) -> Option<String> {
    let ways =
        ["Instant::now", "SystemTime", "tokio::time", "thread::sleep", "env::var", "RandomState", "rand::"];
    found(text, &ways)
}

/// The first line with one of `words`.
fn found(text: &str, words: &[&str]) -> Option<String> {
    let mut lines = text.lines().zip(1..);
    lines.find_map(|(line, number)| {
        let word = words.iter().find(|word| line.contains(**word))?;
        Some(format!("line {number} has `{word}`: {}", line.trim()))
    })
}

/// Folders whose files are found by the tests that they are for.
const DISCOVERED: [&str; 3] =
    ["engine/feedback/tests/messages", "engine/policy/tests/replies", "engine/smtp/tests/dialogues"];

/// A golden file that belongs to nothing checks nothing. In these suites it belongs to the input of the same name, in
/// the tests of a crate to the code that names it.
fn golden_files_have_owners() -> Result<(), String> {
    let inputs = ["tests/fail", "tests/invalid"].map(|folder| files::with_suffix(folder, "yaml"));
    let owned: Vec<_> =
        inputs.into_iter().flatten().map(|input| golden::of(&input)).chain(invalid::made_goldens()).collect();
    let has_owner = |file: &Path| match file.strip_prefix("tests") {
        Ok(_) => owned.iter().any(|owned| owned == file),
        Err(_) => DISCOVERED.iter().any(|folder| file.starts_with(folder)) || is_named_by_its_crate(file),
    };
    let orphans: Vec<_> = goldens().into_iter().filter(|file| !has_owner(file)).collect();
    listed(&orphans.iter().map(|file| file.display().to_string()).collect::<Vec<_>>())
}

/// What tests compare with: texts of the suites that have inputs, and all files of other tests that are no code.
fn goldens() -> Vec<PathBuf> {
    let suites =
        ["tests/fail", "tests/invalid"].into_iter().flat_map(|folder| files::with_suffix(folder, "txt"));
    let below_tests = |file: &PathBuf| file.components().skip(1).any(|part| part.as_os_str() == "tests");
    let crates = ["engine", "sim", "reports"]
        .into_iter()
        .flat_map(|folder| files::below(folder, &["proptest-regressions"]));
    suites.chain(crates.filter(|file| below_tests(file) && !is_rust(file))).collect()
}

fn is_named_by_its_crate(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let Some(folder) = file.ancestors().find(|folder| folder.ends_with("tests")).and_then(Path::parent)
    else {
        return false;
    };
    files::below(folder, &[])
        .iter()
        .filter(|file| is_rust(file))
        .any(|code| files::text(code).contains(&*name))
}

/// Complains if there is anything to list.
pub(crate) fn listed(offences: &[String]) -> Result<(), String> {
    if offences.is_empty() { Ok(()) } else { Err(offences.join("\n")) }
}
