//! Of whom a setting holds: a share, drawn anew for each occasion, or a list of addresses.
//!
//! Separate because the branches of `fate` all begin with it.

use scenario::{Kind, Node, Placed, Problem, Problems, Reader, value};
use smtp::Address;
use units::{Draw, Share};

/// Of whom a setting holds.
#[derive(Debug)]
pub(super) enum Whom {
    /// Of this share of the occasions.
    Share(Share),
    /// Of these, always.
    Addresses(Vec<Placed<Address>>),
}

impl Whom {
    /// The addresses; none if it is a share.
    pub(super) fn addresses(&self) -> &[Placed<Address>] {
        match self {
            Self::Addresses(addresses) => addresses,
            Self::Share(_) => &[],
        }
    }

    /// The share; none of it if addresses are listed.
    pub(super) const fn millionths(&self) -> u32 {
        match self {
            Self::Share(share) => share.millionths(),
            Self::Addresses(_) => 0,
        }
    }

    /// Reads it from what is no map: `10%`, an address, or a list of addresses.
    pub(super) fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            Kind::Scalar { text, .. } if !text.contains('@') => value::share(node, problems).map(Self::Share),
            Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => {
                value::list(address)(node, problems).map(Self::Addresses)
            }
        }
    }

    /// Reads it from the keys `share` and `addresses` of a map, of which exactly one must be there.
    pub(super) fn read_keys(reader: &mut Reader<'_>) -> Option<Self> {
        let share = reader.optional("share", value::share);
        let addresses = reader.optional("addresses", value::list(address));
        let written = (reader.node("share").is_some(), reader.node("addresses").is_some());
        if !matches!(written, (true, false) | (false, true)) {
            let problem = Problem::at(reader.place(), "whom this concerns must be said once", "");
            reader.problems().push(problem.help("write either `share` or `addresses`"));
        }
        share.map(Self::Share).or(addresses.map(Self::Addresses))
    }
}

/// Whether a share strikes at an occasion.
pub(super) fn strikes(millionths: u32, draw: Draw) -> bool {
    draw.below(u64::from(Share::ALL.millionths())) < u64::from(millionths)
}

/// An address with its place.
pub(super) fn address(node: &Node, problems: &mut Problems) -> Option<Placed<Address>> {
    let text = value::text(node, problems)?;
    match Address::parse(&text) {
        Ok(value) => Some(Placed { value, place: node.place }),
        Err(error) => {
            let message = format!("`{text}` is not an address: {error}");
            problems
                .push(Problem::at(node.place, message, "").help("write an address as in ann@bigbox.test"));
            None
        }
    }
}
