//! The table of contact statuses, as the law has it. Written down here once more, not taken from the engine, because it
//! judges the engine; the whole of it stands in the test.

use std::fmt;

use record::{Status, StatusCause};

/// The status of a contact, with what can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) status: Status,
    pub(super) strikes: u8,
}

/// The consecutive soft bounce that leads to Error (product rule: the third).
pub(super) const STRIKES_TO_ERROR: u8 = 3;

/// The table. Every line of it changes something, but for a refused re-activation.
pub(super) fn follows_table(before: Standing, cause: StatusCause, after: Standing) -> bool {
    use Status::{Active, Error, OptOut};
    let third = before.strikes.saturating_add(1) >= STRIKES_TO_ERROR;
    match (before.status, cause) {
        (Active, StatusCause::HardBounce | StatusCause::LateHardBounce) => {
            after.status == Error && keeps_or_clears(before, after)
        }
        (Active, StatusCause::SoftBounce) => {
            let status = if third { Error } else { Active };
            after == Standing { status, strikes: before.strikes.saturating_add(1) }
        }
        // By how much depends on the delivery that is taken back.
        (Active, StatusCause::LateSoftBounce) => {
            let status = if after.strikes >= STRIKES_TO_ERROR { Error } else { Active };
            after.status == status
                && (before.strikes.saturating_add(1)..=STRIKES_TO_ERROR).contains(&after.strikes)
        }
        (Active, StatusCause::Delivered) => {
            before.strikes > 0 && after == Standing { status: Active, strikes: 0 }
        }
        (Active | Error, StatusCause::OptOut | StatusCause::Complaint) => {
            after.status == OptOut && keeps_or_clears(before, after)
        }
        (Error, StatusCause::Reactivated) => after == Standing { status: Active, strikes: 0 },
        (OptOut, StatusCause::ReactivationRefused) => after == before,
        _ => false,
    }
}

/// The table does not say what a bounce or an opt-out does to the count.
const fn keeps_or_clears(before: Standing, after: Standing) -> bool {
    after.strikes == before.strikes || after.strikes == 0
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} with {} strikes", self.status, self.strikes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every status and count before, every cause, every status and count after: what is allowed, written out.
    #[test]
    fn the_whole_table() {
        let mut allowed = Vec::new();
        for before in standings() {
            for cause in CAUSES {
                for after in standings().filter(|after| follows_table(before, cause, *after)) {
                    let Standing { status: from, strikes: had } = before;
                    allowed.push(format!("{from:?} {had} {cause:?} {:?} {}", after.status, after.strikes));
                }
            }
        }
        assert_eq!(allowed.join("\n"), TABLE.trim());
    }

    const CAUSES: [StatusCause; 9] = [
        StatusCause::HardBounce,
        StatusCause::SoftBounce,
        StatusCause::Delivered,
        StatusCause::OptOut,
        StatusCause::Complaint,
        StatusCause::Reactivated,
        StatusCause::ReactivationRefused,
        StatusCause::LateHardBounce,
        StatusCause::LateSoftBounce,
    ];

    fn standings() -> impl Iterator<Item = Standing> {
        [Status::Active, Status::Error, Status::OptOut]
            .into_iter()
            .flat_map(|status| [0, 2, 3].map(|strikes| Standing { status, strikes }))
    }

    const TABLE: &str = "
Active 0 HardBounce Error 0
Active 0 OptOut OptOut 0
Active 0 Complaint OptOut 0
Active 0 LateHardBounce Error 0
Active 0 LateSoftBounce Active 2
Active 0 LateSoftBounce Error 3
Active 2 HardBounce Error 0
Active 2 HardBounce Error 2
Active 2 SoftBounce Error 3
Active 2 Delivered Active 0
Active 2 OptOut OptOut 0
Active 2 OptOut OptOut 2
Active 2 Complaint OptOut 0
Active 2 Complaint OptOut 2
Active 2 LateHardBounce Error 0
Active 2 LateHardBounce Error 2
Active 2 LateSoftBounce Error 3
Active 3 HardBounce Error 0
Active 3 HardBounce Error 3
Active 3 Delivered Active 0
Active 3 OptOut OptOut 0
Active 3 OptOut OptOut 3
Active 3 Complaint OptOut 0
Active 3 Complaint OptOut 3
Active 3 LateHardBounce Error 0
Active 3 LateHardBounce Error 3
Error 0 OptOut OptOut 0
Error 0 Complaint OptOut 0
Error 0 Reactivated Active 0
Error 2 OptOut OptOut 0
Error 2 OptOut OptOut 2
Error 2 Complaint OptOut 0
Error 2 Complaint OptOut 2
Error 2 Reactivated Active 0
Error 3 OptOut OptOut 0
Error 3 OptOut OptOut 3
Error 3 Complaint OptOut 0
Error 3 Complaint OptOut 3
Error 3 Reactivated Active 0
OptOut 0 ReactivationRefused OptOut 0
OptOut 2 ReactivationRefused OptOut 2
OptOut 3 ReactivationRefused OptOut 3
";
}
