//! How a moment is written beside its nanoseconds, so that a file and a report can be read without arithmetic.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::Nanos;

/// A moment as `hh:mm:ss.mmm` since the epoch, rounded down; hours grow beyond two digits (`366:00:00.000`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Clock(pub Nanos);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0 / 1_000_000;
        let (seconds, millis) = (millis / 1000, millis % 1000);
        write!(f, "{:02}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Clock {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Clock".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{2,}:[0-5][0-9]:[0-5][0-9][.][0-9]{3}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_has_fixed_columns() {
        let check = |nanos, text: &str| assert_eq!(Clock(nanos).to_string(), text);
        check(0, "00:00:00.000");
        check(132_999_999, "00:00:00.132");
        check((29 * 3600 + 30 * 60) * 1_000_000_000 + 50_000_000, "29:30:00.050");
        check(366 * 3_600_000_000_000, "366:00:00.000");
    }
}
