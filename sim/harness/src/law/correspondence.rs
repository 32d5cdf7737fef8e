//! Which receipts go with which verdicts: the whole correspondence of the two accounts, as a table.
//!
//! Its own file because it is the part of `two-accounts` that knows the protocol: what a server learns of a recipient, and
//! when. A server has no receipt where it did not learn of the recipient: before RCPT, or where the connection ended
//! during it. Times are not looked at here.

use record::{Answer, Phase};

use super::class::Class;

/// What the receipts must show for an attempt, by the verdict that the engine wrote down for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Decided before a recipient was named: DNS, connection, greeting or EHLO.
    NoReceipt,
    /// 2xx at the end of data.
    Accepted,
    /// Another reply.
    Refused { phase: Phase, code: u16 },
    /// No reply, and the final dot was not sent.
    Lost { phase: Phase },
    /// No reply after the final dot.
    Uncertain,
    /// The ledger does not say: the attempt never ended, or its verdict is unknown. Other laws report that.
    Anything,
}

impl Wanted {
    /// What an attempt with this class and verdict leaves behind.
    pub(super) const fn of(class: Option<Class>, phase: Phase, code: Option<u16>) -> Self {
        match (class, phase, code) {
            (None, _, _) => Self::Anything,
            (Some(Class::Uncertain), _, _) => Self::Uncertain,
            (_, Phase::Dns | Phase::Connect | Phase::Greeting | Phase::Ehlo, _) => Self::NoReceipt,
            (Some(Class::Delivered), _, _) => Self::Accepted,
            (_, phase, Some(code)) => Self::Refused { phase, code },
            (_, phase, None) => Self::Lost { phase },
        }
    }

    /// Whether the server's account may show `answer`.
    pub(super) fn allows(self, answer: Answer) -> bool {
        match self {
            Self::NoReceipt => false,
            Self::Accepted => matches!(answer, Answer::Accepted { .. }),
            Self::Refused { phase, code } => {
                // RFC 5321 3.8: a server that closes says 421 once; it holds for every recipient still undecided.
                let swept_along = code == 421 && answer == Answer::Unfinished;
                // A client that has sent the whole message takes a refusal in the middle of it for one after it.
                let in_the_middle =
                    phase == Phase::EndOfData && answer == Answer::Refused { phase: Phase::Body, code };
                answer == Answer::Refused { phase, code } || swept_along || in_the_middle
            }
            Self::Lost { .. } => answer == Answer::Unfinished,
            Self::Uncertain => matches!(answer, Answer::AcceptedReplyLost { .. } | Answer::Unfinished),
            Self::Anything => true,
        }
    }

    /// Whether the engine may not have heard of `answer`, if the connection ended before the reply came: what the server
    /// refused then looks lost, or uncertain. (An acceptance that was not heard is a receipt of its own.)
    pub(super) fn may_miss(self, answer: Answer) -> bool {
        let Answer::Refused { phase: refused, .. } = answer else { return false };
        match self {
            Self::Lost { phase } => phase <= refused,
            Self::Uncertain => matches!(refused, Phase::Body | Phase::EndOfData),
            Self::NoReceipt | Self::Accepted | Self::Refused { .. } | Self::Anything => false,
        }
    }

    /// Whether the server may not have learnt of the recipient: before RCPT, or when the connection ended during it.
    pub(super) const fn may_lack(self) -> bool {
        match self {
            Self::NoReceipt | Self::Anything => true,
            Self::Refused { phase: Phase::Rcpt, code } => code == 421,
            Self::Refused { phase, .. } => matches!(phase, Phase::Mail),
            Self::Lost { phase } => matches!(phase, Phase::Mail | Phase::Rcpt),
            Self::Accepted | Self::Uncertain => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::sample;

    const ACCEPTED: Answer = Answer::Accepted { body_hash: 0, body_bytes: 0 };
    const REPLY_LOST: Answer = Answer::AcceptedReplyLost { body_hash: 0, body_bytes: 0 };

    /// Every kind of attempt against every kind of receipt; in brackets, those that need the connection to have ended.
    #[test]
    fn the_whole_correspondence() {
        let refused = |phase, code| Wanted::Refused { phase, code };
        let lost = |phase| Wanted::Lost { phase };
        let check = |wanted: Wanted, expected: &str| {
            let receipts = [
                ("accepted", ACCEPTED),
                ("reply-lost", REPLY_LOST),
                ("rcpt-550", Answer::Refused { phase: Phase::Rcpt, code: 550 }),
                ("rcpt-421", Answer::Refused { phase: Phase::Rcpt, code: 421 }),
                ("dot-550", Answer::Refused { phase: Phase::EndOfData, code: 550 }),
                ("unfinished", Answer::Unfinished),
            ];
            let mut goes_with = Vec::new();
            for (name, answer) in receipts {
                if wanted.allows(answer) {
                    goes_with.push(name.to_owned());
                } else if wanted.may_miss(answer) {
                    goes_with.push(format!("({name})"));
                }
            }
            goes_with.extend(wanted.may_lack().then(|| "none".to_owned()));
            assert_eq!(goes_with.join(" "), expected, "{wanted:?}");
        };
        check(Wanted::Accepted, "accepted");
        check(refused(Phase::Rcpt, 550), "rcpt-550");
        check(refused(Phase::Rcpt, 421), "rcpt-421 unfinished none");
        check(refused(Phase::EndOfData, 550), "dot-550");
        check(refused(Phase::EndOfData, 421), "unfinished");
        check(refused(Phase::Mail, 550), "none");
        check(lost(Phase::Mail), "(rcpt-550) (rcpt-421) (dot-550) unfinished none");
        check(lost(Phase::Rcpt), "(rcpt-550) (rcpt-421) (dot-550) unfinished none");
        check(lost(Phase::Data), "(dot-550) unfinished");
        check(lost(Phase::Body), "(dot-550) unfinished");
        check(Wanted::Uncertain, "reply-lost (dot-550) unfinished");
        check(Wanted::NoReceipt, "none");
        check(Wanted::Anything, "accepted reply-lost rcpt-550 rcpt-421 dot-550 unfinished none");
    }

    #[test]
    fn verdicts_say_what_is_wanted() {
        let record = sample::lawful();
        let wanted = |verdict: u32| {
            let row = &record.verdicts[verdict as usize];
            Wanted::of(Class::of(row), row.phase, row.code)
        };
        assert_eq!(wanted(sample::DELIVERED), Wanted::Accepted);
        assert_eq!(wanted(sample::GREYLISTED), Wanted::Refused { phase: Phase::Rcpt, code: 451 });
        assert_eq!(wanted(sample::THROTTLED), Wanted::Refused { phase: Phase::Rcpt, code: 421 });
        assert_eq!(wanted(sample::UNREACHABLE), Wanted::NoReceipt);
        assert_eq!(wanted(sample::LOST), Wanted::Lost { phase: Phase::Body });
        assert_eq!(wanted(sample::UNCERTAIN), Wanted::Uncertain);
    }
}
