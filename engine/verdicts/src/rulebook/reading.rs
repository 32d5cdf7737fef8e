//! Applying the rules to a reply: in which files to look, which rule decides, and what follows from it.

use std::time::Duration;

use smtp::{EnhancedStatusCode, Reply, ReplyClass};

use super::meaning::{Basis, ClassRule, SUSPENSION, THROTTLE_MAX, usual_disposition};
use super::rule::{Numbers, Rule, Words};
use super::words::Hits;
use super::{Opening, RuleBook};
use crate::fold::fold;
use crate::provider::{ProviderId, ProviderKind};
use crate::stated;
use crate::verdict::{ACCEPTED, Category, Class, Disposition, Scope, Stage, Verdict};

/// The files in which to look for a rule, in this order.
#[derive(Debug)]
struct Chain {
    files: [ProviderId; CHAIN_MAX],
    length: usize,
}

/// The most files that are looked at for one reply.
const CHAIN_MAX: usize = 8;

impl Chain {
    fn add(&mut self, file: ProviderId) {
        if self.length < CHAIN_MAX && !self.files().contains(&file) {
            self.files[self.length] = file;
            self.length += 1;
        }
    }

    fn files(&self) -> &[ProviderId] {
        &self.files[..self.length]
    }
}

impl RuleBook {
    /// What a reply means that was given at `stage` by a server of `provider`, if it is known whose it was.
    pub fn verdict(&'static self, provider: Option<ProviderId>, stage: Stage, reply: &Reply) -> Verdict {
        self.reading(provider, stage, reply).0
    }

    /// As [`RuleBook::verdict`], with whose reply it was, where the text tells.
    pub fn reading(
        &'static self,
        provider: Option<ProviderId>,
        stage: Stage,
        reply: &Reply,
    ) -> (Verdict, Option<ProviderId>) {
        if matches!(reply.class(), ReplyClass::Positive | ReplyClass::Intermediate) {
            return (ACCEPTED, provider);
        }
        let text = fold(reply.lines());
        let hits = self.searcher.search(&text);
        let enhanced = reply.enhanced().or_else(|| enhanced_within(&text));
        let numbers = Numbers {
            stage,
            code: reply.code().get(),
            enhanced,
            words: if text.is_empty() { Words::None } else { Words::Any },
        };
        let chain = self.chain(provider, &hits);
        let rule = self.decide(&chain, numbers, &hits);
        let whose = provider.or_else(|| Some(chain.files()[0]).filter(|first| *first != self.generic));
        let help_url = whose.and_then(|whose| self.help(whose)).map(|help| help.url.as_str());
        (Verdict { help_url, ..self.judge(rule, numbers, &hits, &text) }, whose)
    }

    fn chain(&self, provider: Option<ProviderId>, hits: &Hits) -> Chain {
        let mut chain = Chain { files: [self.generic; CHAIN_MAX], length: 0 };
        let mut next = provider.filter(|provider| *provider != self.generic);
        while let Some(id) = next {
            chain.add(id);
            next = self.provider(id).runs_on;
        }
        // Behind a filter may be anybody.
        let is_open = provider.is_none_or(|provider| self.provider(provider).kind == ProviderKind::Filter);
        for owner in hits.pieces().filter_map(|piece| self.marks[piece as usize]) {
            let may_stand_before_anybody =
                matches!(self.provider(owner).kind, ProviderKind::Filter | ProviderKind::Software);
            if is_open || may_stand_before_anybody {
                chain.add(owner);
            }
        }
        chain.length = chain.length.min(CHAIN_MAX - 1);
        chain.add(self.generic);
        chain
    }

    /// The first rule that applies.
    fn decide(&self, chain: &Chain, numbers: Numbers, hits: &Hits) -> &Rule {
        // A rule's rank: the place of its file in the chain, then its own place.
        let mut best = (usize::MAX, usize::MAX);
        let last = chain.files().len() - 1;
        for opening in hits.distinct().flat_map(|piece| &self.openings[piece as usize]) {
            let Some(place) = chain.files().iter().position(|file| *file == opening.owner) else { continue };
            if (place, opening.rule) < best && self.opens(opening, numbers, hits) {
                best = (place, opening.rule);
            }
        }
        // Those for everybody come last in every chain, and are many: only where nothing better was found.
        if best.0 > last {
            for openings in hits.distinct().map(|piece| &self.generic_openings[piece as usize]) {
                let better = openings.iter().take_while(|opening| (last, opening.rule) < best);
                if let Some(opening) = better.into_iter().find(|opening| self.opens(opening, numbers, hits)) {
                    best = (last, opening.rule);
                }
            }
        }
        for (place, file) in chain.files().iter().enumerate().take_while(|(place, _)| *place <= best.0) {
            let wordless = self.shelves[file.index()].wordless.iter();
            let found = wordless
                .take_while(|rule| (place, **rule) < best)
                .find(|rule| self.rules[**rule].admits(numbers, hits));
            if let Some(rule) = found {
                best = (place, *rule);
                break;
            }
        }
        self.rules.get(best.1).expect("the last rule for everybody has no conditions")
    }

    /// Whether the rule applies by this phrase.
    fn opens(&self, opening: &Opening, numbers: Numbers, hits: &Hits) -> bool {
        let rule = &self.rules[opening.rule];
        hits.contain(&rule.says[opening.phrase]) && rule.admits(numbers, hits)
    }

    /// What a rule makes of a reply.
    fn judge(&'static self, rule: &'static Rule, numbers: Numbers, hits: &Hits, text: &[u8]) -> Verdict {
        let Numbers { stage, code, enhanced, .. } = numbers;
        let class = match rule.class {
            ClassRule::Always(class) => class,
            ClassRule::AsCode => class_of(code, enhanced),
        };
        let (category, scope) = seen_at(stage, rule.category, rule.scope);
        let disposition = self.disposition(rule, numbers, (category, scope), class, text);
        let wait = self.wait(rule, disposition, class, hits, text);
        let limit = match category {
            Category::ConnectionLimited | Category::TooManyRecipients => {
                stated::limit(&String::from_utf8_lossy(text))
            }
            _ => None,
        };
        Verdict {
            class,
            category,
            scope,
            disposition: match (disposition, wait) {
                (Disposition::Retry, Some(_)) => Disposition::RetryLater,
                _ => disposition,
            },
            wait,
            limit,
            rule: &rule.id,
            reason: &rule.reason,
            help_url: None,
        }
    }

    fn disposition(
        &self,
        rule: &Rule,
        numbers: Numbers,
        (category, scope): (Category, Scope),
        class: Class,
        text: &[u8],
    ) -> Disposition {
        let Numbers { stage, code, .. } = numbers;
        let basis = if rule.says.is_empty() { Basis::Numbers } else { Basis::Words };
        let disposition =
            rule.disposition.unwrap_or_else(|| usual_disposition((category, scope), class, code, basis));
        let about_one = matches!(scope, Scope::Address | Scope::Recipient);
        match disposition {
            // RFC 5321 3.8: with 421 the server closes the connection; what it dislikes is not the recipient.
            Disposition::Retry if code == 421 && stage >= Stage::Mail && !about_one => Disposition::Throttle,
            // In words that nobody here can read there may be anything: an address is not given up for its number alone.
            Disposition::Suppress if basis == Basis::Numbers && !text.is_ascii() => Disposition::Retry,
            _ => disposition,
        }
    }

    /// How long to wait: as the text states it, or as the rule knows it.
    fn wait(
        &self,
        rule: &Rule,
        disposition: Disposition,
        class: Class,
        hits: &Hits,
        text: &[u8],
    ) -> Option<Duration> {
        let stated = || {
            let states_time = self.time_words.iter().any(|word| hits.contain(word));
            if states_time { stated::wait(&String::from_utf8_lossy(text)) } else { None }
        };
        match disposition {
            Disposition::Suspend => stated().or(rule.wait).or(Some(SUSPENSION)),
            Disposition::Throttle => stated().map(|stated| stated.min(THROTTLE_MAX)).or(rule.wait),
            Disposition::RetryLater => stated().or(rule.wait),
            Disposition::Retry if class == Class::Soft => stated().or(rule.wait),
            _ => None,
        }
    }
}

/// The class that the codes claim. Where the enhanced code contradicts the basic one, the milder counts: a later attempt
/// costs little, a lost contact much.
fn class_of(code: u16, enhanced: Option<EnhancedStatusCode>) -> Class {
    let is_permanent = code >= 500 && enhanced.is_none_or(|code| code.class() == 5);
    if is_permanent { Class::Hard } else { Class::Soft }
}

/// Before RCPT no recipient is known: an answer in the words of a mailbox is about the sender's.
const fn seen_at(stage: Stage, category: Category, scope: Scope) -> (Category, Scope) {
    let early = matches!(stage, Stage::Dns | Stage::Connect | Stage::Greeting | Stage::Ehlo | Stage::Mail);
    match (early, scope, category) {
        (
            true,
            Scope::Address | Scope::Recipient,
            Category::UnknownUser | Category::MailboxDisabled | Category::MailboxFull,
        ) => (Category::Other, Scope::Source),
        (true, Scope::Address | Scope::Recipient, _) => (category, Scope::Source),
        _ => (category, scope),
    }
}

/// The enhanced code that stands somewhere in a folded text, as `(#5.7.1)` or behind a token; not part of a longer number.
fn enhanced_within(text: &[u8]) -> Option<EnhancedStatusCode> {
    let mut from = 0;
    while let Some(found) = text[from..].windows(2).position(|pair| matches!(pair, b"4." | b"5.")) {
        let start = from + found;
        from = start + 2;
        let is_inside =
            start > 0 && (text[start - 1].is_ascii_alphanumeric() || b".-_/=".contains(&text[start - 1]));
        let end =
            start + text[start..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let number = text[start..end].strip_suffix(b".").unwrap_or(&text[start..end]);
        let goes_on = text.get(end).is_some_and(u8::is_ascii_alphanumeric);
        let code = std::str::from_utf8(number).ok().and_then(EnhancedStatusCode::parse);
        if let Some(code) = code.filter(|code| code.subject() <= 7 && !is_inside && !goes_on) {
            return Some(code);
        }
    }
    None
}
