//! Recipients in a CSV file: the first line names the columns, one of which is `address`.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use compose::{FieldNames, Fields, address_utf8};
use scenario::{Place, Problem, Problems, suggestion};

use super::recipients::{Origin, People, Person};

/// Most octets of such a file; what it holds is held in memory.
const FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Most problems that are told about one.
const PROBLEMS: usize = 20;

/// A CSV file that is read: what it is called, and where the mailing file names it.
struct Named<'a> {
    file: &'a str,
    place: Place,
}

/// Reads the file called `file` in `folder`, which is named at `place`.
pub(super) fn read(file: &str, folder: &Path, place: Place, problems: &mut Problems) -> Option<People> {
    let named = Named { file, place };
    let mut text = Vec::new();
    let opened = File::open(folder.join(file));
    match opened.and_then(|opened| opened.take(FILE_BYTES + 1).read_to_end(&mut text)) {
        Err(error) => {
            problems.push(named.problem(format!("`{file}` cannot be read: {error}"), "this file").help(
                "name a CSV file, relative to the mailing file; or list recipients, each on a line with `- `",
            ));
            None
        }
        Ok(_) if text.len() as u64 > FILE_BYTES => {
            problems.push(named.problem(format!("`{file}` has more than 256 MiB"), "this file"));
            None
        }
        Ok(_) => named.parse(&text, problems),
    }
}

impl Named<'_> {
    fn problem(&self, message: String, label: &str) -> Problem {
        Problem::at(self.place, message, label)
    }

    fn parse(&self, text: &[u8], problems: &mut Problems) -> Option<People> {
        let mut reader = csv::Reader::from_reader(text);
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect(),
            Err(error) => {
                problems.push(self.unreadable(&error));
                return None;
            }
        };
        let columns = self.columns(&header, problems)?;
        let mut people = People { names: columns.names, ..People::default() };
        let (mut lines, mut found) = (Vec::new(), Vec::new());
        for row in reader.records() {
            let person = row.map_err(|error| self.unreadable(&error)).and_then(|row| {
                let line = row.position().map_or(0, csv::Position::line);
                self.person(&row, line, columns.address).map(|person| (line, person))
            });
            match person {
                Ok((line, person)) => {
                    lines.push(line);
                    people.all.push(person);
                }
                Err(problem) => found.push(problem),
            }
            if found.len() >= PROBLEMS {
                break;
            }
        }
        if people.all.is_empty() && found.is_empty() {
            found.push(self.problem(format!("`{}` has no recipients", self.file), "this file"));
        }
        people.origin = Origin::File { named: self.place, file: self.file.to_owned(), lines };
        let sound = found.is_empty();
        problems.extend(found);
        sound.then_some(people)
    }

    fn columns(&self, header: &[String], problems: &mut Problems) -> Option<Columns> {
        let Some(address) = header.iter().position(|name| name == "address") else {
            let names: Vec<&str> = header.iter().map(String::as_str).collect();
            problems.push(
                self.problem(format!("`{}` has no column `address`", self.file), "this file").help(format!(
                    "name the columns in the first line, one of them `address`; {}",
                    suggestion("address", &names, "the columns")
                )),
            );
            return None;
        };
        let others =
            header.iter().enumerate().filter(|(at, _)| *at != address).map(|(_, name)| name.as_str());
        match FieldNames::new(others) {
            Ok(names) => Some(Columns { address, names }),
            Err(error) => {
                problems.push(self.problem(format!("`{}`, line 1: {error}", self.file), "this file"));
                None
            }
        }
    }

    fn person(&self, row: &csv::StringRecord, line: u64, address: usize) -> Result<Person, Problem> {
        let at_line =
            |words: String| self.problem(format!("`{}`, line {line}: {words}", self.file), "this file");
        let text = row.get(address).unwrap_or_default().trim();
        let others = row.iter().enumerate().filter(|(at, _)| *at != address).map(|(_, value)| value);
        let fields = Fields::new(others).map_err(|error| at_line(error.to_string()))?;
        let address =
            address_utf8(text).map_err(|error| at_line(format!("`{text}` is no address: {error}")))?;
        Ok(Person { address, fields })
    }

    fn unreadable(&self, error: &csv::Error) -> Problem {
        let line = error.position().map_or_else(String::new, |at| format!(", line {}", at.line()));
        let words = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("as many values as the first line are needed: {expected_len}, not {len}")
            }
            csv::ErrorKind::Utf8 { .. } => "this is not UTF-8 text".to_owned(),
            _ => error.to_string(),
        };
        self.problem(format!("`{}`{line}: {words}", self.file), "this file")
            .help("separate values by commas, and put those with commas, quotes or line ends in quotes")
    }
}

struct Columns {
    address: usize,
    names: FieldNames,
}
