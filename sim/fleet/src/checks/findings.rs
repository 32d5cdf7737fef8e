//! What was looked at, and what came of it: one word for each check, all of them in one number.
//!
//! A number, because every row of the receipts has one, and most runs look at nothing.

/// Something that a provider can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Whether the client's address may send for the return path's domain (RFC 7208).
    Spf,
    /// Whether a signature verifies (RFC 6376).
    Dkim,
    /// Whether SPF or DKIM passes.
    SpfOrDkim,
    /// Whether the author's domain vouches for the message by its own policy (RFC 7489).
    Dmarc,
    /// Whether the author's domain has such a policy.
    DmarcRecord,
    /// Whether the author's domain is the one that SPF or DKIM vouch for.
    Alignment,
    /// Whether the client's address has a name, and the name this address.
    Fcrdns,
    /// Whether the name in EHLO is one, and has an address.
    EhloName,
    /// Whether the message came inside TLS.
    Tls,
    /// Whether its recipient can leave with one click (RFC 8058).
    OneClick,
    /// Whether it has the form of a message (RFC 5322).
    MessageFormat,
    /// Whether it says, links or carries something unwanted.
    Content,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// There is nothing to look at: no record, no signature.
    None,
}

/// What came of each look. The default is that nobody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Findings(u32);

impl Check {
    /// All of them, in the order of the reference.
    pub const ALL: [Self; 12] = [
        Self::Spf,
        Self::Dkim,
        Self::SpfOrDkim,
        Self::Dmarc,
        Self::DmarcRecord,
        Self::Alignment,
        Self::Fcrdns,
        Self::EhloName,
        Self::Tls,
        Self::OneClick,
        Self::MessageFormat,
        Self::Content,
    ];

    /// How scenarios and records write it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::SpfOrDkim => "spf_or_dkim",
            Self::Dmarc => "dmarc",
            Self::DmarcRecord => "dmarc_record",
            Self::Alignment => "alignment",
            Self::Fcrdns => "fcrdns",
            Self::EhloName => "ehlo_name",
            Self::Tls => "tls",
            Self::OneClick => "one_click",
            Self::MessageFormat => "message_format",
            Self::Content => "content",
        }
    }
}

impl Finding {
    /// How records write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::None => "none",
        }
    }

    /// [`Self::Pass`] or [`Self::Fail`].
    pub(crate) const fn of(passes: bool) -> Self {
        if passes { Self::Pass } else { Self::Fail }
    }
}

impl Findings {
    /// What came of this look; `None` if nobody looked.
    pub const fn get(self, check: Check) -> Option<Finding> {
        match self.0 >> (2 * check as u32) & 3 {
            1 => Some(Finding::Pass),
            2 => Some(Finding::Fail),
            3 => Some(Finding::None),
            _ => None,
        }
    }

    /// Whether nobody looked at anything.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All that was looked at, in the order of [`Check::ALL`].
    pub fn iter(self) -> impl Iterator<Item = (Check, Finding)> {
        Check::ALL.into_iter().filter_map(move |check| Some((check, self.get(check)?)))
    }

    /// The same, and what came of one more look.
    #[must_use]
    pub(crate) const fn with(self, check: Check, finding: Finding) -> Self {
        let shift = 2 * check as u32;
        let code = match finding {
            Finding::Pass => 1,
            Finding::Fail => 2,
            Finding::None => 3,
        };
        Self(self.0 & !(3 << shift) | code << shift)
    }

    /// What either of the two says; `other` goes before.
    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        other.iter().fold(self, |all, (check, finding)| all.with(check, finding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_a_place_of_its_own() {
        let words = [Finding::Pass, Finding::Fail, Finding::None];
        let all = Check::ALL.into_iter().zip(words.into_iter().cycle());
        let findings =
            all.clone().fold(Findings::default(), |all, (check, finding)| all.with(check, finding));
        assert!(findings.iter().eq(all));
        assert!(Findings::default().is_empty() && Findings::default().iter().next().is_none());
        let changed = findings.with(Check::Dkim, Finding::Pass);
        assert_eq!(changed.get(Check::Dkim), Some(Finding::Pass));
        assert_eq!(Findings::default().or(changed), changed);
    }
}
