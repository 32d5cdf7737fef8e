//! A folder of its own for each test, and the command in it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use bouncelab::{Exit, Streams};

/// A folder, empty at the beginning.
pub(crate) struct Place {
    folder: PathBuf,
}

/// What the command said and how it ended.
pub(crate) struct Said {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    /// With `FOLDER` for the folder of the test.
    pub(crate) err: String,
}

impl Place {
    /// `name` is that of the test.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside)
    }

    pub(crate) fn write(&self, inside: &str, text: &str) {
        self.write_bytes(inside, text.as_bytes());
    }

    pub(crate) fn write_bytes(&self, inside: &str, bytes: &[u8]) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A scenario that holds, with the seed 1; it takes no time.
    pub(crate) fn write_scenario(&self, inside: &str, name: &str) {
        self.write(inside, &scenario(name, 3));
    }

    pub(crate) fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap()
    }

    /// The command with these arguments; `@` at the beginning of one stands for the folder.
    pub(crate) fn arguments(&self, arguments: &[&str]) -> Vec<OsString> {
        let placed = |argument: &&str| match argument.strip_prefix('@') {
            Some(inside) => self.path(inside).into(),
            None => OsString::from(argument),
        };
        [OsString::from("bouncelab")].into_iter().chain(arguments.iter().map(placed)).collect()
    }

    /// Runs the command.
    pub(crate) fn bouncelab(&self, arguments: &[&str]) -> Said {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = bouncelab::main(self.arguments(arguments), &mut Streams::plain(&mut out, &mut err));
        let text =
            |bytes| String::from_utf8(bytes).unwrap().replace(&*self.folder.to_string_lossy(), "FOLDER");
        Said { exit, out: text(out), err: text(err) }
    }
}

/// A scenario that expects `delivered` deliveries of three.
pub(crate) fn scenario(name: &str, delivered: u32) -> String {
    format!(
        "name: {name}\nproviders:\n  northmail: {{}}\naudience:\n  - {{ domain: northmail.test, contacts: 3 }}\n\
         mailings:\n  - {{ name: newsletter }}\nexpect:\n  - delivered == {delivered}\n"
    )
}

impl Said {
    /// The names of the scenarios that were run, in their order, each in one word.
    pub(crate) fn scenarios(&self) -> Vec<&str> {
        let lines = self.out.lines().filter_map(|line| line.strip_prefix("  ✓ "));
        lines.filter_map(|line| line.split_whitespace().next()).collect()
    }
}
