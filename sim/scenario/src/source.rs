//! The text of a file, places in it, and how it is read from the disk.
//!
//! The size is bounded here, before a parser sees anything.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::{Placed, Problem};

/// How large a file may be. Written by hand none comes near; a larger one lists contacts that could be generated.
const LARGEST: usize = 1 << 20;

/// A stretch of a source, in bytes: from `start` up to, but not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

/// The text of a file and the name it is known by. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

impl Source {
    /// A source from memory. The name is shown in messages.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The text of the file at `path`.
    ///
    /// # Errors
    /// The file is missing, may not be read, is a directory, is larger than 1 MiB, is binary, or is not UTF-8. The
    /// problem has no place; show it with a source that has the name of the file and no text.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let mut bytes = Vec::new();
        // One byte more than permitted is enough to see that there are more.
        File::open(path)
            .and_then(|file| file.take(LARGEST as u64 + 1).read_to_end(&mut bytes))
            .map_err(|error| unreadable(path, &error))?;
        Self::from_bytes(&path.display().to_string(), &bytes)
    }

    /// A source from bytes, under the same conditions as [`Source::read`].
    ///
    /// # Errors
    /// More than 1 MiB, binary, or not UTF-8.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.len() > LARGEST {
            return Err(Problem::new("the file is larger than 1 MiB").help(
                "generate contacts with `{ domain: bigbox.test, contacts: 100_000 }` instead of listing them",
            ));
        }
        if bytes.contains(&0) {
            return Err(Problem::new("the file is binary, not text").help("name a YAML file"));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => Err(not_utf8(bytes, error.valid_up_to())),
        }
    }

    /// The name, as shown in messages: usually the path as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and the column at which `place` starts, both from 1; columns count characters.
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(place.start)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// What stands at `place`; empty if it is no place of this source.
    pub fn slice(&self, place: Place) -> &str {
        self.text.get(place.start..place.end).unwrap_or_default()
    }

    /// Where the bytes `range` of a text stand that was read from this source: for readers of a small language inside a
    /// single value. The place of the whole text if the file spells it differently (escapes, several lines).
    pub fn inside(&self, text: &Placed<String>, range: Range<usize>) -> Place {
        match self.slice(text.place).find(&text.value) {
            Some(offset) if range.end <= text.value.len() => {
                let start = text.place.start + offset;
                Place { start: start + range.start, end: start + range.end }
            }
            Some(_) | None => text.place,
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let name = path.display();
    match error.kind() {
        ErrorKind::NotFound => Problem::new(format!("there is no file `{name}`"))
            .help("check the path and the working directory"),
        ErrorKind::PermissionDenied => {
            Problem::new(format!("the file `{name}` may not be read")).help("check its permissions")
        }
        ErrorKind::IsADirectory => Problem::new(format!("`{name}` is a directory")).help("name a file in it"),
        _ => Problem::new(format!("the file `{name}` cannot be read: {error}")).help("name an ordinary file"),
    }
}

fn not_utf8(bytes: &[u8], at: usize) -> Problem {
    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    Problem::new(format!("the file is not UTF-8 text: byte 0x{:02X} in line {line}", bytes[at]))
        .help("save it with the encoding UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_line_and_a_column_of_characters() {
        let source = Source::new("file.yaml", "a: ü\nb: ü c\n");
        let at = |needle| {
            let start = source.text().find(needle).expect("in the text");
            source.line_column(Place { start, end: start + 1 })
        };
        assert_eq!(at("a"), (1, 1));
        assert_eq!(at("b"), (2, 1));
        assert_eq!(at("c"), (2, 6));
    }

    #[test]
    fn a_part_of_a_text_has_a_place_of_its_own() {
        let source = Source::new("file.yaml", "[ sent == 10, 'sent == 10', \"se\\x6et == 10\" ]");
        let inside = |start: usize, end: usize| {
            let text = Placed { value: "sent == 10".to_owned(), place: Place { start, end } };
            source.slice(source.inside(&text, 8..10)).to_owned()
        };
        assert_eq!(inside(2, 12), "10");
        assert_eq!(inside(14, 26), "10");
        assert_eq!(inside(28, 43), "\"se\\x6et == 10\"");
    }

    #[test]
    fn what_is_no_text_is_refused_with_a_remedy() {
        let check = |bytes: &[u8], message: &str| {
            let problem = Source::from_bytes("file.yaml", bytes).expect_err(message);
            assert_eq!(problem.message, message);
            assert!(problem.help.is_some());
        };
        check(&vec![b'a'; LARGEST + 1], "the file is larger than 1 MiB");
        check(b"\x7fELF\0\0", "the file is binary, not text");
        check(b"a: b\nc: \xe9\n", "the file is not UTF-8 text: byte 0xE9 in line 2");
        assert!(Source::from_bytes("file.yaml", &vec![b'a'; LARGEST]).is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_remedy() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let missing = Source::read(&here.join("missing.yaml")).expect_err("missing");
        assert!(missing.message.starts_with("there is no file `"), "{}", missing.message);
        let directory = Source::read(here).expect_err("a directory");
        assert!(directory.message.ends_with("` is a directory"), "{}", directory.message);
        assert_eq!((missing.help.is_some(), directory.help.is_some()), (true, true));
    }
}
