//! The command, called in this process, and what it says.

use std::path::Path;

use bouncelab::{Exit, Streams};

/// What the command said and how it ended.
pub(crate) struct Said {
    pub(crate) exit: Exit,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs `bouncelab` with these arguments, as if its output were no terminal.
pub(crate) fn bouncelab<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = std::iter::once("bouncelab").chain(arguments).map(Into::into);
    let exit = bouncelab::main(arguments, &mut Streams::plain(&mut out, &mut err));
    let text = |bytes| String::from_utf8(bytes).expect("the command speaks UTF-8");
    Said { exit, out: text(out), err: text(err) }
}

/// Runs `bouncelab` with the arguments of a command line. What it calls `out` is the folder `out` in `scratch`.
pub(crate) fn line(line: &str, scratch: &Path) -> Said {
    let scratch = format!("{}/", scratch.display());
    let in_scratch =
        |word: String| if Path::new(&word).starts_with("out") { scratch.clone() + &word } else { word };
    let arguments: Vec<String> = words(line).into_iter().map(in_scratch).collect();
    let said = bouncelab(arguments.iter().map(String::as_str));
    Said { out: said.out.replace(&scratch, ""), err: said.err.replace(&scratch, ""), ..said }
}

/// The words of a command line; single quotes keep spaces together.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate().map(|(index, part)| match index % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    quoted.flat_map(|words: Vec<String>| words).collect()
}

impl Said {
    /// Standard output and what went wrong, without what differs from run to run.
    pub(crate) fn masked(&self) -> String {
        masked(&self.out) + &self.err
    }

    /// Complains if the command did not end like this.
    pub(crate) fn must_end(&self, wanted: Exit) -> Result<(), String> {
        if self.exit == wanted {
            return Ok(());
        }
        let (is, code, meaning) = (self.exit.code(), wanted.code(), wanted.meaning());
        Err(format!("exit code {is}, wanted {code} ({meaning})\n{}{}", self.out, self.err))
    }
}

/// Stands for a wall time, the only thing that differs from run to run.
const MASK: &str = "TIME";

/// The text with the wall time of each line masked: it comes after the last ` in `, padded to its column.
pub(crate) fn masked(text: &str) -> String {
    text.split_inclusive('\n').map(masked_line).collect()
}

fn masked_line(line: &str) -> String {
    let Some((before, after)) = line.rsplit_once(" in ") else { return line.to_owned() };
    let after = after.trim_start_matches(' ');
    let end = after.find(char::is_whitespace).unwrap_or(after.len());
    let (word, rest) = after.split_at(end);
    if is_wall_time(word) { format!("{before} in {MASK}{rest}") } else { line.to_owned() }
}

/// Whether this is `12ms`, `0.4s` or `1m05s`.
fn is_wall_time(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
        && word
            .strip_suffix('s')
            .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || ".m".contains(c)))
}
