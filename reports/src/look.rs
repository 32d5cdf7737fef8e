//! How text for people may look: with colours or without, and how wide.

/// With colours or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Text alone: files, pipes, `NO_COLOR`.
    #[default]
    Plain,
    /// ANSI colours: terminals.
    Ansi,
}

/// How text for people may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Colours.
    pub style: Style,
    /// Columns, at least 40 (less is taken as 40). Only what must stay in one piece is wider: commands, paths, and
    /// the rendered problems of a refused scenario.
    pub width: usize,
}

impl Default for Look {
    /// Plain, 100 columns.
    fn default() -> Self {
        Self { style: Style::Plain, width: 100 }
    }
}

/// What a piece of text says by its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Running text.
    Text,
    /// What the eye should find first.
    Strong,
    /// What it may skip.
    Dim,
    /// It is as it should be.
    Good,
    /// It is not.
    Bad,
    /// It may not be.
    Caution,
}

impl Ink {
    /// The ANSI sequence that switches it on; empty for running text.
    fn sequence(self) -> &'static str {
        match self {
            Self::Text => "",
            Self::Strong => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[1;31m",
            Self::Caution => "\x1b[33m",
        }
    }

    /// The letter that stands for it in the data of a page.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Text => 't',
            Self::Strong => 's',
            Self::Dim => 'd',
            Self::Good => 'g',
            Self::Bad => 'b',
            Self::Caution => 'c',
        }
    }
}

impl Style {
    /// `text` in that ink. The text must be clean already.
    pub(crate) fn paint(self, ink: Ink, text: &str, into: &mut String) {
        let plain = self == Self::Plain || ink == Ink::Text || text.trim().is_empty();
        if plain {
            into.push_str(text);
        } else {
            into.push_str(ink.sequence());
            into.push_str(text);
            into.push_str("\x1b[0m");
        }
    }
}
