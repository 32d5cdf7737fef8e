//! What mailin-embedded cannot do, and what it does all the same: the harness refuses scenarios because of it
//! (`sim/harness/src/wire/referee/limits.rs`). If a later version can do more, a test here fails, and the list may be shorter.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The program, and one who answers its questions.
struct Referee {
    child: Child,
    answers: ChildStdin,
    questions: BufReader<ChildStdout>,
    port: u16,
}

impl Referee {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bouncelab-mailin"));
        let mut child =
            command.arg("4").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let answers = child.stdin.take().expect("a pipe");
        let mut questions = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut port = String::new();
        questions.read_line(&mut port).expect("a port");
        Self { child, answers, questions, port: port.trim().parse().expect("a port") }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
        Client(BufReader::new(stream))
    }

    /// The next question, which is answered with this.
    fn asked(&mut self, answer: &str) -> String {
        let mut question = String::new();
        self.questions.read_line(&mut question).expect("a question");
        self.answers.write_all(format!("{answer}\n").as_bytes()).expect("it listens");
        question.trim().to_owned()
    }
}

impl Drop for Referee {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn say(&mut self, words: &str) {
        self.0.get_mut().write_all(words.as_bytes()).expect("it reads");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a reply");
        line.trim_end().to_owned()
    }

    /// Says something that mailin answers by itself.
    fn ask(&mut self, words: &str) -> String {
        self.say(words);
        self.hear()
    }
}

const OK: &str = r#"{"code":250,"text":"Ok","close":false}"#;

/// A client that has said EHLO.
fn welcome(referee: &mut Referee) -> Client {
    let mut client = referee.connect();
    assert_eq!(client.hear(), "220 referee.test ESMTP");
    client.say("EHLO mta.test\r\n");
    assert_eq!(referee.asked(OK), r#"{"connection":1,"asked":"hello","name":"mta.test"}"#);
    assert_eq!(
        (client.hear(), client.hear()),
        ("250-server offers extensions:".into(), "250 8BITMIME".into())
    );
    client
}

/// A client whose message is about to be sent.
fn in_message(referee: &mut Referee) -> Client {
    let mut client = welcome(referee);
    client.say("MAIL FROM:<a@a.test> BODY=8BITMIME\r\n");
    let mail = r#"{"connection":1,"asked":"mail","name":"mta.test","from":"a@a.test"}"#;
    assert_eq!(referee.asked(OK), mail);
    assert_eq!(client.hear(), "250 Ok");
    client.say("RCPT TO:<b@b.test>\r\n");
    assert_eq!(referee.asked(OK), r#"{"connection":1,"asked":"rcpt","to":"b@b.test"}"#);
    assert_eq!(client.hear(), "250 Ok");
    client.say("DATA\r\n");
    let data = r#"{"connection":1,"asked":"data","name":"mta.test","from":"a@a.test","eight_bit":true,"to":["b@b.test"]}"#;
    assert_eq!(referee.asked(OK), data);
    assert_eq!(client.hear(), "354 Start mail input; end with <CRLF>.<CRLF>");
    client
}

fn end_of_data(text: &[u8]) -> String {
    let (hash, bytes) = (xxhash_rust::xxh3::xxh3_64(text), text.len());
    format!(r#"{{"connection":1,"asked":"end-of-data","hash":{hash},"bytes":{bytes}}}"#)
}

#[test]
fn a_message_is_asked_about_step_by_step() {
    let mut referee = Referee::start();
    let mut client = in_message(&mut referee);
    client.say("..dot\r\n.\r\n");
    assert_eq!(referee.asked(OK), end_of_data(b".dot\r\n"));
    assert_eq!(client.hear(), "250 Ok");
    assert_eq!(client.ask("RSET\r\n"), "250 OK");
    assert_eq!(client.ask("QUIT\r\n"), "221 Goodbye");
    assert_eq!(client.0.read(&mut [0; 8]).expect("the end"), 0);
}

#[test]
fn refused_at_the_end_of_data_it_is_stuck_in_the_message() {
    let mut referee = Referee::start();
    let mut client = in_message(&mut referee);
    client.say("a\r\n.\r\n");
    assert_eq!(referee.asked(r#"{"code":554,"text":"no","close":false}"#), end_of_data(b"a\r\n"));
    assert_eq!(client.hear(), "554 no");
    // Not a command any more, but more of the message.
    client.say("RSET\r\n.\r\n");
    assert_eq!(referee.asked(OK), end_of_data(b"a\r\nRSET\r\n"));
    assert_eq!(client.hear(), "250 Ok");
}

#[test]
fn it_can_close_with_a_refusal() {
    let mut referee = Referee::start();
    let mut client = in_message(&mut referee);
    client.say("a\r\n.\r\n");
    referee.asked(r#"{"code":554,"text":"5.7.1 no","close":true}"#);
    assert_eq!(client.hear(), "554 5.7.1 no");
    assert_eq!(client.0.read(&mut [0; 8]).expect("the end"), 0);
}

#[test]
fn it_knows_neither_the_null_sender_nor_sizes_nor_reports() {
    let mut referee = Referee::start();
    let mut client = welcome(&mut referee);
    for words in [
        "MAIL FROM:<>\r\n",
        "MAIL FROM:<a@a.test> SIZE=100\r\n",
        "MAIL FROM:<a@a.test> BODY=8BITMIME SIZE=100\r\n",
        "MAIL FROM:<\"a b\"@a.test>\r\n",
    ] {
        assert_eq!(client.ask(words), "500 Syntax error", "{words}");
    }
    client.say("MAIL FROM:<a@a.test>\r\n");
    referee.asked(OK);
    client.hear();
    assert_eq!(client.ask("RCPT TO:<b@b.test> NOTIFY=NEVER\r\n"), "500 Syntax error");
    assert_eq!(client.ask("STARTTLS\r\n"), "503 Bad sequence of commands");
}

#[test]
fn a_reply_of_two_lines_would_be_two_replies() {
    let mut referee = Referee::start();
    let mut client = welcome(&mut referee);
    client.say("MAIL FROM:<a@a.test>\r\n");
    referee.asked(r#"{"code":550,"text":"no\r\nno","close":false}"#);
    assert_eq!((client.hear(), client.hear()), ("550 no".into(), "no".into()));
}

#[test]
fn it_ends_when_nobody_is_left_to_ask() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bouncelab-mailin"));
    let mut child = command.arg("1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
}
