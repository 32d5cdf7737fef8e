//! The nearest valid word to a misspelt one.
//!
//! Nearness is the number of letters to insert, delete, change or swap with their neighbour ("optimal string alignment");
//! upper case and separators do not count, so that `timeOut`, `time-out` and `time_out` are the same word.

/// The word of `valid` that the author most likely meant by `word`; the first of equally near ones. `None` if none is
/// near: a third of the letters may be wrong, at least one. Only the first 100 valid words are looked at.
pub fn did_you_mean<'a>(word: &str, valid: &[&'a str]) -> Option<&'a str> {
    let word = letters(word);
    let permitted = (word.len() / 3).max(1);
    valid
        .iter()
        .take(100)
        .filter(|candidate| candidate.len() + permitted >= word.len())
        .map(|candidate| (distance(&word, &letters(candidate)), *candidate))
        .filter(|(distance, candidate)| *distance <= permitted && *distance < letters(candidate).len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help for a word that is not one of `valid`: the nearest one, and all of them under the name `what` (`the keys`).
pub fn suggestion(word: &str, valid: &[&str], what: &str) -> String {
    /// More than these cannot be taken in.
    const MOST: usize = 24;
    let quoted = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let all = match valid {
        [] => format!("there are no {}", what.trim_start_matches("the ")),
        [only] => format!("{what}: only `{only}`"),
        _ if valid.len() > MOST => {
            format!("{what}: {}, and {} more", quoted(&valid[..MOST]), valid.len() - MOST)
        }
        _ => format!("{what}: {}", quoted(valid)),
    };
    match did_you_mean(word, valid) {
        Some(near) => format!("did you mean `{near}`? {all}"),
        None => all,
    }
}

fn letters(word: &str) -> Vec<char> {
    /// Longer words are no misspellings of anything; this bounds the work.
    const LONGEST: usize = 64;
    let counted = |c: &char| !matches!(c, '-' | '_' | ' ' | '.');
    word.chars().filter(counted).flat_map(char::to_lowercase).take(LONGEST).collect()
}

fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut best = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_nearest_word_is_found() {
        let check = |word, expected| {
            let valid = ["wait", "retry_window", "remember", "connect", "like", "time_out"];
            assert_eq!(did_you_mean(word, &valid), expected, "{word}");
        };
        check("wiat", Some("wait"));
        check("waits", Some("wait"));
        check("Retry-Window", Some("retry_window"));
        check("retrywindow", Some("retry_window"));
        check("timeout", Some("time_out"));
        check("conect", Some("connect"));
        check("replay", None);
        check("x", None);
        check("", None);
    }

    #[test]
    fn a_suggestion_lists_what_is_possible() {
        assert_eq!(
            suggestion("wiat", &["wait", "like"], "the keys"),
            "did you mean `wait`? the keys: `wait`, `like`"
        );
        assert_eq!(suggestion("zzz", &["wait"], "the keys"), "the keys: only `wait`");
        assert_eq!(suggestion("zzz", &[], "the providers"), "there are no providers");
        assert!(suggestion("zzz", &["wait"; 100], "the keys").ends_with("and 76 more"));
    }

    proptest! {
        #[test]
        fn a_distance_is_a_distance(a in "[abc]{0,6}", b in "[abc]{0,6}") {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(distance(&a, &a), 0);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
        }
    }
}
