//! `serve`: where everything is, how it ends, and ports that are taken.

use std::net::TcpListener;

use bouncelab::{Exit, Streams};

use crate::place::{Place, scenario};

/// Every port whichever is free, and an end.
const BRIEFLY: [&str; 9] =
    ["serve", "--listen", "127.0.0.1:0", "--dns", "127.0.0.1:0", "--control", "127.0.0.1:0", "--for", "10ms"];

#[test]
fn it_says_where_everything_is_and_what_it_saw() {
    let place = Place::new("it_says_where_everything_is_and_what_it_saw");
    place.write("a.yaml", &scenario("One", 3));
    let said = place.bouncelab(&[&BRIEFLY[..], &["@a.yaml", "--ca-out", "@ca.pem"]].concat());
    assert_eq!((said.exit, said.err.as_str()), (Exit::Held, ""));
    for words in [
        "serving One\n",
        " mx1.northmail.test northmail\n",
        "/ca.pem\n",
        "/transport >",
        "nobody connected\n",
    ] {
        assert!(said.out.contains(words), "{words:?} is missing in {}", said.out);
    }
    assert!(place.read("ca.pem").starts_with("-----BEGIN CERTIFICATE-----"));
    let said = place.bouncelab(&BRIEFLY);
    for words in ["serving magic addresses", " expired.tls.test ", "relayhost = [127.0.0.1]:"] {
        assert!(said.out.contains(words), "{words:?} is missing in {}", said.out);
    }
    let quiet = place.bouncelab(&[&BRIEFLY[..], &["--quiet"]].concat());
    assert_eq!((quiet.exit, quiet.out.as_str(), quiet.err.as_str()), (Exit::Held, "", ""));
}

#[test]
fn an_interruption_is_the_usual_end_and_a_failure_only_of_a_set_time() {
    let place = Place::new("an_interruption_is_the_usual_end");
    let interrupted = |arguments: &[&str]| {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams::plain(&mut out, &mut err);
        streams.interrupt().press();
        bouncelab::main(place.arguments(arguments), &mut streams)
    };
    assert_eq!(interrupted(&BRIEFLY[..7]), Exit::Held);
    assert_eq!(interrupted(&[&BRIEFLY[..7], &["--for", "1h"]].concat()), Exit::Interrupted);
}

#[test]
fn a_port_that_is_taken_is_told_with_what_to_do() {
    let place = Place::new("a_port_that_is_taken_is_told");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for option in ["--listen", "--dns", "--control"] {
        let mut arguments = BRIEFLY.to_vec();
        let at = arguments.iter().position(|argument| *argument == option).unwrap();
        arguments[at + 1] = &address;
        let said = place.bouncelab(&arguments);
        assert_eq!((said.exit, said.out.as_str()), (Exit::Environment, ""), "{option}");
        let words = format!("error: cannot serve: cannot listen at {address}: ");
        let remedy = format!("\n  something listens at {address} already: stop it, or choose another port\n");
        assert!(said.err.starts_with(&words) && said.err.ends_with(&remedy), "{}", said.err);
    }
    let said = place.bouncelab(&[&BRIEFLY[..], &["--ca-out", "@no/such/folder"]].concat());
    assert_eq!(said.exit, Exit::Environment);
    assert!(said.err.starts_with("error: cannot write `FOLDER/no/such/folder`: "), "{}", said.err);
}

#[test]
fn what_others_can_reach_is_warned_of() {
    let place = Place::new("what_others_can_reach_is_warned_of");
    let mut arguments = BRIEFLY.to_vec();
    arguments[2] = "0.0.0.0:0";
    let said = place.bouncelab(&arguments);
    assert_eq!(said.exit, Exit::Held);
    assert!(said.err.starts_with("warning: 0.0.0.0:") && said.err.contains("other machines"), "{}", said.err);
}

#[test]
fn an_invalid_scenario_is_not_served() {
    let place = Place::new("an_invalid_scenario_is_not_served");
    place.write("a.yaml", "name: One\nproviders: 7\n");
    let said = place.bouncelab(&[&BRIEFLY[..], &["@a.yaml"]].concat());
    assert_eq!((said.exit, said.out.as_str()), (Exit::Invalid, ""));
    assert!(said.err.ends_with("; nothing is served\n"), "{}", said.err);
}
