//! The fleet on sockets of its own: listeners, names, certificates, and a control port.
