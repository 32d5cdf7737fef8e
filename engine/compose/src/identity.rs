//! What makes a message the same message when it is made again: its Message-ID and the boundary of its parts.
//!
//! Both are functions of seed, mailing and recipient. A message that is sent again after an uncertain outcome has the same
//! Message-ID, so that its reader's provider can tell (RFC 5322 3.6.4).

use smtp::Domain;
use units::Draw;

/// Which mailing a message belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Tells mailings of the same name apart; whoever starts the same mailing again uses another one.
    pub seed: u64,
    /// The number of the mailing.
    pub mailing: u32,
    /// The domain of Message-IDs.
    pub domain: Domain,
}

impl Identity {
    /// The Message-ID of a recipient's message, without its angle brackets.
    pub fn message_id(&self, recipient: u32) -> String {
        let unique = self.draw("message id", recipient).number();
        format!("{}.{recipient}.{unique:016x}@{}", self.mailing, self.domain)
    }

    /// A boundary that stands in none of `parts` (RFC 2046 5.1.1). Encoded parts never have an `=_`.
    pub(crate) fn boundary(&self, recipient: u32, parts: [&str; 2]) -> String {
        let draw = self.draw("boundary", recipient);
        let boundary = |attempt: u64| format!("=_{:016x}", draw.with(attempt).number());
        let unused = |boundary: &String| parts.iter().all(|part| !part.contains(boundary.as_str()));
        (0..).map(boundary).find(unused).expect("a text holds fewer boundaries than there are")
    }

    fn draw(&self, what: &str, recipient: u32) -> Draw {
        Draw::new(self.seed, what).with(u64::from(self.mailing)).with(u64::from(recipient))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_made_again_is_the_same_message() {
        let identity =
            |seed, mailing| Identity { seed, mailing, domain: Domain::parse("n.example").unwrap() };
        let id = identity(7, 1).message_id(3);
        assert_eq!(id, identity(7, 1).message_id(3));
        assert!(id.starts_with("1.3.") && id.ends_with("@n.example"), "{id}");
        for other in
            [identity(8, 1).message_id(3), identity(7, 2).message_id(3), identity(7, 1).message_id(4)]
        {
            assert_ne!(id, other);
        }
    }

    #[test]
    fn a_boundary_is_in_none_of_the_parts() {
        let identity = Identity { seed: 7, mailing: 1, domain: Domain::parse("n.example").unwrap() };
        let first = identity.boundary(3, ["", ""]);
        let second = identity.boundary(3, [&first, ""]);
        let third = identity.boundary(3, [&second, &first]);
        assert!(first != second && second != third && first != third);
        assert_eq!(first, identity.boundary(3, ["a", "b"]));
    }
}
