//! The form in which texts are compared: what differs between two replies with the same meaning is gone.
//!
//! Lower case, accents dropped, white space and line ends one space each, e-mail addresses masked by `@` (an address may
//! contain any word, and says nothing). Bytes that are not UTF-8 are taken for Latin-1, the most common of the others.

/// The folded form of lines of text, which follow each other with a space between.
pub(crate) fn fold<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut folded = Folded { text: Vec::with_capacity(256) };
    for line in lines {
        folded.line(line);
        folded.space();
    }
    while folded.text.last() == Some(&b' ') {
        folded.text.pop();
    }
    folded.text
}

struct Folded {
    text: Vec<u8>,
}

/// What a byte becomes: itself in lower case; 0 where that is not all there is to it.
const PLAIN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        table[byte as usize] = if byte == b'@' { 0 } else { byte.to_ascii_lowercase() };
        byte += 1;
    }
    table
};

/// Bytes that can stand in an address besides letters and digits.
const fn is_address_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'=' | b'{' | b'}' | 0x80..)
}

impl Folded {
    fn line(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, rest)) = bytes.split_first() {
            let plain = PLAIN[usize::from(byte)];
            bytes = rest;
            if plain != 0 {
                self.text.push(plain);
            } else if byte == b'@' {
                bytes = self.address(rest);
            } else if byte < 0x80 {
                self.space();
            } else {
                let (letter, width) = letter(byte, rest);
                self.letter(letter);
                bytes = &rest[width - 1..];
            }
        }
    }

    fn space(&mut self) {
        if self.text.last().is_some_and(|last| *last != b' ') {
            self.text.push(b' ');
        }
    }

    /// Masks the address whose local part has been written; comes back with what follows it.
    fn address<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let local = self.text.iter().rev().take_while(|byte| is_address_byte(**byte)).count();
        self.text.truncate(self.text.len() - local);
        self.text.push(b'@');
        let end = rest.iter().position(|byte| !is_address_byte(*byte)).unwrap_or(rest.len());
        // A full stop behind an address ends a sentence.
        let end = if end > 0 && rest[end - 1] == b'.' { end - 1 } else { end };
        &rest[end..]
    }

    fn letter(&mut self, letter: char) {
        match letter {
            '\u{a0}' | '\u{2028}' | '\u{3000}' => self.space(),
            '’' | '‘' | '´' | '＇' => self.text.push(b'\''),
            'ß' => self.text.extend_from_slice(b"ss"),
            'æ' | 'Æ' => self.text.extend_from_slice(b"ae"),
            'œ' | 'Œ' => self.text.extend_from_slice(b"oe"),
            _ => match base(letter) {
                Some(base) => self.text.push(base),
                None => {
                    for lower in letter.to_lowercase() {
                        self.text.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
            },
        }
    }
}

/// The letter that begins with `first`, which is above 127, and goes on in `rest`; and its width in bytes.
fn letter(first: u8, rest: &[u8]) -> (char, usize) {
    let width = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return (char::from(first), 1),
    };
    let mut bytes = [first, 0, 0, 0];
    let Some(more) = rest.get(..width - 1) else { return (char::from(first), 1) };
    bytes[1..width].copy_from_slice(more);
    match std::str::from_utf8(&bytes[..width]).ok().and_then(|text| text.chars().next()) {
        Some(letter) => (letter, width),
        None => (char::from(first), 1),
    }
}

/// The letter without its accent.
const fn base(letter: char) -> Option<u8> {
    Some(match letter {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' => b'a',
        'Ç' | 'ç' | 'Ć'..='č' => b'c',
        'Ď'..='đ' => b'd',
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => b'e',
        'Ĝ'..='ģ' => b'g',
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => b'i',
        'Ĺ'..='ł' => b'l',
        'Ñ' | 'ñ' | 'Ń'..='ň' => b'n',
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' => b'o',
        'Ŕ'..='ř' => b'r',
        'Ś'..='š' => b's',
        'Ţ'..='ŧ' => b't',
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => b'u',
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' => b'y',
        'Ź'..='ž' => b'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_the_same_becomes_the_same() {
        let check = |text: &[u8], folded: &str| {
            let lines = text.split(|byte| *byte == b'\n');
            assert_eq!(String::from_utf8_lossy(&fold(lines)), folded);
        };
        check(b"Mailbox  FULL\t", "mailbox full");
        check("Boîte pleine: réessayez".as_bytes(), "boite pleine: reessayez");
        check(b"Bo\xeete pleine", "boite pleine");
        check("Überschritten Größe".as_bytes(), "uberschritten grosse");
        check("Почтовый ЯЩИК".as_bytes(), "почтовый ящик");
        check("user doesn’t exist".as_bytes(), "user doesn't exist");
        check(b"line one\n  line two\r\n", "line one line two");
        check(b"<Mailbox.Full@Spam.test>: no such user", "<@>: no such user");
        check(b"RCPT TO:<ann+spam@bigbox.test>. Ok", "rcpt to:<@>. ok");
        check(b"no such user ann@bigbox.test. See http://x.test/", "no such user @. see http://x.test/");
        check(b"@ and @@", "@ and @@");
        check(b"", "");
        check(b"\xff\xfe\x00", "yþ");
    }
}
