//! Addresses that say what becomes of them, over a real connection.

use std::rc::Rc;
use std::time::Duration;

use fleet::{Offering, Pace, magic};
use serve::{Names, Service, Settings};

use crate::clock::HandClock;
use crate::service::connect;
use crate::world::{Closed, codes, on_a_runtime};

async fn start() -> (Service, Rc<HandClock>) {
    let (hand, clock) = HandClock::new();
    let blueprint = Box::new(|| magic::fleet(Pace::Immediate, Offering::Everything, 10_000));
    let settings = Settings::new(clock, Duration::from_secs(1_800_000_000));
    (Service::start(blueprint, Names::Below, settings).await.expect("all ports are free ones"), hand)
}

/// What a message to a recipient is answered with, and how the server closed, if it did before QUIT.
async fn send(service: &Service, recipient: &str) -> String {
    let mut client = connect(service).await;
    client.codes().await;
    client.ask("EHLO out.sender.test\r\n").await;
    client.say(&format!("MAIL FROM:<news@sender.test>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")).await;
    let mut said = String::new();
    loop {
        let piece = client.piece().await;
        if piece.is_empty() {
            return format!("{} closed", codes(&said)).trim_start().to_owned();
        }
        said += &piece;
        let answers = codes(&said);
        if answers.ends_with("354") {
            client.say("Subject: hi\r\n\r\nhi\r\n.\r\n").await;
        } else if answers.split(' ').count() >= 3 {
            let quit = client.ask("QUIT\r\n").await;
            return if quit == "221" {
                answers
            } else {
                format!("{answers} {quit} closed").replace("  ", " ")
            };
        }
    }
}

#[test]
fn addresses_do_what_they_say() {
    on_a_runtime(async {
        let (service, _) = start().await;
        let check = async |recipient: &str, expected: &str| {
            assert_eq!(send(&service, recipient).await, expected, "{recipient}");
        };
        check("ann@shop.test", "250 250 354 250").await;
        check("accept@shop.example", "250 250 354 250").await;
        check("550-5.1.1@shop.test", "250 550 554").await;
        check("bob+full@shop.test", "250 552 554").await;
        check("gmail-full@shop.test", "250 452 554").await;
        check("451-at-data@shop.test", "250 250 451").await;
        check("452-at-end@shop.test", "250 250 354 452").await;
        check("spam@shop.test", "250 250 354 554").await;
        check("421@shop.test", "250 421 closed").await;
        check("lose-reply@shop.test", "250 250 354 closed").await;
        check("drop-at-end@shop.test", "250 250 354 closed").await;
        check("ann@gmail.com", "250 554 554").await;
        service.stop().await;
    });
}

#[test]
fn a_reset_is_a_reset() {
    on_a_runtime(async {
        let (service, _) = start().await;
        let mut client = connect(&service).await;
        client.codes().await;
        client.say("EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<reset@shop.test>\r\n").await;
        assert_eq!(client.rest().await.1, Closed::Reset);
        service.stop().await;
    });
}

#[test]
fn a_second_try_passes_the_greylist_in_time() {
    on_a_runtime(async {
        let (service, clock) = start().await;
        let recipient = "greylist-5m@shop.test";
        assert_eq!(send(&service, recipient).await, "250 450 554");
        clock.advance(Duration::from_secs(299));
        assert_eq!(send(&service, recipient).await, "250 450 554");
        clock.advance(Duration::from_secs(1));
        assert_eq!(send(&service, recipient).await, "250 250 354 250");
        service.stop().await;
    });
}

#[test]
fn everything_is_offered() {
    on_a_runtime(async {
        let (service, _) = start().await;
        let mut client = connect(&service).await;
        client.codes().await;
        client.say("EHLO a.test\r\n").await;
        let said = client.piece().await;
        let mut offered: Vec<&str> = said.lines().skip(1).map(|line| &line[4..]).collect();
        offered.sort_unstable();
        assert_eq!(offered, EVERYTHING);
        assert_eq!(client.ask("AUTH PLAIN AGFubgBzZWNyZXQ=\r\n").await, "235");
        let envelope = "MAIL FROM:<> BODY=8BITMIME SMTPUTF8 RET=HDRS\r\nRCPT TO:<jürgen@shop.test> NOTIFY=NEVER\r\n\
                        RCPT TO:<Postmaster>\r\n";
        let chunks = "BDAT 4\r\nhi\r\nBDAT 0 LAST\r\n";
        assert_eq!(client.ask(&format!("{envelope}{chunks}")).await, "250 250 250 250 250");
        service.stop().await;
    });
}

const EVERYTHING: [&str; 9] = [
    "8BITMIME",
    "AUTH PLAIN LOGIN",
    "CHUNKING",
    "DSN",
    "ENHANCEDSTATUSCODES",
    "PIPELINING",
    "SIZE 52428800",
    "SMTPUTF8",
    "STARTTLS",
];

#[test]
fn a_message_out_of_form_is_refused() {
    on_a_runtime(async {
        let (service, _) = start().await;
        let long = "x".repeat(1001);
        for (body, expected) in [("hi", "250"), ("h\ni", "554"), ("h\ri", "554"), (&long, "500")] {
            let mut client = connect(&service).await;
            client.codes().await;
            client.ask("EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<ann@shop.test>\r\nDATA\r\n").await;
            assert_eq!(client.ask(&format!("{body}\r\n.\r\n")).await, expected, "{}", &body[..2]);
        }
        service.stop().await;
    });
}
