//! From a template and a recipient to the octets of a message.
//!
//! Pure: the same recipient at the same moment gives the same octets, on any machine, as often as wanted. Nothing here can fail;
//! what could be wrong has been found when template, keys and fields were read.
//!
//! RFC 5322 2.1.1: lines of at most 998 octets, folded at 78; texts that cannot be sent so are encoded (RFC 2045 6).

use std::borrow::Cow;

use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::message_id::MessageId;
use mail_builder::mime::MimePart;
use smtp::{Address, Body};
use units::Instant;

use crate::dkim::Signer;
use crate::epoch::Epoch;
use crate::field::Fields;
use crate::header::{mailbox, unstructured};
use crate::identity::Identity;
use crate::pattern::{Values, Written};
use crate::return_path::NotOurs;
use crate::template::Template;
use crate::token::{Purpose, Secret};
use crate::unsubscribe::Unsubscribe;

/// Makes the messages of one mailing.
#[derive(Debug)]
pub struct Composer {
    template: Template,
    identity: Identity,
    epoch: Epoch,
    secret: Secret,
    unsubscribe: Option<Unsubscribe>,
    signers: Vec<Signer>,
}

/// Whom a message is for.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// Which recipient of the mailing; the same for one message each time it is made.
    pub number: u32,
    /// Where the message goes.
    pub address: &'a Address,
    /// What is known of the recipient.
    pub fields: &'a Fields,
}

/// What a message asks of the servers that it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: all of it is ASCII.
    Nothing,
    /// An address in its header is not ASCII, so that the header is not either (RFC 6531, RFC 6532).
    SmtpUtf8,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its octets, with CRLF at the end of every line.
    pub octets: Vec<u8>,
    /// What it asks of servers.
    pub needs: Needs,
}

impl Message {
    /// The message as it is transmitted.
    pub fn body(&self) -> Body {
        Body::new(&self.octets)
    }
}

impl Composer {
    /// Makes messages of `template`, dated by a clock with this `epoch`.
    pub const fn new(template: Template, identity: Identity, epoch: Epoch, secret: Secret) -> Self {
        Self { template, identity, epoch, secret, unsubscribe: None, signers: Vec::new() }
    }

    /// The same messages with a way to leave.
    #[must_use]
    pub fn with_unsubscribe(self, unsubscribe: Unsubscribe) -> Self {
        Self { unsubscribe: Some(unsubscribe), ..self }
    }

    /// The same messages with one more DKIM signature.
    #[must_use]
    pub fn with_signer(mut self, signer: Signer) -> Self {
        self.signers.push(signer);
        self
    }

    /// The template that messages are made of.
    pub const fn template(&self) -> &Template {
        &self.template
    }

    /// The message for `recipient`, dated `at`.
    pub fn compose(&self, recipient: &Recipient<'_>, at: Instant) -> Message {
        let number = recipient.number.to_string();
        let token = self.secret.token(Purpose::Link, self.identity.mailing, recipient.number);
        let mut values = Values {
            fields: recipient.fields,
            address: recipient.address.as_str(),
            recipient: &number,
            token: &token,
            unsubscribe: "",
        };
        let link = self.unsubscribe.as_ref().map(|ways| ways.link(&values)).unwrap_or_default();
        values.unsubscribe = &link;
        let mut message = Vec::new();
        self.builder(recipient, &values, at).serialize(&mut message);
        let octets = crate::dkim::sign(&self.signers, message, self.epoch.seconds(at));
        Message { octets, needs: self.needs(recipient) }
    }

    /// Which recipient of this mailing leaves by `link`, one of those in its messages. That can only be told where both
    /// `{{recipient}}` and `{{token}}` are in it.
    ///
    /// # Errors
    /// It is not one of these links, or its token is not the one of this recipient.
    pub fn recipient_of_link(&self, link: &str) -> Result<u32, NotOurs> {
        let written = self.unsubscribe.as_ref().and_then(|ways| ways.read_back(link));
        let Written { recipient, token } = written.ok_or(NotOurs::OtherAddress)?;
        let mailing = self.identity.mailing;
        if self.secret.is_token(token, Purpose::Link, mailing, recipient) {
            Ok(recipient)
        } else {
            Err(NotOurs::Forged { mailing, recipient })
        }
    }

    fn builder(&self, recipient: &Recipient<'_>, values: &Values<'_>, at: Instant) -> MessageBuilder<'_> {
        let template = &self.template;
        let mut builder = MessageBuilder::new()
            .header("From", mailbox(shown(template.from_name.to_string(values)), &template.from))
            .header("To", mailbox(shown(template.to_name.to_string(values)), recipient.address));
        if let Some(reply_to) = &template.reply_to {
            builder = builder.header("Reply-To", mailbox(String::new(), reply_to));
        }
        builder = builder
            .header("Subject", unstructured(shown(template.subject.to_string(values))))
            .date(self.epoch.header(at))
            .message_id(MessageId::new(self.identity.message_id(recipient.number)));
        let unsubscribe = self.unsubscribe.iter().flat_map(|ways| ways.headers(values));
        let extra = template
            .headers
            .iter()
            .map(|(name, value)| (Cow::Borrowed(&**name), unstructured(shown(value.to_string(values)))));
        builder.headers.extend(unsubscribe.chain(extra));
        builder
            .header("MIME-Version", HeaderType::from(mail_builder::headers::raw::Raw::new("1.0")))
            .body(self.body(recipient.number, values))
    }

    fn body(&self, recipient: u32, values: &Values<'_>) -> MimePart<'static> {
        let text = ended(self.template.text.to_string(values));
        let Some(html) = &self.template.html else { return MimePart::new("text/plain", text) };
        let html = ended(html.to_string(values));
        let boundary = self.identity.boundary(recipient, [&text, &html]);
        let parts = vec![MimePart::new("text/plain", text), MimePart::new("text/html", html)];
        MimePart::new(ContentType::new("multipart/alternative").attribute("boundary", boundary), parts)
    }

    fn needs(&self, recipient: &Recipient<'_>) -> Needs {
        let mut addresses =
            [&self.template.from, recipient.address].into_iter().chain(&self.template.reply_to);
        let ascii = addresses.all(Address::is_ascii);
        if ascii { Needs::Nothing } else { Needs::SmtpUtf8 }
    }
}

/// A header's value without the spaces around it, which no reader shows.
fn shown(value: String) -> String {
    let trimmed = value.trim();
    if trimmed.len() == value.len() { value } else { trimmed.to_owned() }
}

/// A text whose last line has an end, as every line of a message has.
fn ended(mut text: String) -> String {
    if !text.ends_with("\r\n") {
        text.push_str("\r\n");
    }
    text
}
