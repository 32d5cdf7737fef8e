//! A client proves who it is: what it is asked, and what its answers mean.
//!
//! A file of its own because it knows neither the session nor the host: answers in, a question or credentials out.
//!
//! RFC 4954 4 (AUTH), RFC 4616 2 (PLAIN); LOGIN is described in no RFC (draft-murchison-sasl-login).

use crate::Mechanism;

// Base64 of `Username:` and `Password:`, which is what clients look for
const ASK_FOR_USER: &str = "VXNlcm5hbWU6";
const ASK_FOR_PASSWORD: &str = "UGFzc3dvcmQ6";

/// An exchange under way.
#[derive(Debug)]
pub(super) enum Exchange {
    Plain,
    LoginUser,
    LoginPassword { user: String },
}

/// What a client said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) authorization: Option<String>,
    pub(super) user: String,
    pub(super) password: String,
}

/// What an answer led to.
#[derive(Debug)]
pub(super) enum Progress {
    GoesOn(Exchange),
    Complete(Proof),
    /// It makes no sense.
    Malformed,
}

impl Exchange {
    pub(super) const fn new(mechanism: Mechanism) -> Self {
        match mechanism {
            Mechanism::Plain => Self::Plain,
            Mechanism::Login => Self::LoginUser,
        }
    }

    /// What it follows.
    pub(super) const fn mechanism(&self) -> Mechanism {
        match self {
            Self::Plain => Mechanism::Plain,
            Self::LoginUser | Self::LoginPassword { .. } => Mechanism::Login,
        }
    }

    /// What the client is asked now, in base64.
    // RFC 4954 4: a mechanism in which the client speaks first is asked with an empty challenge
    pub(super) const fn challenge(&self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::LoginUser => ASK_FOR_USER,
            Self::LoginPassword { .. } => ASK_FOR_PASSWORD,
        }
    }

    /// Takes the client's answer, decoded.
    pub(super) fn answer(self, response: &[u8]) -> Progress {
        let Ok(text) = std::str::from_utf8(response) else { return Progress::Malformed };
        match self {
            Self::Plain => plain(text).map_or(Progress::Malformed, Progress::Complete),
            Self::LoginUser => Progress::GoesOn(Self::LoginPassword { user: text.to_owned() }),
            Self::LoginPassword { user } => {
                Progress::Complete(Proof { authorization: None, user, password: text.to_owned() })
            }
        }
    }
}

// RFC 4616 2: message = [authzid] UTF8NUL authcid UTF8NUL passwd, without NUL in any of them; only the first may be empty
fn plain(text: &str) -> Option<Proof> {
    let mut parts = text.split('\0');
    let (authorization, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    if user.is_empty() || password.is_empty() || parts.next().is_some() {
        return None;
    }
    let authorization = (!authorization.is_empty()).then(|| authorization.to_owned());
    Some(Proof { authorization, user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(Option<&str>, &str, &str)>) {
        let found = plain(text);
        let found = found
            .as_ref()
            .map(|proof| (proof.authorization.as_deref(), proof.user.as_str(), proof.password.as_str()));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn plain_is_two_or_three_texts() {
        check("\0ann\0secret", Some((None, "ann", "secret")));
        check("bob\0ann\0sé cret", Some((Some("bob"), "ann", "sé cret")));
        for bad in ["", "ann", "\0ann", "\0\0secret", "\0ann\0", "a\0b\0c\0d", "a\0b\0c\0"] {
            check(bad, None);
        }
    }
}
