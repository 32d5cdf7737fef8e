//! The referee's process: started, spoken to, and killed when this is dropped, on a panic too.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use super::questions::{Answer, Question};
use crate::wire::PATIENCE;

/// The process, in a group of its own.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    answers: ChildStdin,
    lines: Receiver<String>,
    port: u16,
}

impl Program {
    /// Starts it for so many connections at once.
    ///
    /// # Errors
    /// Why there is no referee.
    pub(crate) fn start(program: &Path, connections: u32) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.arg(connections.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C is for the run, which ends the referee itself.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("`{}` does not start: {error}", program.display()))?;
        let (Some(answers), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both ends were asked for")
        };
        let (send, lines) = mpsc::channel();
        // It ends with the process, at the latest when that is killed.
        std::thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines.take_while(|line| send.send(line.clone()).is_ok()).for_each(drop);
        });
        let mut program = Self { child, answers, lines, port: 0 };
        program.port =
            program.line(PATIENCE)?.and_then(|line| line.parse().ok()).ok_or("it names no port")?;
        Ok(program)
    }

    /// A connection to it.
    ///
    /// # Errors
    /// Those of the operating system.
    pub(crate) fn connect(&self) -> io::Result<TcpStream> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// The next question, if one is asked within this time.
    ///
    /// # Errors
    /// It asks no more, or in words that are unknown.
    pub(crate) fn question(&self, within: Duration) -> Result<Option<Question>, String> {
        let read = |line: String| {
            serde_json::from_str(&line)
                .map_err(|error| format!("it asks `{line}`, which is unknown: {error}"))
        };
        self.line(within)?.map(read).transpose()
    }

    /// Answers the last question.
    ///
    /// # Errors
    /// It does not listen any more.
    pub(crate) fn answer(&mut self, answer: &Answer) -> Result<(), String> {
        let line = serde_json::to_string(answer).expect("plain data");
        self.answers.write_all(format!("{line}\n").as_bytes()).map_err(|error| error.to_string())
    }

    fn line(&self, within: Duration) -> Result<Option<String>, String> {
        match self.lines.recv_timeout(within) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err("its process has ended".to_owned()),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_none_is_said_so() {
        let missing = Program::start(Path::new("no/such/program"), 1).expect_err("there is none");
        assert!(missing.starts_with("`no/such/program` does not start: "), "{missing}");
    }
}
