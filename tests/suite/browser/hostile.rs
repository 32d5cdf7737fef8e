//! A record whose foreign texts all try to get out of a page: markup, scripts, ends of elements, turned directions, control
//! characters, sheer length.

use record::Record;

const ATTACKS: [&str; 8] = [
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 2</script>",
    "<img src=x onerror=\"window.pwned = 3\">",
    "\"><svg onload=window.pwned=4>",
    "' onmouseover='window.pwned=5",
    "<!--<script>window.pwned=6//--></textarea></title>",
    "\u{202e}evil\u{2066} \0\u{1b}[2J \u{2028}window.pwned=7",
    "${window.pwned=8}{{constructor.constructor('window.pwned=9')()}}",
];

/// A text that names itself and attacks; some are ten kilobytes long.
fn attack(number: usize, what: &str) -> String {
    let attack = ATTACKS[number % ATTACKS.len()];
    let tail = if number.is_multiple_of(5) { "very long ".repeat(1024) } else { String::new() };
    format!("{what} {attack} {tail}")
}

/// The record with such texts wherever they can come from outside.
pub(super) fn poisoned(mut record: Record) -> Record {
    record.scenario = attack(0, "scenario");
    record.about = attack(1, "about");
    record.file = attack(2, "file");
    record.source = ATTACKS.join("\n");
    for (number, row) in record.verdicts.iter_mut().enumerate() {
        row.text = attack(number, "reply");
        row.rule = attack(number + 1, "rule");
        row.reason = attack(number + 2, "reason");
        row.help_url = Some("javascript:window.pwned=10".to_owned());
    }
    for (number, contact) in record.contacts.iter_mut().enumerate().take(40) {
        contact.address = format!("{}@{number}.test", attack(number, "contact"));
    }
    for (number, provider) in record.providers.iter_mut().enumerate() {
        provider.name = attack(number, "provider");
        provider.help_url = Some("https://help.example/\" onclick=\"window.pwned=11".to_owned());
        for (number, rule) in provider.rules.iter_mut().enumerate() {
            rule.name = Some(attack(number, "name"));
        }
    }
    for (number, mailing) in record.mailings.iter_mut().enumerate() {
        mailing.name = attack(number, "mailing");
    }
    for (number, span) in record.timeline.iter_mut().enumerate() {
        span.name = attack(number, "span");
        span.what = attack(number + 1, "what");
    }
    for (number, verdict) in record.checked.expectations.iter_mut().enumerate() {
        verdict.held = record::Held::No;
        verdict.text = attack(number, "expectation");
        verdict.notes = vec![attack(number + 1, "note")];
        verdict.contacts = vec![record.contacts[number].address.clone()];
    }
    for dialogue in &mut record.dialogues {
        for (number, line) in dialogue.lines.iter_mut().enumerate() {
            line.text = attack(number, "line");
        }
    }
    record
}
