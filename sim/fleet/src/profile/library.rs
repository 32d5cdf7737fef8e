//! The profiles that come with the program.
//!
//! Embedded as text and read at first use, each on its own, because a run needs two or three of them. A profile of the
//! library that cannot be read is a bug of the program, and ends it with the place in the file.

use std::sync::OnceLock;

use scenario::{Source, Style, render};

use super::{KnownReply, Profile, read_profile};

/// The name of the profile that answers every situation, and that the others fall back to.
pub const GENERIC: &str = "generic-postfix";

/// The texts: name and content of each file, sorted by name.
const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// The profiles that come with the program.
#[derive(Debug)]
pub struct Library {
    shelves: Vec<Shelf>,
}

#[derive(Debug)]
struct Shelf {
    name: &'static str,
    text: &'static str,
    profile: OnceLock<Profile>,
}

/// The library.
pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library {
        shelves: TEXTS.iter().map(|(name, text)| Shelf { name, text, profile: OnceLock::new() }).collect(),
    })
}

impl Library {
    /// The profile of this name.
    pub fn get(&'static self, name: &str) -> Option<&'static Profile> {
        self.shelves.iter().find(|shelf| shelf.name == name).map(|shelf| self.read(shelf))
    }

    /// The profile that answers every situation.
    pub fn generic(&'static self) -> &'static Profile {
        self.get(GENERIC).expect("the generic profile is part of the library")
    }

    /// The names of all profiles, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        self.shelves.iter().map(|shelf| shelf.name).collect()
    }

    /// All profiles, sorted by name.
    pub fn profiles(&'static self) -> impl Iterator<Item = &'static Profile> {
        self.shelves.iter().map(|shelf| self.read(shelf))
    }

    /// The reply with this id, whichever profile it belongs to.
    pub fn reply(&'static self, id: &str) -> Option<&'static KnownReply> {
        self.profiles().find_map(|profile| profile.reply(id))
    }

    fn read(&'static self, shelf: &'static Shelf) -> &'static Profile {
        shelf.profile.get_or_init(|| {
            let fallback = (shelf.name != GENERIC).then(|| self.generic());
            let source = Source::new(format!("{}.yaml", shelf.name), shelf.text);
            read_profile(&source, fallback).unwrap_or_else(|problems| {
                let shown = render(&source, &problems.into_sorted(), Style::Plain);
                panic!("a profile of the library cannot be read:\n{shown}")
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Particulars, Phase, Situation};

    #[test]
    fn the_profiles_are_there() {
        let names = library().names();
        assert!(names.is_sorted() && names.len() >= 80, "{}", names.len());
        for name in [GENERIC, "gmail", "yahoo", "mimecast", "netease163"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(library().get("nobody").is_none());
    }

    #[test]
    fn every_profile_is_whole() {
        for profile in library().profiles() {
            let name = profile.name.as_str();
            assert_eq!(
                library().get(name).map(|found| found.name.as_str()),
                Some(name),
                "name and file differ"
            );
            assert!(
                !profile.extensions_basis.is_empty(),
                "{name} does not say where its extensions are known from"
            );
            for situation in Situation::ALL {
                let reply = profile.answer(situation);
                assert!(situation.phases().contains(&reply.phase), "{name}: {}", reply.id);
            }
            for reply in &profile.replies {
                assert!(!reply.source.is_empty(), "{} has no source", reply.id);
                assert!((400..600).contains(&reply.code), "{} is no refusal", reply.id);
            }
        }
    }

    #[test]
    fn no_id_occurs_twice() {
        let mut seen = BTreeSet::new();
        for profile in library().profiles() {
            for reply in &profile.replies {
                assert!(seen.insert(reply.id.as_str()), "{} occurs twice", reply.id);
            }
        }
        assert_eq!(library().reply("gmail-004").map(|reply| reply.code), Some(452));
    }

    #[test]
    fn known_replies_are_what_the_sources_say() {
        let check = |profile: &str, situation, phase, code, enhanced: Option<&str>, text: &str| {
            let reply = library().get(profile).expect(profile).answer(situation);
            let in_words = reply.in_words(&Particulars::EXAMPLE);
            assert_eq!((reply.phase, in_words.code().get()), (phase, code), "{}", reply.id);
            assert_eq!(in_words.enhanced().map(|code| code.to_string()).as_deref(), enhanced, "{}", reply.id);
            assert_eq!(in_words.text(), text);
        };
        check(
            "yahoo",
            Situation::UnknownMailbox,
            Phase::EndOfData,
            554,
            None,
            "delivery error: dd This user doesn't have a bigbox.test account (ann@bigbox.test) [0] - mx1.bigbox.test",
        );
        check(
            "orange",
            Situation::FullMailbox,
            Phase::Rcpt,
            552,
            Some("5.1.1"),
            "Boite du destinataire pleine. Recipient overquota. OFR_417 [417]",
        );
        check(
            "gmx",
            Situation::FullMailbox,
            Phase::Rcpt,
            552,
            None,
            "Requested mail action aborted: exceeded storage allocation",
        );
        check(
            "gmx",
            Situation::SpamContent,
            Phase::EndOfData,
            554,
            None,
            "Transaction failed\nReject due to policy restrictions.\nFor explanation visit \
             https://postmaster.gmx.net/en/case?c=r0301&r=0123456789ab",
        );
        check("qq", Situation::Greylisted, Phase::Rcpt, 450, Some("4.2.0"), GREYLISTED);
    }

    const GREYLISTED: &str = "<ann@bigbox.test>: Recipient address rejected: Greylisted, see \
                              http://postgrey.schweikert.ch/help/bigbox.test.html";
}
