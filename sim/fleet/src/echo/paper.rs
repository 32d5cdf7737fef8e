//! A message that is being written: header fields, and the parts of a multipart/report (RFC 6522).

use super::original::plain;

// RFC 5322 2.1.1: a line should have at most 78 characters, and must have at most 998.
const LINE_LETTERS: usize = 78;

/// A message that is being written.
#[derive(Debug, Default)]
pub(super) struct Paper(Vec<u8>);

impl Paper {
    /// A header field, folded between words. Line breaks in the value become blanks, what is not ASCII question marks.
    pub(super) fn field(&mut self, name: &str, value: &str) -> &mut Self {
        let value = value.replace(['\r', '\n'], " ");
        let value = plain(value.as_bytes());
        let mut column = name.len() + 1;
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b':');
        for word in value.split_ascii_whitespace() {
            let is_first = column == name.len() + 1;
            if !is_first && column + 1 + word.len() > LINE_LETTERS {
                self.0.extend_from_slice(b"\r\n");
                column = 0;
            }
            self.0.push(b' ');
            self.0.extend_from_slice(word.as_bytes());
            column += 1 + word.len();
        }
        self.line("")
    }

    /// A line, which may have echoes beyond ASCII.
    pub(super) fn line(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// Lines that are there already, and the end of the last one if it is missing.
    pub(super) fn lines(&mut self, text: &[u8]) -> &mut Self {
        self.0.extend_from_slice(text);
        if !text.is_empty() && !text.ends_with(b"\n") {
            self.line("");
        }
        self
    }

    /// Begins a part.
    pub(super) fn part(&mut self, boundary: &str, content_type: &str) -> &mut Self {
        self.line(&format!("--{boundary}")).field("Content-Type", content_type)
    }

    /// Ends the last part.
    pub(super) fn end(&mut self, boundary: &str) -> &mut Self {
        self.line(&format!("--{boundary}--"))
    }

    /// What was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
