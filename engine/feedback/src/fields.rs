//! Blocks of fields (`Name: value`), separated by empty lines: what reports for machines consist of.
//!
//! Generous, because programs of every age have written them: line ends of either kind, folded lines, lines that are no fields.
//!
//! RFC 3464 2.1.1, RFC 5965 3 (both as header fields of RFC 5322 2.2).

/// The most fields of a report that are kept.
const FIELDS_MAX: usize = 2_000;

/// The most octets of a value that are kept.
const VALUE_BYTES: usize = 4_000;

/// Some fields that belong together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Block(Vec<(String, String)>);

impl Block {
    /// The value of the first field of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a field that begins with a type (`rfc822; ann@bigbox.test`), without it.
    // RFC 3464 2.1.2: type and value of addresses, hosts and diagnostic codes. Some leave the type out.
    pub(crate) fn typed(&self, name: &str) -> Option<&str> {
        let value = self.get(name)?;
        let is_type = |text: &str| {
            !text.trim().is_empty()
                && text.trim().bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet))
        };
        match value.split_once(';') {
            Some((kind, rest)) if is_type(kind) => Some(rest.trim()),
            Some(_) | None => Some(value),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// Goes on with the value of the last field.
    fn fold(&mut self, line: &str) {
        let Some((_, value)) = self.0.last_mut() else { return };
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let is_reply = digits == 3 && matches!(line.as_bytes().get(3), Some(b' ' | b'-'));
        // A reply of several lines is written as several lines.
        value.push(if is_reply { '\n' } else { ' ' });
        let room = VALUE_BYTES.saturating_sub(value.len());
        value.push_str(&line[..line.floor_char_boundary(room)]);
    }
}

/// The blocks of a report. One begins after an empty line, and where one of the fields `first` occurs again: some forget the
/// empty line.
pub(crate) fn blocks(octets: &[u8], first: &[&str]) -> Vec<Block> {
    let text = String::from_utf8_lossy(octets);
    let mut blocks = vec![Block::default()];
    for line in text.lines().take(FIELDS_MAX) {
        let latest = blocks.len() - 1;
        let block = &mut blocks[latest];
        if line.trim().is_empty() {
            blocks.push(Block::default());
        } else if line.starts_with([' ', '\t']) {
            block.fold(line.trim());
        } else if let Some((name, value)) = line.split_once(':') {
            let value = value.trim();
            let field = (name.trim().to_owned(), value[..value.floor_char_boundary(VALUE_BYTES)].to_owned());
            if first.iter().any(|first| first.eq_ignore_ascii_case(&field.0)) && block.has(&field.0) {
                blocks.push(Block(vec![field]));
            } else {
                block.0.push(field);
            }
        }
    }
    blocks.retain(|block| !block.0.is_empty());
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_at_empty_lines_and_where_a_recipient_follows_another() {
        let text =
            b"Reporting-MTA: dns; mx.test\n\nFinal-Recipient: a\r\nAction: failed\r\nFinal-Recipient: b\n";
        let read = blocks(text, &["Final-Recipient"]);
        let names: Vec<_> = read.iter().map(|block| block.get("final-recipient")).collect();
        assert_eq!(names, [None, Some("a"), Some("b")]);
    }

    #[test]
    fn a_type_is_left_out_and_lines_of_a_reply_stay_lines() {
        let text =
            b"A: smtp; 550-5.1.1 no\n 550 5.1.1 such\n\tuser; sorry\nB: no such user; sorry\nC: x-y;\n";
        let read = blocks(text, &[]);
        assert_eq!(read[0].typed("a"), Some("550-5.1.1 no\n550 5.1.1 such user; sorry"));
        assert_eq!(read[0].typed("B"), Some("no such user; sorry"));
        assert_eq!(read[0].typed("C"), Some(""));
    }
}
