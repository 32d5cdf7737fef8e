//! What explains a failure: the commonest reasons, and some of those whom it concerns.
//!
//! Collected only when something failed, so it may look at every recipient.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use record::{ProviderId, Record, VerdictId, VerdictRow};

use super::replay::{Replay, State};

/// How many addresses are named.
pub(crate) const NAMED: usize = 5;
/// How many reasons are named.
const REASONS: usize = 3;
/// Characters of a reply that are shown.
const REPLY_CHARS: usize = 80;

/// What explains a failure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Evidence {
    /// Sentences about it.
    pub(crate) notes: Vec<String>,
    /// Addresses concerned; at most [`NAMED`].
    pub(crate) contacts: Vec<String>,
}

/// How often who stands where, and why.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reasons(BTreeMap<Reason, u64>);

/// Where somebody stands with which provider, and why. Ordered for a stable choice among equally common ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reason {
    state: State,
    provider: ProviderId,
    verdict: Option<VerdictId>,
}

/// Reasons that differ in the wording of the answer only.
#[derive(Debug, Default)]
struct Group<'a> {
    count: u64,
    /// How many wordings there are.
    wordings: u64,
    /// How often the commonest one of them was found.
    most: u64,
    /// The commonest one.
    commonest: Option<&'a VerdictRow>,
}

/// Some of the contacts concerned, each once, in the order in which they were noted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Concerned(Vec<usize>);

impl Evidence {
    /// Why recipients, given by their index, stand where they stand.
    pub(crate) fn of_recipients(indices: impl Iterator<Item = usize>, replay: &Replay<'_>) -> Self {
        let (mut reasons, mut concerned) = (Reasons::default(), Concerned::default());
        for index in indices {
            let (_, contact) = replay.mailing_and_contact(index);
            let recipient = replay.recipients()[index];
            concerned.note(contact);
            reasons.note(recipient.state, replay.record().contacts[contact].provider, recipient.verdict);
        }
        Self { notes: reasons.commonest(replay.record()), contacts: concerned.addresses(replay.record()) }
    }

    /// Contacts, given by their index, without reasons.
    pub(crate) fn of_contacts(contacts: impl Iterator<Item = usize>, replay: &Replay<'_>) -> Self {
        let concerned = Concerned(contacts.take(NAMED).collect());
        Self { notes: Vec::new(), contacts: concerned.addresses(replay.record()) }
    }

    /// Notes, before everything else, the numbers of the first few contacts: `ann@bigbox.test: 3`. Not if all have the
    /// same number.
    pub(crate) fn note_numbers<N: PartialEq>(
        &mut self,
        numbers: impl Iterator<Item = (usize, N)> + Clone,
        shown: impl Fn(N) -> String,
        replay: &Replay<'_>,
    ) {
        let all_equal = numbers.clone().zip(numbers.clone().skip(1)).all(|((_, one), (_, next))| one == next);
        if all_equal {
            return;
        }
        let address = |contact: usize| &replay.record().contacts[contact].address;
        let number = |(contact, number)| format!("{}: {}", address(contact), shown(number));
        self.notes.insert(0, numbers.take(NAMED).map(number).collect::<Vec<_>>().join(", "));
    }
}

impl Reasons {
    /// Counts one.
    pub(crate) fn note(&mut self, state: State, provider: ProviderId, verdict: Option<VerdictId>) {
        *self.0.entry(Reason { state, provider, verdict }).or_insert(0) += 1;
    }

    /// The commonest ones in words: `230 soft_bounced at bigbox: 452 4.2.2 mailbox full`. Answers that differ in their
    /// wording only (many name the recipient, or a queue) are taken together.
    pub(crate) fn commonest(&self, record: &Record) -> Vec<String> {
        let mut groups: BTreeMap<_, Group> = BTreeMap::new();
        for (reason, count) in &self.0 {
            let verdict = reason.verdict.map(|verdict| &record.verdicts[verdict as usize]);
            let key = (reason.state, reason.provider, verdict.map(code_and_category));
            groups.entry(key).or_default().add(*count, verdict);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, group)| Reverse(group.count));
        let in_words = |((state, provider, _), group): ((State, ProviderId, _), Group<'_>)| {
            let provider = &record.providers[provider as usize];
            let found = format!("{} {} at {}{}", group.count, state.name(), provider.name, group.answer());
            [Some(found), group.help(provider)]
        };
        groups.into_iter().take(REASONS).flat_map(in_words).flatten().collect()
    }
}

impl<'a> Group<'a> {
    fn add(&mut self, count: u64, verdict: Option<&'a VerdictRow>) {
        if count > self.most {
            (self.most, self.commonest) = (count, verdict);
        }
        self.count += count;
        self.wordings += 1;
    }

    /// Where the code is explained, in a line of its own.
    fn help(&self, provider: &record::Provider) -> Option<String> {
        let verdict =
            self.commonest.filter(|verdict| verdict.code.is_some() && verdict.class != "delivered")?;
        let url = verdict.help_url.as_ref().or(provider.help_url.as_ref())?;
        Some(format!("  {}: see {url}", verdict.category))
    }

    fn answer(&self) -> String {
        match self.commonest.map(reply) {
            None => String::new(),
            Some(reply) if self.wordings == 1 => format!(": {reply}"),
            Some(reply) => format!(", such as: {reply}"),
        }
    }
}

/// What answers have in common that differ in their wording only; where there is no code, the text is all there is.
fn code_and_category(verdict: &VerdictRow) -> (Option<u16>, Option<&str>, &str, &str) {
    let text = if verdict.code.is_some() { "" } else { verdict.text.as_str() };
    (verdict.code, verdict.enhanced.as_deref(), &verdict.category, text)
}

impl Concerned {
    /// Notes a contact, by its index.
    pub(crate) fn note(&mut self, contact: usize) {
        if self.0.len() < NAMED && !self.0.contains(&contact) {
            self.0.push(contact);
        }
    }

    /// Their addresses.
    pub(crate) fn addresses(&self, record: &Record) -> Vec<String> {
        self.0.iter().map(|contact| record.contacts[*contact].address.clone()).collect()
    }
}

/// What was answered, on one line: code, enhanced code and text, as far as there are any.
pub(crate) fn reply(verdict: &VerdictRow) -> String {
    let code = verdict.code.map(|code| code.to_string());
    let parts = [code.as_deref(), verdict.enhanced.as_deref(), Some(verdict.text.as_str())];
    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(" ").replace('\n', " ");
    match line.char_indices().nth(REPLY_CHARS) {
        Some((at, _)) => {
            let words = line[..at].rfind(' ').filter(|space| *space > at / 2).unwrap_or(at);
            format!("{}…", &line[..words])
        }
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::sample::{FULL, REFUSED, Writer};

    #[test]
    fn a_reply_is_one_line_and_not_too_long() {
        let check = |code, enhanced: Option<&str>, text: &str, want: &str| {
            let verdict = Writer::new().record().verdicts.swap_remove(0);
            let enhanced = enhanced.map(str::to_owned);
            assert_eq!(reply(&VerdictRow { code, enhanced, text: text.to_owned(), ..verdict }), want);
        };
        check(Some(550), Some("5.1.1"), "no such\nuser", "550 5.1.1 no such user");
        check(None, None, "connection refused", "connection refused");
        check(Some(421), None, &"ü".repeat(76), &format!("421 {}", "ü".repeat(76)));
        check(Some(421), None, &"ü".repeat(77), &format!("421 {}…", "ü".repeat(76)));
    }

    #[test]
    fn answers_that_differ_in_wording_only_are_taken_together() {
        let mut record = Writer::new().record();
        let full = record.verdicts[FULL as usize].clone();
        let other = VerdictRow { text: "<bob@bigbox.test> is full".to_owned(), ..full.clone() };
        let unlike = VerdictRow { category: "other".to_owned(), ..full };
        record.verdicts.extend([other, unlike]);
        let mut reasons = Reasons::default();
        let mut note = |times, verdict| (0..times).for_each(|_| reasons.note(State::SoftBounced, 1, verdict));
        for (times, verdict) in [(1, Some(FULL)), (3, Some(6)), (2, Some(7)), (2, Some(REFUSED)), (1, None)] {
            note(times, verdict);
        }
        let want = [
            "4 soft_bounced at bigbox, such as: 452 4.2.2 <bob@bigbox.test> is full",
            "2 soft_bounced at bigbox: connection refused",
            "2 soft_bounced at bigbox: 452 4.2.2 mailbox full",
        ];
        assert_eq!(reasons.commonest(&record), want);
    }

    #[test]
    fn only_some_are_named_and_each_once() {
        let mut concerned = Concerned::default();
        [3, 3, 1, 0, 3, 2, 4, 5].into_iter().for_each(|contact| concerned.note(contact));
        assert_eq!(concerned.0, [3, 1, 0, 2, 4]);
    }
}
