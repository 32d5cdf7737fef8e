//! Any octets that come to a return path are read as something, and the same twice.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    assert_eq!(feedback::read(octets), feedback::read(octets));
});
