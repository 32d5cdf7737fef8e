//! Reads single values: what is expected, and what to say when something else stands there.
//!
//! All readers have the shape `Fn(&Node, &mut Problems) -> Option<T>` that [`crate::Reader`] takes; `None` means that the
//! problem has been reported. Some are that function, others return it.

use std::ops::RangeInclusive;
use std::time::Duration;

use units::{ByteSize, Instant, QuantityError, Rate, Share, quantity};

use crate::{Kind, Node, Placed, Problem, Problems, did_you_mean};

/// A text: any single value that is not empty. Numbers and words count as the text they are written as.
pub fn text(node: &Node, problems: &mut Problems) -> Option<String> {
    if let Some(text) = node.text().filter(|text| !text.is_empty()) {
        return Some(text.to_owned());
    }
    let help = match node.text() {
        Some(_) => "write a text, or remove the key",
        None => "put a text in quotes that contains `: ` or starts with a bracket",
    };
    problems.push(unexpected(node, "a text", help));
    None
}

/// A whole number in `range`; thousands may be grouped (`100_000`).
pub fn number<T>(range: RangeInclusive<T>) -> impl Fn(&Node, &mut Problems) -> Option<T>
where
    T: Copy + PartialOrd + TryFrom<u64> + Into<u64>,
{
    move |node, problems| {
        let (least, most) = (grouped((*range.start()).into()), grouped((*range.end()).into()));
        let help = format!("write a number from {least} to {most}");
        let Some(digits) = node.text().and_then(digits) else {
            problems.push(unexpected(node, "a whole number", &help));
            return None;
        };
        // Too large for its type is outside the range as well.
        let number = digits.parse::<u64>().ok().and_then(|number| T::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let text = brief(node);
            problems.push(
                Problem::at(node.place, format!("{text} is not from {least} to {most}"), "out of range")
                    .help(help),
            );
        }
        number
    }
}

/// A duration (`29h30m`).
pub fn duration(node: &Node, problems: &mut Problems) -> Option<Duration> {
    measured(node, problems, "a duration", quantity::duration)
}

/// The latest moment that can be written: ten years after the start. Nothing that is worth simulating comes later, and all
/// arithmetic on moments stays far from their end (584 years), where it saturates.
pub const LATEST: Instant = Instant::from_hours(24 * 3650);

/// A moment, as the time since the start of the scenario (`6h`), up to [`LATEST`].
pub fn instant(node: &Node, problems: &mut Problems) -> Option<Instant> {
    let since = measured(node, problems, "a time since the start", quantity::duration)?;
    let instant = Instant::ZERO + since;
    if instant > LATEST {
        problems.push(
            Problem::at(
                node.place,
                format!("{} is more than ten years after the start", brief(node)),
                "too late",
            )
            .help("write a time up to 3650d"),
        );
        return None;
    }
    Some(instant)
}

/// A range of durations, both ends included (`20ms..80ms`); a single duration is a range of one.
pub fn durations(node: &Node, problems: &mut Problems) -> Option<RangeInclusive<Duration>> {
    let range =
        measured(node, problems, "a duration or a range of durations", |text| match text.split_once("..") {
            Some((from, to)) => Ok(quantity::duration(from)?..=quantity::duration(to)?),
            None => quantity::duration(text).map(|one| one..=one),
        })?;
    if range.is_empty() {
        problems.push(
            Problem::at(node.place, format!("the range {} ends before it begins", brief(node)), "empty")
                .help("write the shorter duration first, as in 20ms..80ms"),
        );
        return None;
    }
    Some(range)
}

/// A share (`10%`).
pub fn share(node: &Node, problems: &mut Problems) -> Option<Share> {
    measured(node, problems, "a share", quantity::share)
}

/// A rate (`100/min`).
pub fn rate(node: &Node, problems: &mut Problems) -> Option<Rate> {
    measured(node, problems, "a rate", quantity::rate)
}

/// A size (`20 KiB`).
pub fn byte_size(node: &Node, problems: &mut Problems) -> Option<ByteSize> {
    measured(node, problems, "a size", quantity::byte_size)
}

/// One of a few words, each with its meaning.
pub fn one_of<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(&Node, &mut Problems) -> Option<T> {
    move |node, problems| {
        let meaning = words.iter().find(|(word, _)| node.text() == Some(word)).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let valid: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            problems.push(unknown_word(node, &valid));
        }
        meaning
    }
}

/// `true` or `false`.
pub fn truth(node: &Node, problems: &mut Problems) -> Option<bool> {
    one_of(&[("true", true), ("false", false)])(node, problems)
}

/// A list with at least one entry; a single value or a map is a list of one. All entries are read, even if some are wrong.
pub fn list<T>(
    read: impl Fn(&Node, &mut Problems) -> Option<T>,
) -> impl Fn(&Node, &mut Problems) -> Option<Vec<T>> {
    move |node, problems| match &node.kind {
        Kind::List(items) if items.is_empty() => {
            problems.push(
                Problem::at(node.place, "the list is empty", "no entry")
                    .help("add an entry, or remove the key"),
            );
            None
        }
        Kind::List(items) => {
            let read: Vec<Option<T>> = items.iter().map(|item| read(item, problems)).collect();
            read.into_iter().collect()
        }
        Kind::Scalar { .. } | Kind::Map(_) => read(node, problems).map(|one| vec![one]),
    }
}

/// A value together with its place.
pub fn placed<T>(
    read: impl Fn(&Node, &mut Problems) -> Option<T>,
) -> impl Fn(&Node, &mut Problems) -> Option<Placed<T>> {
    move |node, problems| read(node, problems).map(|value| Placed { value, place: node.place })
}

/// The problem that something else than `expected` (`a duration`) stands at `node`.
pub fn unexpected(node: &Node, expected: &str, help: &str) -> Problem {
    let message = format!("expected {expected}, found {}", brief(node));
    Problem::at(node.place, message, format!("not {expected}")).help(help)
}

fn measured<T>(
    node: &Node,
    problems: &mut Problems,
    expected: &str,
    read: impl Fn(&str) -> Result<T, QuantityError>,
) -> Option<T> {
    let text = node.text().filter(|_| !node.is_missing());
    match text.map_or_else(|| read(""), &read) {
        Ok(value) => return Some(value),
        Err(error) if text.is_none() => problems.push(unexpected(node, expected, error.remedy())),
        Err(error) => problems.push(
            Problem::at(node.place, error.to_string(), format!("expected {expected}")).help(error.remedy()),
        ),
    }
    None
}

fn unknown_word(node: &Node, valid: &[&str]) -> Problem {
    let quoted: Vec<String> = valid.iter().map(|word| format!("`{word}`")).collect();
    let expected = match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        Some(_) | None => quoted.concat(),
    };
    let message = format!("expected {expected}, found {}", brief(node));
    let problem = Problem::at(node.place, message, "not a word that is known here");
    match node.text().and_then(|text| did_you_mean(text, valid)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("write {expected}")),
    }
}

/// The node in a message: short texts as they are.
fn brief(node: &Node) -> String {
    /// Longer texts can be seen at the caret.
    const LONGEST: usize = 60;
    match node.text() {
        Some(text) if !text.is_empty() && text.chars().count() <= LONGEST => format!("`{text}`"),
        Some(_) | None => node.noun().to_owned(),
    }
}

/// The digits of a whole number, without the `_` between them; `None` if `text` is none.
fn digits(text: &str) -> Option<String> {
    let groups = || text.split('_');
    let whole = groups().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    whole.then(|| groups().collect())
}

/// A number with its thousands grouped: `20_000_000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::*;
    use crate::{Source, Style, render, tree};

    /// Reads the value of `text` and shows it, or the problems.
    fn check<T: Debug>(read: impl Fn(&Node, &mut Problems) -> Option<T>, text: &str, expected: &str) {
        let source = Source::new("file.yaml", text);
        let node = tree(&source).expect(text);
        let mut problems = Problems::new();
        let value = read(&node, &mut problems);
        assert_eq!(value.is_some(), problems.is_empty(), "{text}");
        let shown = match value {
            Some(value) => format!("{value:?}"),
            None => render(&source, &problems.into_sorted(), Style::Plain),
        };
        assert_eq!(shown.trim_end(), expected.trim_matches('\n'), "{text}\n{shown}");
    }

    #[test]
    fn numbers() {
        check(number(0..=u64::MAX), "100_000", "100000");
        check(number(1_u32..=9), "'7'", "7");
        check(
            number(1_u32..=20_000),
            "0",
            "
error: `0` is not from 1 to 20_000
 --> file.yaml:1:1
  |
1 | 0
  | ^ out of range
  |
  = help: write a number from 1 to 20_000",
        );
        check(
            number(1_u32..=9),
            "99999999999999999999999",
            "
error: `99999999999999999999999` is not from 1 to 9
 --> file.yaml:1:1
  |
1 | 99999999999999999999999
  | ^^^^^^^^^^^^^^^^^^^^^^^ out of range
  |
  = help: write a number from 1 to 9",
        );
        for text in ["-1", "1.5", "_1", "1__0", "0x10", "1e3", "one"] {
            check(
                number(1_u32..=9),
                text,
                &format!(
                    "
error: expected a whole number, found `{text}`
 --> file.yaml:1:1
  |
1 | {text}
  | {} not a whole number
  |
  = help: write a number from 1 to 9",
                    "^".repeat(text.len())
                ),
            );
        }
    }

    #[test]
    fn quantities() {
        check(duration, "29h30m", "106200s");
        check(durations, "20ms..80ms", "20ms..=80ms");
        check(durations, "20ms", "20ms..=20ms");
        check(instant, "6h", "6h");
        check(instant, "3650d", "87600h");
        check(
            instant,
            "87600h1ms",
            "
error: `87600h1ms` is more than ten years after the start
 --> file.yaml:1:1
  |
1 | 87600h1ms
  | ^^^^^^^^^ too late
  |
  = help: write a time up to 3650d",
        );
        check(
            duration,
            "5",
            "
error: `5` has no unit
 --> file.yaml:1:1
  |
1 | 5
  | ^ expected a duration
  |
  = help: write a number with a unit: us, ms, s, m, h or d, as in 5m, 30h or 29h30m",
        );
        check(
            share,
            "[10%]",
            "
error: expected a share, found a list
 --> file.yaml:1:1
  |
1 | [10%]
  | ^^^^^ not a share
  |
  = help: write a share with its unit, as in 10% or 2.5%",
        );
        check(
            durations,
            "80ms..20ms",
            "
error: the range `80ms..20ms` ends before it begins
 --> file.yaml:1:1
  |
1 | 80ms..20ms
  | ^^^^^^^^^^ empty
  |
  = help: write the shorter duration first, as in 20ms..80ms",
        );
    }

    #[test]
    fn words() {
        check(truth, "true", "true");
        check(
            one_of(&[("refuse", 1), ("time_out", 2)]),
            "timeout",
            "
error: expected `refuse` or `time_out`, found `timeout`
 --> file.yaml:1:1
  |
1 | timeout
  | ^^^^^^^ not a word that is known here
  |
  = help: did you mean `time_out`?",
        );
    }

    #[test]
    fn lists() {
        check(list(text), "[a, 1.10]", r#"["a", "1.10"]"#);
        check(list(text), "a", r#"["a"]"#);
        check(
            list(duration),
            "[5, 5m, x]",
            "
error: `5` has no unit
 --> file.yaml:1:2
  |
1 | [5, 5m, x]
  |  ^ expected a duration
  |
  = help: write a number with a unit: us, ms, s, m, h or d, as in 5m, 30h or 29h30m

error: `x` is not a duration
 --> file.yaml:1:9
  |
1 | [5, 5m, x]
  |         ^ expected a duration
  |
  = help: write a number with a unit: us, ms, s, m, h or d, as in 5m, 30h or 29h30m",
        );
    }

    proptest! {
        #[test]
        fn a_grouped_number_is_read_back(number: u64) {
            let digits = digits(&grouped(number)).expect("a number");
            prop_assert_eq!(digits.parse::<u64>(), Ok(number));
        }
    }
}
