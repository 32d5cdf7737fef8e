//! Bugs planted into the engine: each must be caught by a law or by a shipped scenario, or by tests of its crate where no
//! scenario gets there (TLS that breaks, messages that are begun ahead).
//!
//! A file in `tests/planted/` is one bug: where it goes, and what must catch it. The sources are copied below the target
//! directory, and one bug at a time is put into the copy, which is built and run over the shipped scenarios. That takes
//! minutes, so it only happens with `cargo test -p suites -- --ignored planted`; that each bug still fits the source is
//! always checked. The scenarios in `scenarios/scale/` are left out: they are for size, and would only cost time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::Trial;
use serde::Deserialize;

use crate::command::bouncelab;
use crate::tidy::listed;
use crate::{files, trial};

/// A bug.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bug {
    /// What goes wrong, in one sentence.
    about: String,
    /// The file that it goes into.
    file: PathBuf,
    /// What stands there; it occurs once.
    find: String,
    /// What is put there instead.
    replace: String,
    /// The laws that must be broken and the scenarios that must fail.
    caught_by: Vec<String>,
    /// The tests that must fail, by crate.
    #[serde(default)]
    failing: BTreeMap<String, Vec<String>>,
}

/// How the command ends when it caught something: an expectation failed, a law was broken, it panicked.
const CAUGHT: [i32; 3] = [1, 8, 70];

/// How long a run may take. It takes a second or two, but there are bugs that make the engine try the same again and again.
const LIMIT: Duration = Duration::from_secs(240);
const LOOKS_PER_SECOND: u64 = 20;

pub(crate) fn trials() -> Vec<Trial> {
    let bugs = || files::with_suffix("tests/planted", "yaml").into_iter();
    let name = |file: &Path| files::case(file)["planted::".len()..].to_owned();
    let fits = trial("planted", "every bug fits", move || {
        listed(&bugs().filter_map(|file| misfit(&file).err()).collect::<Vec<_>>())
    });
    let caught =
        bugs().map(|file| trial("planted", &name(&file), move || check(&file)).with_ignored_flag(true));
    caught.chain([fits]).collect()
}

fn read(file: &Path) -> Result<Bug, String> {
    serde_yaml::from_str(&files::text(file)).map_err(|error| format!("{}: {error}", file.display()))
}

/// Whether the bug can be planted, and whether what is to catch it exists.
fn misfit(file: &Path) -> Result<(), String> {
    let bug = read(file)?;
    let name = file.display();
    let times = files::text(&bug.file).matches(&bug.find).count();
    if times != 1 {
        return Err(format!("{name}: what it replaces occurs {times} times in {}", bug.file.display()));
    }
    let laws = bouncelab(["reference", "laws"]).out;
    let missing =
        bug.caught_by.iter().find(|by| !laws.contains(&format!("| `{by}` |")) && !Path::new(by).is_file());
    match missing {
        Some(missing) => Err(format!("{name}: {missing} is neither a law nor a scenario")),
        None if bug.caught_by.is_empty() && bug.failing.is_empty() => {
            Err(format!("{name}: nothing catches it"))
        }
        None => Ok(()),
    }
}

/// One bug at a time: there is one copy of the sources.
static WORKSHOP: Mutex<()> = Mutex::new(());

fn check(file: &Path) -> Result<(), String> {
    let _alone = WORKSHOP.lock().unwrap_or_else(PoisonError::into_inner);
    let bug = read(file)?;
    let copy = copied()?;
    let original = files::text(&bug.file);
    let patched = copy.join(&bug.file);
    write(&patched, original.replacen(&bug.find, &bug.replace, 1).as_bytes())?;
    let judged = judge_scenarios(&bug, &copy).and_then(|()| judge_tests(&bug, &copy));
    write(&patched, original.as_bytes())?;
    judged
}

fn judge_scenarios(bug: &Bug, copy: &Path) -> Result<(), String> {
    if bug.caught_by.is_empty() {
        return Ok(());
    }
    let program = build(copy)?;
    let (status, said) = run(&program, copy).map_err(|error| error.to_string())?;
    judge(bug, status, &said)
}

fn judge_tests(bug: &Bug, copy: &Path) -> Result<(), String> {
    for (tested, failing) in &bug.failing {
        let output = cargo("test", tested, copy).arg("--no-fail-fast").output();
        let output = output.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stdout);
        let fails = |name: &String| said.lines().any(|line| line.trim() == name);
        if let Some(passed) = failing.iter().find(|name| !fails(name)) {
            let built = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} Not caught by {tested}, {passed}\n{said}\n{built}", bug.about));
        }
    }
    Ok(())
}

fn judge(bug: &Bug, status: ExitStatus, said: &str) -> Result<(), String> {
    let caught = |by: &String| {
        said.contains(&format!("BROKEN LAW  {by} ")) || said.contains(&format!("bouncelab run {by} "))
    };
    let missed: Vec<&str> = bug.caught_by.iter().filter(|by| !caught(by)).map(String::as_str).collect();
    if status.code().is_some_and(|code| CAUGHT.contains(&code)) && missed.is_empty() {
        return Ok(());
    }
    Err(format!("{} Not caught by {}; {status}\n{said}", bug.about, missed.join(", ")))
}

const SOURCES: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "engine", "sim", "reports", "benches", "tests", "scenarios"];

/// A copy of the sources, below the target directory. Only what differs is written, so that little is built again.
fn copied() -> Result<PathBuf, String> {
    let copy = workshop("work");
    for source in sources(Path::new("")) {
        write(&copy.join(&source), &fs::read(&source).map_err(|error| error.to_string())?)?;
    }
    for file in sources(&copy) {
        if file.strip_prefix(&copy).is_ok_and(|source| !source.exists()) {
            fs::remove_file(file).map_err(|error| error.to_string())?;
        }
    }
    Ok(copy)
}

fn sources(root: &Path) -> Vec<PathBuf> {
    let below = |name: &&str| match root.join(name) {
        folder if folder.is_dir() => files::below(folder, &["scale"]),
        file => vec![file],
    };
    SOURCES.iter().flat_map(below).collect()
}

/// Writes a file, if that changes it.
fn write(path: &Path, content: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = path.parent().ok_or("a file is in a folder")?;
    fs::create_dir_all(folder).and_then(|()| fs::write(path, content)).map_err(|error| error.to_string())
}

fn build(copy: &Path) -> Result<PathBuf, String> {
    let output = cargo("build", "bouncelab", copy).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(workshop("build").join("debug/bouncelab"));
    }
    Err(format!("the bug does not compile:\n{}", String::from_utf8_lossy(&output.stderr)))
}

/// A command of cargo, for one package of the copy.
fn cargo(command: &str, package: &str, copy: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--offline", "--quiet", "-p", package, "--target-dir"]).arg(workshop("build"));
    // What is built is run for a second; building is what takes long.
    cargo.envs([("CARGO_PROFILE_DEV_OPT_LEVEL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "false")]);
    cargo.current_dir(copy);
    cargo
}

/// Runs the shipped scenarios; answers with how that ended and what was said.
fn run(program: &Path, copy: &Path) -> io::Result<(ExitStatus, String)> {
    let said = workshop("said.txt");
    let file = File::create(&said)?;
    let mut run = Command::new(program);
    run.args(["run", "scenarios"]).current_dir(copy).stdout(file.try_clone()?).stderr(file);
    let status = within_the_limit(run.spawn()?)?;
    Ok((status, fs::read_to_string(&said)?))
}

/// Some bugs make the engine run in circles: then it is ended.
#[expect(clippy::disallowed_methods, reason = "another program runs in real time")]
fn within_the_limit(mut child: Child) -> io::Result<ExitStatus> {
    for _ in 0..LIMIT.as_secs() * LOOKS_PER_SECOND {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_secs(1) / LOOKS_PER_SECOND as u32);
    }
    child.kill()?;
    child.wait()
}

/// A folder of the workshop; `build` grows to the size of a target directory and is kept for the next time.
fn workshop(name: &str) -> PathBuf {
    let target =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is a folder of the target directory");
    target.join("planted").join(name)
}
