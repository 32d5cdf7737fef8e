//! `bouncelab send`, to a server in a thread that keeps what it is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use bouncelab::{Exit, Streams};

use crate::place::Place;

/// A mail server on a port of its own. It refuses `bob` and, if it is asked to, nothing else.
struct Server {
    port: u16,
    /// Everything that clients said, connection by connection.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || talk(stream.unwrap(), &kept));
            }
        });
        Self { port, heard }
    }

    fn route(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().concat()
    }
}

/// One conversation.
fn talk(mut stream: TcpStream, kept: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let client = stream.peer_addr().unwrap().ip();
    kept.lock().unwrap().push(format!("connection from {client}\n"));
    let mut say = |line: &str| stream.write_all(format!("{line}\r\n").as_bytes()).is_ok();
    say("220 sink.test ESMTP");
    let mut in_message = false;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        kept.lock().unwrap().push(line.clone());
        let answer = match line.trim_end() {
            "." if in_message => {
                in_message = false;
                "250 2.0.0 taken"
            }
            _ if in_message => continue,
            "DATA" => {
                in_message = true;
                "354 go on"
            }
            "QUIT" => "221 2.0.0 bye",
            command if command.starts_with("RCPT TO:<bob@") => "550 5.1.1 no such user",
            command if command.starts_with("RCPT TO:<later@") => "451 4.7.1 not now",
            _ => "250 2.0.0 fine",
        };
        if !say(answer) {
            return;
        }
    }
}

/// The first block of YAML in the page about sending.
fn example() -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/send.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, block) = page.split_once("```yaml\n").unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_example_of_the_page_is_sent_as_the_page_says() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/send.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, expected) = page.split_once("--route 127.0.0.1:2525\n").unwrap();
    let expected = expected.split_once("```").unwrap().0;
    let (place, server) = (Place::new("send-example"), Server::start());
    place.write("spring-sale.yaml", &example());
    let said = place.bouncelab(&["send", "@spring-sale.yaml", "--route", &server.route()]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Failed, ""), "{}", said.out);
    let (first, rest) = said.out.split_once('\n').unwrap();
    let (words, _) = first.rsplit_once(" in ").unwrap();
    assert_eq!(format!("{words} in TIME\n{rest}"), expected);
    let heard = server.heard();
    for line in [
        "MAIL FROM:<bounces+1-1-",
        "MAIL FROM:<bounces+1-3-",
        "RCPT TO:<ann@bigbox.test>",
        "From: \"Spring at News\" <spring@news.example>",
        "Subject: Ann, it is spring",
        "Subject: Hello, it is spring",
        "List-Unsubscribe: <https://news.example/leave/",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Dear Ann,",
        "Dear friend,",
        "everything in <b>Ulm</b> is new.",
    ] {
        assert!(heard.contains(line), "{line} is missing:\n{heard}");
    }
}

#[test]
fn recipients_in_a_csv_file_are_sent_to_and_the_record_is_kept() {
    let (place, server) = (Place::new("send-csv"), Server::start());
    place.write(
        "people.csv",
        "first_name,address\r\n\"Ann, the first\",ann@bigbox.test\r\nCid,cid@b\u{fc}cher.example\r\n",
    );
    place.write(
        "m.yaml",
        "name: m\nfrom: a@news.example\nsubject: Hi {{first_name}}\ntext: Hi\nrecipients: people.csv\n",
    );
    let said = place.bouncelab(&["send", "@m.yaml", "--route", &server.route(), "--record", "@out"]);
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""), "{}", said.out);
    let heard = server.heard();
    assert!(heard.contains("Subject: Hi Ann, the first"), "{heard}");
    assert!(heard.contains("RCPT TO:<cid@xn--bcher-kva.example>"), "{heard}");
    let story = place.bouncelab(&["explain", "@out", "--contact", "ann@bigbox.test"]);
    assert!(story.exit == Exit::Held && story.out.contains("delivered"), "{}{}", story.out, story.err);
}

#[test]
fn what_is_left_when_the_time_is_up_is_said() {
    let (place, server) = (Place::new("send-limit"), Server::start());
    place.write(
        "m.yaml",
        "name: m\nfrom: a@news.example\nsubject: Hi\ntext: Hi\nrecipients: [ann@bigbox.test, later@bigbox.test]\n",
    );
    let said = place.bouncelab(&["send", "@m.yaml", "--route", &server.route(), "--time-limit", "1s"]);
    assert_eq!(said.exit, Exit::TimeLimit, "{}{}", said.out, said.err);
    assert!(said.out.contains("later@bigbox.test  given up: 451 4.7.1 not now"), "{}", said.out);
    assert_eq!(said.err, "the time limit has come: 0 recipients never tried, 1 given up after an attempt\n");
}

#[test]
fn an_interruption_gives_up_what_is_left() {
    let (place, server) = (Place::new("send-interrupted"), Server::start());
    place.write(
        "m.yaml",
        "name: m\nfrom: a@news.example\nsubject: Hi\ntext: Hi\nrecipients: [later@bigbox.test]\n",
    );
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams::plain(&mut out, &mut err);
    let interrupt = streams.interrupt().clone();
    let heard = Arc::clone(&server.heard);
    // Once the server has put the recipient off, nothing but an interruption ends the mailing before tomorrow.
    let operator = std::thread::spawn(move || {
        while !heard.lock().unwrap().concat().contains("RCPT TO:<later@") {
            std::thread::yield_now();
        }
        interrupt.press();
    });
    let exit =
        bouncelab::main(place.arguments(&["send", "@m.yaml", "--route", &server.route()]), &mut streams);
    operator.join().unwrap();
    drop(streams);
    assert_eq!(exit, Exit::Interrupted);
    let err = String::from_utf8(err).unwrap();
    assert_eq!(err, "interrupted: 0 recipients never tried, 1 given up after an attempt\n");
}

#[test]
fn connections_come_from_the_address_that_was_chosen() {
    let (place, server) = (Place::new("send-source"), Server::start());
    place.write(
        "m.yaml",
        "name: m\nfrom: a@news.example\nsubject: Hi\ntext: Hi\nrecipients: [ann@localhost]\n",
    );
    let port = server.port.to_string();
    let arguments =
        ["send", "@m.yaml", "--port", &port, "--source", "127.0.0.2", "--ehlo", "mta.news.example"];
    let said = place.bouncelab(&arguments);
    assert_eq!(said.exit, Exit::Held, "{}{}", said.out, said.err);
    let heard = server.heard();
    assert!(
        heard.contains("connection from 127.0.0.2\n") && heard.contains("EHLO mta.news.example\r\n"),
        "{heard}"
    );
}

#[test]
fn an_address_of_another_machine_is_no_source() {
    let (place, server) = (Place::new("send-no-source"), Server::start());
    place.write(
        "m.yaml",
        "name: m\nfrom: a@news.example\nsubject: Hi\ntext: Hi\nrecipients: [ann@bigbox.test]\n",
    );
    let said = place.bouncelab(&["send", "@m.yaml", "--route", &server.route(), "--source", "192.0.2.1"]);
    assert_eq!((said.exit, server.heard().as_str()), (Exit::Environment, ""), "{}{}", said.out, said.err);
    assert!(said.err.contains("nothing can be sent from 192.0.2.1"), "{}", said.err);
}

#[test]
fn signatures_are_made_with_keys_beside_the_file() {
    let (place, server) = (Place::new("send-signed"), Server::start());
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../../engine/compose/tests/keys/ed25519.pem");
    place.write("dkim.pem", &std::fs::read_to_string(key).unwrap());
    place.write(
        "m.yaml",
        "name: m\nfrom: a@news.example\nsubject: Hi\ntext: Hi\nrecipients: [ann@bigbox.test]\n\
         dkim: { domain: news.example, selector: s1, key: dkim.pem }\n",
    );
    let said = place.bouncelab(&["send", "@m.yaml", "--route", &server.route()]);
    assert_eq!(said.exit, Exit::Held, "{}{}", said.out, said.err);
    assert!(server.heard().contains("DKIM-Signature: v=1; a=ed25519-sha256; s=s1; d=news.example"));
}
