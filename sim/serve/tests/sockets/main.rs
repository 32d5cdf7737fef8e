//! The fleet on real sockets, as clients see it.

mod attending;
mod certificates;
mod clock;
mod control;
mod magic;
mod names;
mod service;
mod world;
