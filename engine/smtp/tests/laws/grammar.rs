//! Laws of the grammar: pieces make no difference, and what is written is read back.

use proptest::collection::vec;
use proptest::option::of as option;
use proptest::prelude::*;
use smtp::{
    Address, Body, BodyType, Charset, Chunk, Command, Domain, EnhancedStatusCode, Extensions, ForwardPath,
    MailDsn, MailParameters, Mechanism, Mechanisms, Notify, OriginalRecipient, RcptDsn, RcptParameters,
    Reply, ReplyFault, ReplyParser, Return, ReversePath, SizeLimit, Submitter, Text, Unstuffed, Unstuffer,
    Word, Xtext,
};

/// Bytes that look enough like replies to get far, with everything else among them.
fn reply_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => "(220|250|354|421|550)[ -][ -~]{0,20}\r\n".prop_map(String::into_bytes),
        2 => "(250-x\r\n){0,3}250 5\\.1\\.1 x\r?\n".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..30),
        1 => (0..9000_usize).prop_map(|length| vec![b'2'; length]),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Bytes out of which dots, line ends and halves of them are made.
fn message_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), Just(b'a'), any::<u8>()];
    prop_oneof![vec(byte, 0..60), "(\\.{0,2}[a-z.]{0,9}\r\n){0,9}".prop_map(String::into_bytes)]
}

/// Cuts `bytes` after each of `sizes`, again and again.
fn pieces<'a>(bytes: &'a [u8], sizes: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    std::iter::from_fn(move || {
        let size = rest.len().min(*sizes.next()?);
        let piece = rest.split_off(..size)?;
        (!piece.is_empty()).then_some(piece)
    })
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1..40_usize, 1..6)
}

fn read_replies<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Reply>, Option<ReplyFault>) {
    let mut parser = ReplyParser::new();
    let mut replies = Vec::new();
    for piece in pieces {
        parser.feed(piece);
        loop {
            match parser.next() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(fault) => return (replies, Some(fault)),
            }
        }
    }
    (replies, None)
}

fn unstuff<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Option<usize>) {
    let mut unstuffer = Unstuffer::new();
    let (mut content, mut taken) = (Vec::new(), 0);
    for piece in pieces {
        match unstuffer.feed(piece, &mut |chunk| content.extend_from_slice(chunk)) {
            Unstuffed::Partial => taken += piece.len(),
            Unstuffed::Complete { consumed } => return (content, Some(taken + consumed)),
        }
    }
    (content, None)
}

/// The content of `wire` by the letter of RFC 5321 4.5.2, line by line.
fn unstuff_by_the_letter(wire: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let mut rest = wire;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = &rest[..end + 2];
        if line == b".\r\n" {
            return Some(content);
        }
        content.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        rest = &rest[end + 2..];
    }
}

/// What is to arrive when `message` is sent: CRLF wherever it has a CRLF, a CR or a LF, and at its end.
fn normalised(message: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (index, &byte) in message.iter().enumerate() {
        match byte {
            b'\n' if index > 0 && message[index - 1] == b'\r' => {}
            b'\r' | b'\n' => lines.extend_from_slice(b"\r\n"),
            _ => lines.push(byte),
        }
    }
    if !lines.is_empty() && !lines.ends_with(b"\r\n") {
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

fn address() -> impl Strategy<Value = Address> {
    let local = prop_oneof![
        3 => "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\\.[a-z0-9]{1,20}){0,2}",
        3 => r#""([ !#-\[\]-~]|\\[ -~]){0,20}""#,
        1 => "[a-zäöü用户]{1,9}(\\.[à-ÿ]{1,5}){0,2}",
        1 => r#""([ äöü用户]|\\[ -~]){0,9}""#,
    ];
    let domain = prop_oneof![
        6 => "[a-zA-Z0-9]{1,20}(-[a-z0-9]{1,9})?(\\.[a-z0-9]{1,20}){0,3}",
        1 => "[a-zäöü例子]{1,9}\\.[à-öø-ÿ]{1,9}",
        1 => any::<[u8; 4]>().prop_map(|host| format!("[{}]", std::net::Ipv4Addr::from(host))),
        1 => any::<u128>().prop_map(|host| format!("[IPv6:{}]", std::net::Ipv6Addr::from(host))),
        1 => "\\[[A-Za-z0-9]{1,9}-x:[!#-;=?-Z^-~]{1,20}\\]",
    ];
    (local, domain).prop_map(|(local, domain)| {
        Address::parse_mailbox(&format!("{local}@{domain}")).expect("a valid address")
    })
}

fn others() -> impl Strategy<Value = Vec<Word>> {
    vec("X[A-Z0-9-]{0,9}(=[!-<>-~]{1,9})?".prop_map(|text| Word::parse(&text).expect("a word")), 0..3)
}

fn xtext() -> impl Strategy<Value = Xtext> {
    "[ -~]{1,20}".prop_map(|text| Xtext::new(&text).expect("some text"))
}

fn mail_parameters() -> impl Strategy<Value = MailParameters> {
    let body = prop_oneof![Just(BodyType::Unstated), Just(BodyType::SevenBit), Just(BodyType::EightBitMime)];
    let charset = prop_oneof![Just(Charset::Ascii), Just(Charset::Utf8)];
    let ascii = address().prop_filter("AUTH is ASCII", Address::is_ascii);
    let auth = prop_oneof![Just(Submitter::Unknown), ascii.prop_map(Submitter::Mailbox)];
    let ret = prop_oneof![Just(Return::Full), Just(Return::Headers)];
    let dsn = (option(ret), option(xtext())).prop_map(|(ret, envid)| MailDsn { ret, envid });
    (any::<Option<u64>>(), body, charset, option(auth), dsn, others()).prop_map(
        |(size, body, charset, auth, dsn, others)| MailParameters { size, body, charset, auth, dsn, others },
    )
}

fn rcpt_parameters() -> impl Strategy<Value = RcptParameters> {
    let notify = any::<[bool; 3]>().prop_map(|[success, failure, delay]| Notify { success, failure, delay });
    let kind = proptest::sample::select(vec!["rfc822", "UTF-8", "x-400"]);
    let orcpt = (kind, xtext()).prop_map(|(kind, address)| {
        let kind = Word::parse(kind).expect("a word");
        OriginalRecipient { kind, address }
    });
    let dsn = (option(notify), option(orcpt)).prop_map(|(notify, orcpt)| RcptDsn { notify, orcpt });
    (dsn, others()).prop_map(|(dsn, others)| RcptParameters { dsn, others })
}

fn command() -> impl Strategy<Value = Command> {
    let word = || "[!-~]{1,30}".prop_map(|text| Word::parse(&text).expect("a word"));
    let text = || "[!-~ä]([ -~ä]{0,30}[!-~ä])?".prop_map(|text| Text::parse(&text).expect("some text"));
    let from = prop_oneof![Just(ReversePath::Null), address().prop_map(ReversePath::Address)];
    let to = prop_oneof![1 => Just(ForwardPath::Postmaster), 5 => address().prop_map(ForwardPath::Address)];
    let plain = [Command::Data, Command::Rset, Command::Noop, Command::Quit, Command::StartTls];
    let chunk = prop_oneof![Just(Chunk::NotLast), Just(Chunk::Last)];
    let mechanism = prop_oneof![Just(Mechanism::Plain), Just(Mechanism::Login)];
    let initial = vec(any::<u8>(), 0..30).prop_map(Vec::into_boxed_slice);
    prop_oneof![
        word().prop_map(Command::Ehlo),
        word().prop_map(Command::Helo),
        text().prop_map(Command::Vrfy),
        text().prop_map(Command::Expn),
        option(text()).prop_map(Command::Help),
        (from, mail_parameters()).prop_map(|(from, parameters)| Command::Mail { from, parameters }),
        (to, rcpt_parameters()).prop_map(|(to, parameters)| Command::Rcpt { to, parameters }),
        (any::<u64>(), chunk).prop_map(|(size, chunk)| Command::Bdat { size, chunk }),
        (mechanism, option(initial)).prop_map(|(mechanism, initial)| Command::Auth { mechanism, initial }),
        proptest::sample::select(plain.to_vec()),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    let enhanced = (prop_oneof![Just(2_u8), Just(4), Just(5)], 0..=999_u16, 0..=999_u16);
    let enhanced =
        enhanced.prop_map(|(class, subject, detail)| EnhancedStatusCode::new(class, subject, detail));
    let enhanced = prop_oneof![Just(None), enhanced];
    (200..=599_u16, enhanced, "([a-z][^\u{0}-\u{1f}\u{7f}-\u{9f}]{0,30}(\n|)){0,5}")
        .prop_map(|(code, enhanced, text)| Reply::new(code, enhanced, &text))
}

proptest! {
    #[test]
    fn replies_are_the_same_in_any_pieces(bytes in reply_like(), sizes in sizes()) {
        prop_assert_eq!(read_replies(pieces(&bytes, &sizes)), read_replies(std::iter::once(&bytes[..])));
    }

    #[test]
    fn replies_are_read_as_they_were_written(replies in vec(reply(), 0..5), sizes in sizes()) {
        let mut wire = Vec::new();
        replies.iter().for_each(|reply| reply.encode(&mut wire));
        prop_assert_eq!(read_replies(pieces(&wire, &sizes)), (replies, None));
    }

    #[test]
    fn commands_are_read_as_they_were_written(command in command()) {
        let mut line = Vec::new();
        command.encode(&mut line);
        prop_assert_eq!(line.iter().filter(|byte| byte.is_ascii_control()).count(), 2, "only the CRLF");
        prop_assert_eq!(Command::parse(&line), Ok(command));
    }

    #[test]
    fn any_line_is_a_command_or_a_fault(line in vec(any::<u8>(), 0..80), verb in "((?i)mail from:|rcpt to:|ehlo |bdat |auth )?") {
        let line = [verb.as_bytes(), &line[..]].concat();
        if let Ok(command) = Command::parse(&line) {
            let mut again = Vec::new();
            command.encode(&mut again);
            prop_assert_eq!(Command::parse(&again), Ok(command));
        }
    }

    #[test]
    fn no_address_holds_what_ends_a_command(text in "[ -~\r\n\u{0}\u{e4}]{0,12}@[a-z.\r\n >:\u{e4}\\[\\]-]{0,9}") {
        for address in [Address::parse(&text), Address::parse_utf8(&text), Address::parse_mailbox(&text)] {
            let Ok(address) = address else { continue };
            if Address::parse_utf8(&text).is_ok() {
                prop_assert!(Domain::parse(address.domain()).is_ok(), "whoever mails it asks the DNS");
            }
            prop_assert!(!address.as_str().contains(['\r', '\n', '\0']));
            let rcpt = Command::Rcpt { to: ForwardPath::Address(address), parameters: RcptParameters::default() };
            let mut line = Vec::new();
            rcpt.encode(&mut line);
            prop_assert_eq!(Command::parse(&line), Ok(rcpt));
        }
    }

    #[test]
    fn messages_arrive_as_they_are_but_for_their_line_ends(message in message_like(), sizes in sizes()) {
        let body = Body::new(&message);
        let expected = normalised(&message);
        prop_assert_eq!(body.len(), expected.len() as u64);
        prop_assert_eq!(unstuff(pieces(body.wire(), &sizes)), (expected, Some(body.wire().len())));
    }

    #[test]
    fn content_ends_where_the_letter_says_in_any_pieces(wire in message_like(), sizes in sizes()) {
        let whole = unstuff(std::iter::once(&wire[..]));
        prop_assert_eq!(&unstuff(pieces(&wire, &sizes)), &whole);
        match unstuff_by_the_letter(&wire) {
            Some(content) => prop_assert_eq!((&whole.0, whole.1.is_some()), (&content, true)),
            None => prop_assert_eq!(whole.1, None),
        }
    }

    #[test]
    fn offers_are_read_as_they_were_written(flags in any::<[bool; 9]>(), size in any::<Option<u64>>()) {
        let [pipelining, eight_bit_mime, enhanced_status_codes, smtputf8, chunking, dsn, starttls, plain, login] = flags;
        let size = match size {
            None => SizeLimit::NotOffered,
            Some(0) => SizeLimit::Unlimited,
            Some(octets) => SizeLimit::Max(octets),
        };
        let offer = Extensions {
            pipelining, eight_bit_mime, enhanced_status_codes, size, smtputf8, chunking, dsn, starttls,
            auth: Mechanisms { plain, login },
        };
        let reply = Reply::new(250, None, &format!("mx.test\n{}", offer.lines().join("\n")));
        prop_assert_eq!(Extensions::from_reply(&reply), offer);
    }
}
