//! Any line is a command or a fault: no panic, and what was read is written as one line, which is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::Command;

fuzz_target!(|line: &[u8]| {
    match Command::parse(line) {
        Ok(command) => {
            let mut again = Vec::new();
            command.encode(&mut again);
            let text = again.strip_suffix(b"\r\n").expect("a line ends with CRLF");
            assert!(!text.iter().any(u8::is_ascii_control), "one command became two");
            assert_eq!(Command::parse(&again), Ok(command));
        }
        Err(fault) => {
            assert!(matches!(fault.reply_code().get(), 500..=504 | 553));
            assert!(fault.enhanced().class() == 5 && !fault.to_string().is_empty());
        }
    }
});
