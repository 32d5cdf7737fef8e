//! The message that an echo is about: its header fields, and what of it is sent back.
//!
//! Foreign bytes: whatever stands in them, a field that is taken out of them is one line of printable ASCII.

/// Most octets of a message that are sent back whole; of a longer one only the header is. What Postfix has as
/// `bounce_size_limit`.
pub(crate) const RETURNED_BYTES: usize = 50_000;

/// Most octets of a header that are looked at or sent back.
const HEADER_BYTES: usize = 32_768;

/// Most echoes of a field that is quoted.
const FIELD_LETTERS: usize = 900;

/// A message as it was received, or its beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Original<'a>(pub(crate) &'a [u8]);

impl<'a> Original<'a> {
    /// The header, up to the empty line, without it; whole lines only.
    pub(super) fn header(self) -> &'a [u8] {
        let mut end = 0;
        for line in self.0.split_inclusive(|byte| *byte == b'\n') {
            let is_over = line.trim_ascii().is_empty();
            if is_over || end + line.len() > HEADER_BYTES {
                break;
            }
            end += line.len();
        }
        &self.0[..end]
    }

    /// All of it, if that is not too much.
    pub(super) fn whole(self) -> Option<&'a [u8]> {
        (self.0.len() <= RETURNED_BYTES).then_some(self.0)
    }

    /// The value of the first field with this name, unfolded.
    // RFC 5322 2.2.3: a line that begins with a blank belongs to the field before it.
    pub(super) fn field(self, name: &str) -> Option<String> {
        let mut value: Option<String> = None;
        for line in self.header().split(|byte| *byte == b'\n') {
            let continues = line.first().is_some_and(|first| matches!(first, b' ' | b'\t'));
            match &mut value {
                Some(value) if continues => value.push_str(&plain(line)),
                Some(_) => break,
                None => value = named(line, name).map(plain),
            }
        }
        let value: String = value?.trim().chars().take(FIELD_LETTERS).collect();
        Some(value)
    }
}

/// What stands after the colon, if the line is such a field.
fn named<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    line[..colon].trim_ascii_end().eq_ignore_ascii_case(name.as_bytes()).then(|| &line[colon + 1..])
}

/// Printable ASCII of it; a tab is a blank, everything else a question mark.
pub(super) fn plain(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let echo = |byte: &u8| match byte {
        b' '..=b'~' => char::from(*byte),
        b'\t' => ' ',
        _ => '?',
    };
    bytes.iter().map(echo).collect()
}

/// A text in which an address, in upper or lower case, is replaced by something else.
pub(super) fn replaced(text: &str, address: &str, by: &str) -> String {
    let (lower, wanted) = (text.to_ascii_lowercase(), address.to_ascii_lowercase());
    let mut shown = String::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(&wanted) {
        shown.push_str(&text[from..at]);
        shown.push_str(by);
        from = at + wanted.len();
    }
    shown + &text[from..]
}
