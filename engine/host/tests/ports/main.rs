//! The ports over real sockets on loopback: every listener is the test's own, on a port that the system chooses.
//!
//! Time is real here, so nothing waits for time to pass but where a limit is what is tested; those are tens of milliseconds.

mod certificates;
mod clock;
mod dns;
mod hostile;
mod name_server;
mod stage;
mod sts;
mod tcp;
mod tls;
