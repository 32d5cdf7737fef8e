//! The referee: mailin-embedded, a mail server that we did not write, on a port of loopback.
//!
//! `bouncelab run --wire lockstep --server mailin` starts it. It prints the port that it listens on. Whatever a client says is read by
//! mailin alone; what mailin makes of it is printed as a question, a JSON object a line ([`questions`]), and what shall be
//! answered is read from standard input, a line each. So the harness learns how somebody else understands the engine's bytes,
//! and the engine hears somebody else's.
//!
//! mailin-embedded cannot be stopped, and a panic can take the whole process with it. So it is a process: it ends when its
//! standard input does, or when it is killed.

mod handler;
mod questions;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use mailin_embedded::{Server, SslConfig};
use socket2::{Domain, Socket, Type};

use crate::handler::Asking;
use crate::questions::Questions;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

fn main() -> ExitCode {
    let Some(threads) = std::env::args().nth(1).and_then(|words| words.parse().ok()) else {
        eprintln!("usage: bouncelab-mailin CONNECTIONS (started by bouncelab run --server mailin)");
        return ExitCode::from(2);
    };
    match serve(threads) {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::from(74)
        }
    }
}

/// Serves so many connections at once, one thread each, until the process ends.
fn serve(threads: u32) -> Result<(), String> {
    let listener = listener().map_err(|error| format!("cannot listen: {error}"))?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    println!("{port}");
    let mut server = Server::new(Asking::new(Questions::start()));
    server.with_name("referee.test").with_num_threads(threads).with_tcp_listener(listener);
    server.with_ssl(SslConfig::None).map_err(|error| error.to_string())?;
    server.serve().map_err(|error| error.to_string())
}

/// Connections that are accepted inherit that nothing waits for more to send (TCP_NODELAY).
fn listener() -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
