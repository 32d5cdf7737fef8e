//! Where output goes, and what it may look like there.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use reports::{Look, Style};

use crate::args::Colour;

/// Columns when the output is no terminal.
const COLUMNS: usize = 120;

/// Standard output and standard error, with what is known about them.
pub struct Streams<'a> {
    /// Results.
    pub out: Box<dyn Write + 'a>,
    /// Progress and what went wrong.
    pub err: Box<dyn Write + 'a>,
    look: Look,
    live: bool,
}

impl<'a> Streams<'a> {
    /// The streams of the process: colours and width of the terminal, progress bars if standard error is one.
    pub fn of_process(out: impl Write + 'a, err: impl Write + 'a) -> Self {
        let terminal = io::stdout().is_terminal();
        let width =
            console::Term::stdout().size_checked().map_or(COLUMNS, |(_, columns)| usize::from(columns));
        let style = if terminal && console::colors_enabled() { Style::Ansi } else { Style::Plain };
        let look = Look { style, width: if terminal { width } else { COLUMNS } };
        Self { out: Box::new(out), err: Box::new(err), look, live: io::stderr().is_terminal() }
    }

    /// Streams that are no terminal: plain, 120 columns, no progress.
    pub fn plain(out: impl Write + 'a, err: impl Write + 'a) -> Self {
        let look = Look { style: Style::Plain, width: COLUMNS };
        Self { out: Box::new(out), err: Box::new(err), look, live: false }
    }

    /// How text for people may look.
    pub const fn look(&self) -> Look {
        self.look
    }

    /// Whether progress can be shown.
    pub(crate) const fn is_live(&self) -> bool {
        self.live
    }

    pub(crate) fn colours(&self) -> bool {
        self.look.style == Style::Ansi
    }

    pub(crate) fn choose_colours(&mut self, colour: Colour) {
        match colour {
            Colour::Auto => {}
            Colour::Always => self.look.style = Style::Ansi,
            Colour::Never => self.look.style = Style::Plain,
        }
    }
}

impl fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("look", &self.look).field("live", &self.live).finish_non_exhaustive()
    }
}
