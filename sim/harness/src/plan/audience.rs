//! The audience of a scenario, written out: each address once, and the list line by line.

use scenario::{ContactStatus, Listed, Placed, Problem, Problems, Scenario};
use smtp::Address;
use units::Table;

use super::directory::Directory;

/// A contact of the scenario.
#[derive(Debug)]
pub(crate) struct PlannedContact {
    pub(crate) address: Address,
    pub(crate) provider: u32,
    /// The number of its domain in the directory.
    pub(super) domain: usize,
    pub(crate) status: ContactStatus,
    /// How often it is on the list.
    pub(crate) listed: u32,
}

/// The list as it grows line by line.
#[derive(Debug, Default)]
pub(super) struct Audience {
    /// In the order of their first lines.
    pub(super) contacts: Vec<PlannedContact>,
    /// The lines: whose each is.
    pub(super) lines: Vec<u32>,
    numbers: Table<String, u32>,
}

impl Audience {
    /// Writes the audience out. What is no address is reported and left out.
    pub(super) fn of(scenario: &Scenario, directory: &Directory<'_>, problems: &mut Problems) -> Self {
        let mut audience = Self::default();
        let mut generated = vec![0; directory.domains()];
        for listed in &scenario.audience {
            match listed {
                Listed::Domain { domain, contacts } => {
                    let Some(made) = directory.domain(&domain.value).map(|number| &mut generated[number])
                    else {
                        continue;
                    };
                    for number in *made + 1..=*made + contacts.value {
                        let address = format!("c{number:06}@{}", domain.value);
                        audience.list(&address, domain, 1, directory, problems);
                    }
                    *made += contacts.value;
                }
                Listed::Contact { address, status, times } => {
                    if let Some(contact) = audience.list(&address.value, address, *times, directory, problems)
                    {
                        // Said of one contact, so that it counts even if the contact was generated before.
                        contact.status = *status;
                    }
                }
            }
        }
        audience
    }

    /// The number of a contact.
    pub(super) fn number(&self, address: &str) -> Option<u32> {
        self.numbers.get(address).copied()
    }

    /// Puts an address on the list so many times.
    fn list(
        &mut self,
        text: &str,
        written: &Placed<String>,
        times: u32,
        directory: &Directory<'_>,
        problems: &mut Problems,
    ) -> Option<&mut PlannedContact> {
        let address = Address::parse(text)
            .map_err(|error| {
                let message = format!("`{text}` is not an address");
                problems.push(Problem::at(written.place, message, error.to_string()));
            })
            .ok()?;
        let number = match self.number(address.as_str()) {
            Some(number) => number,
            None => self.enter(address, directory)?,
        };
        self.lines.extend((0..times).map(|_| number));
        let contact = &mut self.contacts[number as usize];
        contact.listed += times;
        Some(contact)
    }

    /// Gives a new contact its number.
    fn enter(&mut self, address: Address, directory: &Directory<'_>) -> Option<u32> {
        let domain = directory.domain(address.domain())?;
        let number = u32::try_from(self.contacts.len()).expect("audiences are bounded");
        self.numbers.insert(address.as_str().to_owned(), number);
        let (provider, status) = (directory.owner(domain), ContactStatus::Active);
        self.contacts.push(PlannedContact { address, provider, domain, status, listed: 0 });
        Some(number)
    }
}
