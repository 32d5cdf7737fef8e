//! Hashes in files: 16 hexadecimal digits. As a JSON number a 64-bit hash would lose its last digits in every reader
//! that keeps numbers as floats (JavaScript, older `jq`).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(hash: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{hash:016x}"))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    parse(&Cow::<str>::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// What such a string looks like, for schemas.
pub(crate) struct Digits;

impl JsonSchema for Digits {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Digits".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{16}$" })
    }
}

fn parse(text: &str) -> Result<u64, String> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u64::from_str_radix(text, 16) {
        Ok(hash) if digits => Ok(hash),
        _ => Err(format!("`{text}` is not a hash of 16 hexadecimal digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_sixteen_digits_or_nothing() {
        let check = |text: &str, hash: Option<u64>| assert_eq!(parse(text).ok(), hash, "{text}");
        check("00000000000000ff", Some(255));
        check("ffffffffffffffff", Some(u64::MAX));
        check("ff", None);
        check("+0000000000000ff", None);
        check("00000000000000fg", None);
    }
}
