//! The form of a message (RFC 5322), and whether its recipient can leave with one click (RFC 8058).

use super::Finding;

/// Header fields that a message has at most once.
// RFC 5322 3.6
const ONCE: [&str; 12] = [
    "date",
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "message-id",
    "in-reply-to",
    "references",
    "subject",
    "mime-version",
];

/// The header of a message, as far as it has the form of one.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    /// Names and values, as they stand in the message.
    fields: Vec<(&'a str, String)>,
    /// Whether all of it, and the body, have the form that they should have.
    well_formed: bool,
}

impl<'a> Header<'a> {
    /// Reads the header of a message, of which this is everything.
    pub(crate) fn of(content: &'a [u8]) -> Self {
        let mut header = Self { fields: Vec::new(), well_formed: has_whole_lines(content) };
        let mut lines = content.split_inclusive(|byte| *byte == b'\n');
        for line in lines.by_ref() {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            header.take(line);
        }
        header
    }

    fn take(&mut self, line: &'a [u8]) {
        // RFC 5322 2.2.3: a line that begins with white space goes on with the field
        if matches!(line.first(), Some(b' ' | b'\t')) {
            match self.fields.last_mut() {
                Some((_, value)) => value.push_str(&String::from_utf8_lossy(line)),
                None => self.well_formed = false,
            }
            return;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let name = colon.and_then(|colon| std::str::from_utf8(&line[..colon]).ok());
        match (name, colon) {
            (Some(name), Some(colon)) if is_name(name) => {
                let value = String::from_utf8_lossy(&line[colon + 1..]);
                self.fields.push((name, value.trim().to_owned()));
            }
            _ => self.well_formed = false,
        }
    }

    /// The values of the fields of this name.
    fn values<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        let fields = self.fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.as_str())
    }

    /// Whether it has the form of a message.
    // RFC 5322 3.6: one date, one author; the rest at most once. 3.6.4: a Message-ID should be there, and providers demand it.
    pub(crate) fn format(&self) -> Finding {
        let once = ONCE.into_iter().all(|name| self.values(name).count() <= 1);
        let says = |name: &str, is_right: fn(&str) -> bool| self.values(name).any(is_right);
        let is_author = |value: &str| value.contains('@');
        let is_id = |value: &str| value.starts_with('<') && value.ends_with('>') && value.contains('@');
        let is_date = |value: &str| value.bytes().any(|byte| byte == b':');
        Finding::of(
            self.well_formed
                && once
                && says("from", is_author)
                && says("date", is_date)
                && says("message-id", is_id),
        )
    }

    /// Whether the message says how to leave with one click, and a signature that verifies vouches for it. `vouched` tells
    /// whether one does for the field of a name.
    // RFC 8058 3.1: an HTTPS URI, `List-Unsubscribe=One-Click`, and a DKIM signature over both fields
    pub(crate) fn one_click(&self, vouched: impl Fn(&str) -> bool) -> Finding {
        let mut ways = self.values("list-unsubscribe").peekable();
        if ways.peek().is_none() {
            return Finding::None;
        }
        let has_link = ways.any(|way| way.contains("<https://"));
        let mut posts = self.values("list-unsubscribe-post");
        let says_so = posts.next() == Some("List-Unsubscribe=One-Click") && posts.next().is_none();
        let both = ["list-unsubscribe", "list-unsubscribe-post"];
        Finding::of(has_link && says_so && both.into_iter().all(vouched))
    }

    /// The domain of the author; `None` if there is none.
    pub(crate) fn author_domain(&self) -> Option<String> {
        let author = self.values("from").next()?;
        let domain = author.rsplit_once('@')?.1;
        let end = domain.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.'));
        Some(domain[..end.unwrap_or(domain.len())].to_ascii_lowercase()).filter(|domain| !domain.is_empty())
    }

    /// How many fields have this name.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.values(name).count()
    }
}

// RFC 5322 3.6.8: printable US-ASCII without the colon
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether each line ends with CRLF, has at most 998 octets, and no NUL.
// RFC 5322 2.1.1, 2.3; 4.1 (no NUL)
fn has_whole_lines(content: &[u8]) -> bool {
    content.split_inclusive(|byte| *byte == b'\n').all(|line| {
        let Some(line) = line.strip_suffix(b"\r\n") else { return false };
        line.len() <= 998 && !line.iter().any(|byte| matches!(byte, b'\r' | 0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "From: News <news@sender.example>\r\nDate: Mon, 5 Jan 2026 09:00:00 +0000\r\n\
                         Message-ID: <1@sender.example>\r\nSubject: a\r\n b\r\n\
                         List-Unsubscribe: <https://sender.example/u>, <mailto:u@sender.example>\r\n\
                         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHello\r\n";

    #[test]
    fn a_message_has_the_form_of_one() {
        let check = |from: &str, to: &str, expected| {
            let content = WHOLE.replace(from, to);
            assert_eq!(Header::of(content.as_bytes()).format(), expected, "{content:?}");
        };
        check("", "", Finding::Pass);
        check("From: News <news@sender.example>\r\n", "", Finding::Fail);
        check("From: News <news@sender.example>\r\n", "From: nobody\r\n", Finding::Fail);
        check("Date: Mon, 5 Jan 2026 09:00:00 +0000\r\n", "", Finding::Fail);
        check("<1@sender.example>", "1", Finding::Fail);
        check("Subject: a\r\n", "Subject: a\r\nSubject: a\r\n", Finding::Fail);
        check("Subject: a\r\n", "Subject a\r\n", Finding::Fail);
        check("Hello\r\n", "Hello\n", Finding::Fail);
        check("Hello", &"x".repeat(999), Finding::Fail);
        check("Hello", &"x".repeat(998), Finding::Pass);
    }

    #[test]
    fn one_click_is_a_link_that_is_vouched_for() {
        let check = |from: &str, to: &str, vouched: bool, expected| {
            let content = WHOLE.replace(from, to);
            assert_eq!(Header::of(content.as_bytes()).one_click(|_| vouched), expected, "{content:?}");
        };
        check("", "", true, Finding::Pass);
        check("", "", false, Finding::Fail);
        check("<https://sender.example/u>, ", "", true, Finding::Fail);
        check("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", true, Finding::Fail);
        check("List-Unsubscribe", "X-List-Unsubscribe", true, Finding::None);
    }

    #[test]
    fn any_bytes_are_read() {
        for content in [&b""[..], b"\r\n", b" x", b":", b"\xff: \xff\r\n\r\n", b"\n\n", b"a\0b"] {
            assert_eq!(Header::of(content).format(), Finding::Fail, "{content:?}");
        }
    }
}
