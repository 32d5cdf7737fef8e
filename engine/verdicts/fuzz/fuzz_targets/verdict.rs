//! Any bytes from a server give a verdict: no panic, and the same one again.
//!
//! The first byte chooses the provider, the second the stage; the rest is what the server says. `just fuzz` runs it for a
//! while, on stable Rust; `cargo fuzz run verdict` runs it with sanitizers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::ReplyParser;
use verdicts::RuleBook;
use verdicts::verdict::Stage;

const STAGES: [Stage; 6] =
    [Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::EndOfData];

fuzz_target!(|bytes: &[u8]| {
    let [provider, stage, wire @ ..] = bytes else { return };
    let rules = RuleBook::shipped();
    let provider = rules.providers().nth(usize::from(*provider)).map(|(id, _)| id);
    let stage = STAGES[usize::from(*stage) % STAGES.len()];
    let mut parser = ReplyParser::new();
    parser.feed(wire);
    while let Ok(Some(reply)) = parser.next() {
        let verdict = rules.verdict(provider, stage, &reply);
        assert!(!verdict.rule.is_empty());
        assert_eq!(verdict, rules.verdict(provider, stage, &reply));
    }
});
