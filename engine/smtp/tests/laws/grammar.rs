//! Laws of the grammar: pieces make no difference, and what is written is read back.

use proptest::collection::vec;
use proptest::prelude::*;
use smtp::{
    Address, Body, BodyType, Command, EnhancedStatusCode, Extensions, Reply, ReplyFault, ReplyParser,
    ReversePath, SizeLimit, Unstuffed, Unstuffer, Word,
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
        "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,20}(\\.[a-z0-9]{1,20}){0,2}",
        r#""([ !#-\[\]-~]|\\[ -~]){0,20}""#,
    ];
    (local, "[a-zA-Z0-9]{1,20}(-[a-z0-9]{1,9})?(\\.[a-z0-9]{1,20}){0,3}")
        .prop_map(|(local, domain)| Address::parse(&format!("{local}@{domain}")).expect("a valid address"))
}

fn parameters() -> impl Strategy<Value = Vec<Word>> {
    vec("X[A-Z0-9-]{0,9}(=[!-<>-~]{1,9})?".prop_map(|text| Word::parse(&text).expect("a word")), 0..3)
}

fn command() -> impl Strategy<Value = Command> {
    let word = || "[!-~]{1,30}".prop_map(|text| Word::parse(&text).expect("a word"));
    let from = prop_oneof![Just(ReversePath::Null), address().prop_map(ReversePath::Address)];
    let body = prop_oneof![Just(BodyType::Unstated), Just(BodyType::SevenBit), Just(BodyType::EightBitMime)];
    let plain =
        [Command::Data, Command::Rset, Command::Noop, Command::Quit, Command::Help, Command::StartTls];
    prop_oneof![
        word().prop_map(Command::Ehlo),
        word().prop_map(Command::Helo),
        word().prop_map(Command::Vrfy),
        (from, any::<Option<u64>>(), body, parameters())
            .prop_map(|(from, size, body, parameters)| Command::Mail { from, size, body, parameters }),
        (address(), parameters()).prop_map(|(to, parameters)| Command::Rcpt { to, parameters }),
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
    fn any_line_is_a_command_or_a_fault(line in vec(any::<u8>(), 0..80), verb in "((?i)mail from:|rcpt to:|ehlo )?") {
        let line = [verb.as_bytes(), &line[..]].concat();
        if let Ok(command) = Command::parse(&line) {
            let mut again = Vec::new();
            command.encode(&mut again);
            prop_assert_eq!(Command::parse(&again), Ok(command));
        }
    }

    #[test]
    fn no_address_holds_what_ends_a_command(text in "[ -~\r\n\u{0}\u{e4}]{0,12}@[a-z.\r\n >-]{0,9}") {
        if let Ok(address) = Address::parse(&text) {
            prop_assert!(!address.as_str().contains(['\r', '\n', '\0']));
            let mut line = Vec::new();
            Command::Rcpt { to: address.clone(), parameters: Vec::new() }.encode(&mut line);
            prop_assert_eq!(Command::parse(&line), Ok(Command::Rcpt { to: address, parameters: Vec::new() }));
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
    fn offers_are_read_as_they_were_written(flags in any::<[bool; 7]>(), size in any::<Option<u64>>()) {
        let [pipelining, eight_bit_mime, enhanced_status_codes, smtputf8, chunking, dsn, starttls] = flags;
        let size = match size {
            None => SizeLimit::NotOffered,
            Some(0) => SizeLimit::Unlimited,
            Some(octets) => SizeLimit::Max(octets),
        };
        let offer = Extensions {
            pipelining, eight_bit_mime, enhanced_status_codes, size, smtputf8, chunking, dsn, starttls,
        };
        let reply = Reply::new(250, None, &format!("mx.test\n{}", offer.lines().join("\n")));
        prop_assert_eq!(Extensions::from_reply(&reply), offer);
    }
}
