//! Where bounces of a run go, and back: from the address that something came back to, whom it is about.
//!
//! A return path of one recipient carries a token that only this run's secret makes, so that nobody else can tell us that
//! somebody has bounced. The secret follows from the seed: it is as safe as a simulation needs it.

use compose::{NotOurs, Secret};
use policy::feedback::Stray;
use smtp::Address;

/// The return paths of all mailings of a run whose recipients have one each.
#[derive(Debug, Clone)]
pub(crate) struct ReturnPaths(compose::ReturnPaths);

impl ReturnPaths {
    /// Those of a sender with this domain, in a run with this seed.
    ///
    /// # Panics
    /// `domain` is none that a scenario can have.
    pub(crate) fn new(domain: &str, seed: u64) -> Self {
        let base = Address::parse(&format!("bounces@{domain}")).expect("the domain of a sender");
        Self(compose::ReturnPaths::new(base, secret(seed)).expect("domains of senders are short"))
    }

    /// The return path of a contact in a mailing; both are indices, from 0.
    pub(crate) fn of(&self, mailing: u32, contact: u32) -> Address {
        self.0.of(mailing + 1, contact + 1)
    }

    /// The mailing and the contact that an address is the return path of, in any case that it comes back in; both are indices,
    /// from 0, which may point at nobody.
    ///
    /// # Errors
    /// It is no return path of this run: it looks different, or its token is wrong.
    pub(crate) fn whose(&self, path: &Address) -> Result<(u32, u32), NotOurs> {
        match self.0.read(path)? {
            // People count from one.
            (mailing @ 1.., contact @ 1..) => Ok((mailing - 1, contact - 1)),
            _ => Err(NotOurs::OtherAddress),
        }
    }

    /// How those of a mailing look: `*` stands for what differs.
    pub(crate) fn pattern(&self, mailing: u32) -> String {
        let base = self.0.base();
        format!("{}+{}-*@{}", base.local(), mailing + 1, base.domain())
    }
}

/// Why it is not known whom something that came back is about, as the engine has it.
pub(crate) const fn stray(why: NotOurs) -> Stray {
    match why {
        NotOurs::OtherAddress => Stray::NotOurs,
        NotOurs::Forged { .. } => Stray::Forged,
    }
}

/// The secret behind return paths and links of a run.
pub(crate) fn secret(seed: u64) -> Secret {
    Secret::new(format!("a simulation with seed {seed}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_path_leads_back_to_its_recipient() {
        let paths = ReturnPaths::new("sender.example", 7);
        let path = paths.of(0, 16);
        assert!(path.as_str().starts_with("bounces+1-17-"), "{path}");
        assert_eq!(paths.whose(&path), Ok((0, 16)));
        let loud = Address::parse(&path.as_str().to_uppercase()).expect("an address");
        assert_eq!(paths.whose(&loud), Ok((0, 16)));
        assert_eq!(paths.pattern(0), "bounces+1-*@sender.example");
    }

    #[test]
    fn those_of_another_run_are_none() {
        let path = ReturnPaths::new("sender.example", 7).of(0, 16);
        let forged = Err(NotOurs::Forged { mailing: 1, recipient: 17 });
        assert_eq!(ReturnPaths::new("sender.example", 8).whose(&path), forged);
        assert_eq!(ReturnPaths::new("other.example", 7).whose(&path), Err(NotOurs::OtherAddress));
    }
}
