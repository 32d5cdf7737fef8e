//! What holds of every message: it is read without a panic, whatever is in it, and nothing hidden inside it speaks for it.

use policy::feedback::Notice;
use proptest::prelude::*;

/// Pieces that messages that come back are made of.
const PIECES: &[&str] = &[
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
    "Content-Type: multipart/mixed; boundary=\"b\"\r\n",
    "Content-Type: message/delivery-status\n",
    "Content-Type: message/feedback-report\n",
    "Content-Type: message/rfc822\n",
    "Content-Type: text/rfc822-headers\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "Auto-Submitted: auto-replied\n",
    "Final-Recipient: rfc822; ann@bigbox.test\n",
    "Original-Recipient: rfc822;<bob@bigbox.test>\n",
    "Action: failed\n",
    "Action: delayed\n",
    "Status: 5.1.1\n",
    "Diagnostic-Code: smtp; 550-5.1.1 no\n 550 5.1.1 such user\n",
    "Feedback-Type: abuse\n",
    "Original-Mail-From: <bounces+1-1-token@sender.example>\n",
    "Return-Path: <bounces+1-2-token@sender.example>\n",
    "\n",
    "\r\n",
    "\r\n\r\n",
    "--b\n",
    "--b--\n",
    "--b\r\n",
    "=C3=\n",
    "RmluYWw=\n",
    ": ;\n",
    " ",
    "\0\u{fffd}",
];

/// What says nothing.
fn letter() -> Notice {
    Notice::Letter { subject: String::new() }
}

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..2_000)) {
        feedback::read(&octets);
    }

    #[test]
    fn what_looks_like_a_report_is_read_within_bounds(text in pieces(), cut in 0_usize..4_000) {
        let octets = &text.as_bytes()[..cut.min(text.len())];
        match feedback::read(octets) {
            Notice::Status(entries) => {
                prop_assert!(!entries.is_empty() && entries.len() <= 100);
            }
            Notice::Complaint(complaint) => prop_assert!(complaint.return_paths.len() <= 2),
            Notice::Letter { subject } => prop_assert!(subject.len() <= 800),
            Notice::Nothing(_) => {}
        }
    }

    #[test]
    fn what_a_message_returns_or_passes_on_does_not_speak_for_it(inner in pieces()) {
        let message = format!(
            "From: ann@bigbox.test\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\n\
             Content-Type: message/rfc822\n\n{inner}\n--outer--\n"
        );
        prop_assert_eq!(feedback::read(message.as_bytes()), letter());
    }
}

/// What costs more than its length: messages within messages, boundaries within boundaries, very many fields.
#[test]
fn what_is_nested_deeply_is_read_in_a_bounded_stack_and_time() {
    let deep = "Content-Type: message/rfc822\n\n".repeat(20_000);
    assert_eq!(feedback::read(deep.as_bytes()), letter());
    let deep = "Content-Type: multipart/report; boundary=b\n\n--b\n".repeat(10_000);
    assert_eq!(feedback::read(deep.as_bytes()), letter());
    let head = "Content-Type: message/delivery-status\n\n";
    let many =
        format!("{head}{}", "Final-Recipient: rfc822; ann@bigbox.test\nAction: failed\n\n".repeat(50_000));
    assert!(matches!(feedback::read(many.as_bytes()), Notice::Status(entries) if entries.len() == 100));
    let long = format!("{head}Action: failed\nDiagnostic-Code: smtp; 550 {}\n", " x\n".repeat(200_000));
    assert!(matches!(feedback::read(long.as_bytes()), Notice::Status(_)));
}
