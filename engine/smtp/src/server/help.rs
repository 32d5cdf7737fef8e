//! What HELP says.
//!
//! RFC 5321 4.1.1.8 (HELP), 4.3.2 (its replies).

use crate::Extensions;

/// A command: its name, its syntax, and whether it is there.
type Row = (&'static str, &'static str, fn(&Extensions) -> bool);

const COMMANDS: [Row; 14] = [
    ("EHLO", "EHLO domain-or-literal", |_| true),
    ("HELO", "HELO domain", |_| true),
    ("STARTTLS", "STARTTLS", |offered| offered.starttls),
    ("AUTH", "AUTH PLAIN|LOGIN [initial-response]", |offered| offered.auth.plain || offered.auth.login),
    ("MAIL", "MAIL FROM:<reverse-path> [parameters]", |_| true),
    ("RCPT", "RCPT TO:<forward-path> [parameters]", |_| true),
    ("DATA", "DATA", |_| true),
    ("BDAT", "BDAT size [LAST]", |offered| offered.chunking),
    ("RSET", "RSET", |_| true),
    ("VRFY", "VRFY mailbox", |_| true),
    ("EXPN", "EXPN list (not implemented)", |_| true),
    ("HELP", "HELP [command]", |_| true),
    ("NOOP", "NOOP [text]", |_| true),
    ("QUIT", "QUIT", |_| true),
];

/// The syntax of a command that is there, or nothing.
pub(super) fn syntax(offered: &Extensions, topic: &str) -> Option<&'static str> {
    let mut known = COMMANDS.iter().filter(|(.., there)| there(offered));
    known.find(|(name, ..)| name.eq_ignore_ascii_case(topic)).map(|(_, syntax, _)| *syntax)
}

/// All commands that are there.
pub(super) fn overview(offered: &Extensions) -> String {
    let known = COMMANDS.iter().filter(|(.., there)| there(offered));
    let names: Vec<_> = known.map(|(name, ..)| *name).collect();
    format!("see RFC 5321; commands: {}", names.join(" "))
}
