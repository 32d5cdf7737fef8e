//! Identities, as dense indices into the tables of a [`crate::Dispatcher`].

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// The index as a position in a slice.
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The identity at a position in a table.
            ///
            /// # Panics
            /// The table is longer than its id type allows.
            pub fn from_index(index: usize) -> Self {
                Self(<$inner>::try_from(index).expect("tables are bounded by their id type"))
            }
        }
    };
}

id! {
    /// A contact, in the order in which they were handed in.
    ContactId(u32)
}
id! {
    /// A mailing, in the order in which they were handed in.
    MailingId(u16)
}
id! {
    /// A recipient: one contact in one mailing.
    RecipientId(u32)
}
id! {
    /// A domain that at least one contact belongs to.
    DomainId(u32)
}
id! {
    /// A site: the set of MX hosts behind one or more domains.
    SiteId(u32)
}
