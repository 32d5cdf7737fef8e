//! How often a behaviour strikes: `share` of the occasions, the first `times` of them.
//!
//! Separate because several behaviours have these two settings, and must mean the same by them. A share is drawn for each
//! occasion on its own: for a recipient from its address and the number of the occasion, otherwise from the connection
//! and the transaction. It is not exact, unlike the shares of `mailboxes`.

use scenario::field::with_default;
use scenario::{Field, Reader, value};
use units::{Draw, Share, Table};

use super::{Scene, Setting, Stage};

/// `share`, as a field of a definition.
pub(super) const SHARE: Field = with_default(
    "share",
    "share",
    "How many of the occasions it strikes at, 0% to 100%, each drawn on its own from the seed.",
    "100%",
);

/// `times`, as a field of a definition.
pub(super) const TIMES: Field = with_default(
    "times",
    "number",
    "How many times it strikes at most, 1 or more: the first ones.",
    "every time",
);

/// Decides at which occasions a behaviour strikes.
#[derive(Debug)]
pub(super) struct Chance {
    share: Share,
    strikes_left: u64,
    draw: Draw,
    /// How many occasions each recipient had.
    occasions: Table<u32, u64>,
}

impl Chance {
    /// Reads the two settings.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let share = reader.optional("share", value::share).unwrap_or(Share::ALL);
        let times = reader.optional("times", value::number(1..=u64::MAX)).unwrap_or(u64::MAX);
        Self { share, strikes_left: times, draw: Draw::new(0, ""), occasions: Table::default() }
    }

    /// Told where the behaviour is put.
    pub(super) fn prepare(&mut self, setting: &Setting<'_>) {
        self.draw = setting.draw.with(setting.rule);
    }

    /// Whether it strikes at this occasion. Asking is an occasion: ask once.
    pub(super) fn strikes(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> bool {
        let strikes = self.strikes_left > 0 && (self.share == Share::ALL || self.is_drawn(stage, scene));
        self.strikes_left -= u64::from(strikes);
        strikes
    }

    fn is_drawn(&mut self, stage: &Stage<'_>, scene: &Scene<'_>) -> bool {
        let connection = self.draw.with(u64::from(scene.visit.connection));
        let draw = match stage {
            Stage::Connect
            | Stage::Greeting
            | Stage::Hello
            | Stage::StartTls
            | Stage::TlsHandshake
            | Stage::Auth
            | Stage::Quit => connection,
            Stage::Mail
            | Stage::Data
            | Stage::Bdat
            | Stage::Body { .. }
            | Stage::EndOfData { .. }
            | Stage::Rset
            | Stage::Noop
            | Stage::Vrfy
            | Stage::Idle => connection.with(u64::from(scene.visit.transaction)),
            Stage::Rcpt { recipient } => {
                let occasion = self.occasions.entry(*recipient).or_default();
                *occasion += 1;
                self.draw.with_text(scene.roster.name(*recipient)).with(*occasion)
            }
        };
        draw.below(u64::from(Share::ALL.millionths())) < u64::from(self.share.millionths())
    }
}
