//! What a behaviour is told when it is asked, and what it can answer.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use smtp::server::Then;
use smtp::{Reply, ReplyClass, Security};
use units::{Draw, Instant};

use crate::profile::{KnownReply, Particulars, Profile, Scope, Situation};
use crate::{Phase, Roster, SenderZone};

/// Where a behaviour is put.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The provider.
    pub identity: &'a Identity,
    /// All its contacts in the order of the audience, from number 0; more names may be entered.
    pub roster: &'a mut Roster,
    /// How many of the names are contacts.
    pub contacts: u32,
    /// The draws that belong to behaviours of this key of this provider.
    pub draw: Draw,
    /// Which of the provider's behaviours of this key it is, counted from the one that is asked last, from 0.
    pub rule: u64,
}

/// Who a provider is.
#[derive(Debug)]
pub struct Identity {
    /// Its name in the scenario.
    pub name: String,
    /// Its wording.
    pub profile: &'static Profile,
    /// The domains it serves, lower case.
    pub domains: Vec<String>,
    /// The names of its hosts, lower case.
    pub hosts: Vec<String>,
    /// The address that its clients come from.
    pub client: IpAddr,
    /// What the DNS knows about the sender.
    pub zone: Arc<SenderZone>,
    /// The identifier in all its answers.
    pub reply_id: String,
}

/// What a server has been asked and has not answered yet.
#[derive(Debug, Clone, Copy)]
pub enum Stage<'a> {
    /// The connection is open, and nothing is said yet.
    Connect,
    /// The server is to speak first.
    Greeting,
    /// The client told its name.
    Hello,
    /// The client wants TLS, which was offered.
    StartTls,
    /// The client has begun the TLS handshake.
    TlsHandshake,
    /// The client has said who it is.
    Auth,
    /// The client told the return path: [`Visit::sender`].
    Mail,
    /// The client named a recipient.
    Rcpt {
        /// Its number in the roster.
        recipient: u32,
    },
    /// The client wants to send the message; [`Visit::recipients`] were accepted.
    Data,
    /// The same, with BDAT; if nobody has an opinion, [`Self::Data`] is asked next.
    Bdat,
    /// The message is on its way. Asked after each piece of it, if a behaviour names this phase.
    Body {
        /// The octets of content that had come before the piece.
        before: u64,
        /// The octets that have come.
        octets: u64,
    },
    /// The message is complete.
    EndOfData {
        /// The message.
        message: Received<'a>,
    },
    /// The client wants the transaction to be forgotten.
    Rset,
    /// The client wants nothing.
    Noop,
    /// The client wants to know about a mailbox.
    Vrfy,
    /// The client says goodbye.
    Quit,
    /// The server begins to wait for a command: asked what it will do, unasked, if none comes ([`Act::Unasked`]). Asked if a
    /// behaviour names this phase.
    Idle,
}

/// A message that has arrived.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The 64-bit XXH3 hash of its bytes, dots unstuffed.
    pub hash: u64,
    /// How long it is, in octets, dots unstuffed.
    pub bytes: u64,
    /// Its first bytes, as many as servers keep; empty if no behaviour of the provider looks at them.
    pub content: &'a [u8],
}

impl Stage<'_> {
    /// The phase of the answer.
    pub const fn phase(&self) -> Phase {
        match self {
            Self::Connect => Phase::Connect,
            Self::Greeting => Phase::Greeting,
            Self::Hello => Phase::Ehlo,
            Self::StartTls => Phase::StartTls,
            Self::TlsHandshake => Phase::TlsHandshake,
            Self::Auth => Phase::Auth,
            Self::Mail => Phase::Mail,
            Self::Rcpt { .. } => Phase::Rcpt,
            Self::Data => Phase::Data,
            Self::Bdat => Phase::Bdat,
            Self::Body { .. } => Phase::Body,
            Self::EndOfData { .. } => Phase::EndOfData,
            Self::Rset => Phase::Rset,
            Self::Noop => Phase::Noop,
            Self::Vrfy => Phase::Vrfy,
            Self::Quit => Phase::Quit,
            Self::Idle => Phase::Idle,
        }
    }
}

/// A connection, as far as it has come.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The connection's number within the provider, from 1.
    pub connection: u32,
    /// Which of the provider's hosts it goes to.
    pub host: usize,
    /// How many connections its provider had refused or not answered before, while it is being opened; else 0.
    pub turned_away: u32,
    /// How its bytes travel.
    pub security: Security,
    /// The client's name; empty before it told.
    pub client_name: String,
    /// The number of the transaction within the connection, from 1; 0 before the first MAIL.
    pub transaction: u32,
    /// The return path of the transaction without angle brackets; empty for the null one, and before MAIL.
    pub sender: String,
    /// How long the client said that the message is, in octets (RFC 1870); `None` if it did not say.
    pub declared_size: Option<u64>,
    /// Its number among the provider's senders.
    pub sender_number: u32,
    /// How many recipients were named so far in this transaction, the one that is being named included.
    pub named: u32,
    /// How often the provider has been asked for the recipient that is being named, from this sender, this time included. 0
    /// where no condition asks for it.
    pub attempt: u32,
    /// The recipients accepted so far in this transaction, by their number in the roster.
    pub recipients: Vec<u32>,
    /// The same number as `attempt` for each of them.
    pub attempts: Vec<u32>,
}

/// What a behaviour can see when it is asked.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The time.
    pub now: Instant,
    /// Whose server it is.
    pub identity: &'a Identity,
    /// The names behind the numbers of recipients.
    pub roster: &'a Roster,
    /// The connection.
    pub visit: &'a Visit,
}

impl<'a> Scene<'a> {
    /// Answers in the provider's words for a situation, which may concern one recipient.
    pub fn answer(&self, situation: Situation, concerned: Option<u32>) -> Act {
        match self.say(self.identity.profile.answer(situation), concerned) {
            Act::Say { reply, then, .. } => Act::Say { reply, then, situation: Some(situation) },
            act => act,
        }
    }

    /// The address that the client comes from.
    pub const fn client(&self) -> IpAddr {
        self.identity.client
    }

    /// The domain of the return path; empty for the null one.
    pub fn sender_domain(&self) -> &'a str {
        domain_of(&self.visit.sender).unwrap_or_default()
    }

    /// Answers with a known reply, which may concern one recipient. 421 and a refused greeting close the connection.
    pub fn say(&self, known: &KnownReply, concerned: Option<u32>) -> Act {
        let reply = known.in_words(&self.particulars(known.phase, known.scope, concerned));
        Act::say(reply, known.phase)
    }

    /// The circumstances of an answer, for filling in blanks. An answer that concerns nobody in particular is taken
    /// to concern the first recipient.
    pub fn particulars(&self, phase: Phase, scope: Scope, concerned: Option<u32>) -> Particulars<'a> {
        let concerned = concerned.or(self.visit.recipients.first().copied());
        let recipient = concerned.map_or("", |number| self.roster.name(number));
        let domain = match scope {
            Scope::SenderDomain => domain_of(&self.visit.sender),
            Scope::Address
            | Scope::Recipient
            | Scope::Message
            | Scope::SenderIp
            | Scope::Connection
            | Scope::System => domain_of(recipient),
        };
        Particulars {
            ip: self.identity.client,
            host: &self.identity.hosts[self.visit.host],
            client: &self.visit.client_name,
            recipient,
            sender: &self.visit.sender,
            domain: domain.unwrap_or(&self.identity.domains[0]),
            id: &self.identity.reply_id,
            url: "https://postmaster.example/",
            command: phase.command(),
        }
    }
}

fn domain_of(address: &str) -> Option<&str> {
    address.rsplit_once('@').map(|(_, domain)| domain)
}

/// What a server does instead of accepting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// It refuses; or, if the reply is positive, it accepts. No later opinion is heard, not even that the domain is foreign.
    Say {
        /// In these words.
        reply: Reply,
        /// And then this happens.
        then: Then,
        /// Because of this, if the provider has words for it.
        situation: Option<Situation>,
    },
    /// The same, spelled in bytes of its own.
    Spell {
        /// What is meant.
        reply: Reply,
        /// What is said.
        bytes: Vec<u8>,
        /// And then this happens.
        then: Then,
    },
    /// It accepts, which takes this much longer than answers usually do. No later opinion is heard, not even that the
    /// domain is foreign.
    Accept {
        /// How much.
        longer: Duration,
    },
    /// It accepts the message and cuts the connection before anybody hears of it. Only at the end of data.
    LoseReply,
    /// It closes the connection without a word.
    Close,
    /// It resets the connection.
    Reset,
    /// It keeps the connection open and never says another word.
    Hang,
    /// It says something that is no reply, and then never another word.
    Babble {
        /// What it says.
        bytes: Vec<u8>,
    },
    /// It does something without being asked, if the client says nothing for so long. Only at [`Stage::Idle`].
    Unasked {
        /// How long the client may be silent.
        after: Duration,
        /// What is done then.
        act: Box<Self>,
    },
}

impl Act {
    /// Answers in a phase. 421 closes the connection (RFC 5321 3.8), and so does a refused greeting.
    pub fn say(reply: Reply, phase: Phase) -> Self {
        let then = Self::then(&reply, phase);
        Self::Say { reply, then, situation: None }
    }

    /// What follows a reply in a phase.
    pub(super) fn then(reply: &Reply, phase: Phase) -> Then {
        let positive = reply.class() == ReplyClass::Positive;
        let closes = reply.code().get() == 421 || (phase == Phase::Greeting && !positive);
        if closes { Then::Close } else { Then::Continue }
    }

    /// The code with which it refuses, if it does.
    pub(crate) fn refusal(&self) -> Option<u16> {
        match self {
            Self::Say { reply, .. } | Self::Spell { reply, .. } => {
                let refuses = matches!(reply.class(), ReplyClass::Transient | ReplyClass::Permanent);
                refuses.then(|| reply.code().get())
            }
            Self::Accept { .. }
            | Self::LoseReply
            | Self::Close
            | Self::Reset
            | Self::Hang
            | Self::Babble { .. }
            | Self::Unasked { .. } => None,
        }
    }
}

/// What keeps a connection from being opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The host refuses at once.
    Refuse,
    /// The host does not answer.
    TimeOut,
}

/// What comes of an offer of TLS that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsOffer {
    /// The handshake, in which the server shows such a certificate.
    Kept(Certificate),
    /// The server finds that it has no TLS to give.
    Broken,
}

/// What is wrong with a certificate. On the memory wire it says nothing; whoever serves a fleet on sockets shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Certificate {
    /// Nothing: it is the host's own, in force, and complete.
    #[default]
    Valid,
    /// It is no longer in force.
    Expired,
    /// It is not in force yet.
    NotYetValid,
    /// It is another host's.
    WrongName,
    /// It vouches for itself.
    SelfSigned,
    /// A CA has signed it that nobody knows.
    UnknownCa,
    /// The one between it and the CA is left out.
    IncompleteChain,
}

impl Certificate {
    /// All of them, by how scenarios write them.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("valid", Self::Valid),
        ("expired", Self::Expired),
        ("not_yet_valid", Self::NotYetValid),
        ("wrong_name", Self::WrongName),
        ("self_signed", Self::SelfSigned),
        ("unknown_ca", Self::UnknownCa),
        ("incomplete_chain", Self::IncompleteChain),
    ];
}

/// How long an answer takes in a simulation unless a behaviour says otherwise.
pub(crate) const DEFAULT_DELAY: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(20)..=Duration::from_millis(80);
