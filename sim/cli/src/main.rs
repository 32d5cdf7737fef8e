//! The program: hands the process's arguments, streams and terminal to the command.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut streams = bouncelab::Streams::of_process(io::stdout().lock(), io::stderr());
    bouncelab::main(std::env::args_os(), &mut streams).into()
}
