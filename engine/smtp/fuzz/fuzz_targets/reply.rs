//! Any bytes are replies up to a fault: no panic, no more than was sent, and the same in any pieces.
//!
//! The first byte is the size of the pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::{Reply, ReplyFault, ReplyParser, limits};

fuzz_target!(|bytes: &[u8]| {
    let [size, wire @ ..] = bytes else { return };
    let whole = read(std::iter::once(wire));
    assert_eq!(read(wire.chunks(usize::from(*size).max(1))), whole);
    for reply in &whole.0 {
        assert!(reply.lines().count() <= limits::REPLY_LINES);
        assert!(!reply.text().chars().any(|c| c.is_control() && c != '\n'));
    }
});

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Reply>, Option<ReplyFault>) {
    let mut parser = ReplyParser::new();
    let mut replies = Vec::new();
    for piece in pieces {
        parser.feed(piece);
        loop {
            match parser.next() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(fault) => return (replies, Some(fault)),
            }
        }
    }
    (replies, None)
}
