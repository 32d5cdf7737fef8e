//! Unsubscribing, as the recipient's mail program does it: by what the message itself offers in List-Unsubscribe (RFC 2369),
//! and for one click in List-Unsubscribe-Post (RFC 8058).

use std::time::Duration;

use smtp::Address;

use super::occasion::{Occasion, date};
use super::original::Original;
use super::paper::Paper;
use super::{Echo, EchoKind};

// RFC 8058 3.1
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// How somebody unsubscribes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// By one click.
    OneClick,
    /// By mail.
    Mailto,
}

impl Means {
    /// By how scenarios write them.
    pub(crate) const WORDS: &'static [(&'static str, Self)] =
        &[("one_click", Self::OneClick), ("mailto", Self::Mailto)];
}

/// What a recipient does to leave; nothing if the message does not offer these means.
pub(crate) fn unsubscribe(occasion: &Occasion<'_>, after: Duration, means: Means) -> Option<Echo> {
    let what = match means {
        Means::OneClick => one_click(occasion.original)?,
        Means::Mailto => by_mail(occasion, after)?,
    };
    Some(Echo { due: occasion.later(after), recipient: occasion.recipient.to_owned(), what })
}

fn one_click(original: Original<'_>) -> Option<EchoKind> {
    let offered = original.field("List-Unsubscribe-Post")?;
    let link = links(original).into_iter().find(|link| has_scheme(link, "https:"))?;
    offered.eq_ignore_ascii_case(ONE_CLICK).then(|| EchoKind::OneClick { link, body: ONE_CLICK.to_owned() })
}

fn by_mail(occasion: &Occasion<'_>, after: Duration) -> Option<EchoKind> {
    let link = links(occasion.original).into_iter().find(|link| has_scheme(link, "mailto:"))?;
    let (address, query) = link["mailto:".len()..].split_once('?').unwrap_or((&link["mailto:".len()..], ""));
    let to = Address::parse(&unescaped(address)).ok()?;
    let subject = query.split('&').find_map(|pair| {
        pair.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case("subject")).map(|(_, value)| value)
    });
    let mut paper = Paper::default();
    paper
        .field("From", &format!("<{}>", occasion.recipient))
        .field("To", to.as_str())
        .field("Subject", &unescaped(subject.unwrap_or("unsubscribe")))
        .field("Date", &date(occasion.later(after)))
        .field("Message-ID", &format!("<{}@{}>", occasion.mark("unsubscribe"), occasion.domain()))
        .field("MIME-Version", "1.0")
        .field("Content-Type", "text/plain; charset=us-ascii")
        .line("");
    Some(EchoKind::Mail { to, message: paper.into_bytes() })
}

/// What stands in angle brackets. Blanks from folding are no part of a link.
// RFC 2369 2
fn links(original: Original<'_>) -> Vec<String> {
    let field = original.field("List-Unsubscribe").unwrap_or_default();
    let bracketed = |piece: &str| Some(piece.split_once('>')?.0.replace(' ', ""));
    field.split('<').skip(1).filter_map(bracketed).collect()
}

fn has_scheme(link: &str, scheme: &str) -> bool {
    link.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// Resolves `%41`. What is no ASCII then stays as it was written.
// RFC 6068 2
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|byte| matches!(byte, b' '..=b'~')) {
            Some(byte) => {
                plain.push(char::from(byte));
                rest = &after[2..];
            }
            None => {
                plain.push('%');
                rest = after;
            }
        }
    }
    plain + rest
}
