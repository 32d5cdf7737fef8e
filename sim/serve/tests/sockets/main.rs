//! The fleet on real sockets, as clients see it.

mod attending;
mod clock;
mod world;
