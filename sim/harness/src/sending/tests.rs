//! A mailing to people, over the memory wire to fake servers.

use std::cell::RefCell;

use compose::{Draft, Epoch, FieldNames, Identity, Secret, Template};
use smtp::Domain;

use super::*;
use crate::clock::VirtualTime;
use crate::wire::{MemoryWire, Names, one_host};

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn sending(people: &[&str]) -> Sending {
    let from = address("news@news.example");
    let draft = Draft {
        from: &from,
        from_name: "",
        reply_to: None,
        to_name: "",
        subject: "Hello {{name|you}}",
        text: "Hello {{name|you}}",
        html: None,
        headers: &[],
    };
    let template = Template::read(&draft, &FieldNames::new(["name"]).unwrap()).expect("a template");
    let identity = Identity { seed: 7, mailing: 3, domain: Domain::parse("news.example").unwrap() };
    let secret = Secret::new(b"a secret of enough octets");
    let person = |text: &&str| {
        let (name, address_text) = text.split_once(' ').unwrap_or(("", text));
        Person { address: address(address_text), fields: Fields::new([name]).expect("short") }
    };
    Sending {
        name: "news".to_owned(),
        file: "news.yaml".to_owned(),
        seed: 7,
        number: 3,
        composer: Composer::new(template, identity, Epoch::SCENARIO, secret.clone()),
        return_path: ReturnPath::Each(ReturnPaths::new(address("bounces@news.example"), secret).unwrap()),
        people: people.iter().map(person).collect(),
        plan: RetryPlan::default(),
        contact_policy: ContactPolicy::Classic,
        uncertain: UncertainPolicy::Resend,
        limits: SiteLimits { recipients_per_message: 1, ..SiteLimits::default() },
        tls: policy::tls::TlsPolicy::default(),
    }
}

/// Sends to the people through servers that behave as `yaml` says: record, end, receipts.
fn sent(
    people: &[&str],
    yaml: &str,
    limit: Option<Instant>,
    progress: &Arc<Progress>,
) -> (::record::Record, End, fleet::Receipts) {
    let addresses: Vec<&str> = people.iter().map(|text| text.split(' ').next_back().expect("one")).collect();
    let fleet = Rc::new(RefCell::new(one_host::fleet(yaml, &addresses)));
    let time = VirtualTime::new(Arc::default());
    let wire = Rc::new(MemoryWire::new(Rc::clone(&fleet), time.clock()));
    let settings = Settings::new(Domain::parse("mta.news.example").expect("a domain"));
    let resolver = Rc::new(Names::new(Rc::clone(&fleet), time.clock()));
    let world = World { clock: time.clock(), connector: wire, resolver, settings };
    let (record, end) = time.run(send(sending(people), world, limit, progress)).expect("it comes to its end");
    let ended = time.clock().now();
    drop(time);
    let receipts =
        Rc::into_inner(fleet).expect("every connection is closed").into_inner().into_receipts(ended);
    (record, end, receipts)
}

#[test]
fn everybody_gets_a_message_of_their_own_from_a_return_path_of_their_own() {
    let people = ["Ann ann@bigbox.test", "Bob bob@bigbox.test", "cid@bigbox.test", "Ann ann@bigbox.test"];
    let (record, end, receipts) =
        sent(&people, "mailboxes: { unknown: [bob@bigbox.test] }", None, &Arc::default());
    assert_eq!(end, End::Complete);
    let counters = record.mailings[0].counters;
    assert_eq!((counters.selected, counters.delivered, counters.hard_bounced), (3, 2, 1));
    assert_eq!((counters.excluded, record.contacts[0].listed), (1, 2));
    let paths =
        ReturnPaths::new(address("bounces@news.example"), Secret::new(b"a secret of enough octets")).unwrap();
    let read: Vec<_> = receipts.senders.iter().map(|sender| paths.read(&address(sender))).collect();
    assert_eq!(read, [Ok((3, 1)), Ok((3, 2)), Ok((3, 3))]);
    let hashes: Vec<u64> = receipts
        .arrivals
        .iter()
        .filter_map(|arrival| match arrival.answer {
            fleet::Answered::Accepted { body_hash, .. } => Some(body_hash),
            fleet::Answered::AcceptedReplyLost { .. }
            | fleet::Answered::Refused { .. }
            | fleet::Answered::Unfinished => None,
        })
        .collect();
    assert!(hashes.len() == 2 && hashes[0] != hashes[1], "{hashes:?}");
    assert_eq!(record.digest, crate::digest::digest(&record));
}

/// Messages of people with a way to leave, and back from what is in them.
#[test]
fn whom_something_that_came_back_is_about_is_read_from_path_and_link() {
    use policy::feedback::Stray;
    use policy::mailing::{Composer as _, Listed, Whom};

    let Sending { composer, return_path, people, .. } = sending(&["Ann ann@bigbox.test", "bob@bigbox.test"]);
    let link = "https://news.example/3/{{recipient}}/{{token}}";
    let ways =
        compose::Unsubscribe::new(Some(link), Some("mailto:u@news.example?subject={{recipient}}-{{token}}"));
    let composer = composer.with_unsubscribe(ways.expect("ways to leave"));
    let letters = Letters::new(composer, return_path, 3, people, Instant::ZERO);
    let bob = Listed { contact: policy::ids::ContactId(1), position: 1 };
    let letter = letters.letter(bob, &address("bob@bigbox.test"));
    let smtp::ReversePath::Address(path) = letter.sender else { panic!("it has no return path") };
    assert_eq!(letters.whose_return_path(&path), Ok(Whom::Line(1)));
    let text = String::from_utf8_lossy(letter.body.wire()).replace("\r\n ", " ");
    let header =
        text.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: ")).expect("a way to leave");
    let links: Vec<_> = header.split(", ").map(|link| link.trim_matches(['<', '>'])).collect();
    assert_eq!(links.len(), 2, "{header}");
    for link in links {
        assert_eq!(letters.whose_link(link), Ok(Whom::Line(1)), "{link}");
        assert_eq!(letters.whose_link(&link.replace("/2/", "/1/").replace("=2-", "=1-")), Err(Stray::Forged));
    }
    assert_eq!(letters.whose_link("https://news.example/3/"), Err(Stray::NotOurs));
    let forged = path.as_str().replace("+3-2-", "+3-1-");
    assert_eq!(letters.whose_return_path(&address(&forged)), Err(Stray::Forged));
    assert_eq!(letters.whose_return_path(&address("bounces@news.example")), Err(Stray::NotOurs));
}

#[test]
fn what_is_left_when_time_is_up_is_given_up() {
    let limit = Some(Instant::from_hours(2));
    let (record, end, _) = sent(&["ann@bigbox.test"], "connect: refuse", limit, &Arc::default());
    assert_eq!(end, End::TimeUp);
    assert_eq!(record.mailings[0].counters.cancelled, 1);
    assert!(record.ended < Instant::from_hours(3).as_nanos());
}

#[test]
fn who_does_not_answer_when_time_is_up_is_waited_for_a_little() {
    let limit = Instant::ZERO + Duration::from_secs(1);
    let (record, end, _) = sent(&["ann@bigbox.test"], "stall: { at: rcpt }", Some(limit), &Arc::default());
    assert_eq!(end, End::TimeUp);
    assert_eq!(record.mailings[0].counters.in_progress, 1);
    assert_eq!(record.ended, (limit + GRACE).as_nanos());
}

#[test]
fn a_mailing_that_is_called_off_ends_at_once() {
    let progress = Arc::new(Progress::default());
    progress.call_off();
    let (record, end, receipts) = sent(&["ann@bigbox.test"], "latency: 1s", None, &progress);
    assert_eq!(end, End::CalledOff);
    assert_eq!(record.mailings[0].counters.dropped + record.mailings[0].counters.delivered, 1);
    assert!(receipts.arrivals.len() <= 1);
}

#[test]
fn a_connection_that_nobody_needs_does_not_hold_up_the_end() {
    let people: Vec<String> = (0..200).map(|n| format!("c{n}@bigbox.test")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let (record, end, _) = sent(&people, "stall: { at: greeting, share: 30% }", None, &Arc::default());
    assert_eq!((end, record.mailings[0].counters.delivered), (End::Complete, 200));
    let settled = |event: &::record::Event| matches!(event.kind, ::record::EventKind::Settled { .. });
    let last = record.events.iter().filter(|event| settled(event)).map(|event| event.at).max().expect("all");
    let parting = (Instant::ZERO + PARTING).as_nanos();
    assert_eq!(record.ended, last + parting, "greetings are waited for five minutes");
}
