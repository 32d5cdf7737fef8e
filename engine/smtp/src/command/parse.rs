//! Reading command lines, as generously as real servers do.
//!
//! A file of its own because it is the grammar of what others write: any case, spaces after the colon, an address
//! without its brackets, a source route (dropped), spaces at the end. Parameters that are not known here are kept, for
//! the session to refuse.
//!
//! RFC 5321 4.1.1 and 4.1.2 (grammar), 4.1.1.1 (case), appendix C (source routes); RFC 1870 3 (SIZE).

use super::{BodyType, Command, CommandFault, Word};
use crate::{Address, AddressError, ReversePath};

/// Reads a line without its CRLF.
pub(super) fn command(line: &[u8]) -> Result<Command, CommandFault> {
    let line = std::str::from_utf8(line).map_err(|_| CommandFault::Unknown)?;
    if line.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(CommandFault::Unknown);
    }
    // RFC 5321 4.1.1: receivers SHOULD tolerate trailing white space
    let line = line.trim_end_matches(' ');
    let (verb, arguments) = line.split_once(' ').unwrap_or((line, ""));
    dispatch(verb, arguments.trim_start_matches(' '))
}

fn dispatch(verb: &str, arguments: &str) -> Result<Command, CommandFault> {
    let mut upper = [0; 8];
    let upper = upper.get_mut(..verb.len()).ok_or(CommandFault::Unknown)?;
    upper.copy_from_slice(verb.as_bytes());
    upper.make_ascii_uppercase();
    match &*upper {
        // RFC 5321 4.1.1.1: words after the name were once encouraged; servers should be prepared for them
        b"EHLO" => Ok(Command::Ehlo(word(first_word(arguments))?)),
        b"HELO" => Ok(Command::Helo(word(first_word(arguments))?)),
        b"MAIL" => mail(arguments),
        b"RCPT" => rcpt(arguments),
        b"DATA" => without_arguments(Command::Data, arguments),
        b"RSET" => without_arguments(Command::Rset, arguments),
        b"NOOP" => Ok(Command::Noop),
        b"QUIT" => without_arguments(Command::Quit, arguments),
        b"VRFY" => Ok(Command::Vrfy(word(arguments)?)),
        b"HELP" => Ok(Command::Help),
        b"STARTTLS" => without_arguments(Command::StartTls, arguments),
        b"EXPN" | b"SEND" | b"SOML" | b"SAML" | b"TURN" | b"ETRN" | b"ATRN" | b"AUTH" | b"BDAT" | b"BURL" => {
            Err(CommandFault::NotImplemented)
        }
        _ => Err(CommandFault::Unknown),
    }
}

fn without_arguments(command: Command, arguments: &str) -> Result<Command, CommandFault> {
    if arguments.is_empty() { Ok(command) } else { Err(CommandFault::Arguments) }
}

fn first_word(text: &str) -> &str {
    split_words(text).next().unwrap_or_default()
}

fn word(text: &str) -> Result<Word, CommandFault> {
    Word::parse(text).ok_or(CommandFault::Arguments)
}

// RFC 5321 4.1.1.2: "MAIL FROM:" Reverse-path [SP Mail-parameters]
fn mail(arguments: &str) -> Result<Command, CommandFault> {
    let (path, rest) = path_after("FROM:", arguments)?;
    let from = match path {
        "" => ReversePath::Null,
        _ => ReversePath::Address(mailbox(path).map_err(CommandFault::Sender)?),
    };
    let (mut size, mut body, mut parameters) = (None, BodyType::Unstated, Vec::new());
    for text in split_words(rest) {
        match text.split_once('=').map(|(key, value)| (key, value.as_bytes())) {
            Some((key, digits)) if key.eq_ignore_ascii_case("SIZE") => size = Some(octets(digits)?),
            Some((key, kind)) if key.eq_ignore_ascii_case("BODY") && kind.eq_ignore_ascii_case(b"7BIT") => {
                body = BodyType::SevenBit;
            }
            Some((key, kind))
                if key.eq_ignore_ascii_case("BODY") && kind.eq_ignore_ascii_case(b"8BITMIME") =>
            {
                body = BodyType::EightBitMime;
            }
            _ => parameters.push(word(text)?),
        }
    }
    Ok(Command::Mail { from, size, body, parameters })
}

// RFC 5321 4.1.1.3: "RCPT TO:" ( "<Postmaster@" Domain ">" / Forward-path ) [SP Rcpt-parameters]
fn rcpt(arguments: &str) -> Result<Command, CommandFault> {
    let (path, rest) = path_after("TO:", arguments)?;
    let to = mailbox(path).map_err(CommandFault::Recipient)?;
    let parameters = split_words(rest).map(word).collect::<Result<_, _>>()?;
    Ok(Command::Rcpt { to, parameters })
}

/// The path after `keyword`, without its brackets, and what follows it.
fn path_after<'a>(keyword: &str, arguments: &'a str) -> Result<(&'a str, &'a str), CommandFault> {
    let (found, text) = arguments.split_at_checked(keyword.len()).ok_or(CommandFault::Arguments)?;
    let text = text.trim_start_matches(' ');
    if !found.eq_ignore_ascii_case(keyword) || text.is_empty() {
        return Err(CommandFault::Arguments);
    }
    let Some(inside) = text.strip_prefix('<') else {
        return Ok(text.split_once(' ').unwrap_or((text, "")));
    };
    let end = closing_bracket(inside).ok_or(CommandFault::Arguments)?;
    let rest = &inside[end + 1..];
    if rest.is_empty() || rest.starts_with(' ') {
        Ok((&inside[..end], rest))
    } else {
        Err(CommandFault::Arguments)
    }
}

/// Where the first `>` outside quotes is.
fn closing_bracket(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut quoted) = (0, false);
    loop {
        match bytes.get(at)? {
            b'>' if !quoted => return Some(at),
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            _ => {}
        }
        at += 1;
    }
}

// RFC 5321 4.1.2: A-d-l ":" Mailbox. Source routes MUST be accepted and SHOULD be ignored.
fn mailbox(path: &str) -> Result<Address, AddressError> {
    match path.strip_prefix('@').and_then(|route| route.split_once(':')) {
        Some((_, mailbox)) => Address::parse(mailbox),
        None => Address::parse(path),
    }
}

// RFC 1870 3: size-value = 1*20DIGIT. What is beyond 64 bits is as large as it gets.
fn octets(digits: &[u8]) -> Result<u64, CommandFault> {
    if digits.is_empty() || digits.len() > 20 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(CommandFault::Arguments);
    }
    let add = |octets: u64, digit: &u8| octets.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Ok(digits.iter().fold(0, add))
}

fn split_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line as it would be written after being read, or the code of the refusal.
    fn check(line: &str, expected: &str) {
        let read = Command::parse(line.as_bytes());
        let shown = match &read {
            Ok(command) => {
                let mut out = Vec::new();
                command.encode(&mut out);
                assert_eq!(Command::parse(&out).as_ref(), Ok(command), "{line:?} read again");
                String::from_utf8_lossy(&out).trim_end().to_owned()
            }
            Err(fault) => format!("{} {}", fault.reply_code(), fault.enhanced()),
        };
        assert_eq!(shown, expected, "{line:?}");
    }

    #[test]
    fn commands_are_read_in_any_case_with_or_without_their_line_end() {
        check("ehlo client.test\r\n", "EHLO client.test");
        check("HeLo [192.0.2.1] behind a router", "HELO [192.0.2.1]");
        check("data  \r\n", "DATA");
        check("rset", "RSET");
        check("NOOP whatever", "NOOP");
        check("quit", "QUIT");
        check("vrfy ann  ", "VRFY ann");
        check("HELP me", "HELP");
        check("StartTls", "STARTTLS");
    }

    #[test]
    fn paths_are_read_generously() {
        check("MAIL FROM:<Ann@B.test>", "MAIL FROM:<Ann@b.test>");
        check("mail from: <ann@b.test>", "MAIL FROM:<ann@b.test>");
        check("MAIL  FROM:ann@b.test SIZE=5", "MAIL FROM:<ann@b.test> SIZE=5");
        check("MAIL FROM:<>", "MAIL FROM:<>");
        check("RCPT TO:<@relay.test,@other.test:ann@b.test>", "RCPT TO:<ann@b.test>");
        check(r#"RCPT TO:<"a>b \" c"@b.test> X=1"#, r#"RCPT TO:<"a>b \" c"@b.test> X=1"#);
    }

    #[test]
    fn parameters_are_read_or_kept() {
        let all = "MAIL FROM:<a@b.test> size=1000 Body=8bitmime RET=HDRS body=7BIT SMTPUTF8";
        check(all, "MAIL FROM:<a@b.test> SIZE=1000 BODY=7BIT RET=HDRS SMTPUTF8");
        check("MAIL FROM:<> SIZE=99999999999999999999", "MAIL FROM:<> SIZE=18446744073709551615");
        check("MAIL FROM:<> BODY=BINARYMIME", "MAIL FROM:<> BODY=BINARYMIME");
        check(
            "RCPT TO:<a@b.test>  NOTIFY=NEVER ORCPT=rfc822;x",
            "RCPT TO:<a@b.test> NOTIFY=NEVER ORCPT=rfc822;x",
        );
        for bad in ["SIZE=", "SIZE=-1", "SIZE=1k", "SIZE=999999999999999999999", "X=\u{e4}"] {
            check(&format!("MAIL FROM:<> {bad}"), "501 5.5.4");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_the_code_that_says_why() {
        for line in
            ["", " ", "FOO", "MAILFROM:<>", "EHLO\tx", "NOOP \0", "NOOP a\rb", "DATA\n", "XXXXXXXXXX x"]
        {
            check(line, "500 5.5.1");
        }
        for line in [
            "EHLO",
            "HELO",
            "MAIL",
            "MAIL FROM",
            "MAIL FROM:",
            "MAIL TO:<a@b.test>",
            "DATA x",
            "RCPT TO:<a@b.test",
            "RCPT TO:<a@b.test>x",
            "QUIT now",
            "RSET x",
            "VRFY",
            "VRFY a b",
            "STARTTLS x",
        ] {
            check(line, "501 5.5.4");
        }
        for line in [
            "RCPT TO:<>",
            "RCPT TO:<ann>",
            "RCPT TO:<a b@c.test>",
            "RCPT TO:<@r.test>",
            "RCPT TO:<a@b.test\">x",
        ] {
            let expected = if line.ends_with('x') { "501 5.5.4" } else { "501 5.1.3" };
            check(line, expected);
        }
        check("MAIL FROM:<ann>", "501 5.1.7");
        check("RCPT TO:<\u{e4}nn@b.test>", "553 5.6.7");
        check("EXPN list", "502 5.5.1");
        check("auth PLAIN", "502 5.5.1");
        assert_eq!(Command::parse(b"NOOP \xff"), Err(CommandFault::Unknown));
    }
}
