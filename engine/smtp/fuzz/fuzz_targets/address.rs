//! Any text is an address or none: no panic, nothing in it that could end a command, and the generous readings agree with
//! the strict ones.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::{Address, Command, Domain, ForwardPath, RcptParameters};

fuzz_target!(|text: &str| {
    let readings = [Address::parse(text), Address::parse_utf8(text), Address::parse_mailbox(text)];
    for pair in readings.windows(2) {
        assert!(pair[0].is_err() || pair[0] == pair[1], "what is strict is not generous: {text:?}");
    }
    if let Ok(domain) = Domain::parse(text) {
        assert_eq!(Domain::parse(domain.as_str()), Ok(domain));
    }
    let [ascii, utf8, mailbox] = readings;
    assert!(ascii.is_err() || ascii.is_ok_and(|address| address.is_ascii()));
    assert!(utf8.is_err() || utf8.is_ok_and(|address| Domain::parse(address.domain()).is_ok()));
    let Ok(address) = mailbox else { return };
    assert!(!address.as_str().chars().any(char::is_control));
    assert_eq!(address.as_str(), format!("{}@{}", address.local(), address.domain()));
    assert_eq!(Address::parse_mailbox(address.as_str()).as_ref(), Ok(&address));
    let rcpt = Command::Rcpt { to: ForwardPath::Address(address), parameters: RcptParameters::default() };
    let mut line = Vec::new();
    rcpt.encode(&mut line);
    assert_eq!(Command::parse(&line), Ok(rcpt));
});
