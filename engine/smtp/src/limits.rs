//! Every bound of the protocol in one place, with its unit, its source and the reason for the number.
//!
//! Here rather than beside the code that obeys them, so that one page answers how much memory and time a peer can
//! take. Limits of policy (messages per connection, rates) are not protocol and not here.

use std::time::Duration;

use crate::Phase;

/// Longest local part, in octets.
// RFC 5321 4.5.3.1.1: Local-part
pub const LOCAL_PART_BYTES: usize = 64;

/// Longest domain, in octets.
// RFC 5321 4.5.3.1.2: Domain
pub const DOMAIN_BYTES: usize = 255;

/// Longest label of a domain, in octets.
// RFC 1035 2.3.4: Size limits
pub const LABEL_BYTES: usize = 63;

/// Longest address, in octets.
// RFC 5321 4.5.3.1.3: Path: 256 octets with the punctuation, which is the two angle brackets
pub const ADDRESS_BYTES: usize = 254;

/// Longest command line that a server session reads unless told otherwise, in octets with CRLF.
// RFC 5321 4.5.3.1.4: Command Line: 512 octets, and what extensions add. For RCPT 540: ORCPT and NOTIFY (RFC 3461 4). For
// MAIL 690: AUTH 500 (RFC 4954 5), ENVID 107, SIZE 26 (RFC 1870 3), BODY 17 (RFC 6152 2), SMTPUTF8 10 (RFC 6531 3.4), RET 9, and
// what nobody has thought of.
pub const COMMAND_LINE_BYTES: usize = 2048;

/// Longest line of an exchange about who a client is, in octets with CRLF.
// RFC 4954 4: clients and servers must be able to handle 12288 octets
pub const AUTH_LINE_BYTES: usize = 12288;

/// Longest text line that a server has to take, in octets without CRLF.
// RFC 5321 4.5.3.1.6: Text Line: 1000 octets with CRLF, without a dot that was added for transparency
pub const TEXT_LINE_BYTES: usize = 998;

/// How many octets of replies a server session puts into one turn before it stops reading, if it is asked to stop.
// No RFC sets a bound. A group of MAIL, `RECIPIENTS` times RCPT and DATA has less, with 600 octets for each reply. TCP
// does the rest: a client that does not read its replies is not read either.
pub const TURN_BYTES: usize = 64 * 1024;

/// How much of a reply line's text is kept, in octets; what is longer is cut.
// RFC 5321 4.5.3.1.5: Reply Line: 512 octets with code and CRLF. Eight times that, because real servers exceed it.
pub const REPLY_LINE_BYTES: usize = 4096;

/// Most lines of one reply.
// No RFC sets a bound. Long EHLO replies have about 20 lines, long policy refusals about 10.
pub const REPLY_LINES: usize = 100;

/// Most octets of one reply as received, cut parts and line ends included. A peer that never ends a line ends here.
// No RFC sets a bound. A hundred lines of the length that RFC 5321 4.5.3.1.5 allows are 51 200.
pub const REPLY_BYTES: usize = 64 * 1024;

/// Most replies that wait in a parser without having been taken.
// A pipelined transaction with `RECIPIENTS` recipients has 102; a peer that sends ten times that is not answering us.
pub const REPLIES_WAITING: usize = 1024;

/// Most recipients of one transaction.
// RFC 5321 4.5.3.1.8: Recipients Buffer: servers must take at least 100
pub const RECIPIENTS: usize = 100;

/// How many of a client's commands a server session answers that it cannot understand (unknown, malformed, too long)
/// before it closes the connection with 421.
// No RFC sets a bound. Postfix has the same default (smtpd_hard_error_limit).
pub const COMMAND_ERRORS: u32 = 20;

/// How long each phase of a dialogue may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseLimits {
    /// From the connection to the greeting.
    pub greeting: Duration,
    /// From EHLO or HELO to the reply.
    pub ehlo: Duration,
    /// From STARTTLS to the reply, and again from the reply to the end of the handshake.
    pub starttls: Duration,
    /// From MAIL to the reply.
    pub mail: Duration,
    /// From RCPT to the reply.
    pub rcpt: Duration,
    /// From DATA to the go-ahead.
    pub data: Duration,
    /// For each write of a part of the body.
    pub body: Duration,
    /// From the final dot to the reply.
    pub end_of_data: Duration,
    /// From RSET to the reply.
    pub reset: Duration,
    /// From QUIT to the reply.
    pub quit: Duration,
}

impl Default for PhaseLimits {
    /// [`PhaseLimits::RFC5321`].
    fn default() -> Self {
        Self::RFC5321
    }
}

impl PhaseLimits {
    /// The shortest limits that the standard allows a client; short ones where it names none.
    // RFC 5321 4.5.3.2: Timeouts. 4.5.3.2.1 greeting, .2 MAIL, .3 RCPT, .4 DATA, .5 data block, .6 end of data.
    // EHLO and RSET have none, nor has STARTTLS (RFC 3207); five minutes like the others. QUIT has none either; nothing is lost by not waiting.
    pub const RFC5321: Self = Self {
        greeting: Duration::from_secs(5 * 60),
        ehlo: Duration::from_secs(5 * 60),
        starttls: Duration::from_secs(5 * 60),
        mail: Duration::from_secs(5 * 60),
        rcpt: Duration::from_secs(5 * 60),
        data: Duration::from_secs(2 * 60),
        body: Duration::from_secs(3 * 60),
        end_of_data: Duration::from_secs(10 * 60),
        reset: Duration::from_secs(5 * 60),
        quit: Duration::from_secs(5),
    };

    /// How long `phase` may take.
    pub const fn of(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Greeting => self.greeting,
            Phase::Ehlo => self.ehlo,
            Phase::StartTls => self.starttls,
            Phase::Mail => self.mail,
            Phase::Rcpt => self.rcpt,
            Phase::Data => self.data,
            Phase::Body => self.body,
            Phase::EndOfData => self.end_of_data,
            Phase::Reset => self.reset,
            Phase::Quit => self.quit,
        }
    }
}
