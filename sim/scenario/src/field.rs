//! Keys inside what can be written, and short ways to tell of them: `required(name, kind, about)`.

/// A key inside a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The key (`wait`).
    pub name: &'static str,
    /// What is written after it (`duration`); shown in angle brackets where it is missing.
    pub kind: &'static str,
    /// What it means, with units and range.
    pub about: &'static str,
    /// What holds when it is not written; `None` if that does not matter or depends on other keys.
    pub default: Option<&'static str>,
    /// Whether it must be written.
    pub required: bool,
}

/// A field that must be written.
pub const fn required(name: &'static str, kind: &'static str, about: &'static str) -> Field {
    Field { name, kind, about, default: None, required: true }
}

/// A field that may be left out, which means nothing or depends on other keys.
pub const fn optional(name: &'static str, kind: &'static str, about: &'static str) -> Field {
    Field { name, kind, about, default: None, required: false }
}

/// A field that may be left out, and what holds then.
pub const fn with_default(
    name: &'static str,
    kind: &'static str,
    about: &'static str,
    default: &'static str,
) -> Field {
    Field { name, kind, about, default: Some(default), required: false }
}
