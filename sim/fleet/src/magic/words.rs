//! What a local part can say: the one table from which addresses are read, and help and documentation are made.

use std::fmt::Write as _;
use std::time::Duration;

use smtp::EnhancedStatusCode;
use units::quantity;

use super::{Interruption, Spell};
use crate::{KnownReply, Phase, Situation, library};

/// How long a slow answer takes if the address does not say it.
const SLOW: Duration = Duration::from_secs(30);

/// How long a greylisted recipient waits if the address does not say it: short, because whoever tries it out by hand waits as well.
const GREYLISTED: Duration = Duration::from_secs(1);

/// The most tries that an address can have refused.
const DEFERRED_MAX: u32 = 1000;

/// A row of the table.
struct Row {
    /// How it is written.
    form: &'static str,
    /// Words that it reads; the first stands in the table, all are part of the demonstration.
    examples: &'static [&'static str],
    about: &'static str,
    /// What this row makes of a local part in lower case; nothing if it is not its.
    read: fn(&str) -> Option<Spell>,
}

/// All rows, in the order in which they are asked.
const ROWS: [Row; 11] = [
    Row {
        form: "ok, accept",
        examples: &["ok"],
        about: "accepted, like everything that is not below",
        read: accept,
    },
    Row {
        form: "CODE[-X.Y.Z]",
        examples: &["bounce+550-5.1.1", "bounce+452-4.2.2", "bounce+554-5.7.1-at-end"],
        about: "refused with this code, 400 to 599, and this enhanced code; 421 closes",
        read: refuse,
    },
    Row {
        form: "SITUATION",
        examples: &["full", "unknown", "disabled", "busy", "spam", "blocked", "limited"],
        about: "refused for that: unknown, full, disabled, busy, spam, blocked, limited",
        read: situation,
    },
    Row {
        form: "PROVIDER-SITUATION",
        examples: &["gmail-full", "yahoo-unknown"],
        about: "the same, as and where that provider says it (`bouncelab providers`)",
        read: in_words_of_a_provider,
    },
    Row {
        form: "REPLY-ID",
        examples: &["gmail-027"],
        about: "refused with this known reply (`bouncelab providers gmail` lists them)",
        read: known_reply,
    },
    Row {
        form: "defer-N-times",
        examples: &["defer-2-times"],
        about: "the first N tries are refused for now, with 451, and the next one passes",
        read: defer,
    },
    Row {
        form: "greylist[-TIME]",
        examples: &["greylist-10m"],
        about: "the first try is refused, and all others before so much has passed [1s]",
        read: greylist,
    },
    Row {
        form: "slow[-TIME]",
        examples: &["slow-30s"],
        about: "accepted, and the answer takes this long [30s]",
        read: slow,
    },
    Row {
        form: "drop, reset",
        examples: &["drop-at-data", "reset"],
        about: "the connection is closed, or reset, without an answer",
        read: broken,
    },
    Row {
        form: "stall",
        examples: &["stall-at-end"],
        about: "the server falls silent and keeps the connection",
        read: stall,
    },
    Row {
        form: "lose-reply",
        examples: &["lose-reply"],
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

/// Words that are near to a mistyped one, beside those of the table's examples.
const OTHERS: [&str; 8] =
    ["accept", "defer-1-time", "greylist", "slow", "drop", "reset-at-data", "stall", "drop-at-end"];

/// A word of the table, to try it out.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The local part.
    pub local_part: &'static str,
    /// What becomes of it.
    pub spell: Spell,
}

/// What a local part says; nothing if it says nothing in particular.
pub fn read(local_part: &str) -> Option<Spell> {
    let word = word_of(local_part).to_ascii_lowercase();
    ROWS.iter().find_map(|row| (row.read)(&word))
}

/// The word that was most likely meant by a local part that says nothing; `None` if none is near.
pub fn nearest(local_part: &str) -> Option<&'static str> {
    let examples = ROWS.iter().flat_map(|row| row.examples.iter().map(|example| word_of(example)));
    let words: Vec<&str> = examples.chain(OTHERS).collect();
    scenario::did_you_mean(word_of(local_part), &words)
}

/// One of everything, in the order of the table.
pub fn examples() -> impl Iterator<Item = Example> {
    let all = ROWS.iter().flat_map(|row| row.examples.iter().map(|example| (*example, row.read)));
    all.filter_map(|(local_part, read)| {
        Some(Example { local_part, spell: read(&word_of(local_part).to_ascii_lowercase())? })
    })
}

/// The part of a local part that counts: what stands after the last plus sign.
fn word_of(local_part: &str) -> &str {
    local_part.rsplit_once('+').map_or(local_part, |(_, word)| word)
}

/// The table and its notes, for people, in lines of 80 columns at most.
pub fn table() -> String {
    let mut text = String::new();
    for Row { form, examples, about, .. } in &ROWS {
        let example = examples[0];
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
    ["ok", "accept"].contains(&word).then_some(Spell::Accept)
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

fn defer(word: &str) -> Option<Spell> {
    let rest = word.strip_prefix("defer-")?;
    let number = rest.strip_suffix("-times").or_else(|| rest.strip_suffix("-time"))?;
    let times = number.parse().ok().filter(|times| (1..=DEFERRED_MAX).contains(times))?;
    Some(Spell::Defer { times })
}

fn greylist(word: &str) -> Option<Spell> {
    Some(Spell::Greylist { wait: timed(word, "greylist", GREYLISTED)? })
}

fn slow(word: &str) -> Option<Spell> {
    let (word, at) = placed(word);
    Some(Spell::Slow { at, longer: timed(word, "slow", SLOW)? })
}

/// The time after `name-`, or the usual one if it is the name alone.
fn timed(word: &str, name: &str, usual: Duration) -> Option<Duration> {
    let rest = word.strip_prefix(name)?;
    match rest.strip_prefix('-') {
        Some(time) => quantity::duration(time).ok(),
        None => rest.is_empty().then_some(usual),
    }
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
        for example in ROWS.iter().flat_map(|row| row.examples) {
            let word = word_of(example);
            let readers: Vec<&str> =
                ROWS.iter().filter(|row| (row.read)(word).is_some()).map(|row| row.form).collect();
            assert_eq!(readers.len(), 1, "{example} is read by {readers:?}");
        }
        assert_eq!(examples().count(), ROWS.iter().map(|row| row.examples.len()).sum::<usize>());
    }

    #[test]
    fn every_word_near_to_a_mistyped_one_can_be_read() {
        for word in OTHERS {
            assert!(read(word).is_some(), "{word}");
        }
        let check = |mistyped: &str, meant| assert_eq!(nearest(mistyped), meant, "{mistyped}");
        check("fulll", Some("full"));
        check("bob+unknwon", Some("unknown"));
        check("defer-2-tmes", Some("defer-2-times"));
        check("greylst", Some("greylist"));
        check("somebody-else", None);
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
                Spell::Defer { times } => format!("defer {times}"),
                Spell::Greylist { wait } => format!("greylist {wait:?}"),
                Spell::Slow { at, longer } => format!("{} {longer:?}", at.word()),
                Spell::Interrupt { at, interruption } => format!("{} {interruption:?}", at.word()),
                Spell::LoseReply => "lose reply".to_owned(),
            });
            assert_eq!(said.trim_end(), expected, "{local_part}");
        };
        check("accept", "accept");
        check("ok", "accept");
        check("defer-2-times", "defer 2");
        check("bob+defer-1-time", "defer 1");
        check("slow", "rcpt 30s");
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
            "slow-motion",
            "slower",
            "defer",
            "defer-0-times",
            "defer-1001-times",
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
