//! Reply texts with blanks, and what is put into the blanks when a server answers.
//!
//! Separate because the filling must be deterministic: equal circumstances give equal texts, on every machine. What no
//! simulation can know (a ticket number, the name of a block list) gets a fixed value, so that equal replies stay equal.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

/// A reply text with blanks, read from a profile: `{recipient}` is a blank, `{{id}}` a blank that stands in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    Blank(Blank),
}

/// A blank that no profile may use. The text is a lower-case fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBlank {
    /// What stands between the braces.
    pub name: String,
}

/// The circumstances of an answer: what the blanks are filled with.
#[derive(Debug, Clone, Copy)]
pub struct Particulars<'a> {
    /// The client's address.
    pub ip: IpAddr,
    /// The name of the server.
    pub host: &'a str,
    /// The name that the client gave in EHLO; empty before it did.
    pub client: &'a str,
    /// The recipient concerned; empty if it is none.
    pub recipient: &'a str,
    /// The return path without angle brackets; empty for the null one and before MAIL.
    pub sender: &'a str,
    /// The domain concerned: the sender's or the recipient's.
    pub domain: &'a str,
    /// The identifier of this answer, the same in all answers of a provider.
    pub id: &'a str,
    /// The page to read about it.
    pub url: &'a str,
    /// The command that is answered.
    pub command: &'static str,
}

impl Particulars<'static> {
    /// Circumstances with names and addresses that are reserved for examples.
    pub const EXAMPLE: Self = Self {
        ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)),
        host: "mx1.bigbox.test",
        client: "out.sender.test",
        recipient: "ann@bigbox.test",
        sender: "news@sender.test",
        domain: "bigbox.test",
        id: "0123456789ab",
        url: "https://postmaster.example/",
        command: "RCPT",
    };
}

impl Template {
    /// Reads a text with blanks. Braces around anything but lower-case letters are plain text.
    ///
    /// # Errors
    /// A blank of unknown name.
    pub fn parse(text: &str) -> Result<Self, UnknownBlank> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            plain.push_str(&rest[..open]);
            rest = &rest[open + 1..];
            let Some(name) = blank_name(rest) else {
                plain.push('{');
                continue;
            };
            let blank = Blank::named(name).ok_or_else(|| UnknownBlank { name: name.to_owned() })?;
            push_text(&mut pieces, &mut plain);
            pieces.push(Piece::Blank(blank));
            rest = &rest[name.len() + 1..];
        }
        plain.push_str(rest);
        push_text(&mut pieces, &mut plain);
        Ok(Self { pieces })
    }

    /// The text with its blanks filled in.
    pub fn fill(&self, particulars: &Particulars<'_>) -> String {
        let mut text = String::with_capacity(160);
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Blank(blank) => blank.write(particulars, &mut text),
            }
        }
        text
    }

    /// The names of all blanks.
    pub fn blanks() -> Vec<&'static str> {
        BLANKS.iter().map(|(name, _)| *name).collect()
    }

    /// The text, if it has no blanks.
    pub fn constant(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
}

fn blank_name(after_brace: &str) -> Option<&str> {
    let name = &after_brace[..after_brace.find('}')?];
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(name)
}

fn push_text(pieces: &mut Vec<Piece>, plain: &mut String) {
    if !plain.is_empty() {
        pieces.push(Piece::Text(std::mem::take(plain).into_boxed_str()));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blank {
    Ip,
    Host,
    Client,
    Recipient,
    Sender,
    Domain,
    Id,
    Size,
    Limit,
    Count,
    List,
    Reason,
    Url,
    Port,
    Range,
    Command,
    Date,
}

const BLANKS: [(&str, Blank); 17] = [
    ("ip", Blank::Ip),
    ("host", Blank::Host),
    ("client", Blank::Client),
    ("recipient", Blank::Recipient),
    ("sender", Blank::Sender),
    ("domain", Blank::Domain),
    ("id", Blank::Id),
    ("size", Blank::Size),
    ("limit", Blank::Limit),
    ("count", Blank::Count),
    ("list", Blank::List),
    ("reason", Blank::Reason),
    ("url", Blank::Url),
    ("port", Blank::Port),
    ("range", Blank::Range),
    ("command", Blank::Command),
    ("date", Blank::Date),
];

impl Blank {
    fn named(name: &str) -> Option<Self> {
        BLANKS.iter().find(|(known, _)| *known == name).map(|(_, blank)| *blank)
    }

    fn write(self, particulars: &Particulars<'_>, text: &mut String) {
        match self {
            Self::Ip => push_display(text, particulars.ip),
            Self::Host => text.push_str(particulars.host),
            Self::Client => text.push_str(particulars.client),
            Self::Recipient => text.push_str(particulars.recipient),
            Self::Sender => text.push_str(particulars.sender),
            Self::Domain => text.push_str(particulars.domain),
            Self::Id => text.push_str(particulars.id),
            Self::Size => text.push_str("52428800"),
            Self::Limit => text.push_str("100"),
            Self::Count => text.push_str("101"),
            Self::List => text.push_str("dnsbl.example"),
            Self::Reason => text.push_str("listed"),
            Self::Url => text.push_str(particulars.url),
            Self::Port => text.push_str("25"),
            Self::Range => push_display(text, network(particulars.ip)),
            Self::Command => text.push_str(particulars.command),
            Self::Date => text.push_str("Thu, 01 Jan 2026 00:00:00 +0000"),
        }
    }
}

fn push_display(text: &mut String, value: impl std::fmt::Display) {
    write!(text, "{value}").expect("writing to a String cannot fail");
}

/// The network an address is usually judged by: the /24 of IPv4, the /64 of IPv6.
fn network(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn check(template: &str, filled: &str) {
        assert_eq!(Template::parse(template).expect(template).fill(&Particulars::EXAMPLE), filled);
    }

    #[test]
    fn blanks_are_filled() {
        check("<{recipient}>: over quota", "<ann@bigbox.test>: over quota");
        check("{host} [{ip}] {client} {domain}", "mx1.bigbox.test [192.0.2.10] out.sender.test bigbox.test");
        check("no {limit} of {range} on {list}", "no 100 of 192.0.2.0/24 on dnsbl.example");
        check("{command}{id}", "RCPT0123456789ab");
        check("", "");
    }

    #[test]
    fn braces_may_be_plain_text() {
        check("i{{id}}", "i{0123456789ab}");
        check("{} {A} { and }", "{} {A} { and }");
        check("open {", "open {");
    }

    #[test]
    fn an_unknown_blank_is_refused() {
        let unknown = Template::parse("see {ticket}").expect_err("no such blank");
        assert_eq!(unknown.name, "ticket");
    }

    #[test]
    fn every_blank_has_a_value() {
        for (name, _) in BLANKS {
            let filled = Template::parse(&format!("{{{name}}}")).expect(name).fill(&Particulars::EXAMPLE);
            assert!(!filled.is_empty() && !filled.contains('{'), "{name}: {filled}");
        }
    }
}
