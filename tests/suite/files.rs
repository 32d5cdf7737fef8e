//! The files that suites are made of. Paths are relative to the workspace, as a user in its folder would write them.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is a folder of the workspace")
}

/// A folder that tests may write into, below the target directory.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the target directory is writable");
    folder
}

/// The files below `folder`, sorted; folders whose name is in `without` are passed over.
///
/// # Panics
/// There is none: a suite without cases would hold for ever.
pub(crate) fn below(folder: impl AsRef<Path>, without: &[&str]) -> Vec<PathBuf> {
    let folder = folder.as_ref();
    let mut found = Vec::new();
    walk(folder, without, &mut found);
    assert!(!found.is_empty(), "there are no files in {}", folder.display());
    found
}

fn walk(folder: &Path, without: &[&str], found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    entries.sort();
    for entry in entries {
        if without.iter().any(|name| entry.ends_with(name)) {
            continue;
        }
        if entry.is_dir() {
            walk(&entry, without, found);
        } else {
            found.push(entry.strip_prefix("./").map(Path::to_owned).unwrap_or(entry));
        }
    }
}

/// The shipped scenarios.
pub(crate) fn scenarios() -> Vec<PathBuf> {
    below("scenarios", &["providers"])
}

/// The provider profiles.
pub(crate) fn profiles() -> Vec<PathBuf> {
    below("scenarios/providers", &[])
}

/// The files with this suffix directly or indirectly in `folder`.
pub(crate) fn with_suffix(folder: &str, suffix: &str) -> Vec<PathBuf> {
    let mut files = below(folder, &[]);
    files.retain(|file| has_suffix(file, suffix));
    files
}

pub(crate) fn has_suffix(file: &Path, suffix: &str) -> bool {
    file.extension().is_some_and(|found| found == suffix)
}

/// `folder::file` for `top/folder/file.suffix`: the name of the case that a file below `top` is.
pub(crate) fn case(file: &Path) -> String {
    let plain = file.with_extension("");
    let parts: Vec<_> = plain.iter().map(|part| part.to_string_lossy()).collect();
    parts[1..].join("::")
}

/// The text of a file.
///
/// # Panics
/// It cannot be read, or is no text.
pub(crate) fn text(file: impl AsRef<Path>) -> String {
    let file = file.as_ref();
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
