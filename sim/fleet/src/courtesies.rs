//! What a server says when it has nothing against a client, and that it has no TLS to give, which concerns everybody.
//!
//! Said once for each recipient of each transaction, so these replies are put into words once, in advance.

use smtp::{EnhancedStatusCode, Reply};

use crate::Offering;
use crate::behaviour::Identity;

/// The answers of a provider that has nothing against a client.
#[derive(Debug)]
pub(crate) struct Courtesies {
    /// One for each host.
    pub(crate) greeting: Vec<Reply>,
    /// One for each host.
    pub(crate) hello: Vec<Reply>,
    /// The go-ahead for TLS.
    pub(crate) start_tls: Reply,
    /// There is no TLS, although it was offered.
    pub(crate) no_tls: Reply,
    /// Who says who it is, is believed.
    pub(crate) authenticated: Reply,
    pub(crate) mail: Reply,
    pub(crate) rcpt: Reply,
    pub(crate) data: Reply,
    pub(crate) end_of_data: Reply,
    pub(crate) quit: Reply,
    /// Nothing is to be said but that it is done.
    pub(crate) done: Reply,
    /// Whether there is such a mailbox is not told.
    pub(crate) cannot_verify: Reply,
    /// No more receipts can be kept.
    pub(crate) full: Reply,
    /// The client was silent for too long; one for each host.
    pub(crate) timed_out: Vec<Reply>,
}

impl Courtesies {
    /// With enhanced codes where the provider offers them (RFC 2034 section 4: not in greetings, nor in answers to
    /// EHLO, nor with 3yz).
    pub(crate) fn of(identity: &Identity, offering: Offering) -> Self {
        let say = |code, (class, subject, detail), text: &str| {
            let enhanced = EnhancedStatusCode::new(class, subject, detail);
            let offered = offering.extensions(identity.profile).enhanced_status_codes;
            Reply::new(code, enhanced.filter(|_| offered), text)
        };
        let greeting = |host: &String| Reply::new(220, None, &format!("{host} ESMTP"));
        Self {
            greeting: identity.hosts.iter().map(greeting).collect(),
            hello: identity.hosts.iter().map(|host| Reply::new(250, None, host)).collect(),
            // RFC 3207 4: 220 and 454, with the words of Postfix
            start_tls: say(220, (2, 0, 0), "Ready to start TLS"),
            no_tls: say(454, (4, 7, 0), "TLS not available due to local problem"),
            // RFC 4954 6: 235
            authenticated: say(235, (2, 7, 0), "Authentication successful"),
            mail: say(250, (2, 1, 0), "Ok"),
            rcpt: say(250, (2, 1, 5), "Ok"),
            data: Reply::new(354, None, "End data with <CR><LF>.<CR><LF>"),
            end_of_data: say(250, (2, 0, 0), &format!("Ok: queued as {}", identity.reply_id)),
            done: say(250, (2, 0, 0), "Ok"),
            // RFC 5321 3.5.3: 252
            cannot_verify: say(252, (2, 0, 0), "cannot verify, but will take messages"),
            quit: say(221, (2, 0, 0), "Bye"),
            // RFC 5321 4.2.3: 452
            full: say(452, (4, 3, 1), "Insufficient system storage: the receipts are full"),
            timed_out: identity.hosts.iter().map(|host| say(421, (4, 4, 2), &timed_out(host))).collect(),
        }
    }
}

// RFC 5321 4.2: the text of 421 begins with the domain; the other words are those of Postfix
fn timed_out(host: &str) -> String {
    format!("{host} Error: timeout exceeded")
}
