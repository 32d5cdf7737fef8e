//! Reading dialogue files. What the marks mean is told by the sides.

use std::iter::Peekable;
use std::str::Chars;

pub(crate) struct Script {
    pub(crate) side: Side,
    pub(crate) settings: Vec<Setting>,
    pub(crate) groups: Vec<Group>,
}

#[derive(Clone, Copy)]
pub(crate) enum Side {
    Client,
    Server,
}

pub(crate) struct Setting {
    pub(crate) line: usize,
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Lines with the same mark that follow each other.
pub(crate) struct Group {
    pub(crate) line: usize,
    pub(crate) mark: char,
    /// The lines as written, escapes resolved.
    pub(crate) lines: Vec<Vec<u8>>,
    /// All of it as on the wire: CRLF after each line that has a colon.
    pub(crate) wire: Vec<u8>,
}

impl Group {
    pub(crate) fn texts(&self) -> Vec<String> {
        self.lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }
}

impl Script {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (mut settings, mut groups) = (Vec::new(), Vec::<Group>::new());
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            match split_mark(text) {
                Some((mark, crlf, text)) => add_line(&mut groups, line, mark, crlf, unescape(line, text)?),
                None if groups.is_empty() => settings.push(setting(line, text)?),
                None => return Err(format!("{line}: neither a mark nor a comment: {text}")),
            }
        }
        let side = match settings.first() {
            Some(Setting { key, value, .. }) if key == "side" && value == "client" => Side::Client,
            Some(Setting { key, value, .. }) if key == "side" && value == "server" => Side::Server,
            _ => return Err("1: the first setting must be `side: client` or `side: server`".to_owned()),
        };
        settings.remove(0);
        Ok(Self { side, settings, groups })
    }
}

fn split_mark(text: &str) -> Option<(char, &'static [u8], &str)> {
    let mark = text.chars().next().filter(char::is_ascii_uppercase)?;
    match text.get(1..2)? {
        ":" => Some((mark, b"\r\n", text[2..].strip_prefix(' ').unwrap_or(&text[2..]))),
        "=" => Some((mark, b"", text[2..].strip_prefix(' ').unwrap_or(&text[2..]))),
        _ => None,
    }
}

fn add_line(groups: &mut Vec<Group>, line: usize, mark: char, end: &[u8], text: Vec<u8>) {
    if groups.last().is_none_or(|group| group.mark != mark) {
        groups.push(Group { line, mark, lines: Vec::new(), wire: Vec::new() });
    }
    let group = groups.last_mut().expect("one was just added if there was none");
    group.wire.extend_from_slice(&text);
    group.wire.extend_from_slice(end);
    group.lines.push(text);
}

fn setting(line: usize, text: &str) -> Result<Setting, String> {
    let (key, value) = text.split_once(':').ok_or(format!("{line}: no setting: {text}"))?;
    Ok(Setting { line, key: key.to_owned(), value: value.trim_start().to_owned() })
}

pub(crate) fn unescape(line: usize, text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => bytes.push(escape(&mut chars).ok_or(format!("{line}: unknown escape in: {text}"))?),
            '{' => bytes.extend(repetition(&mut chars).ok_or(format!("{line}: no repetition in: {text}"))?),
            _ => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Ok(bytes)
}

fn escape(chars: &mut Peekable<Chars<'_>>) -> Option<u8> {
    match chars.next()? {
        'r' => Some(b'\r'),
        'n' => Some(b'\n'),
        't' => Some(b'\t'),
        '0' => Some(0),
        '\\' => Some(b'\\'),
        'x' => {
            let digits: String = chars.take(2).collect();
            u8::from_str_radix(&digits, 16).ok()
        }
        _ => None,
    }
}

/// `x*600}` after the opening brace.
fn repetition(chars: &mut Peekable<Chars<'_>>) -> Option<Vec<u8>> {
    let inside: String = chars.take_while(|&c| c != '}').collect();
    let (text, count) = inside.rsplit_once('*')?;
    Some(unescape(0, text).ok()?.repeat(count.parse().ok()?))
}

/// A mismatch, readable for bytes too.
pub(crate) fn compare(line: usize, what: &str, wanted: &[u8], found: &[u8]) -> Result<(), String> {
    if wanted == found {
        return Ok(());
    }
    let show = |bytes: &[u8]| bytes.escape_ascii().to_string();
    Err(format!("{line}: {what}\n  wanted: {}\n  found:  {}", show(wanted), show(found)))
}
