//! At which instants an expectation must hold.

use std::fmt;

use units::{Instant, Span, quantity};

use super::quantity::exact;
use super::{Cursor, Fault, Piece};

/// The forms, what they mean, and an example of each; for the reference.
pub(crate) const INSTANTS: [(&str, &str, &str); 3] = [
    (
        "at INSTANT",
        "At this one instant, everything that happens at it included.",
        "in_progress(northmail) == 600 at 8h",
    ),
    (
        "by INSTANT",
        "At this instant and at every later one to the end of the run.",
        "delivered(northmail) == 600 by 30h",
    ),
    ("at end", "At the end of the run. The same as writing nothing.", "sent == 1000 at end"),
];

const REPAIR: &str = "write the instant as `at 4h`, `by 10h` or `at end`";

/// At which instants an expectation must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// At the end of the run.
    End,
    /// At this instant.
    At(Instant),
    /// At this instant and at every later one.
    By(Instant),
}

impl When {
    /// The words that begin one.
    pub(crate) const WORDS: [&'static str; 2] = ["at", "by"];

    /// Reads what stands after the condition; it may be nothing. No instant may be later than `horizon`.
    pub(crate) fn read(piece: Piece<'_>, horizon: Instant) -> Result<Self, Fault> {
        let mut cursor = Cursor::new(piece);
        let word = cursor.word();
        let form: fn(Instant) -> Self = match word.text {
            "" => return Ok(Self::End),
            "at" => Self::At,
            "by" => Self::By,
            _ => return Err(Fault::unknown(word, "word", &Self::WORDS).help(REPAIR)),
        };
        match cursor.rest().text {
            "" => {
                Err(Fault::new(word, format!("missing instant after `{}`", word.text), "when?").help(REPAIR))
            }
            "end" => Ok(Self::End),
            _ => instant(cursor.rest(), horizon).map(form),
        }
    }

    /// The instant from which on it counts: the one that is named, or the end of time.
    pub(crate) const fn deadline(self) -> Instant {
        match self {
            Self::End => Instant::MAX,
            Self::At(instant) | Self::By(instant) => instant,
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => Ok(()),
            Self::At(instant) => write!(f, " at {}", exact(instant.since_epoch())),
            Self::By(instant) => write!(f, " by {}", exact(instant.since_epoch())),
        }
    }
}

fn instant(piece: Piece<'_>, horizon: Instant) -> Result<Instant, Fault> {
    let since_epoch = quantity::duration(piece.text)
        .map_err(|error| Fault::new(piece, error.to_string(), "not an instant").help(error.remedy()))?;
    let instant = Instant::ZERO + since_epoch;
    if instant <= horizon {
        return Ok(instant);
    }
    let end = Span(horizon.since_epoch());
    let message = format!("`{}` is beyond the end of the run", piece.text);
    Err(Fault::new(piece, message, format!("everything is over at {end}"))
        .help(format!("name an instant up to {end}, or write `at end`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_and_written() {
        let check = |text: &str, want: When, canonical: &str| {
            let read = When::read(Piece { text, start: 0 }, Instant::from_hours(30));
            assert_eq!(read, Ok(want), "{text}");
            assert_eq!(want.to_string(), canonical);
        };
        check("", When::End, "");
        check("at end", When::End, "");
        check("by end", When::End, "");
        check("at 1d 6h", When::At(Instant::from_hours(30)), " at 30h");
        check("by 0h", When::By(Instant::ZERO), " by 0h");
        check("at 1000.5us", When::At(Instant::from_nanos(1_000_500)), " at 1ms0.5us");
    }
}
