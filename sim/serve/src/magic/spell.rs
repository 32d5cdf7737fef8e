//! What a local part can say: the one table from which addresses are read, and help and documentation are made.

use std::fmt::Write as _;
use std::time::Duration;

use fleet::{KnownReply, Phase, Situation, library};
use smtp::EnhancedStatusCode;
use units::quantity;

/// What becomes of a recipient.
#[derive(Debug, Clone, Copy)]
pub enum Spell {
    /// It is accepted.
    Accept,
    /// It is refused with these codes.
    Refuse {
        /// Where.
        at: Phase,
        /// The basic code, 400 to 599.
        code: u16,
        /// The enhanced code, if there is to be one.
        enhanced: Option<EnhancedStatusCode>,
    },
    /// It is refused in these words.
    Say {
        /// Where.
        at: Phase,
        /// The words.
        reply: &'static KnownReply,
    },
    /// The first try is refused, and every other one before so much time has passed.
    Greylist {
        /// How much.
        wait: Duration,
    },
    /// It is accepted, and the answer takes this long.
    Slow {
        /// Which answer.
        at: Phase,
        /// How long.
        longer: Duration,
    },
    /// Instead of an answer, something happens to the connection.
    Interrupt {
        /// Instead of which answer.
        at: Phase,
        /// What happens.
        interruption: Interruption,
    },
    /// The message is accepted, and the connection cut before the client hears of it.
    LoseReply,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// It is closed without a word.
    Drop,
    /// It is reset.
    Reset,
    /// The server never says another word.
    Stall,
}

/// A row of the table.
struct Row {
    /// How it is written.
    form: &'static str,
    example: &'static str,
    about: &'static str,
    /// What this row makes of a local part in lower case; nothing if it is not its.
    read: fn(&str) -> Option<Spell>,
}

/// All rows, in the order in which they are asked.
const ROWS: [Row; 10] = [
    Row {
        form: "accept",
        example: "accept",
        about: "accepted, like everything that is not below",
        read: accept,
    },
    Row {
        form: "CODE[-X.Y.Z]",
        example: "550-5.1.1",
        about: "refused with this code, 400 to 599, and this enhanced code; 421 closes",
        read: refuse,
    },
    Row {
        form: "SITUATION",
        example: "full",
        about: "refused for that: unknown, full, disabled, busy, spam, blocked, limited",
        read: situation,
    },
    Row {
        form: "PROVIDER-SITUATION",
        example: "gmail-full",
        about: "the same, as and where that provider says it (`bouncelab providers`)",
        read: in_words_of_a_provider,
    },
    Row {
        form: "REPLY-ID",
        example: "gmail-027",
        about: "refused with this known reply (`bouncelab providers gmail` lists them)",
        read: known_reply,
    },
    Row {
        form: "greylist[-TIME]",
        example: "greylist-5m",
        about: "the first try is refused, and all others before so much has passed [1s]",
        read: greylist,
    },
    Row {
        form: "slow-TIME",
        example: "slow-5s",
        about: "accepted, and the answer takes this long",
        read: slow,
    },
    Row {
        form: "drop, reset",
        example: "drop-at-data",
        about: "the connection is closed, or reset, without an answer",
        read: broken,
    },
    Row {
        form: "stall",
        example: "stall-at-end",
        about: "the server falls silent and keeps the connection",
        read: stall,
    },
    Row {
        form: "lose-reply",
        example: "lose-reply",
        about: "the message is accepted, but the client never hears of it",
        read: lose_reply,
    },
];

/// Where something happens, by how it is written at the end.
const PLACES: [(&str, Phase); 3] =
    [("-at-rcpt", Phase::Rcpt), ("-at-data", Phase::Data), ("-at-end", Phase::EndOfData)];

/// Situations by the word for them.
const SITUATIONS: [(&str, Situation); 7] = [
    ("unknown", Situation::UnknownMailbox),
    ("full", Situation::FullMailbox),
    ("disabled", Situation::DisabledMailbox),
    ("busy", Situation::TemporaryFailure),
    ("spam", Situation::SpamContent),
    ("blocked", Situation::SpamSource),
    ("limited", Situation::RateLimited),
];

/// What is written below the table, by whoever shows it.
const NOTES: &str = "\
Any of them may stand after a plus sign: bob+full@shop.test. CODE, slow, drop,
reset and stall take -at-rcpt (usual), -at-data or -at-end at their end: which
answer is meant, RCPT's, DATA's, or that to the message. Of several recipients
of one message the first decides the last two. TIME is written as 5s, 10m, 2h.

Domains are any below test, example, invalid, example.com, .net and .org; others
are refused. The hosts of these show a bad certificate: expired.tls.test,
not-yet-valid.tls.test, wrong-name.tls.test, self-signed.tls.test,
unknown-ca.tls.test, incomplete-chain.tls.test.
";

/// What a local part says; nothing if it says nothing in particular.
pub(super) fn read(local_part: &str) -> Option<Spell> {
    let word = local_part.rsplit_once('+').map_or(local_part, |(_, word)| word).to_ascii_lowercase();
    ROWS.iter().find_map(|row| (row.read)(&word))
}

/// The table and its notes, for people, in lines of 80 columns at most.
pub fn table() -> String {
    let mut text = String::new();
    for Row { form, example, about, .. } in &ROWS {
        let _ = writeln!(text, "  {form:<20} {example}@shop.test\n      {about}");
    }
    text + "\n" + NOTES
}

/// A word and where it is to happen, which is RCPT unless it is said.
fn placed(word: &str) -> (&str, Phase) {
    let said = PLACES.iter().find_map(|(end, phase)| Some((word.strip_suffix(end)?, *phase)));
    said.unwrap_or((word, Phase::Rcpt))
}

fn accept(word: &str) -> Option<Spell> {
    (word == "accept").then_some(Spell::Accept)
}

fn refuse(word: &str) -> Option<Spell> {
    let (word, at) = placed(word);
    let (code, enhanced) = match word.split_once('-') {
        Some((code, enhanced)) => (code, Some(EnhancedStatusCode::parse(enhanced)?)),
        None => (word, None),
    };
    let is_number = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.parse().ok().filter(|code| is_number && (400..600).contains(code))?;
    Some(Spell::Refuse { at, code, enhanced })
}

fn situation(word: &str) -> Option<Spell> {
    let (_, situation) = SITUATIONS.iter().find(|(name, _)| *name == word)?;
    Some(say(library().generic().answer(*situation)))
}

fn in_words_of_a_provider(word: &str) -> Option<Spell> {
    SITUATIONS.iter().find_map(|(name, situation)| {
        let provider = word.strip_suffix(name)?.strip_suffix('-')?;
        Some(say(library().get(provider)?.answer(*situation)))
    })
}

fn known_reply(word: &str) -> Option<Spell> {
    let (provider, number) = word.rsplit_once('-')?;
    let is_number = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    let profile = library().get(provider).filter(|_| is_number)?;
    Some(say(profile.reply(word)?))
}

fn greylist(word: &str) -> Option<Spell> {
    let rest = word.strip_prefix("greylist")?;
    let wait = match rest.strip_prefix('-') {
        Some(time) => quantity::duration(time).ok()?,
        None if rest.is_empty() => Duration::from_secs(1),
        None => return None,
    };
    Some(Spell::Greylist { wait })
}

fn slow(word: &str) -> Option<Spell> {
    let (word, at) = placed(word);
    let longer = quantity::duration(word.strip_prefix("slow-")?).ok()?;
    Some(Spell::Slow { at, longer })
}

fn broken(word: &str) -> Option<Spell> {
    let (word, at) = placed(word);
    let interruption = match word {
        "drop" => Interruption::Drop,
        "reset" => Interruption::Reset,
        _ => return None,
    };
    Some(Spell::Interrupt { at, interruption })
}

fn stall(word: &str) -> Option<Spell> {
    let (word, at) = placed(word);
    (word == "stall").then_some(Spell::Interrupt { at, interruption: Interruption::Stall })
}

fn lose_reply(word: &str) -> Option<Spell> {
    (word == "lose-reply").then_some(Spell::LoseReply)
}

/// A known reply, said where its provider says it, or as soon as it is known for whom it is.
fn say(reply: &'static KnownReply) -> Spell {
    let at = match reply.phase {
        Phase::Data | Phase::EndOfData => reply.phase,
        _ => Phase::Rcpt,
    };
    Spell::Say { at, reply }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads_its_example() {
        for row in &ROWS {
            assert!((row.read)(row.example).is_some(), "{}", row.form);
            let readers = ROWS.iter().filter(|other| (other.read)(row.example).is_some());
            assert_eq!(readers.count(), 1, "{} is read by several", row.example);
        }
    }

    #[test]
    fn addresses_say_what_becomes_of_them() {
        let check = |local_part: &str, expected: &str| {
            let said = read(local_part).map_or_else(String::new, |spell| match spell {
                Spell::Accept => "accept".to_owned(),
                Spell::Refuse { at, code, enhanced } => {
                    format!(
                        "{} {code} {}",
                        at.word(),
                        enhanced.map_or(String::new(), |code| code.to_string())
                    )
                }
                Spell::Say { at, reply } => format!("{} {}", at.word(), reply.id),
                Spell::Greylist { wait } => format!("greylist {wait:?}"),
                Spell::Slow { at, longer } => format!("{} {longer:?}", at.word()),
                Spell::Interrupt { at, interruption } => format!("{} {interruption:?}", at.word()),
                Spell::LoseReply => "lose reply".to_owned(),
            });
            assert_eq!(said.trim_end(), expected, "{local_part}");
        };
        check("accept", "accept");
        check("450", "rcpt 450");
        check("550-5.1.1", "rcpt 550 5.1.1");
        check("bob+451-4.7.1-at-end", "end_of_data 451 4.7.1");
        check("BOB+LOSE-REPLY", "lose reply");
        check("gmail-027", "end_of_data gmail-027");
        check("slow-5s", "rcpt 5s");
        check("slow-2m-at-data", "data 120s");
        check("drop-at-data", "data Drop");
        check("reset", "rcpt Reset");
        check("stall-at-end", "end_of_data Stall");
        check("greylist", "greylist 1s");
        check("greylist-5m", "greylist 300s");
        let nothing_in_particular = [
            "",
            "ann",
            "250",
            "600",
            "55",
            "5500",
            "550-5.1",
            "full-moon",
            "nobody-full",
            "gmail-999",
            "gmail-27",
            "greylisted",
            "slow",
            "slow-motion",
            "stall-at-home",
            "drop-at-",
            "accept-",
            "+",
        ];
        for local_part in nothing_in_particular {
            check(local_part, "");
        }
        assert!(matches!(read("full"), Some(Spell::Say { at: Phase::Rcpt, .. })));
        assert!(
            matches!(read("gmail-full"), Some(Spell::Say { reply, .. }) if reply.id.starts_with("gmail-"))
        );
        assert!(matches!(read("t-online-unknown"), Some(Spell::Say { .. })));
    }
}
