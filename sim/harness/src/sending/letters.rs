//! The messages of a mailing: what [`compose`] makes, as the engine takes it.

use std::sync::Arc;

use compose::{Composer, Recipient};
use policy::feedback::Stray;
use policy::mailing::{Letter, Listed, Whom};
use smtp::{Address, ReversePath};
use units::Instant;

use super::{Person, ReturnPath};
use crate::message::stray;

/// Makes the messages of one mailing. All are dated by its start, so that one that is sent again is the same.
#[derive(Debug)]
pub(super) struct Letters {
    composer: Composer,
    return_path: ReturnPath,
    number: u32,
    people: Vec<Person>,
    start: Instant,
}

impl Letters {
    pub(super) const fn new(
        composer: Composer,
        return_path: ReturnPath,
        number: u32,
        people: Vec<Person>,
        start: Instant,
    ) -> Self {
        Self { composer, return_path, number, people, start }
    }
}

impl policy::mailing::Composer for Letters {
    fn letter(&self, line: Listed, address: &Address) -> Letter {
        // People count from one.
        let number = line.position + 1;
        let person = &self.people[line.position as usize];
        let recipient = Recipient { number, address, fields: &person.fields };
        let sender = match &self.return_path {
            ReturnPath::Shared(address) => address.clone(),
            ReturnPath::Each(paths) => paths.of(self.number, number),
        };
        let body = Arc::new(self.composer.compose(&recipient, self.start).body());
        Letter { sender: ReversePath::Address(sender), body }
    }

    fn whose_return_path(&self, path: &Address) -> Result<Whom, Stray> {
        match &self.return_path {
            ReturnPath::Shared(_) => Err(Stray::NotOurs),
            ReturnPath::Each(paths) => match paths.read(path).map_err(stray)? {
                (mailing, number) if mailing == self.number => line(number),
                _ => Err(Stray::NotOurs),
            },
        }
    }

    fn whose_link(&self, link: &str) -> Result<Whom, Stray> {
        self.composer.recipient_of_link(link).map_err(stray).and_then(line)
    }
}

/// The line of the person with this number.
fn line(number: u32) -> Result<Whom, Stray> {
    number.checked_sub(1).map(Whom::Line).ok_or(Stray::NotOurs)
}
