//! A page of text for people in the making. Every piece of text goes through here and is cleaned on the way, so that
//! no report can forget it.

use crate::foreign;
use crate::layout;
use crate::look::{Ink, Look};

const LEAST_WIDTH: usize = 40;
/// However far a text is indented, it gets this many columns.
const LEAST_ROOM: usize = 20;

/// A text in the making, line by line.
pub(crate) struct Page {
    look: Look,
    text: String,
}

/// A piece of a line.
pub(crate) type Piece<'a> = (Ink, &'a str);

impl Page {
    pub(crate) fn new(look: Look) -> Self {
        Self { look: Look { width: look.width.max(LEAST_WIDTH), ..look }, text: String::new() }
    }

    pub(crate) fn width(&self) -> usize {
        self.look.width
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// One line of several pieces.
    pub(crate) fn line(&mut self, pieces: &[Piece<'_>]) {
        let mut begun = false;
        for (ink, text) in pieces {
            let text = foreign::clean(text);
            let text = if begun { text } else { foreign::defused(text) };
            begun |= !text.trim().is_empty();
            self.look.style.paint(*ink, &text, &mut self.text);
        }
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        self.text.push('\n');
    }

    /// An empty line between two parts; none at the very beginning.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// `text` behind `head`, wrapped; further lines begin below the beginning of `text`.
    pub(crate) fn wrapped(&mut self, head: &[Piece<'_>], ink: Ink, text: &str) {
        let margin = " ".repeat(columns_of(head));
        self.wrapped_with(head, &[(Ink::Text, &margin)], ink, text);
    }

    /// `text` wrapped, with `bar` before every line.
    pub(crate) fn quoted(&mut self, bar: &[Piece<'_>], ink: Ink, text: &str) {
        self.wrapped_with(bar, bar, ink, text);
    }

    fn wrapped_with(&mut self, head: &[Piece<'_>], margin: &[Piece<'_>], ink: Ink, text: &str) {
        let room = self.look.width.saturating_sub(columns_of(head)).max(LEAST_ROOM);
        let lines = layout::wrap(&foreign::clean_lines(text), room);
        self.line(&[head, &[(ink, lines.first().map_or("", String::as_str))]].concat());
        for line in lines.iter().skip(1) {
            self.line(&[margin, &[(ink, line)]].concat());
        }
    }

    /// A text that was made for people already, as it is.
    pub(crate) fn verbatim(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }
}

fn columns_of(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|(_, text)| layout::width(&foreign::clean(text))).sum()
}
