//! Whether text may go beyond ASCII.
//!
//! A file of its own because addresses are read by it, a client declares it, and reports ask for it.
//!
//! RFC 6531 (SMTPUTF8).

/// Which characters there may be in addresses, and in the headers of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// ASCII only.
    #[default]
    Ascii,
    /// All of Unicode, as UTF-8: what `SMTPUTF8` declares.
    Utf8,
}

impl Charset {
    /// Whether `text` keeps to it.
    pub(crate) const fn allows(self, text: &str) -> bool {
        match self {
            Self::Ascii => text.is_ascii(),
            Self::Utf8 => true,
        }
    }
}
