//! Rules, and spans under a condition, that never had anything to say: most likely the condition never held, or a rule before
//! them decided.
//!
//! What is in force without a condition is left out: that a greylist met nobody is no surprise, and some spans are traps.

use record::{Record, Rule, RulePlace};
use schemars::JsonSchema;
use serde::Serialize;

/// A rule, or a span under a condition, that never had anything to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct IdleRule {
    /// Its line in the scenario, from 1.
    pub(crate) line: u32,
    /// What its author calls it, or its id in the fleet.
    pub(crate) name: String,
    /// Whether it is a rule of a provider or stands in a span.
    pub(crate) place: RulePlace,
}

/// Those of a run, in the order of the file. Of a span or a rule with several behaviours each is one.
pub(crate) fn of(record: &Record) -> Vec<IdleRule> {
    let is_idle = |rule: &&Rule| {
        rule.fired == 0
            && match rule.place {
                RulePlace::Rule | RulePlace::ConditionalSpan => true,
                RulePlace::Span | RulePlace::Provider | RulePlace::Habit => false,
            }
    };
    let rules = record.providers.iter().flat_map(|provider| &provider.rules);
    let mut idle: Vec<IdleRule> = rules.filter(is_idle).map(idle_rule).collect();
    idle.sort_by_key(|rule| rule.line);
    idle
}

fn idle_rule(rule: &Rule) -> IdleRule {
    let name = match &rule.name {
        Some(name) => format!("{name} ({})", rule.id),
        None => rule.id.clone(),
    };
    IdleRule { line: rule.line, name, place: rule.place }
}
