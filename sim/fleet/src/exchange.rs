//! What a server was asked and what it answered, question by question, for whoever compares it with somebody else's server.
//!
//! The session asks [`Notes`] in the place of the conversation, which is asked in turn: nothing is decided here.

use smtp::server::{Answer, Credentials, Host};
use smtp::{Address, MailParameters, RcptParameters, ReversePath};

use crate::conversation::Conversation;

/// A question that the protocol led to, and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was asked.
    pub asked: Asked,
    /// What was answered.
    pub answer: Answer,
}

/// What a server is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// EHLO or HELO.
    Hello {
        /// What the client calls itself.
        name: String,
    },
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Authenticate,
    /// MAIL.
    Mail {
        /// The return path.
        from: ReversePath,
        /// What was declared with it.
        parameters: MailParameters,
    },
    /// RCPT.
    Rcpt {
        /// The recipient.
        to: Address,
        /// What was asked for it.
        parameters: RcptParameters,
    },
    /// DATA, or the first BDAT of a message.
    Data,
    /// The message is complete.
    EndOfData {
        /// XXH3-64 of its content, without dot-stuffing.
        hash: u64,
        /// The octets of its content.
        bytes: u64,
    },
    /// QUIT.
    Quit,
}

/// Writes down what a conversation is asked.
pub(crate) struct Notes<'a> {
    pub(crate) conversation: &'a mut Conversation,
    pub(crate) exchanges: Vec<Exchange>,
}

impl Notes<'_> {
    fn note(&mut self, asked: Asked, answer: Answer) -> Answer {
        self.exchanges.push(Exchange { asked, answer: answer.clone() });
        answer
    }
}

impl Host for Notes<'_> {
    fn greet(&mut self) -> Answer {
        self.conversation.greet()
    }

    fn hello(&mut self, name: &str) -> Answer {
        let answer = self.conversation.hello(name);
        self.note(Asked::Hello { name: name.to_owned() }, answer)
    }

    fn helo(&mut self, name: &str) -> Answer {
        let answer = self.conversation.helo(name);
        self.note(Asked::Hello { name: name.to_owned() }, answer)
    }

    fn start_tls(&mut self) -> Answer {
        let answer = self.conversation.start_tls();
        self.note(Asked::StartTls, answer)
    }

    fn authenticate(&mut self, credentials: &Credentials<'_>) -> Answer {
        let answer = self.conversation.authenticate(credentials);
        self.note(Asked::Authenticate, answer)
    }

    fn mail(&mut self, from: &ReversePath, declared_size: Option<u64>) -> Answer {
        self.mail_with(from, &MailParameters { size: declared_size, ..MailParameters::default() })
    }

    fn mail_with(&mut self, from: &ReversePath, parameters: &MailParameters) -> Answer {
        let answer = self.conversation.mail_with(from, parameters);
        self.note(Asked::Mail { from: from.clone(), parameters: parameters.clone() }, answer)
    }

    fn rcpt(&mut self, to: &Address) -> Answer {
        self.rcpt_with(to, &RcptParameters::default())
    }

    fn rcpt_with(&mut self, to: &Address, parameters: &RcptParameters) -> Answer {
        let answer = self.conversation.rcpt_with(to, parameters);
        self.note(Asked::Rcpt { to: to.clone(), parameters: parameters.clone() }, answer)
    }

    fn postmaster(&self) -> Option<Address> {
        self.conversation.postmaster()
    }

    fn rcpt_in_vain(&mut self, to: &Address) {
        self.conversation.rcpt_in_vain(to);
    }

    fn data(&mut self) -> Answer {
        let answer = self.conversation.data();
        self.note(Asked::Data, answer)
    }

    fn bdat(&mut self) -> Answer {
        let answer = self.conversation.bdat();
        self.note(Asked::Data, answer)
    }

    // What follows is asked beside the protocol that other servers share: no question to be compared.
    fn data_in_vain(&mut self) -> Option<Answer> {
        self.conversation.data_in_vain()
    }

    fn interrupt(&mut self) -> Option<Answer> {
        self.conversation.interrupt()
    }

    fn rset(&mut self) -> Option<Answer> {
        self.conversation.rset()
    }

    fn noop(&mut self) -> Option<Answer> {
        self.conversation.noop()
    }

    fn vrfy(&mut self, whom: &str) -> Option<Answer> {
        self.conversation.vrfy(whom)
    }

    fn body(&mut self, chunk: &[u8]) {
        self.conversation.body(chunk);
    }

    fn end_of_data(&mut self, bytes: u64) -> Answer {
        let hash = self.conversation.content_hash();
        let answer = self.conversation.end_of_data(bytes);
        self.note(Asked::EndOfData { hash, bytes }, answer)
    }

    fn quit(&mut self) -> Answer {
        let answer = self.conversation.quit();
        self.note(Asked::Quit, answer)
    }

    fn reset(&mut self) {
        self.conversation.reset();
    }
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::*;
    use crate::Dial;
    use crate::testing::World;

    #[test]
    fn what_is_asked_and_answered_is_told_beside_the_same_turns() {
        let server = || {
            let world = World::with(1, "bigbox", "generic-postfix", 1, Vec::new());
            let Dial::Connected { after, server } = world.fleet.connect("mx1.bigbox.test", Instant::ZERO)
            else {
                panic!("no connection")
            };
            (*server, Instant::ZERO + after)
        };
        let ((mut plain, now), (mut noted, _)) = (server(), server());
        assert_eq!(plain.greeting(now), noted.greeting(now));
        let lines = [
            "EHLO a.test\r\n",
            "MAIL FROM:<a@a.test> BODY=8BITMIME\r\n",
            "RCPT TO:<b@bigbox.test>\r\n",
            "NOOP\r\nDATA\r\n",
            "..a\r\n.\r\n",
            "QUIT\r\n",
        ];
        let mut asked = Vec::new();
        for line in lines {
            let (turn, exchanges) = noted.receive_noted(now, line.as_bytes());
            assert_eq!(turn, plain.receive(now, line.as_bytes()), "{line}");
            asked.extend(exchanges.into_iter().map(|exchange| {
                match (exchange.asked, exchange.answer.reply) {
                    (Asked::Hello { name }, Some(reply)) => format!("hello {name} {}", reply.code().get()),
                    (Asked::Mail { from, .. }, Some(reply)) => format!("mail {from} {}", reply.code().get()),
                    (Asked::Rcpt { to, .. }, Some(reply)) => format!("rcpt {to} {}", reply.code().get()),
                    (Asked::Data, Some(reply)) => format!("data {}", reply.code().get()),
                    (Asked::EndOfData { hash, bytes }, Some(reply)) => {
                        assert_eq!(hash, xxhash_rust::xxh3::xxh3_64(b".a\r\n"));
                        format!("end of data {bytes} {}", reply.code().get())
                    }
                    (Asked::Quit, Some(reply)) => format!("quit {}", reply.code().get()),
                    other => panic!("{other:?}"),
                }
            }));
        }
        let expected = [
            "hello a.test 250",
            "mail <a@a.test> 250",
            "rcpt b@bigbox.test 250",
            "data 354",
            "end of data 4 250",
            "quit 221",
        ];
        assert_eq!(asked, expected);
    }
}
