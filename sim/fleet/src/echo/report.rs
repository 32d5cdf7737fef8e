//! Reports that an accepted message could not be delivered after all (RFC 3464), and what can be odd about them.
//!
//! A report goes to the return path of the message, has the null return path itself, and says in its second part, for
//! programs, what became of whom. Many that are met in the field leave something of that out; [`Quirk`] names how.

use std::time::Duration;

use smtp::{Address, Reply};

use super::occasion::{Occasion, date};
use super::original::replaced;
use super::paper::Paper;
use super::{Echo, EchoKind};

/// How often a looping report comes.
const LOOPS: u32 = 3;

/// How long after each other.
const LOOP_PAUSE: Duration = Duration::from_secs(60);

/// What a report says beside what it is about.
#[derive(Debug, Clone)]
pub(crate) struct Report<'a> {
    /// How long after the message was accepted it leaves.
    pub(crate) after: Duration,
    /// The refusal that it passes on.
    pub(crate) refusal: &'a Reply,
    /// The status, if it is not the enhanced code of the refusal.
    pub(crate) status: Option<String>,
    /// How much of the message it gives back.
    pub(crate) returned: Returned,
    /// The address that the message was forwarded to, if it failed there.
    pub(crate) forwarded_to: Option<&'a Address>,
    /// What is odd about it.
    pub(crate) quirks: &'a [Quirk],
}

/// How much of the message a report gives back.
// RFC 6522 3: the third part is optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    /// Its header.
    Headers,
    /// All of it, or its header if it is long.
    Full,
    /// Nothing.
    None,
}

impl Returned {
    /// By how scenarios write it.
    pub(crate) const WORDS: &'static [(&'static str, Self)] =
        &[("headers", Self::Headers), ("full", Self::Full), ("none", Self::None)];
}

/// What can be odd about a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quirk {
    /// It does not say to whom the message was sent, only whose mailbox it did not get into.
    NoOriginalRecipient,
    /// It names nobody that the sender knows, and gives nothing back: only the return path tells whom it is about.
    HiddenRecipient,
    /// It is in German.
    ForeignLanguage,
    /// Its parts cannot be found, because they are divided by something else than it says.
    Malformed,
    /// Somebody has invented it, and does not know the return path, which only looks like one.
    Forged,
    /// It comes three times, a minute apart, each time with the one before in it.
    Looping,
}

impl Quirk {
    /// By how scenarios write them.
    pub(crate) const WORDS: &'static [(&'static str, Self)] = &[
        ("no_original_recipient", Self::NoOriginalRecipient),
        ("hidden_recipient", Self::HiddenRecipient),
        ("foreign_language", Self::ForeignLanguage),
        ("malformed", Self::Malformed),
        ("forged", Self::Forged),
        ("looping", Self::Looping),
    ];
}

/// The echoes that a report is: one, unless it loops.
pub(crate) fn reports(occasion: &Occasion<'_>, report: &Report<'_>) -> Vec<Echo> {
    let times = if report.has(Quirk::Looping) { LOOPS } else { 1 };
    let to = if report.has(Quirk::Forged) { forged(occasion.sender) } else { Some(occasion.sender.clone()) };
    let Some(to) = to else { return Vec::new() };
    let mut echoes: Vec<Echo> = Vec::new();
    let mut before: Option<Vec<u8>> = None;
    for time in 0..times {
        let after = report.after.saturating_add(LOOP_PAUSE * time);
        let message = Writer { occasion, report, after, to: &to, time }.write(before.as_deref());
        before = Some(message.clone());
        let (due, recipient) = (occasion.later(after), occasion.recipient.to_owned());
        echoes.push(Echo { due, recipient, what: EchoKind::Mail { to: to.clone(), message } });
    }
    echoes
}

/// A return path with another last echo.
fn forged(path: &Address) -> Option<Address> {
    let (local, last) = path.local().split_at(path.local().len().checked_sub(1)?);
    let other = if last == "0" { "1" } else { "0" };
    Address::parse(&format!("{local}{other}@{}", path.domain())).ok()
}

impl Report<'_> {
    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    // RFC 3463 2: a class is all that a basic code tells.
    fn status(&self) -> String {
        let of_reply = || match self.refusal.enhanced() {
            Some(enhanced) => enhanced.to_string(),
            None => format!("{}.0.0", self.refusal.code().get() / 100),
        };
        self.status.clone().unwrap_or_else(of_reply)
    }
}

struct Writer<'a> {
    occasion: &'a Occasion<'a>,
    report: &'a Report<'a>,
    after: Duration,
    to: &'a Address,
    /// Which of several it is, from 0.
    time: u32,
}

impl Writer<'_> {
    fn write(&self, before: Option<&[u8]>) -> Vec<u8> {
        let mut paper = Paper::default();
        let mark = self.occasion.mark(&format!("report {}", self.time));
        let boundary = format!("report-{mark}");
        // The parts of a malformed one are divided by what its header does not say.
        let divider =
            if self.report.has(Quirk::Malformed) { format!("part-{mark}") } else { boundary.clone() };
        self.header(&mut paper, &mark, &boundary);
        self.for_people(&mut paper, &divider);
        self.for_programs(&mut paper, &divider);
        self.give_back(&mut paper, &divider, before);
        paper.end(&divider);
        paper.into_bytes()
    }

    fn header(&self, paper: &mut Paper, mark: &str, boundary: &str) {
        let host = self.occasion.host;
        let subject = if self.report.has(Quirk::ForeignLanguage) {
            "Unzustellbar: Ihre Nachricht wurde nicht zugestellt"
        } else {
            "Undelivered Mail Returned to Sender"
        };
        paper
            .field("From", &format!("Mail Delivery System <MAILER-DAEMON@{host}>"))
            .field("To", self.to.as_str())
            .field("Subject", subject)
            .field("Date", &date(self.occasion.later(self.after)))
            .field("Message-ID", &format!("<{mark}@{host}>"))
            // RFC 3834 5.1.1: what is sent without a person is marked.
            .field("Auto-Submitted", "auto-replied")
            .field("MIME-Version", "1.0")
            .field(
                "Content-Type",
                &format!("multipart/report; report-type=delivery-status; boundary=\"{boundary}\""),
            )
            .line("");
    }

    fn for_people(&self, paper: &mut Paper, divider: &str) {
        let Occasion { identity, host, arrived, .. } = *self.occasion;
        let whom = self.final_recipient();
        let why = self.diagnostic();
        if self.report.has(Quirk::ForeignLanguage) {
            paper
                .part(divider, "text/plain; charset=utf-8")
                .field("Content-Language", "de")
                .field("Content-Transfer-Encoding", "8bit")
                .line("")
                .line(&format!("Hier ist das Mailsystem von {}, Server {host}.", identity.name))
                .line("")
                .line(&format!("Ihre Nachricht vom {} wurde angenommen, konnte aber später", date(arrived)))
                .line("nicht zugestellt werden an:")
                .line("");
        } else {
            paper
                .part(divider, "text/plain; charset=us-ascii")
                .line("")
                .line(&format!("This is the mail system of {}, at host {host}.", identity.name))
                .line("")
                .line(&format!("Your message was accepted on {}, but could", date(arrived)))
                .line("not be delivered later to:")
                .line("");
        }
        paper.field(&format!("<{whom}>"), &why).line("");
    }

    fn for_programs(&self, paper: &mut Paper, divider: &str) {
        let Occasion { host, arrived, recipient, .. } = *self.occasion;
        paper
            .part(divider, "message/delivery-status")
            .line("")
            // RFC 3464 2.2: the fields about the message.
            .field("Reporting-MTA", &format!("dns; {host}"))
            .field("Arrival-Date", &date(arrived))
            .line("");
        // RFC 3464 2.3: the fields about a recipient.
        let names_original =
            !self.report.has(Quirk::NoOriginalRecipient) && !self.report.has(Quirk::HiddenRecipient);
        if names_original {
            paper.field("Original-Recipient", &format!("rfc822; {recipient}"));
        }
        paper
            .field("Final-Recipient", &format!("rfc822; {}", self.final_recipient()))
            .field("Action", "failed")
            .field("Status", &self.report.status())
            .field("Diagnostic-Code", &format!("smtp; {}", self.diagnostic()))
            .line("");
    }

    fn final_recipient(&self) -> String {
        let forwarded = self.report.forwarded_to.map(|address| address.as_str().to_owned());
        if self.report.has(Quirk::HiddenRecipient) {
            return format!("mailbox-{}@{}", &self.occasion.mark("mailbox")[..8], self.occasion.host);
        }
        forwarded.unwrap_or_else(|| self.occasion.recipient.to_owned())
    }

    /// The refusal in one line, with its codes. It concerns whoever could not be reached in the end.
    fn diagnostic(&self) -> String {
        let refusal = self.report.refusal;
        let enhanced = refusal.enhanced().map(|code| format!("{code} ")).unwrap_or_default();
        let text = refusal.text().replace('\n', " ");
        let text = replaced(&text, self.occasion.recipient, &self.final_recipient());
        format!("{} {enhanced}{text}", refusal.code().get())
    }

    /// The part with the message, or with the report before this one.
    fn give_back(&self, paper: &mut Paper, divider: &str, before: Option<&[u8]>) {
        let original = self.occasion.original;
        let headers = ("text/rfc822-headers", original.header());
        let whole = |whole| ("message/rfc822", whole);
        let (content_type, content) = match (before, self.report.returned) {
            (Some(before), _) => whole(before),
            (None, Returned::None) => return,
            // The message would name whom the report does not name.
            (None, _) if self.report.has(Quirk::HiddenRecipient) => return,
            (None, Returned::Full) => original.whole().map_or(headers, whole),
            (None, Returned::Headers) => headers,
        };
        paper.part(divider, content_type).line("").lines(content).line("");
    }
}
