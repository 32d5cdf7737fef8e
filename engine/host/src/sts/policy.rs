//! What a domain publishes about its mail exchangers: the record that announces a policy, and the policy itself.
//!
//! Pure: any text gives a policy or nothing. RFC 8461 3.1 (the TXT record), 3.2 (the policy), 4.1 (which hosts it admits).

use std::time::Duration;

use smtp::Domain;

/// Longest time that a policy is kept.
// RFC 8461 3.2: max_age: maximum value of 31557600
const MAX_AGE: Duration = Duration::from_secs(31_557_600);

/// Most patterns of one policy; a policy with more is none. Nobody has more than twenty.
const PATTERNS: usize = 256;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StsPolicy {
    /// What is to be done about hosts that do not comply.
    pub mode: Mode,
    /// How long it may be kept.
    pub max_age: Duration,
    admitted: Vec<Pattern>,
}

/// What is to be done about hosts that do not comply with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// No mail goes to them.
    Enforce,
    /// They are to be reported; mail goes to them all the same.
    Testing,
    /// Nothing: the domain has no policy any more.
    None,
}

/// Names of hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exactly(Domain),
    /// Any one label, and then this.
    Below(Domain),
}

impl StsPolicy {
    /// Reads a policy; none if it is not one, or one of another version. Keys that are not known are left out.
    pub fn parse(text: &str) -> Option<Self> {
        let fields = || {
            text.lines()
                .filter_map(|line| line.split_once(':'))
                .map(|(key, value)| (key.trim(), value.trim()))
        };
        // RFC 8461 3.2: of a field that occurs twice the first counts, but for `mx`
        let first = |wanted: &str| fields().find(|(key, _)| *key == wanted).map(|(_, value)| value);
        if first("version")? != "STSv1" {
            return None;
        }
        let mode = Mode::parse(first("mode")?)?;
        let max_age = Duration::from_secs(seconds(first("max_age")?)?).min(MAX_AGE);
        let patterns = fields().filter(|(key, _)| *key == "mx").take(PATTERNS + 1);
        let admitted: Vec<Pattern> =
            patterns.map(|(_, value)| Pattern::parse(value)).collect::<Option<_>>()?;
        // RFC 8461 3.2: at least one, unless the mode is `none`
        let is_whole = mode == Mode::None || !admitted.is_empty();
        (is_whole && admitted.len() <= PATTERNS).then_some(Self { mode, max_age, admitted })
    }

    /// Whether mail may go to `host`.
    pub fn admits(&self, host: &Domain) -> bool {
        self.admitted.iter().any(|pattern| pattern.matches(host))
    }
}

impl Mode {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "enforce" => Some(Self::Enforce),
            "testing" => Some(Self::Testing),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let below = text.strip_prefix("*.").map(|rest| Domain::parse(rest).map(Self::Below));
        below.unwrap_or_else(|| Domain::parse(text).map(Self::Exactly)).ok()
    }

    // RFC 8461 4.1: a wildcard stands for the leftmost label, and for one only
    fn matches(&self, host: &Domain) -> bool {
        match self {
            Self::Exactly(name) => name == host,
            Self::Below(name) => host.as_str().split_once('.').is_some_and(|(_, rest)| rest == name.as_str()),
        }
    }
}

/// The id of the policy that these records announce; none if there is no policy.
pub(super) fn announced(records: &[String]) -> Option<&str> {
    // RFC 8461 3.1: records that do not begin so are left out; unless there is one then, there is no policy
    let mut ours =
        records.iter().filter(|record| record.split(';').next().is_some_and(|v| v.trim_end() == "v=STSv1"));
    let record = ours.next().filter(|_| ours.next().is_none())?;
    let id = record.split(';').filter_map(|field| field.trim().strip_prefix("id=")).next()?;
    let is_an_id = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_an_id.then_some(id)
}

/// At most ten digits.
fn seconds(text: &str) -> Option<u64> {
    let is_a_number = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_a_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = "version: STSv1\nmode: enforce\nmx: mail.a.test\nmx: *.b.test\nmax_age: 604800\n";

    fn domain(name: &str) -> Domain {
        Domain::parse(name).expect("a domain")
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let policy = StsPolicy::parse(WHOLE).expect("a policy");
        for (host, admitted) in [
            ("mail.a.test", true),
            ("x.mail.a.test", false),
            ("a.test", false),
            ("x.b.test", true),
            ("y.x.b.test", false),
            ("b.test", false),
            ("xb.test", false),
        ] {
            assert_eq!(policy.admits(&domain(host)), admitted, "{host}");
        }
    }

    #[test]
    fn a_policy_is_whole_or_it_is_none() {
        let read = |change: &str, to: &str| StsPolicy::parse(&WHOLE.replace(change, to));
        assert_eq!(read("\n", "\r\n"), StsPolicy::parse(WHOLE));
        assert_eq!(read("mode", "other: thing\nmode"), StsPolicy::parse(WHOLE));
        assert_eq!(
            read("mode: enforce", "mode: testing\nmode: enforce").map(|policy| policy.mode),
            Some(Mode::Testing)
        );
        assert_eq!(read("604800", "9999999999").map(|policy| policy.max_age), Some(MAX_AGE));
        for (change, to) in [
            ("STSv1", "STSv2"),
            ("version: STSv1\n", ""),
            ("enforce", "Enforce"),
            ("604800", "+1"),
            ("604800", ""),
            ("604800", "99999999999"),
            ("*.b.test", "*b.test"),
            ("*.b.test", "*.*.test"),
            ("max_age: 604800\n", ""),
        ] {
            assert_eq!(read(change, to), None, "{change} -> {to}");
        }
        let nothing = "version: STSv1\nmode: none\nmax_age: 1\n";
        assert_eq!(StsPolicy::parse(nothing).map(|policy| policy.mode), Some(Mode::None));
        assert_eq!(StsPolicy::parse(&nothing.replace("none", "enforce")), None);
        assert_eq!(StsPolicy::parse(&WHOLE.replace("mx: mail", &"mx: x.test\n".repeat(300))), None);
    }

    #[test]
    fn one_record_announces_a_policy() {
        let check = |records: &[&str], id: Option<&str>| {
            let records: Vec<String> = records.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(announced(&records), id, "{records:?}");
        };
        check(&["v=STSv1; id=20160831085700Z;"], Some("20160831085700Z"));
        check(&["v=spf1 -all", "v=STSv1;id=1"], Some("1"));
        check(&["v=STSv1 ; other=x; id=1"], Some("1"));
        check(&["v=STSv1; id=1", "v=STSv1; id=2"], None);
        check(&["v=STSv1; id="], None);
        check(&["v=STSv1; id=a-b"], None);
        check(&["v=STSv10; id=1"], None);
        check(&["id=1; v=STSv1"], None);
        check(&[], None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_policy_or_none(
            text in prop_oneof![
                "\\PC{0,200}",
                "((version|mode|mx|max_age|x)[ :]{0,2}(STSv1|enforce|testing|none|[*]?[.]?[a-z.]{0,9}|[0-9]{0,11})\r?\n){0,9}",
            ],
            records in proptest::collection::vec("(v=STSv1)?[ ;]{0,2}(id=)?\\PC{0,40}", 0..3),
        ) {
            if let Some(policy) = StsPolicy::parse(&text) {
                prop_assert!(policy.max_age <= MAX_AGE);
                prop_assert!(policy.mode == Mode::None || !policy.admitted.is_empty());
                prop_assert!(!policy.admits(&domain("name.that-stands.nowhere.test")));
            }
            prop_assert!(announced(&records).is_none_or(|id| !id.is_empty() && id.len() <= 32));
        }
    }
}
