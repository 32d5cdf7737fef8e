//! Pages are true: what is generated equals what the definitions say, and every example can be read or run.
//!
//! [`markdown`] takes a page apart; [`transcripts`] runs what pages show; [`throughput`] draws what benches measured.

pub(crate) mod markdown;
mod throughput;
mod transcripts;

use std::path::{Path, PathBuf};

use harness::Plan;
use libtest_mimic::Trial;
use scenario::Source;

use crate::command::bouncelab;
use crate::library::pages;
use crate::tidy::listed;
use crate::{files, golden, trial};
use markdown::{below_heading, blocks, level_at, section};

const PAGE: &str = "docs/scenario-format.md";

/// The page about magic addresses, and its only part.
const MAGIC: &str = "docs/magic-addresses.md";
const MAGIC_PARTS: [Part; 1] =
    [Part { name: "magic", text: || format!("```text\n{}```", fleet::magic::table()) }];

/// The pages about the scenario library.
const LIBRARY: [(&str, Part); 2] = [
    ("docs/scenarios.md", Part { name: "index", text: pages::index }),
    ("docs/features.md", Part { name: "features", text: pages::features }),
];

/// The page with what benches measured, and its only part.
const PERFORMANCE: &str = "docs/performance.md";
const PERFORMANCE_PARTS: [Part; 1] = [Part { name: "throughput", text: throughput::table }];

/// The page whose examples are mailings; a test of the command sends them.
const MAILINGS: &str = "docs/send.md";

/// A part of a page that is generated: it stands between `<!-- generated: NAME -->` and `<!-- end -->`.
struct Part {
    name: &'static str,
    /// The command's own answer.
    text: fn() -> String,
}

const PARTS: [Part; 6] = [
    Part { name: "keys", text: || section(&reference("keys"), "## Keys") },
    Part { name: "conditions", text: || section(&reference("keys"), "## Conditions") },
    Part { name: "behaviours", text: || section(&reference("keys"), "## Behaviours") },
    Part { name: "expectations", text: || reference("expectations") },
    Part { name: "laws", text: || reference("laws") },
    Part { name: "exit-codes", text: || reference("exit-codes") },
];

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

pub(crate) fn trials() -> Vec<Trial> {
    let examples = pages()
        .into_iter()
        .map(|page| trial("docs", &format!("examples of {}", page.display()), move || examples(&page)));
    let own = [
        // One after the other: both may write the page.
        trial("docs", "generated parts, and transcripts", || {
            generated(PAGE, &PARTS).and_then(|()| transcripts::check(PAGE))
        }),
        trial("docs", "magic addresses", || {
            generated(MAGIC, &MAGIC_PARTS).and_then(|()| transcripts::check(MAGIC))
        }),
        trial("docs", "throughput over versions", || {
            generated(PERFORMANCE, &PERFORMANCE_PARTS).and_then(|()| throughput::drawn())
        }),
        trial("docs", "README", || transcripts::check("README.md")),
        trial("docs", "what transcripts may leave out", transcripts::leaving_out),
    ];
    let library = LIBRARY.into_iter().map(|(page, part)| {
        trial("docs", &format!("generated parts of {page}"), move || generated(page, &[part]))
    });
    own.into_iter().chain(library).chain(examples).collect()
}

fn pages() -> Vec<PathBuf> {
    files::with_suffix("docs", "md")
}

fn reference(part: &str) -> String {
    bouncelab(["reference", part]).out
}

/// The page, its generated parts made anew, must be the page.
fn generated(page: &str, parts: &[Part]) -> Result<(), String> {
    let text = files::text(page);
    let mut rest = text.as_str();
    let mut anew = String::new();
    let mut seen = Vec::new();
    while let Some(begin) = rest.find(BEGIN) {
        let (before, part) = rest.split_at(begin);
        anew.push_str(before);
        let (name, old) = part[BEGIN.len()..].split_once(" -->").ok_or("a marker without an end")?;
        let part =
            parts.iter().find(|part| part.name == name).ok_or(format!("nothing is called {name:?}"))?;
        let text = below_heading(&(part.text)(), level_at(&anew));
        anew.push_str(&format!("{BEGIN}{name} -->\n\n{}\n\n{END}", text.trim()));
        rest = old.split_once(END).ok_or(format!("the part {name} has no {END}"))?.1;
        seen.push(name);
    }
    anew.push_str(rest);
    let wanted: Vec<_> = parts.iter().map(|part| part.name).collect();
    if seen != wanted {
        return Err(format!("{page} has the generated parts {seen:?}, wanted {wanted:?}"));
    }
    golden::check(Path::new(page), &anew)
}

/// Every example in YAML can be read; one that is a whole scenario can be run.
fn examples(page: &Path) -> Result<(), String> {
    let text = files::text(page);
    let mut unreadable = Vec::new();
    for block in blocks(&text).filter(|block| block.language == "yaml") {
        let source = Source::new(format!("{}:{}", page.display(), block.line), block.text.as_str());
        let is_scenario = block.text.starts_with("name:") && page != Path::new(MAILINGS);
        let read =
            if is_scenario { Plan::read(&source).map(|_| ()) } else { scenario::tree(&source).map(|_| ()) };
        if let Err(problems) = read {
            unreadable.push(scenario::render(&source, &problems.into_sorted(), scenario::Style::Plain));
        }
    }
    listed(&unreadable)
}
