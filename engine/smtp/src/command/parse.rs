//! Reading command lines, as generously as real servers do.
//!
//! A file of its own because it is the grammar of what others write: any case, spaces after the colon, an address
//! without its brackets, a source route (dropped), spaces at the end. Strict only where a guess would be dangerous: the
//! size of a chunk, and what is asked about reports. Addresses beyond ASCII are read; whether they are allowed is told by
//! the session.
//!
//! RFC 5321 4.1.1 and 4.1.2 (grammar), 4.1.1.1 (case), appendix C (source routes); RFC 3030 2 (BDAT); RFC 4954 4 (AUTH).

use base64::Engine;

use super::{BASE64, Chunk, Command, CommandFault, MailParameters, Mechanism, RcptParameters, Text, Word};
use crate::{Address, AddressError, ForwardPath, ReversePath};

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
        b"VRFY" => Text::parse(arguments).map(Command::Vrfy).ok_or(CommandFault::Arguments),
        b"EXPN" => Text::parse(arguments).map(Command::Expn).ok_or(CommandFault::Arguments),
        b"HELP" => Ok(Command::Help(Text::parse(arguments))),
        b"STARTTLS" => without_arguments(Command::StartTls, arguments),
        b"AUTH" => auth(arguments),
        b"BDAT" => bdat(arguments).ok_or(CommandFault::ChunkSize),
        b"SEND" | b"SOML" | b"SAML" | b"TURN" | b"ETRN" | b"ATRN" | b"BURL" => {
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
    let mut parameters = MailParameters::default();
    split_words(rest).try_for_each(|text| parameters.add(text))?;
    Ok(Command::Mail { from, parameters })
}

// RFC 5321 4.1.1.3: "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters]
fn rcpt(arguments: &str) -> Result<Command, CommandFault> {
    let (path, rest) = path_after("TO:", arguments)?;
    let to = if path.eq_ignore_ascii_case("postmaster") {
        ForwardPath::Postmaster
    } else {
        ForwardPath::Address(mailbox(path).map_err(CommandFault::Recipient)?)
    };
    let mut parameters = RcptParameters::default();
    split_words(rest).try_for_each(|text| parameters.add(text))?;
    Ok(Command::Rcpt { to, parameters })
}

// RFC 3030 2: chunk-size = 1*DIGIT; here at most what 64 bits hold
fn bdat(arguments: &str) -> Option<Command> {
    let mut words = split_words(arguments);
    let digits = words.next().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let size = digits.parse().ok()?;
    let chunk = match (words.next(), words.next()) {
        (None, _) => Chunk::NotLast,
        (Some(marker), None) if marker.eq_ignore_ascii_case("LAST") => Chunk::Last,
        (Some(_), _) => return None,
    };
    Some(Command::Bdat { size, chunk })
}

// RFC 4954 4: "AUTH" SP sasl-mech [SP (base64 / "=")]
fn auth(arguments: &str) -> Result<Command, CommandFault> {
    let mut words = split_words(arguments);
    let mechanism = match words.next().ok_or(CommandFault::Arguments)?.to_ascii_uppercase().as_str() {
        "PLAIN" => Mechanism::Plain,
        "LOGIN" => Mechanism::Login,
        _ => return Err(CommandFault::Mechanism),
    };
    let initial = match (words.next(), words.next()) {
        (None, _) => None,
        (Some("="), None) => Some(Box::default()),
        (Some(text), None) => Some(BASE64.decode(text).map_err(|_| CommandFault::Base64)?.into()),
        (Some(_), Some(_)) => return Err(CommandFault::Arguments),
    };
    Ok(Command::Auth { mechanism, initial })
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
    Address::parse_mailbox(after_route(path).unwrap_or(path))
}

/// What follows a source route. Nothing when there is no complete one.
// RFC 5321 4.1.2: A-d-l = At-domain *( "," At-domain ); a literal for a domain may have a colon inside its brackets
fn after_route(path: &str) -> Option<&str> {
    let mut rest = path;
    loop {
        let domain = rest.strip_prefix('@')?;
        let literal = if domain.starts_with('[') { domain.find(']')? } else { 0 };
        let end = literal + domain[literal..].find([',', ':'])?;
        match domain.split_at(end) {
            (_, separated) if separated.starts_with(',') => rest = &separated[1..],
            (_, separated) => return Some(&separated[1..]),
        }
    }
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
        check("VRFY  Ann B. Smith", "VRFY Ann B. Smith");
        check("expn staff", "EXPN staff");
        check("HELP", "HELP");
        check("HELP  me now", "HELP me now");
        check("StartTls", "STARTTLS");
    }

    #[test]
    fn paths_are_read_generously() {
        check("MAIL FROM:<Ann@B.test>", "MAIL FROM:<Ann@b.test>");
        check("mail from: <ann@b.test>", "MAIL FROM:<ann@b.test>");
        check("MAIL  FROM:ann@b.test SIZE=5", "MAIL FROM:<ann@b.test> SIZE=5");
        check("MAIL FROM:<>", "MAIL FROM:<>");
        check("RCPT TO:<@relay.test,@other.test:ann@b.test>", "RCPT TO:<ann@b.test>");
        check("RCPT TO:<@[IPv6:2001:db8::1],@other.test:ann@b.test>", "RCPT TO:<ann@b.test>");
        check("RCPT TO:<ann@[IPv6:2001:DB8::1]>", "RCPT TO:<ann@[IPv6:2001:DB8::1]>");
        check("RCPT TO:<postMASTER>", "RCPT TO:<Postmaster>");
        check("RCPT TO:<j\u{f6}rg@b\u{fc}cher.test>", "RCPT TO:<j\u{f6}rg@b\u{fc}cher.test>");
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
        check("MAIL FROM:<> auth=<> smtputf8", "MAIL FROM:<> AUTH=<> SMTPUTF8");
        check("MAIL FROM:<> AUTH=e+2Bmc2@b.TEST SMTPUTF8=1", "MAIL FROM:<> AUTH=e+2Bmc2@b.test SMTPUTF8=1");
        for bad in [
            "SIZE=",
            "SIZE",
            "SIZE=-1",
            "SIZE=1k",
            "SIZE=999999999999999999999",
            "X=\u{e4}",
            "AUTH=",
            "AUTH=ann",
        ] {
            check(&format!("MAIL FROM:<> {bad}"), "501 5.5.4");
        }
    }

    #[test]
    fn chunks_and_proofs_are_read() {
        check("bdat 0", "BDAT 0");
        check("BDAT 0086  last ", "BDAT 86 LAST");
        check("BDAT 18446744073709551615 LAST", "BDAT 18446744073709551615 LAST");
        check("auth plain", "AUTH PLAIN");
        check("AUTH Login =", "AUTH LOGIN =");
        check("AUTH PLAIN AGFubgBzZWNyZXQ=", "AUTH PLAIN AGFubgBzZWNyZXQ=");
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
            "EXPN ",
            "STARTTLS x",
            "AUTH",
            "AUTH PLAIN AAAA AAAA",
            "BDAT",
            "BDAT x",
            "BDAT -1",
            "BDAT 1 MORE",
            "BDAT 1 LAST LAST",
            "BDAT LAST",
            "BDAT 18446744073709551616",
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
        check("RCPT TO:<a@b.test> NOTIFY=SOMETIMES", "501 5.5.4");
        check("MAIL FROM:<> RET=FULL RET=FULL", "501 5.5.4");
        check("ETRN list", "502 5.5.1");
        check("AUTH CRAM-MD5", "504 5.5.4");
        check("AUTH PLAIN A", "501 5.5.2");
        check("AUTH PLAIN ====", "501 5.5.2");
        assert_eq!(Command::parse(b"NOOP \xff"), Err(CommandFault::Unknown));
    }
}
