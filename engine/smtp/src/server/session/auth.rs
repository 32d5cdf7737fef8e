//! AUTH: the client proves who it is.
//!
//! RFC 4954 4 (AUTH), 6 (replies).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Proof, ServerSession, State};
use crate::server::line::Line;
use crate::server::sasl::{self, Exchange, Progress};
use crate::server::{Credentials, Host, Turn};
use crate::{CommandFault, Mechanism, Reply, ReplyClass, limits};

impl ServerSession {
    pub(super) fn auth<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        mechanism: Mechanism,
        initial: Option<&[u8]>,
        turn: &mut Turn,
    ) {
        match (self.state, &self.proof) {
            _ if !self.config.offers_auth() => self.not_understood(turn, CommandFault::NotImplemented),
            _ if !self.config.extensions.auth.has(mechanism) => {
                self.not_understood(turn, CommandFault::Mechanism);
            }
            // RFC 4954 4: not twice, and not during a transaction
            (State::Idle, Proof::Given) => self.out_of_order(turn, "already authenticated"),
            (State::Idle, Proof::None | Proof::UnderWay(_)) => {
                self.state = State::Authenticating;
                let exchange = Exchange::new(mechanism);
                match initial {
                    None => self.ask(exchange, turn),
                    Some(response) => self.answered(host, exchange, response, turn),
                }
            }
            (State::Transaction { .. } | State::Chunks, _) => {
                self.out_of_order(turn, "a transaction is under way");
            }
            _ => self.out_of_order(turn, "say EHLO first"),
        }
    }

    /// A line is an answer to what was asked.
    pub(super) fn take_response<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        rest: &mut &[u8],
        turn: &mut Turn,
    ) {
        let read = self.lines.take(rest, limits::AUTH_LINE_BYTES, decode);
        let Some(line) = read else { return };
        let proof = std::mem::replace(&mut self.proof, Proof::None);
        match (line, proof) {
            // RFC 4954 4: 500 with 5.5.6 for a line that is too long
            (Line::TooLong, _) => {
                self.break_off(turn, 500, (5, 6), "authentication exchange line is too long")
            }
            (Line::Read(Response::Cancel), _) => {
                self.break_off(turn, 501, (7, 0), "authentication cancelled");
            }
            (Line::Read(Response::Decoded(response)), Proof::UnderWay(exchange)) => {
                self.answered(host, exchange, &response, turn);
            }
            (Line::Read(Response::NoBase64 | Response::Decoded(_)), _) => {
                self.break_off(turn, 501, (5, 2), "cannot decode base64");
            }
        }
    }

    // RFC 4954 4: "334" SP [base64]
    fn ask(&mut self, exchange: Exchange, turn: &mut Turn) {
        turn.say(&Reply::new(334, None, exchange.challenge()));
        self.proof = Proof::UnderWay(exchange);
    }

    fn answered<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        exchange: Exchange,
        response: &[u8],
        turn: &mut Turn,
    ) {
        let mechanism = exchange.mechanism();
        match exchange.answer(response) {
            Progress::GoesOn(exchange) => self.ask(exchange, turn),
            Progress::Malformed => self.break_off(turn, 501, (5, 2), "malformed authentication response"),
            Progress::Complete(proof) => self.judge(host, mechanism, &proof, turn),
        }
    }

    fn judge<H: Host + ?Sized>(
        &mut self,
        host: &mut H,
        mechanism: Mechanism,
        proof: &sasl::Proof,
        turn: &mut Turn,
    ) {
        let credentials = Credentials {
            mechanism,
            authorization: proof.authorization.as_deref(),
            user: &proof.user,
            password: &proof.password,
        };
        self.state = State::Idle;
        self.proof = match turn.add(&host.authenticate(&credentials)) {
            Some(ReplyClass::Positive) => Proof::Given,
            Some(_) | None => Proof::None,
        };
    }

    /// The exchange comes to nothing, which counts as an error.
    fn break_off(&mut self, turn: &mut Turn, code: u16, status: (u16, u16), text: &str) {
        self.state = State::Idle;
        self.proof = Proof::None;
        self.refuse(turn, code, status, text);
    }
}

/// What a client said in an exchange.
enum Response {
    /// `*`: it gives up.
    Cancel,
    Decoded(Vec<u8>),
    NoBase64,
}

fn decode(line: &[u8]) -> Response {
    let text = line.strip_suffix(b"\r\n").unwrap_or(line);
    match BASE64.decode(text) {
        _ if text == b"*" => Response::Cancel,
        Ok(decoded) => Response::Decoded(decoded),
        Err(_) => Response::NoBase64,
    }
}
