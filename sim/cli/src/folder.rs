//! All files below a folder, without going round in circles.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files below `root` to the bottom, sorted within each folder; `enters` says of each folder whether to look into it.
///
/// Links are followed. A folder that can be reached in several ways is looked into once, and one that `root` is in is not
/// looked into at all: such a link leads round in a circle, or to everything.
pub(crate) fn files_below(root: &Path, enters: fn(&Path) -> bool) -> Result<Vec<PathBuf>, Unreadable> {
    let mut walk = Walk { enters, seen: BTreeSet::new(), files: Vec::new() };
    walk.seen.extend(identity(root).ancestors().map(Path::to_owned));
    walk.look_into(root)?;
    Ok(walk.files)
}

/// What a path leads to in the end; the path itself if it leads nowhere.
pub(crate) fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

struct Walk {
    enters: fn(&Path) -> bool,
    /// Folders that are not looked into (again).
    seen: BTreeSet<PathBuf>,
    files: Vec<PathBuf>,
}

impl Walk {
    fn look_into(&mut self, folder: &Path) -> Result<(), Unreadable> {
        let mut entries = entries(folder).map_err(|cause| Unreadable { folder: folder.to_owned(), cause })?;
        entries.sort();
        for entry in entries {
            if !entry.is_dir() {
                self.files.push(entry);
            } else if (self.enters)(&entry) && self.seen.insert(identity(&entry)) {
                self.look_into(&entry)?;
            }
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// A folder could not be read: a matter of the environment.
#[derive(Debug)]
pub(crate) struct Unreadable {
    folder: PathBuf,
    cause: io::Error,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot look into `{}`: {}", self.folder.display(), self.cause)
    }
}
