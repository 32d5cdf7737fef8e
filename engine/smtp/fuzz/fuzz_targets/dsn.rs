//! Any text is what somebody asks about reports, or is refused: no panic, and what was read is written so that it is read
//! as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::{MailDsn, RcptDsn};

fuzz_target!(|text: &str| {
    if let Ok(dsn) = MailDsn::parse(text) {
        assert_eq!(MailDsn::parse(&written(|out| dsn.encode(out))), Ok(dsn));
    }
    if let Ok(dsn) = RcptDsn::parse(text) {
        assert_eq!(RcptDsn::parse(&written(|out| dsn.encode(out))), Ok(dsn));
    }
});

fn written(encode: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    encode(&mut out);
    assert!(!out.iter().any(u8::is_ascii_control));
    String::from_utf8(out).expect("parameters are text")
}
