//! What comes back from a provider, as texts to read: the `.txt` files beside this one. `BLESS=1 cargo test -p fleet --test
//! echoes` accepts what they are now; read what git then says has changed.
//!
//! In the files `<due> to <address>` opens each echo, lines end with LF, and the header of the message that it is about is
//! the one below.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use fleet::{
    Active, Dial, Dns, Echo, EchoKind, Fleet, FleetBuilder, MxRecord, Outbox, ProviderSpec, library,
    read_behaviour,
};
use scenario::{Kind, Problems, Source, tree};
use units::Instant;

const MESSAGE: &str = "From: News <news@sender.example>\r\nTo: Ann <ann@bigbox.test>\r\n\
    Subject: Spring sale:\r\n everything must go\r\nMessage-ID: <1@sender.example>\r\n\
    List-Unsubscribe: <https://sender.example/u/7>,\r\n\t<mailto:leave@sender.example?subject=leave%207>\r\n\
    List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHello Ann\r\n";

const RETURN_PATH: &str = "bounces+1-7-token@sender.example";

/// Keeps what is sent.
#[derive(Debug, Default)]
struct Kept(RefCell<Vec<Echo>>);

impl Outbox for Kept {
    fn send(&self, echo: Echo) {
        self.0.borrow_mut().push(echo);
    }
}

fn fleet(yaml: &str) -> Fleet {
    let root = tree(&Source::new("fate.yaml", yaml)).expect(yaml);
    let Kind::Map(entries) = root.kind else { panic!("not a map: {yaml}") };
    let mut problems = Problems::new();
    let read = entries.into_iter().map(|(key, settings)| scenario::Behaviour { key, settings });
    let behaviours = read.filter_map(|one| read_behaviour(&one, &mut problems)).map(Active::always).collect();
    assert!(problems.is_empty(), "{yaml}: {problems:?}");
    let mut builder = FleetBuilder::new(7);
    let spec = ProviderSpec {
        index: 0,
        name: "bigbox",
        profile: library().get("gmail").expect("a shipped profile"),
        domains: vec!["bigbox.test".to_owned()],
        dns: Dns::Hosts(vec![MxRecord { preference: 10, host: "mx1.bigbox.test".to_owned() }]),
        behaviours,
        contacts: &["ann@bigbox.test"],
    };
    builder.add_provider(spec).expect("names are free");
    builder.build()
}

/// What comes back when a message with this return path is accepted an hour after the start.
fn echoes(yaml: &str, return_path: &str, message: &str) -> Vec<Echo> {
    let mut fleet = fleet(yaml);
    let kept = Rc::new(Kept::default());
    let outbox: Rc<dyn Outbox> = Rc::<Kept>::clone(&kept);
    fleet.send_post_to(&outbox);
    let now = Instant::from_hours(1);
    let Dial::Connected { mut server, .. } = fleet.connect("mx1.bigbox.test", now) else {
        panic!("no connection")
    };
    server.greeting(now);
    let envelope = format!("MAIL FROM:<{return_path}>\r\n");
    for said in ["EHLO mta.sender.example\r\n", &envelope, "RCPT TO:<ann@bigbox.test>\r\n", "DATA\r\n"] {
        server.receive(now, said.as_bytes());
    }
    let answer = server.receive(now, format!("{message}.\r\n").as_bytes());
    assert!(answer.bytes.starts_with(b"250"), "{yaml}");
    server.closed(now);
    kept.0.take()
}

fn shown(echo: &Echo) -> String {
    let text = |message: &[u8]| {
        let text = String::from_utf8(message.to_vec()).expect("text");
        assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n")), "every line ends: {text}");
        assert!(text.lines().all(|line| line.len() <= 998), "no line is too long: {text}");
        text.replace("\r\n", "\n")
    };
    let (to, text) = match &echo.what {
        EchoKind::Mail { to, message } => (to.to_string(), text(message)),
        EchoKind::OneClick { link, body } => (link.clone(), format!("{body}\n")),
    };
    format!("{} about {} to {to}\n\n{text}", echo.due, echo.recipient)
}

fn check(name: &str, yaml: &str) {
    let written: Vec<String> = echoes(yaml, RETURN_PATH, MESSAGE).iter().map(shown).collect();
    assert!(!written.is_empty(), "{name}: nothing came back");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/echoes").join(name);
    let written = written.join("\n");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &written).expect("the folder can be written to");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, written, "{name}: accept with `BLESS=1 cargo test -p fleet --test echoes`");
}

#[test]
fn reports() {
    check("report.txt", "fate: { bounced_later: 100% }");
    check(
        "report-of-what-is-full.txt",
        "fate: { bounced_later: { share: 100%, after: 3d, use: full_mailbox } }",
    );
    check(
        "report-with-everything.txt",
        "fate: { bounced_later: { share: 100%, after: 6h, status: 5.4.14, diagnostic: 'Hop count exceeded: too\n\n  far', \
         return: full } }",
    );
    check(
        "report-from-elsewhere.txt",
        "fate: { bounced_later: { share: 100%, return: none, forwarded_to: ann@old.example } }",
    );
}

#[test]
fn odd_reports() {
    let quirks = [
        ("no_original_recipient", "report-no-original-recipient.txt"),
        ("hidden_recipient", "report-hidden-recipient.txt"),
        ("foreign_language", "report-foreign-language.txt"),
        ("malformed", "report-malformed.txt"),
        ("forged", "report-forged.txt"),
        ("looping", "report-looping.txt"),
    ];
    for (quirk, file) in quirks {
        let yaml = format!("fate: {{ bounced_later: {{ share: 100%, after: 1m, quirks: {quirk} }} }}");
        check(file, &yaml);
    }
}

#[test]
fn what_people_send() {
    check("complaint.txt", "fate: { complained: 100% }");
    check("complaint-redacted.txt", "fate: { complained: { share: 100%, redacted: true } }");
    check("absence.txt", "fate: { auto_replied: 100% }");
    check("unsubscribe-one-click.txt", "fate: { unsubscribed: 100% }");
    check("unsubscribe-mailto.txt", "fate: { unsubscribed: { share: 100%, by: mailto } }");
}

#[test]
fn nothing_goes_to_the_null_return_path() {
    for yaml in ["bounced_later: 100%", "complained: 100%", "auto_replied: 100%"] {
        assert_eq!(echoes(&format!("fate: {{ {yaml} }}"), "", MESSAGE), [], "{yaml}");
    }
}

#[test]
fn nobody_leaves_who_is_not_shown_how() {
    let plain = "Subject: x\r\n\r\nList-Unsubscribe: <https://sender.example/u>\r\n";
    let link_only = "List-Unsubscribe: <https://sender.example/u/7>\r\n\r\n";
    for message in [plain, link_only] {
        assert_eq!(echoes("fate: { unsubscribed: 100% }", RETURN_PATH, message), [], "{message}");
    }
}

/// Whatever bytes a message has, what is written about it is mail.
#[test]
fn any_message_can_be_written_about() {
    let yaml = "fate: { complained: 100%, auto_replied: 100%, unsubscribed: { share: 100%, by: mailto } }";
    let odd = [
        "Subject: \u{fc}ber\u{0}\tall\r\n",
        "Subject:\r\n Bcc: x@y.test\r\n\r\n",
        "List-Unsubscribe: <mailto:%0d%0aBcc:x@y.test?subject=%zz%,%\u{fc}>\r\n",
        "List-Unsubscribe: <mailto:a@b.test?subject=%0D%0Ax>\r\n",
        "no colon\r\n\r\n",
        "",
    ];
    for message in odd {
        for echo in echoes(yaml, RETURN_PATH, message) {
            let text = shown(&echo);
            let header = text.split("\n\n").nth(1).expect("a header");
            assert!(!header.contains("\nBcc"), "{text}");
            assert!(header.is_ascii(), "{text}");
        }
    }
}
