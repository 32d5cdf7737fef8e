//! The ports of the engine as the operating system gives them: sockets, TLS, DNS, clock.
