//! The arrows between the crates: use goes downwards only, and what is pure stays pure.

use std::collections::BTreeMap;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::{files, trial};

/// What a crate may use, for its code and for its tests.
struct Arrows {
    package: &'static str,
    ours: Ours,
    foreign: Foreign,
}

enum Ours {
    Only(&'static [&'static str]),
    /// Nothing depends on it, so it may look at everything.
    All,
}

enum Foreign {
    /// Others are refused: the crate must not get at sockets, files, clocks, or randomness, not even by accident.
    Only(&'static [&'static str]),
    All,
}

const ARROWS: [Arrows; 17] = [
    Arrows { package: "units", ours: Ours::Only(&[]), foreign: Foreign::Only(&["rustc-hash"]) },
    Arrows { package: "smtp", ours: Ours::Only(&["units"]), foreign: Foreign::Only(&["base64", "memchr"]) },
    Arrows {
        package: "verdicts",
        ours: Ours::Only(&["smtp", "units"]),
        foreign: Foreign::Only(&["daachorse", "serde", "toml"]),
    },
    Arrows {
        package: "policy",
        ours: Ours::Only(&["smtp", "units", "verdicts"]),
        foreign: Foreign::Only(&[]),
    },
    Arrows {
        package: "feedback",
        ours: Ours::Only(&["policy", "smtp"]),
        foreign: Foreign::Only(&["mail-parser"]),
    },
    Arrows {
        package: "engine",
        ours: Ours::Only(&["feedback", "policy", "smtp", "units"]),
        foreign: Foreign::Only(&["tokio"]),
    },
    Arrows { package: "compose", ours: Ours::Only(&["smtp", "units"]), foreign: Foreign::All },
    Arrows {
        package: "host",
        ours: Ours::Only(&["engine", "policy", "smtp", "units"]),
        foreign: Foreign::All,
    },
    Arrows { package: "scenario", ours: Ours::Only(&["units"]), foreign: Foreign::All },
    Arrows { package: "fleet", ours: Ours::Only(&["scenario", "smtp", "units"]), foreign: Foreign::All },
    Arrows {
        package: "record",
        ours: Ours::Only(&[]),
        foreign: Foreign::Only(&["schemars", "serde", "serde_json", "zstd"]),
    },
    Arrows {
        package: "serve",
        ours: Ours::Only(&["engine", "fleet", "scenario", "smtp", "units"]),
        foreign: Foreign::All,
    },
    Arrows {
        package: "harness",
        ours: Ours::Only(&[
            "compose", "engine", "fleet", "host", "policy", "record", "scenario", "serve", "smtp", "units",
            "verdicts",
        ]),
        foreign: Foreign::All,
    },
    Arrows { package: "reports", ours: Ours::Only(&["record"]), foreign: Foreign::All },
    Arrows {
        package: "bouncelab",
        ours: Ours::Only(&[
            "compose", "engine", "fleet", "harness", "host", "policy", "record", "reports", "scenario",
            "serve", "smtp", "units", "verdicts",
        ]),
        foreign: Foreign::All,
    },
    Arrows { package: "benches", ours: Ours::All, foreign: Foreign::All },
    Arrows { package: "suites", ours: Ours::All, foreign: Foreign::All },
];

/// What pure crates may use besides ours. It uses nothing in turn, so that nothing comes in through it.
const LEAVES: [&str; 3] = ["base64", "memchr", "rustc-hash"];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<_> =
        ARROWS.iter().map(|arrows| trial("arrows", arrows.package, || check(arrows))).collect();
    trials.push(trial("arrows", "every crate has a row", every_crate_has_a_row));
    trials.extend(LEAVES.map(|name| trial("arrows", &format!("{name} is a leaf"), || is_leaf(name))));
    trials
}

fn check(arrows: &Arrows) -> Result<(), String> {
    let packages = packages()?;
    let package = packages.get(arrows.package).ok_or("there is no such crate")?;
    let uses = package["dependencies"].as_array().ok_or("the metadata has no dependencies")?;
    let refused: Vec<String> = uses.iter().filter(|used| !arrows.allow(used)).map(described).collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(format!("{} must not use {}", arrows.package, refused.join(", ")))
    }
}

impl Arrows {
    fn allow(&self, used: &Value) -> bool {
        let name = used["name"].as_str().unwrap_or_default();
        match (used["path"].is_string(), &self.ours, &self.foreign) {
            (true, Ours::All, _) | (false, _, Foreign::All) => true,
            (true, Ours::Only(names), _) => names.contains(&name),
            (false, _, Foreign::Only(names)) => names.contains(&name) || used["kind"] == "dev",
        }
    }
}

fn described(used: &Value) -> String {
    let name = used["name"].as_str().unwrap_or_default();
    used["kind"].as_str().map_or_else(|| name.to_owned(), |kind| format!("{name} ({kind})"))
}

fn every_crate_has_a_row() -> Result<(), String> {
    let without: Vec<_> =
        packages()?.into_keys().filter(|name| ARROWS.iter().all(|arrows| arrows.package != name)).collect();
    if without.is_empty() { Ok(()) } else { Err(format!("say what it may use: {}", without.join(", "))) }
}

fn is_leaf(name: &str) -> Result<(), String> {
    let lock = files::text("Cargo.lock");
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{name}\"")));
    match entry {
        None => Err(format!("nobody uses {name} any more")),
        Some(entry) if entry.contains("dependencies = [") => Err(entry.to_owned()),
        Some(_) => Ok(()),
    }
}

/// The crates of the workspace, as cargo describes them.
fn packages() -> Result<BTreeMap<String, Value>, String> {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).output();
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array().ok_or("the metadata has no packages")?;
    Ok(packages
        .iter()
        .map(|package| (package["name"].as_str().unwrap_or_default().to_owned(), package.clone()))
        .collect())
}
