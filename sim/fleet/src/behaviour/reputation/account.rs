//! Keeping account of senders: whom what happens in a connection is put down to.

use units::Instant;

use super::score::Signal;
use super::standing::Standing;
use super::{
    Aftermath, BTreeMap, Decided, Identity, IpAddr, Mailbox, Of, Phase, Received, Refused, Reputation,
    Roster, Scene, Session, Share, Situation, Table, Terms, Wording,
};

impl Reputation {
    pub(super) fn new(of: Vec<Of>, terms: Terms) -> Self {
        Self {
            of,
            terms,
            clients: BTreeMap::new(),
            by_domain: Table::default(),
            domains: Roster::default(),
            signers: Table::default(),
            sessions: BTreeMap::new(),
        }
    }

    /// A connection is open: its client may be blocked, or have used up what it may send.
    pub(super) fn opened(&mut self, scene: &Scene<'_>) {
        self.sessions.insert(scene.visit.connection, Session::default());
        let refused = self.is_blocked(scene).or_else(|| {
            // One who may not send is told so before it can say for whom.
            self.is_full(scene).filter(|refused| refused.from < Phase::Mail)
        });
        self.each(scene.client(), None, |standing, _| standing.tries(scene.now));
        self.sessions.entry(scene.visit.connection).or_default().refused_for = refused;
    }

    /// MAIL was answered, so the transaction before is over.
    pub(super) fn announced(&mut self, scene: &Scene<'_>) {
        self.give_back(scene);
        self.turn_to_domain(None, scene);
        let domain = self.domain_of(scene);
        self.each(scene.client(), domain, |standing, _| standing.tries(scene.now));
    }

    /// A recipient was decided on.
    pub(super) fn named(&mut self, mailbox: Mailbox, decided: Decided, scene: &Scene<'_>) {
        let domain = self.domain_of(scene);
        match decided {
            Decided::Accepted => {
                let session = self.sessions.entry(scene.visit.connection).or_default();
                session.taken += 1;
                session.traps += u64::from(mailbox == Mailbox::Trap);
                self.each(scene.client(), domain, |standing, terms| standing.take(terms, scene.now));
            }
            Decided::Refused { situation: Some(Situation::UnknownMailbox), .. } => {
                self.each(scene.client(), domain, |standing, terms| {
                    standing.failed(Signal::UnknownRecipient, 1, terms, scene.now);
                });
            }
            Decided::Refused { .. } | Decided::Unsaid => {}
        }
    }

    /// A message was decided on.
    pub(super) fn came(&mut self, message: &Received<'_>, decided: Decided, scene: &Scene<'_>) {
        self.turn_to_domain(Some(message), scene);
        let domain = self.domain_of(scene);
        let session = self.sessions.entry(scene.visit.connection).or_default();
        let (taken, traps) = (session.taken, session.traps);
        match decided {
            Decided::Accepted => {
                (session.taken, session.traps) = (0, 0);
                self.each(scene.client(), domain, |standing, terms| {
                    standing.delivered(taken, terms, scene.now);
                    if traps > 0 {
                        standing.say(Signal::Trap, traps, terms, scene.now);
                    }
                });
            }
            Decided::Refused { situation: Some(situation), .. } if is_about_authentication(situation) => {
                self.give_back(scene);
                self.each(scene.client(), domain, |standing, terms| {
                    standing.failed(Signal::AuthFailure, taken, terms, scene.now);
                });
            }
            Decided::Refused { .. } | Decided::Unsaid => self.give_back(scene),
        }
    }

    /// Something became of a message afterwards.
    pub(super) fn hears(&mut self, signal: Signal, aftermath: &Aftermath<'_>, now: Instant) {
        let path = self.domains.enter(aftermath.domain);
        let domain = self.signers.get(&path).copied().unwrap_or(path);
        self.each(aftermath.client, Some(domain), |standing, terms| standing.say(signal, 1, terms, now));
    }

    /// What was taken of a transaction that came to nothing was not taken.
    pub(super) fn give_back(&mut self, scene: &Scene<'_>) {
        let domain = self.domain_of(scene);
        let session = self.sessions.entry(scene.visit.connection).or_default();
        let taken = usize::try_from(std::mem::take(&mut session.taken)).unwrap_or(usize::MAX);
        session.traps = 0;
        if taken > 0 {
            self.each(scene.client(), domain, |standing, _| standing.give_back(taken));
        }
    }

    /// Notes whose score the transaction is about: who signs the message, if it has come, or else who signed the last one
    /// with such a return path.
    pub(super) fn turn_to_domain(&mut self, message: Option<&Received<'_>>, scene: &Scene<'_>) {
        let path = self.domains.enter(scene.sender_domain());
        if let Some(signer) = message.and_then(|message| signing_domain(message.content)) {
            let signer = self.domains.enter(&signer);
            self.signers.insert(path, signer);
        }
        let domain = self.signers.get(&path).copied().unwrap_or(path);
        self.sessions.entry(scene.visit.connection).or_default().domain = Some(domain);
    }

    /// Why a transaction that begins is refused, if it is.
    pub(super) fn refuses(&mut self, scene: &Scene<'_>) -> Option<Refused> {
        self.is_blocked(scene).or_else(|| self.is_full(scene))
    }

    pub(super) fn is_blocked(&mut self, scene: &Scene<'_>) -> Option<Refused> {
        let domain = self.domain_of(scene);
        let mut is_blocked = false;
        self.each(scene.client(), domain, |standing, terms| {
            is_blocked |= standing.is_blocked(terms, scene.now)
        });
        let words = self.terms.block.as_ref().filter(|_| is_blocked)?.words;
        Some(Refused::from_its_phase(words, scene.identity))
    }

    /// Whether the client or the domain has used up what its tier allows.
    pub(super) fn is_full(&mut self, scene: &Scene<'_>) -> Option<Refused> {
        let domain = self.domain_of(scene);
        let mut words = None;
        self.each(scene.client(), domain, |standing, terms| {
            if words.is_none() && standing.is_full(terms, scene.now) {
                words = standing.tier(terms, scene.now).map(|tier| tier.words);
            }
        });
        words.map(|words| Refused::from_its_phase(words, scene.identity))
    }

    /// How much goes to the spam folder: the larger share of client and domain.
    pub(super) fn spam(&self, scene: &Scene<'_>) -> Option<Share> {
        let client = self.clients.get(&scene.client());
        let domain = self.domain_of(scene).and_then(|domain| self.by_domain.get(&domain));
        let standings = [client, domain].into_iter().flatten();
        standings.filter_map(|standing| standing.spam(&self.terms, scene.now)).max()
    }

    fn domain_of(&self, scene: &Scene<'_>) -> Option<u32> {
        self.sessions.get(&scene.visit.connection)?.domain
    }

    /// Does something to the standing of a client, and to that of a domain, if a score is kept of them.
    fn each(&mut self, client: IpAddr, domain: Option<u32>, mut act: impl FnMut(&mut Standing, &Terms)) {
        if self.of.contains(&Of::Client) {
            act(self.clients.entry(client).or_default(), &self.terms);
        }
        if let Some(domain) = domain.filter(|_| self.of.contains(&Of::Domain)) {
            act(self.by_domain.entry(domain).or_default(), &self.terms);
        }
    }
}

impl Refused {
    fn from_its_phase(words: Wording, identity: &Identity) -> Self {
        Self { words, from: words.phase(identity) }
    }
}

const fn is_about_authentication(situation: Situation) -> bool {
    matches!(
        situation,
        Situation::SpfFailed
            | Situation::DkimFailed
            | Situation::Unauthenticated
            | Situation::DmarcFailed
            | Situation::NotAligned
    )
}

/// The domain in the first DKIM signature of a message, lower case; `None` if it has none.
// RFC 6376 3.5 (d=), 3.2 (white space between tags)
fn signing_domain(content: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"dkim-signature:";
    let mut lines = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let is_signature = |line: &&[u8]| {
        line.is_empty() || line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME))
    };
    let first = lines.find(is_signature)?.get(NAME.len()..)?;
    let folded = lines.take_while(|line| line.starts_with(b" ") || line.starts_with(b"\t"));
    let value: Vec<u8> = std::iter::once(first).chain(folded).flatten().copied().collect();
    let tags = value.split(|byte| *byte == b';');
    let domain = tags.map(<[u8]>::trim_ascii).find_map(|tag| {
        let rest = tag.strip_prefix(b"d")?.trim_ascii_start().strip_prefix(b"=")?;
        Some(rest.trim_ascii())
    })?;
    std::str::from_utf8(domain).ok().filter(|domain| !domain.is_empty()).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signature_says_the_domain() {
        let check = |content: &str, expected: Option<&str>| {
            assert_eq!(signing_domain(content.as_bytes()).as_deref(), expected, "{content:?}");
        };
        check("DKIM-Signature: v=1; a=rsa-sha256; d=News.Test; s=a\r\n\r\n", Some("news.test"));
        check(
            "Subject: a\r\ndkim-signature: v=1;\r\n\ta=x; bh=d=;\r\n d = two.test ;\r\nTo: x\r\n\r\n",
            Some("two.test"),
        );
        check("Subject: a\r\n\r\nDKIM-Signature: d=body.test\r\n", None);
        check("DKIM-Signature: v=1; s=a\r\n\r\n", None);
        check("DKIM-Signature: d=\r\n\r\n", None);
        check("", None);
    }
}
