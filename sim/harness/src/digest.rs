//! The digest of a record: equal digests, equal runs.
//!
//! XXH3-64 over the fields in a fixed order and encoding: numbers little-endian, texts and lists with their length before
//! them, variants by their place. Two things are left out. The file, its name and its text: the same scenario under another path,
//! or with another comment, is the same run. The verdicts on expectations and laws: they follow from the rest. Every struct is taken apart without `..`, so that
//! a new field cannot be forgotten here.

use record::{
    Answer, Arrival, Connection, Contact, Counters, Dialogue, DialogueLine, Event, EventKind, Host, Letter,
    Limits, Mailing, Provider, Rate, Reactivation, Receipts, Record, Rule, Sequel, Span, Stray, VerdictRow,
};
use xxhash_rust::xxh3::Xxh3Default;

/// The digest of everything in `record` that describes the run. That of a finished run is in [`Record::digest`]; a record that
/// was kept in files can be checked against it.
pub fn digest(record: &Record) -> u64 {
    let Record {
        scenario,
        about,
        file: _,
        source: _,
        seed,
        ended,
        horizon,
        providers,
        mailings,
        letters,
        contacts,
        timeline,
        reactivations,
        strays,
        verdicts,
        events,
        receipts,
        dialogues,
        digest: _,
        checked: _,
    } = record;
    let mut digest = Digest(Xxh3Default::new());
    digest.text(scenario).text(about).numbers(&[*seed, *ended, *horizon]);
    digest.list(providers, Digest::provider).list(mailings, Digest::mailing);
    digest.list(letters, Digest::letter);
    digest.list(contacts, Digest::contact).list(timeline, Digest::span);
    digest.list(reactivations, Digest::reactivation).list(verdicts, Digest::verdict);
    digest.list(events, Digest::event).list(strays, Digest::stray);
    digest.receipts(receipts).list(dialogues, Digest::dialogue);
    digest.0.digest()
}

struct Digest(Xxh3Default);

impl Digest {
    fn numbers(&mut self, numbers: &[u64]) -> &mut Self {
        numbers.iter().for_each(|number| self.0.update(&number.to_le_bytes()));
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.numbers(&[text.len() as u64]);
        self.0.update(text.as_bytes());
        self
    }

    /// Whether something is there, and what it is.
    fn option(&mut self, number: Option<u64>) -> &mut Self {
        self.numbers(&[u64::from(number.is_some()), number.unwrap_or(0)])
    }

    fn optional_text(&mut self, text: Option<&str>) -> &mut Self {
        self.numbers(&[u64::from(text.is_some())]).text(text.unwrap_or(""))
    }

    fn list<T>(&mut self, items: &[T], each: fn(&mut Self, &T)) -> &mut Self {
        self.numbers(&[items.len() as u64]);
        items.iter().for_each(|item| each(self, item));
        self
    }

    fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.list(texts, |digest, text| {
            digest.text(text);
        })
    }

    fn provider(&mut self, provider: &Provider) {
        let Provider { name, profile, help_url, domains, hosts, limits, rules } = provider;
        let Limits { connections, messages_per_connection, recipients_per_message, rate } = limits;
        self.text(name).text(profile).optional_text(help_url.as_deref()).texts(domains);
        self.list(hosts, |digest, Host { name, site }| {
            digest.text(name).numbers(&[u64::from(*site)]);
        });
        self.numbers(&[*connections, *messages_per_connection, *recipients_per_message].map(u64::from));
        let rate = rate.map(|Rate { recipients, period }| [u64::from(recipients), period]);
        self.numbers(&[u64::from(rate.is_some())]).numbers(&rate.unwrap_or_default());
        self.list(rules, |digest, Rule { id, name, place, line, fired }| {
            digest.text(id).optional_text(name.as_deref());
            digest.numbers(&[*place as u64, u64::from(*line), *fired]);
        });
    }

    fn mailing(&mut self, mailing: &Mailing) {
        let Mailing {
            name,
            kind,
            sender,
            start,
            window_end,
            contact_policy,
            uncertain_policy,
            attempt_offsets,
            message_bytes,
            message_hash,
            counters,
        } = mailing;
        self.text(name).text(sender).text(contact_policy).text(uncertain_policy);
        self.numbers(&[*kind as u64, *start, *window_end, *message_bytes, *message_hash]);
        self.numbers(&[attempt_offsets.len() as u64]).numbers(attempt_offsets);
        self.counters(counters);
    }

    fn letter(&mut self, letter: &Letter) {
        let Letter { mailing, contact, bytes, hash } = *letter;
        self.numbers(&[u64::from(mailing), u64::from(contact), bytes, hash]);
    }

    fn counters(&mut self, counters: &Counters) {
        let Counters {
            selected,
            excluded,
            pending,
            dropped,
            sent,
            in_progress,
            delivered,
            soft_bounced,
            hard_bounced,
            cancelled,
            late_bounced,
            late_soft_bounced,
            late_hard_bounced,
            complained,
            unsubscribed,
            reports_ignored,
        } = counters;
        self.numbers(&[*selected, *excluded, *pending, *dropped, *sent]);
        self.numbers(&[*in_progress, *delivered, *soft_bounced, *hard_bounced, *cancelled]);
        self.numbers(&[*late_bounced, *late_soft_bounced, *late_hard_bounced]);
        self.numbers(&[*complained, *unsubscribed, *reports_ignored]);
    }

    fn contact(&mut self, contact: &Contact) {
        let Contact { address, provider, listed, status } = contact;
        self.text(address).numbers(&[u64::from(*provider), u64::from(*listed), *status as u64]);
    }

    fn span(&mut self, span: &Span) {
        let Span { name, from, until, repeat, provider, what } = span;
        self.text(name).text(what).numbers(&[*from]).option(*until).option(provider.map(u64::from));
        self.option(repeat.map(|repeat| repeat.every)).option(repeat.map(|repeat| repeat.lasts));
    }

    fn reactivation(&mut self, reactivation: &Reactivation) {
        let Reactivation { at, contact, by, why, refused } = reactivation;
        self.text(by).text(why).numbers(&[*at, u64::from(*contact), u64::from(*refused)]);
    }

    fn stray(&mut self, stray: &Stray) {
        let Stray { at, to, why } = stray;
        self.text(to).numbers(&[*at, *why as u64]);
    }

    fn verdict(&mut self, verdict: &VerdictRow) {
        let VerdictRow {
            phase,
            code,
            enhanced,
            text,
            class,
            category,
            scope,
            action,
            wait,
            rule,
            reason,
            help_url,
        } = verdict;
        self.numbers(&[*phase as u64]).option(code.map(u64::from)).optional_text(enhanced.as_deref());
        self.text(text).text(class).text(category).text(scope).text(rule);
        self.text(action).option(*wait).text(reason).optional_text(help_url.as_deref());
    }

    fn event(&mut self, event: &Event) {
        let Event { at, provider, contact, mailing, kind } = *event;
        let mailing = mailing.map_or(u64::MAX, u64::from);
        self.numbers(&[at, u64::from(provider), u64::from(contact), mailing]);
        let fields: [u64; 5] = match kind {
            EventKind::Selected => [1, 0, 0, 0, 0],
            EventKind::Excluded(reason) => [2, reason as u64, 0, 0, 0],
            EventKind::AttemptBegun { attempt, connection } => {
                [3, u64::from(attempt), u64::from(connection), 0, 0]
            }
            EventKind::AttemptEnded { attempt, verdict, retry_at } => [
                4,
                u64::from(attempt),
                u64::from(verdict),
                u64::from(retry_at.is_some()),
                retry_at.unwrap_or(0),
            ],
            EventKind::Uncounted { verdict } => [5, u64::from(verdict), 0, 0, 0],
            EventKind::Settled { outcome, cause, verdict } => {
                let numbered = verdict.map_or(0, |verdict| u64::from(verdict) + 1);
                [6, outcome as u64, cause as u64, numbered, 0]
            }
            EventKind::StatusChanged { from, to, strikes, cause } => {
                [7, from as u64, to as u64, u64::from(strikes), cause as u64]
            }
            EventKind::Feedback { what, verdict } => {
                [8, what as u64, verdict.map_or(0, |verdict| u64::from(verdict) + 1), 0, 0]
            }
        };
        self.numbers(&fields);
    }

    fn receipts(&mut self, receipts: &Receipts) -> &mut Self {
        let Receipts { connections, arrivals, sequels, senders, recipients, open_at_the_end } = receipts;
        self.list(connections, Self::connection).list(arrivals, Self::arrival).list(sequels, Self::sequel);
        self.texts(senders).texts(recipients).numbers(&[u64::from(*open_at_the_end)])
    }

    fn connection(&mut self, connection: &Connection) {
        let Connection { provider, number, host, opened, closed, messages, end, address, rule } = *connection;
        self.numbers(&[provider, number, host, messages, address].map(u64::from));
        self.numbers(&[opened, closed, end as u64]).option(rule.map(u64::from));
    }

    fn arrival(&mut self, arrival: &Arrival) {
        let Arrival { at, provider, connection, sender, recipient, answer, rule, checks } = *arrival;
        self.numbers(&[at]).numbers(&[provider, connection, sender, recipient].map(u64::from));
        let fields = match answer {
            Answer::Accepted { body_hash, body_bytes } => [1, body_hash, body_bytes],
            Answer::AcceptedReplyLost { body_hash, body_bytes } => [2, body_hash, body_bytes],
            Answer::Refused { phase, code } => [3, phase as u64, u64::from(code)],
            Answer::Unfinished => [4, 0, 0],
        };
        self.numbers(&fields).option(rule.map(u64::from)).numbers(&[u64::from(checks.number())]);
    }

    fn sequel(&mut self, sequel: &Sequel) {
        let Sequel { at, provider, connection, sender, recipient, body_hash, what } = *sequel;
        self.numbers(&[at, body_hash, what as u64]);
        self.numbers(&[provider, connection, sender, recipient].map(u64::from));
    }

    fn dialogue(&mut self, dialogue: &Dialogue) {
        let Dialogue { provider, connection, lines, extent } = dialogue;
        self.numbers(&[u64::from(*provider), u64::from(*connection), *extent as u64]);
        self.list(lines, |digest, DialogueLine { at, from, text }| {
            digest.numbers(&[*at, *from as u64]).text(text);
        });
    }
}

#[cfg(test)]
mod tests;
