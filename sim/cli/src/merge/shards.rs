//! Whether shards belong together, and what they are together. Nothing is read or written here.

use std::collections::BTreeMap;
use std::path::Path;

use record::files::{End, Entry, Manifest, RunOptions, ServerKind, TOOL, WireKind};

use crate::kept::{Kept, KeptCase};

/// What the shards are together.
pub(crate) struct Joined<'a> {
    /// The scenarios by their files, in their order.
    pub(crate) cases: Vec<(&'a str, &'a KeptCase)>,
    /// The options that all of them share.
    pub(crate) options: RunOptions,
    /// The real time that they took, one after the other.
    pub(crate) wall_nanos: u64,
}

/// A shard with its manifest.
#[derive(Clone, Copy)]
struct Shard<'a> {
    folder: &'a Path,
    manifest: &'a Manifest,
    cases: &'a [KeptCase],
}

impl<'a> Joined<'a> {
    /// Joins them, or answers with every reason against it.
    pub(crate) fn of(suites: &'a [Kept]) -> Result<Self, Vec<String>> {
        let mut reasons = Vec::new();
        let mut shards = Vec::new();
        for Kept { folder, manifest, cases } in suites {
            match manifest {
                Some(manifest) => shards.push(Shard { folder, manifest, cases }),
                None => reasons.push(format!(
                    "`{}` has no suite.json: it is no folder that `bouncelab run --out DIR` wrote to its end",
                    folder.display()
                )),
            }
        }
        let Some((first, others)) = shards.split_first() else { return Err(reasons) };
        reasons.extend(foreign_tool(*first));
        for other in others {
            reasons.extend(foreign_tool(*other));
            reasons.extend(other_options(*first, *other));
        }
        let cases = by_file(&shards, &mut reasons);
        if !reasons.is_empty() {
            return Err(reasons);
        }
        let repeat = shards.iter().map(|shard| shard.manifest.options.repeat).min();
        let options = RunOptions {
            repeat: repeat.unwrap_or(1),
            filter: shared_filter(&shards),
            ..first.manifest.options.clone()
        };
        let wall_nanos = shards.iter().map(|shard| shard.manifest.wall_nanos).fold(0, u64::saturating_add);
        let cases = cases.into_iter().map(|(file, found)| (file, found.case)).collect();
        Ok(Self { cases, options, wall_nanos })
    }
}

/// What another version found may not be what this one would.
fn foreign_tool(shard: Shard<'_>) -> Option<String> {
    let tool = &shard.manifest.tool;
    (tool != TOOL).then(|| {
        format!(
            "`{}` was written by {tool}, and this is {TOOL}: run it again with this",
            shard.folder.display()
        )
    })
}

fn other_options(one: Shard<'_>, other: Shard<'_>) -> Vec<String> {
    let (own, others) = (&one.manifest.options, &other.manifest.options);
    let differing = [
        (own.seed != others.seed).then(|| ("--seed", seed(own.seed), seed(others.seed))),
        (own.wire != others.wire).then(|| ("--wire", wire(own.wire), wire(others.wire))),
        (own.server != others.server).then(|| ("--server", server(own.server), server(others.server))),
    ];
    let reason = |(option, ours, theirs)| {
        let [one, other] = [one, other].map(|shard| shard.folder.display());
        format!("{option} is {ours} in `{one}` and {theirs} in `{other}`")
    };
    differing.into_iter().flatten().map(reason).collect()
}

fn seed(seed: Option<u64>) -> String {
    seed.map_or_else(|| "not given".to_owned(), |seed| seed.to_string())
}

fn wire(wire: WireKind) -> String {
    match wire {
        WireKind::Memory => "memory",
        WireKind::Lockstep => "lockstep",
        WireKind::Live => "live",
    }
    .to_owned()
}

fn server(server: ServerKind) -> String {
    match server {
        ServerKind::Own => "own",
        ServerKind::Mailin => "mailin",
    }
    .to_owned()
}

/// Shards differ in what they were to run; only a filter that all of them had is one of the whole.
fn shared_filter(shards: &[Shard<'_>]) -> Option<String> {
    let mut filters = shards.iter().map(|shard| shard.manifest.options.filter.clone());
    let first = filters.next().flatten();
    if filters.all(|filter| filter == first) { first } else { None }
}

/// A scenario, and whose it is.
struct Found<'a> {
    folder: &'a Path,
    entry: &'a Entry,
    case: &'a KeptCase,
}

/// The scenarios by their files. One that a shard did not come to may be in another.
fn by_file<'a>(shards: &[Shard<'a>], reasons: &mut Vec<String>) -> BTreeMap<&'a str, Found<'a>> {
    let mut found: BTreeMap<&str, Found<'_>> = BTreeMap::new();
    for shard in shards {
        for (entry, case) in shard.manifest.cases.iter().zip(shard.cases) {
            let own = Found { folder: shard.folder, entry, case };
            match found.get(entry.file.as_str()) {
                Some(_) if matches!(entry.end, End::NotReached {}) => {}
                Some(other) if !matches!(other.entry.end, End::NotReached {}) => {
                    reasons.push(twice(other, &own));
                }
                Some(_) | None => {
                    found.insert(&entry.file, own);
                }
            }
        }
    }
    found
}

fn twice(one: &Found<'_>, other: &Found<'_>) -> String {
    let [first, second] = [one, other].map(|found| found.folder.display());
    let digests = [one, other].map(|found| match found.entry.end {
        End::Run { digest, .. } => Some(digest),
        End::Refused { .. } | End::Defect { .. } | End::NotReached {} => None,
    });
    let how = match digests {
        [Some(one), Some(other)] if one == other => ", with the same digest",
        [Some(_), Some(_)] => ", with different digests",
        [None, _] | [_, None] => "",
    };
    format!("`{}` is in `{first}` and in `{second}`{how}: leave one out", one.entry.file)
}
