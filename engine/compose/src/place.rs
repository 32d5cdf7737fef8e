//! Where a text will stand, and what it must not contain there: values are escaped by place.
//!
//! A file of its own, because this is what keeps a recipient's data from becoming structure.

/// Where a text will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the value of a header field. Control characters, line ends among them, become spaces.
    Header,
    /// In a plain text. Line ends become CRLF; NUL is dropped (RFC 5322 4: obsolete, and never sent).
    Text,
    /// In HTML, as text or inside a quoted attribute: as in a plain text, and `&`, `<`, `>`, `"`, `'` become references.
    Html,
    /// In a URL: everything but unreserved characters (RFC 3986 2.3) is percent-encoded.
    Url,
}

impl Place {
    /// Appends a value whose author is not to be trusted.
    pub(crate) fn write_value(self, value: &str, out: &mut String) {
        match self {
            Self::Header => out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c })),
            Self::Text => write_lines(value, out, |c, out| out.push(c)),
            Self::Html => write_lines(value, out, write_html),
            Self::Url => value.bytes().for_each(|byte| write_url(byte, out)),
        }
    }

    /// Appends a part of the template, whose author says what it means: only line ends and NUL are seen to.
    pub(crate) fn write_literal(self, literal: &str, out: &mut String) {
        match self {
            Self::Header | Self::Url => out.push_str(literal),
            Self::Text | Self::Html => write_lines(literal, out, |c, out| out.push(c)),
        }
    }
}

/// Appends `text` with each of CRLF, CR and LF as CRLF, without NULs, and everything else as `write` says.
fn write_lines(text: &str, out: &mut String, write: impl Fn(char, &mut String)) {
    let mut previous = '\0';
    for c in text.chars() {
        match c {
            '\n' if previous == '\r' => {}
            '\r' | '\n' => out.push_str("\r\n"),
            '\0' => {}
            _ => write(c, out),
        }
        previous = c;
    }
}

fn write_html(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        _ => out.push(c),
    }
}

fn write_url(byte: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        out.push(char::from(byte));
    } else {
        out.push('%');
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_by_place() {
        let check = |place: Place, value: &str, expected: &str| {
            let mut out = String::new();
            place.write_value(value, &mut out);
            assert_eq!(out, expected, "{place:?} {value:?}");
        };
        check(Place::Header, "a\r\nBcc: b\0\u{85}", "a  Bcc: b  ");
        check(Place::Header, "<b> & \u{fc}", "<b> & \u{fc}");
        check(Place::Text, "a\nb\rc\r\nd\0\n\re", "a\r\nb\r\nc\r\nd\r\n\r\ne");
        check(Place::Html, "<b title='x'>\"&\"\n", "&lt;b title=&#39;x&#39;&gt;&quot;&amp;&quot;\r\n");
        check(Place::Url, "a@b.test/?x=\u{fc}~", "a%40b.test%2F%3Fx%3D%C3%BC~");
    }

    #[test]
    fn the_template_says_what_it_means() {
        let mut out = String::new();
        Place::Html.write_literal("<p>\n&nbsp;", &mut out);
        assert_eq!(out, "<p>\r\n&nbsp;");
    }
}
