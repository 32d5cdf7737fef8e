//! Which scenario files have changed: what the operating system tells, a burst at a time.
//!
//! Editors do not write into a file, they put a new one in its place; so folders are watched, not files. What a run writes
//! itself is no change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::task::Wake;
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::folder::identity;
use crate::{Interrupt, discover};

/// A burst is over when nothing has changed for so long.
const QUIET: Duration = Duration::from_millis(100);

/// A burst of more changes than this is told of as it is.
const BURST: usize = 10_000;

/// Bursts of changes, each waited for; they end with Ctrl-C.
pub(super) struct Changes {
    signals: Receiver<Signal>,
    /// Tells as long as it is there.
    _watcher: RecommendedWatcher,
    /// What is watched.
    roots: Vec<PathBuf>,
    /// What the command itself writes to.
    own: Option<PathBuf>,
}

enum Signal {
    Changed(PathBuf),
    Enough,
}

impl Changes {
    /// The changes of the scenarios that `paths` stand for, from now on, without those in the folder `own`.
    ///
    /// # Errors
    /// The operating system does not tell.
    pub(super) fn of(paths: &[PathBuf], own: Option<&Path>, interrupt: &Interrupt) -> notify::Result<Self> {
        let (tell, signals) = mpsc::channel();
        interrupt.wake(Arc::new(Bell(tell.clone())).into());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            // Reading changes nothing, and a run reads.
            if !matches!(event.kind, EventKind::Access(_)) {
                // Nobody may listen any more.
                event.paths.into_iter().for_each(|path| drop(tell.send(Signal::Changed(path))));
            }
        })?;
        let roots: Vec<PathBuf> = paths.iter().map(|path| identity(path)).collect();
        for root in &roots {
            match root.parent() {
                Some(parent) if !root.is_dir() => watcher.watch(parent, RecursiveMode::NonRecursive)?,
                Some(_) | None => watcher.watch(root, RecursiveMode::Recursive)?,
            }
        }
        Ok(Self { signals, _watcher: watcher, roots, own: own.map(identity) })
    }

    fn is_ours(&self, path: &Path) -> bool {
        let is_meant =
            |root: &PathBuf| path == root || (path.starts_with(root) && discover::has_suffix(path));
        self.roots.iter().any(is_meant) && !self.own.as_ref().is_some_and(|own| path.starts_with(own))
    }

    /// Those of a burst that begins with `first`; `None` if it is enough.
    fn burst(&self, first: PathBuf) -> Option<BTreeSet<PathBuf>> {
        let mut changed = BTreeSet::from([first]);
        for _ in 0..BURST {
            match self.signals.recv_timeout(QUIET) {
                Ok(Signal::Changed(path)) if self.is_ours(&path) => {
                    changed.insert(path);
                }
                Ok(Signal::Changed(_)) => {}
                Ok(Signal::Enough) => return None,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        Some(changed)
    }
}

impl Iterator for Changes {
    type Item = BTreeSet<PathBuf>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.signals.recv().ok()? {
                Signal::Changed(path) if self.is_ours(&path) => return self.burst(path),
                Signal::Changed(_) => {}
                Signal::Enough => return None,
            }
        }
    }
}

/// Rings when Ctrl-C is pressed.
struct Bell(Sender<Signal>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(Signal::Enough);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("bouncelab-changes-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("sub")).unwrap();
        identity(&folder)
    }

    #[test]
    fn what_is_written_or_put_in_place_is_told_and_nothing_else() {
        let folder = folder("written");
        let interrupt = Interrupt::default();
        let own = folder.join("out");
        fs::create_dir_all(&own).unwrap();
        let mut changes = Changes::of(std::slice::from_ref(&folder), Some(&own), &interrupt).unwrap();
        fs::write(folder.join("notes.txt"), "no scenario").unwrap();
        fs::write(own.join("scenario.yaml"), "our own").unwrap();
        fs::write(folder.join("sub/a.yaml"), "name: A").unwrap();
        fs::write(folder.join("b.tmp"), "name: B").unwrap();
        fs::rename(folder.join("b.tmp"), folder.join("b.yaml")).unwrap();
        // One burst or two, as the machine has time.
        let mut seen = BTreeSet::new();
        while seen.len() < 2 {
            seen.extend(changes.next().expect("nobody has had enough"));
        }
        assert_eq!(seen, BTreeSet::from([folder.join("b.yaml"), folder.join("sub/a.yaml")]));
        interrupt.press();
        assert_eq!(changes.next(), None);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn of_a_single_file_its_neighbours_are_not_told() {
        let folder = folder("single");
        let file = folder.join("a.yaml");
        fs::write(&file, "name: A").unwrap();
        let interrupt = Interrupt::default();
        let mut changes = Changes::of(std::slice::from_ref(&file), None, &interrupt).unwrap();
        fs::write(folder.join("b.yaml"), "name: B").unwrap();
        fs::write(&file, "name: C").unwrap();
        assert_eq!(changes.next(), Some(BTreeSet::from([file])));
        fs::remove_dir_all(folder).unwrap();
    }
}
