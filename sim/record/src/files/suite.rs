//! The manifest of an output folder, `suite.json`: what was run, with which options, and where its records are.
//!
//! A file of its own, because it is about many records, and about scenarios that have none. With it and the records, every
//! report can be made again, years later. Written last: a folder that has it is complete.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Serializer;

use super::TOOL;
use super::layout::RowPerLine;
use super::lines::problem_of;
use crate::hex;

/// The file that lists what is in an output folder.
pub const SUITE: &str = "suite.json";

/// The version of the manifest. It grows by one when a reader of the old one could misread the new one.
pub const MANIFEST_VERSION: u32 = 1;

/// The folder of a record that lies in the output folder itself.
pub const HERE: &str = ".";

/// What is in an output folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// The version of the manifest.
    pub format: u32,
    /// The program that wrote it and its version.
    pub tool: String,
    /// The options that a result depends on.
    pub options: RunOptions,
    /// How long all of it took in real time, in nanoseconds; for shards that were joined, the sum of theirs.
    pub wall_nanos: u64,
    /// The scenarios, in the order they were run in; no file twice.
    pub cases: Vec<Entry>,
}

/// The options of a run that a result depends on. Threads and shards are not among them: they reach no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunOptions {
    /// The seed that was used instead of the scenarios' own; null if each had its own.
    pub seed: Option<u64>,
    /// The text that names and paths had to contain; null if all were run.
    pub filter: Option<String>,
    /// How the engine met the fleet.
    pub wire: WireKind,
    /// Whose server answered it.
    pub server: ServerKind,
    /// How often each scenario was run, with the same digest each time; at least 1.
    pub repeat: u32,
}

/// How the engine met the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WireKind {
    /// In memory, on virtual time.
    Memory,
    /// Over sockets on loopback, on virtual time.
    Lockstep,
    /// Over sockets on loopback, in real time.
    Live,
}

/// Whose server answered the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServerKind {
    /// The fleet's own.
    Own,
    /// mailin-embedded.
    Mailin,
}

/// One scenario of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The path of its file as it was given.
    pub file: String,
    /// Its name; empty if it could not be read.
    pub scenario: String,
    /// How it stands, in the words of `report.json` (`held`, `failed`, `refused`, ...); it follows from the rest and is not
    /// read back.
    #[serde(default)]
    pub standing: String,
    /// What became of it: one key.
    #[serde(flatten)]
    pub end: End,
}

/// What became of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It was run, and its record is there.
    Run {
        /// The folder of the record: relative, parts joined by `/`, or `.`.
        folder: String,
        /// The seed in force.
        seed: u64,
        /// The digest of the record.
        #[serde(with = "hex")]
        #[schemars(with = "String")]
        digest: u64,
        /// How long it took in real time, in nanoseconds.
        wall_nanos: u64,
    },
    /// Its file is not valid.
    Refused {
        /// The line of the first problem, from 1; null if the problem is the file itself.
        line: Option<u32>,
        /// All problems, as shown to people.
        problem: String,
    },
    /// It came to no verdict.
    Defect {
        /// Why.
        kind: DefectKind,
        /// The seed in force.
        seed: u64,
        /// What was found, in a sentence.
        found: String,
        /// Further options of the command that showed it; may be empty.
        options: String,
    },
    /// The run was interrupted before it was finished.
    NotReached {},
}

/// Why a run has no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DefectKind {
    /// Nothing could happen any more, and not everybody was final.
    Deadlock,
    /// The program came upon something that cannot be.
    InternalError,
    /// The same seed gave different results.
    NotReproducible,
    /// What was on its way over real sockets did not arrive.
    Stalled,
    /// It was not over in the time that it was given.
    TimeLimit,
    /// The operating system gave no sockets.
    NoSockets,
    /// The server that shall compare notes with the fleet was missing, or went away.
    NoReferee,
    /// It needs what that server cannot do.
    BeyondReferee,
    /// That server took the engine's words for something else than the fleet.
    Disagreement,
}

impl Manifest {
    /// A manifest as this program writes it.
    pub fn new(options: RunOptions, wall_nanos: u64, cases: Vec<Entry>) -> Self {
        Self { format: MANIFEST_VERSION, tool: TOOL.to_owned(), options, wall_nanos, cases }
    }

    /// Writes it into the folder `dir`. The same manifest gives the same bytes.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn write(&self, dir: &Path) -> Result<(), super::WriteError> {
        let path = dir.join(SUITE);
        let mut bytes = Vec::new();
        let written = self
            .serialize(&mut Serializer::with_formatter(&mut bytes, RowPerLine::default()))
            .map_err(io::Error::from)
            .and_then(|()| {
                bytes.push(b'\n');
                fs::write(&path, &bytes)
            });
        written.map_err(|cause| super::WriteError { path, cause })
    }

    /// Reads that of the folder `dir`.
    ///
    /// # Errors
    /// Why it cannot be read, and what to do about it.
    pub fn read(dir: &Path) -> Result<Self, ManifestError> {
        let path = dir.join(SUITE);
        let read = fs::read(&path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ManifestFault::Missing,
            _ => ManifestFault::Unreadable(cause),
        });
        read.and_then(|bytes| Self::parse(&bytes)).map_err(|fault| ManifestError { path, fault })
    }

    fn parse(bytes: &[u8]) -> Result<Self, ManifestFault> {
        let damaged = |error: serde_json::Error| ManifestFault::Damaged {
            line: error.line() as u64,
            problem: problem_of(&error),
        };
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.format != MANIFEST_VERSION {
            return Err(ManifestFault::Version { found: head.format, tool: head.tool });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        manifest.check().map_err(ManifestFault::Inconsistent)?;
        Ok(manifest)
    }

    /// Whoever follows the folders of a manifest must not be led out of the folder that it lies in.
    fn check(&self) -> Result<(), String> {
        let (mut files, mut folders) = (BTreeSet::new(), BTreeSet::new());
        for Entry { file, end, .. } in &self.cases {
            if !files.insert(file) {
                return Err(format!("the scenario `{file}` is there twice"));
            }
            let End::Run { folder, .. } = end else { continue };
            if !is_inside(folder) {
                return Err(format!("`{folder}` is no folder below this one"));
            }
            if !folders.insert(folder) {
                return Err(format!("two records are in `{folder}`"));
            }
        }
        Ok(())
    }
}

/// The part that every version of the manifest has, and will have.
#[derive(Deserialize)]
struct Head {
    format: u32,
    #[serde(default)]
    tool: String,
}

/// A path below an output folder that is the same on every system: its names joined by `/`, without what leads to the root
/// or upwards. What is not UTF-8 is made so, because manifests have to name it. Empty if nothing remains.
pub fn below(path: &Path) -> String {
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
    });
    names.collect::<Vec<_>>().join("/")
}

fn is_inside(folder: &str) -> bool {
    let normal = |part| matches!(part, Component::Normal(_));
    folder == HERE || (!folder.is_empty() && Path::new(folder).components().all(normal))
}

/// A manifest could not be read.
#[derive(Debug)]
pub struct ManifestError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub fault: ManifestFault,
}

/// Why a manifest could not be read.
#[derive(Debug)]
pub enum ManifestFault {
    /// There is none.
    Missing,
    /// The operating system refused it.
    Unreadable(io::Error),
    /// It is in a version that this program does not read.
    Version {
        /// The version found.
        found: u32,
        /// The program that wrote it; may be empty.
        tool: String,
    },
    /// It is not what it should be.
    Damaged {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// It contradicts itself.
    Inconsistent(String),
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.fault {
            ManifestFault::Missing => write!(
                f,
                "there is no `{path}`; name a folder that `bouncelab run --out DIR` wrote to its end"
            ),
            ManifestFault::Unreadable(cause) => write!(f, "cannot read `{path}`: {cause}"),
            ManifestFault::Version { found, tool } => write!(
                f,
                "`{path}` is in format {found}, written by {}; this is {TOOL}, which reads format \
                 {MANIFEST_VERSION}; take that program, or run the scenarios again",
                if tool.is_empty() { "an unknown program" } else { tool }
            ),
            ManifestFault::Damaged { line, problem } => write!(
                f,
                "`{path}` is damaged in line {line}: {problem}; run the scenarios again, or name the folders of \
                 the records one by one"
            ),
            ManifestFault::Inconsistent(problem) => write!(
                f,
                "`{path}` contradicts itself: {problem}; run the scenarios again, or name the folders of the \
                 records one by one"
            ),
        }
    }
}

impl std::error::Error for ManifestError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_upwards() {
        let check = |path: &str, wanted: &str| assert_eq!(below(Path::new(path)), wanted);
        check("a/b", "a/b");
        check("/a/./b/", "a/b");
        check("../a/../b", "a/b");
        check("..", "");
        check(".", "");
    }
}
