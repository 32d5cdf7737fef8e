//! What there is to write about: an accepted message, whose server took it, for whom, and when.
//!
//! Its own file because every kind of echo is written about one, and the identifiers in it must differ from echo to echo.

use std::time::Duration;

use mail_builder::headers::date::Date;
use smtp::Address;
use units::{Draw, Instant};

use super::original::Original;
use crate::behaviour::Identity;

/// When [`Instant::ZERO`] was in Unix time: Monday, 5 January 2026, 9:00 UTC, the epoch of every scenario.
const EPOCH_SECONDS: u64 = 1_767_603_600;

/// A message that was accepted for somebody, about whom something is written now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occasion<'a> {
    /// Whose server it was.
    pub(crate) identity: &'a Identity,
    /// Which host.
    pub(crate) host: &'a str,
    /// The return path.
    pub(crate) sender: &'a Address,
    /// The recipient.
    pub(crate) recipient: &'a str,
    /// The message, or its beginning.
    pub(crate) original: Original<'a>,
    /// When it was accepted.
    pub(crate) arrived: Instant,
    /// Draws of this message and recipient.
    pub(crate) draw: Draw,
}

impl Occasion<'_> {
    /// What makes the identifiers of this echo: sixteen hexadecimal digits.
    pub(crate) fn mark(&self, kind: &str) -> String {
        format!("{:016x}", self.draw.with_text("mark").with_text(kind).number())
    }

    /// The domain of the recipient.
    pub(crate) fn domain(&self) -> &str {
        self.recipient.rsplit_once('@').map_or(self.host, |(_, domain)| domain)
    }

    /// The moment that is so long after the message was accepted.
    pub(crate) fn later(&self, after: Duration) -> Instant {
        self.arrived + after
    }
}

/// `Mon, 5 Jan 2026 09:00:00 +0000`: the date of a moment (RFC 5322 3.3).
pub(super) fn date(at: Instant) -> String {
    let seconds = EPOCH_SECONDS.saturating_add(at.since_epoch().as_secs());
    Date::new(i64::try_from(seconds).unwrap_or(i64::MAX)).to_rfc822()
}
