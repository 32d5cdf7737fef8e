//! What a text states in numbers: how long to wait, and how much is allowed.
//!
//! Read only where the meaning of the reply is known already, because a number alone says nothing: "timeout exceeded after 30
//! seconds" is no wish. What comes out is bounded, so that no text can stop a site for ever.

use std::time::Duration;

/// The longest wait that is believed, in seconds: a day. Longer ones would leave a 30-hour window without a second try.
pub const WAIT_MAX_SECONDS: u64 = 24 * 3600;

/// The largest limit that is believed; more is none.
pub const LIMIT_MAX: u32 = 1_000_000_000;

/// How long the text asks to wait ("try again in 300 seconds", "blocked for 1 hour", "00:05:00"), at least a second and at most
/// [`WAIT_MAX_SECONDS`]. `text` is folded: lower case, single spaces. A time in which so much was sent is no wish.
pub fn wait(text: &str) -> Option<Duration> {
    let words: Vec<&str> = text.split_whitespace().map(trimmed).collect();
    let is_any = |words: &[&str], known: &[&str]| {
        words.iter().any(|word| known.iter().any(|known| word.starts_with(known)))
    };
    let seconds = (1..words.len()).find_map(|place| {
        let near = &words[place.saturating_sub(8)..place];
        let close = &near[near.len().saturating_sub(3)..];
        if !is_any(&near[near.len().saturating_sub(2)..], &INTRODUCING)
            || !is_any(near, &ASKING)
            || is_any(close, &COUNTING)
        {
            return None;
        }
        let next = words.get(place + 1).copied().unwrap_or_default();
        clock(words[place])
            .or_else(|| quantity(words[place], next).map(|(count, unit)| count.saturating_mul(unit)))
    })?;
    (seconds > 0).then(|| Duration::from_secs(seconds.min(WAIT_MAX_SECONDS)))
}

/// The limit that the text states ("limit of 10", "max 50 recipients", "maximum is 5"), 1 to [`LIMIT_MAX`]. `text` is folded.
pub fn limit(text: &str) -> Option<u32> {
    let words: Vec<&str> = text.split_whitespace().map(trimmed).collect();
    let is_limiting = |word: &&str| LIMITING.contains(word);
    words.iter().enumerate().find_map(|(place, word)| {
        let number: u32 = word.parse().ok()?;
        let next = words.get(place + 1).copied().unwrap_or_default();
        if unit(next).is_some() {
            return None; // A time, not a number of things.
        }
        let before = words[..place].iter().rev().take(3).any(&is_limiting);
        let after = words.get(place + 1).is_some_and(&is_limiting);
        ((before || after) && (1..=LIMIT_MAX).contains(&number)).then_some(number)
    })
}

/// Words right before a time to wait.
const INTRODUCING: [&str; 19] = [
    "in",
    "after",
    "for",
    "wait",
    "another",
    "least",
    "about",
    "delay",
    "retry",
    "next",
    "fur",
    "dans",
    "pendant",
    "nach",
    "apres",
    "en",
    "tra",
    "через",
    "за",
];

/// Beginnings of words that ask for something to be done later, or say that it is closed until then.
const ASKING: [&str; 24] = [
    "again",
    "retry",
    "retries",
    "try",
    "later",
    "wait",
    "back",
    "resend",
    "reconnect",
    "come",
    "greylist",
    "graylist",
    "delay",
    "defer",
    "blocked",
    "block",
    "suspended",
    "erneut",
    "warten",
    "reessay",
    "essay",
    "intent",
    "riprov",
    "повтор",
];

/// Beginnings of words that count what was done in a time.
const COUNTING: [&str; 12] = [
    "message",
    "mail",
    "e-mail",
    "email",
    "connection",
    "recipient",
    "complaint",
    "listed",
    "last",
    "per",
    "than",
    "within",
];

/// Words around a limit.
const LIMITING: [&str; 12] = [
    "limit",
    "limits",
    "max",
    "maximum",
    "most",
    "allowed",
    "allows",
    "permitted",
    "only",
    "exceeds",
    "accepts",
    "than",
];

/// A word without the punctuation around it.
fn trimmed(word: &str) -> &str {
    word.trim_matches(|letter: char| {
        matches!(letter, '.' | ',' | ';' | ':' | '(' | ')' | '[' | ']' | '<' | '>' | '"' | '!' | '=')
    })
}

/// `00:05:00` or `05:00` in seconds.
fn clock(word: &str) -> Option<u64> {
    let parts: Vec<u64> = word.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 => {
            Some(hours.saturating_mul(3600).saturating_add(minutes * 60 + seconds))
        }
        [minutes, seconds] if seconds < 60 => Some(minutes.saturating_mul(60).saturating_add(seconds)),
        _ => None,
    }
}

/// A count and the seconds of its unit: `5 minutes`, `300s`, `an hour`.
fn quantity(word: &str, next: &str) -> Option<(u64, u64)> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        let count = match word {
            "a" | "an" | "one" | "eine" | "une" | "un" | "1" => 1,
            "two" | "deux" | "zwei" => 2,
            "few" | "several" => 5,
            _ => return None,
        };
        return Some((count, unit(next)?));
    }
    let count = word[..digits].parse().unwrap_or(u64::MAX);
    let glued = word[digits..].trim_start_matches('-');
    Some((count, unit(if glued.is_empty() { next } else { glued })?))
}

/// The seconds of a unit of time.
fn unit(word: &str) -> Option<u64> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunden" | "secondes" | "secondi" | "segundos" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "minuti" | "minutos" | "minut"
        | "минут" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" | "stunde" | "stunden" | "heure" | "heures" | "ore"
        | "horas" | "часа" | "часов" => 3600,
        "d" | "day" | "days" | "tag" | "tage" | "tagen" | "jour" | "jours" | "giorni" | "dias" => 86400,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_and_bounded() {
        let check = |text: &str, seconds: Option<u64>| {
            assert_eq!(wait(text), seconds.map(Duration::from_secs), "{text}");
        };
        check("try again in 300 seconds", Some(300));
        check("please retry in 1 hour.", Some(3600));
        check("greylisted for 5 minutes", Some(300));
        check("greylisting in action, please come back in 00:05:00", Some(300));
        check("try again in 2 tagen, erneut in 2 tagen", Some(WAIT_MAX_SECONDS));
        check("retry after 00:10:00", Some(600));
        check("intentelo de nuevo en 2 horas", Some(7200));
        check("you have sent more than 5000 messages in 24 hours", None);
        check("you are not allowed to send more e-mails within 24 hours.", None);
        check("your address is listed for 30 days", None);
        check("after 2 days of complaints", None);
        check("try again in an hour", Some(3600));
        check("wait 90s", Some(90));
        check("bitte warten sie: erneut in 10 minuten", Some(600));
        check("veuillez reessayer dans 2 heures", Some(7200));
        check("try again in 99999999999999999999 days", Some(WAIT_MAX_SECONDS));
        check("try again in 0 seconds", None);
        check("try again later", None);
        check("sent more than 100 messages per 1 hour", None);
        check("timeout exceeded", None);
        check("in", None);
        check("", None);
    }

    #[test]
    fn limits_are_read_and_bounded() {
        let check = |text: &str, expected: Option<u32>| assert_eq!(limit(text), expected, "{text}");
        check("too many recipients, limit of 10", Some(10));
        check("too many connections (max 5)", Some(5));
        check("maximum is 50 recipients", Some(50));
        check("message size exceeds fixed maximum message size: 10485760 bytes", Some(10_485_760));
        check("no more than 100 messages", Some(100));
        check("limit of 99999999999", None);
        check("max 0", None);
        check("at most 60 seconds", None);
        check("too many recipients", None);
        check("error 421", None);
    }
}
