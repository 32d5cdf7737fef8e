//! What is known about each recipient: the names of the fields of a mailing, and the values of one recipient.
//!
//! A file of its own, because fields come from whoever keeps contacts; the template only refers to them.

use std::fmt;

/// Most octets of a field's value.
// No RFC sets a bound. A paragraph has about 500; ten times that is not a field any more.
pub const VALUE_BYTES: usize = 8 * 1024;

/// Most octets of a field's name.
pub const NAME_BYTES: usize = 64;

/// Fields that every recipient has without being given them. A mailing cannot have fields of these names.
pub const BUILT_IN: [&str; 4] = ["address", "recipient", "token", "unsubscribe"];

/// The names of a mailing's fields, each once, in the order in which values are given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldNames(Vec<Box<str>>);

impl FieldNames {
    /// The names, if each is one: ASCII letters, digits, `_` and `-`, at most [`NAME_BYTES`], no name twice, none built in.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, FieldError> {
        let mut known: Vec<Box<str>> = Vec::new();
        for name in names {
            if !is_name(name) {
                return Err(FieldError::Name(name.to_owned()));
            }
            if BUILT_IN.contains(&name) {
                return Err(FieldError::BuiltIn(name.to_owned()));
            }
            if known.iter().any(|known| **known == *name) {
                return Err(FieldError::Twice(name.to_owned()));
            }
            known.push(name.into());
        }
        Ok(Self(known))
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &**name)
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|known| **known == *name)
    }

    pub(crate) fn name(&self, at: usize) -> &str {
        &self.0[at]
    }
}

/// The values of one recipient, in the order of the mailing's [`FieldNames`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Box<[Box<str>]>);

impl Fields {
    /// The values; an empty one counts as unknown, and so do those at the end that are left out.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Result<Self, FieldError> {
        let boxed = |value: &str| match value.len() {
            0..=VALUE_BYTES => Ok(value.into()),
            bytes => Err(FieldError::ValueTooLong { bytes }),
        };
        values.into_iter().map(boxed).collect::<Result<_, _>>().map(Self)
    }

    /// A value; `None` if it is not known.
    pub(crate) fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at).map(|value| &**value).filter(|value| !value.is_empty())
    }
}

/// Why something is no field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldError {
    /// A name has a character other than ASCII letters, digits, `_` and `-`, or is empty, or too long.
    Name(String),
    /// Every recipient has a field of that name already.
    BuiltIn(String),
    /// A name stands there twice.
    Twice(String),
    /// A value has more octets than [`VALUE_BYTES`].
    ValueTooLong {
        /// Octets that it has.
        bytes: usize,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => {
                write!(f, "`{}` is no field name: letters, digits, `_` and `-`", name.escape_debug())
            }
            Self::BuiltIn(name) => write!(f, "every recipient has a field `{name}` already"),
            Self::Twice(name) => write!(f, "the field `{name}` is there twice"),
            Self::ValueTooLong { bytes } => {
                write!(f, "the value has {bytes} octets, and may have {VALUE_BYTES}")
            }
        }
    }
}

impl std::error::Error for FieldError {}

/// Whether `text` can be the name of a field.
pub(crate) fn is_name(text: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=NAME_BYTES).contains(&text.len()) && text.bytes().all(valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_and_stand_there_once() {
        let check = |names: &[&str], expected: Result<(), FieldError>| {
            assert_eq!(FieldNames::new(names.iter().copied()).map(|_| ()), expected, "{names:?}");
        };
        check(&["first_name", "Plz-2"], Ok(()));
        check(&["a", "b", "a"], Err(FieldError::Twice("a".to_owned())));
        check(&["address"], Err(FieldError::BuiltIn("address".to_owned())));
        for name in ["", "first name", "n\u{e4}me", "a}}", "a|b", &"x".repeat(65)] {
            check(&[name], Err(FieldError::Name(name.to_owned())));
        }
    }

    #[test]
    fn an_empty_value_is_not_known() {
        let fields = Fields::new(["Ann", ""]).unwrap();
        assert_eq!([fields.get(0), fields.get(1), fields.get(2)], [Some("Ann"), None, None]);
        let long = "x".repeat(VALUE_BYTES + 1);
        assert_eq!(Fields::new([long.as_str()]), Err(FieldError::ValueTooLong { bytes: VALUE_BYTES + 1 }));
    }
}
