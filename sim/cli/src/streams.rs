//! Where output goes, what it may look like there, and how the command is interrupted.

use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::PathBuf;

use reports::{Look, Style};

use crate::args::Colour;
use crate::ci::Ci;
use crate::{Exit, Interrupt};

/// Columns when the output is no terminal.
const COLUMNS: usize = 120;

/// Standard output and standard error, with what is known about them.
pub struct Streams<'a> {
    /// Results.
    pub(crate) out: Output<'a>,
    /// Progress and what went wrong.
    pub(crate) err: Output<'a>,
    look: Look,
    surroundings: Surroundings,
    interrupt: Interrupt,
    ci: Ci,
}

/// What the streams are connected with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    /// A program, whose standard error is a terminal.
    Terminal,
    /// A program.
    Process,
    /// A caller in the same process.
    Caller,
}

impl<'a> Streams<'a> {
    /// The streams of the process: colours and width of the terminal, progress bars if standard error is one, Ctrl-C.
    pub fn of_process(out: impl Write + 'a, err: impl Write + 'a) -> Self {
        let terminal = io::stdout().is_terminal();
        let width =
            console::Term::stdout().size_checked().map_or(COLUMNS, |(_, columns)| usize::from(columns));
        let style = if terminal && console::colors_enabled() { Style::Ansi } else { Style::Plain };
        let look = Look { style, width: if terminal { width } else { asked_columns().unwrap_or(COLUMNS) } };
        let live = io::stderr().is_terminal();
        let surroundings = if live { Surroundings::Terminal } else { Surroundings::Process };
        Self { ci: Ci::found(variable), ..Self::new(out, err, look, surroundings) }
    }

    /// Streams that are no terminal: plain, 120 columns, no progress. Ctrl-C is left alone.
    pub fn plain(out: impl Write + 'a, err: impl Write + 'a) -> Self {
        Self::new(out, err, Look { style: Style::Plain, width: COLUMNS }, Surroundings::Caller)
    }

    fn new(out: impl Write + 'a, err: impl Write + 'a, look: Look, surroundings: Surroundings) -> Self {
        Self {
            out: Output::to(out),
            err: Output::to(err),
            look,
            surroundings,
            interrupt: Interrupt::default(),
            ci: Ci::None,
        }
    }

    /// The same in a job of GitHub Actions whose summary is this file.
    #[must_use]
    pub fn on_github(self, summary: Option<PathBuf>) -> Self {
        Self { ci: Ci::GitHub { summary }, ..self }
    }

    /// The CI system that the command runs in.
    pub(crate) const fn ci(&self) -> &Ci {
        &self.ci
    }

    /// How text for people may look.
    pub const fn look(&self) -> Look {
        self.look
    }

    /// What ends a command that uses these streams before its time.
    pub const fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Whether progress can be shown.
    pub(crate) fn is_live(&self) -> bool {
        self.surroundings == Surroundings::Terminal
    }

    /// From now on, Ctrl-C interrupts the command instead of ending the program.
    pub(crate) fn await_interrupt(&self) {
        match self.surroundings {
            Surroundings::Terminal | Surroundings::Process => self.interrupt.arm(),
            Surroundings::Caller => {}
        }
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

    /// Says what went wrong; answers with `exit`. The words may quote what strangers wrote: it is shown, not obeyed.
    pub(crate) fn fail(&mut self, exit: Exit, words: impl fmt::Display) -> Exit {
        let _ = writeln!(self.err, "error: {}", reports::harmless(&words.to_string()));
        exit
    }

    /// The exit code of a command that ended with `exit`, if all that it said could be said. A reader who had enough and
    /// closed the pipe (`| head`) is no fault; a full disk is one.
    pub(crate) fn conclude(&mut self, exit: Exit) -> Exit {
        let _ = self.out.flush();
        match self.out.fault.take() {
            Some(fault) if fault.kind() != ErrorKind::BrokenPipe => {
                let words = format!("cannot write to standard output: {fault}");
                exit.graver(self.fail(Exit::Environment, words))
            }
            Some(_) | None => exit,
        }
    }
}

/// The width that the environment asks for where there is no terminal, as CI systems do for their logs.
fn asked_columns() -> Option<usize> {
    variable("COLUMNS")?.parse().ok().filter(|columns| *columns > 0)
}

/// A variable of the environment; none if it is no text.
#[expect(
    clippy::disallowed_methods,
    reason = "how output is laid out, and who else is to be told, is the environment's business; no result is"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams")
            .field("look", &self.look)
            .field("surroundings", &self.surroundings)
            .finish_non_exhaustive()
    }
}

/// A stream that never fails: after its first fault, which it keeps, it swallows what it is given. Whoever writes need not
/// look, and a command goes on without a reader.
pub(crate) struct Output<'a> {
    to: Box<dyn Write + 'a>,
    fault: Option<io::Error>,
}

impl<'a> Output<'a> {
    fn to(to: impl Write + 'a) -> Self {
        Self { to: Box::new(to), fault: None }
    }

    /// Does `work` unless there was a fault before.
    fn attempt(&mut self, work: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.fault.is_none() {
            self.fault = work(&mut self.to).err();
        }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(|to| to.write_all(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(|to| to.flush());
        Ok(())
    }
}
