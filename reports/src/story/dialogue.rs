//! What was said about a recipient in an attempt, word for word, where the record has kept it.
//!
//! Of a transaction only what concerns the recipient is shown: an answer stands below what it answers, so that the other
//! recipients can be left out.

use record::{Dialogue, DialogueLine, Extent, Nanos, Record, Voice};

use super::attempt::{INDENT, remark};
use super::moment::Attempt;
use crate::look::Ink;
use crate::page::Page;
use crate::wording;

/// A transaction for one recipient has about a dozen lines; a greeting may be long.
const LINES_SHOWN: usize = 40;

/// Tells what was said in an attempt that had a connection.
pub(super) fn tell(page: &mut Page, record: &Record, provider: u32, attempt: &Attempt, address: &str) {
    if attempt.connection == 0 {
        return;
    }
    let of =
        |dialogue: &&Dialogue| (dialogue.provider, dialogue.connection) == (provider, attempt.connection);
    let Some(dialogue) = record.dialogues.iter().find(of) else {
        return remark(page, Ink::Dim, "what was said is not kept of this connection");
    };
    let until = attempt.ended.map_or(Nanos::MAX, |ended| ended.at);
    let Excerpt { lines, others } = excerpt(&dialogue.lines, attempt.begun, until, address);
    for line in lines.iter().take(LINES_SHOWN) {
        let (who, ink) = match line.from {
            Voice::Client => ("C: ", Ink::Strong),
            Voice::Server => ("S: ", Ink::Text),
            Voice::Note => ("   ", Ink::Dim),
        };
        page.quoted(&[(Ink::Text, INDENT), (Ink::Dim, who)], ink, &line.text);
    }
    let left_out = lines.len().saturating_sub(LINES_SHOWN) as u64;
    if left_out > 0 {
        remark(page, Ink::Dim, &format!("… {} more in the record", wording::counted(left_out, "line")));
    }
    if others > 0 {
        remark(
            page,
            Ink::Dim,
            &format!("… and {} in the same transaction", wording::counted(others, "other recipient")),
        );
    }
    match (dialogue.extent, lines.is_empty()) {
        (Extent::Cut, true) => {
            remark(page, Ink::Dim, "what was said then is not kept: only the beginning of this connection is")
        }
        (Extent::Whole, true) => remark(page, Ink::Dim, "nothing was said"),
        (Extent::Cut | Extent::Whole, false) => {}
    }
}

/// The lines that concern an attempt.
struct Excerpt<'a> {
    lines: Vec<&'a DialogueLine>,
    /// How many other recipients the transaction had.
    others: u64,
}

/// The transaction with this recipient that was begun within the attempt; if there is none, whatever was said within it.
fn excerpt<'a>(lines: &'a [DialogueLine], from: Nanos, until: Nanos, address: &str) -> Excerpt<'a> {
    let within = |line: &&DialogueLine| from <= line.at && line.at <= until;
    let transactions = lines.split_at(lines.iter().position(begins).unwrap_or(lines.len())).1;
    let own = transactions
        .chunk_by(|_, next| !begins(next))
        .filter(|transaction| transaction.first().is_some_and(|first| within(&first)))
        .find(|transaction| transaction.iter().any(|line| names(line, address)));
    match own {
        Some(transaction) => concerning(transaction, address),
        None => Excerpt { lines: lines.iter().filter(within).collect(), others: 0 },
    }
}

/// The lines of a transaction without those about other recipients, and without the goodbye.
fn concerning<'a>(transaction: &'a [DialogueLine], address: &str) -> Excerpt<'a> {
    let mut excerpt = Excerpt { lines: Vec::new(), others: others(transaction, address) };
    let commands = transaction.chunk_by(|_, next| next.from == Voice::Server);
    for command in commands.take_while(|command| !command.first().is_some_and(|line| says(line, "QUIT"))) {
        let is_other = command.first().is_some_and(|line| says(line, "RCPT ") && !names(line, address));
        if !is_other {
            excerpt.lines.extend(command);
        }
        // What is said after a refusal is about the others.
        if command.first().is_some_and(|line| names(line, address)) && is_refused(command) {
            break;
        }
    }
    excerpt
}

/// Whether the answer to a command is a refusal.
fn is_refused(command: &[DialogueLine]) -> bool {
    let answer = command.iter().find(|line| line.from == Voice::Server);
    answer.is_some_and(|line| line.text.starts_with(['4', '5']))
}

/// How many recipients a transaction has besides this one.
fn others(transaction: &[DialogueLine], address: &str) -> u64 {
    transaction.iter().filter(|line| says(line, "RCPT ") && !names(line, address)).count() as u64
}

fn begins(line: &DialogueLine) -> bool {
    says(line, "MAIL ")
}

fn says(line: &DialogueLine, verb: &str) -> bool {
    line.from == Voice::Client
        && line.text.get(..verb.len()).is_some_and(|word| word.eq_ignore_ascii_case(verb))
}

/// Whether the line names this recipient.
fn names(line: &DialogueLine, address: &str) -> bool {
    let named = line.text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    says(line, "RCPT ") && named.is_some_and(|(named, _)| named.eq_ignore_ascii_case(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as `at voice text`.
    fn lines(text: &str) -> Vec<DialogueLine> {
        let line = |line: &str| {
            let mut parts = line.trim().splitn(3, ' ');
            let at = parts.next()?.parse().ok()?;
            let from = match parts.next()? {
                "C" => Voice::Client,
                "S" => Voice::Server,
                _ => Voice::Note,
            };
            Some(DialogueLine { at, from, text: parts.next()?.to_owned() })
        };
        text.lines().filter_map(line).collect()
    }

    fn check(from: Nanos, until: Nanos, address: &str, expected: &[&str], others: u64) {
        let all = lines(
            "0 S 220 Welcome
             1 C EHLO a.test
             2 S 250 Hello
             3 C MAIL FROM:<n@a.test>
             4 S 250 Ok
             3 C RCPT TO:<ann@b.test> NOTIFY=NEVER
             4 S 250 Ok
             3 C RCPT TO:<bob@b.test>
             4 S 550-No
             4 S 550 such user
             5 C DATA
             6 S 354 Go
             7 N <12 bytes>
             8 S 250 Taken
             9 C MAIL FROM:<n@a.test>
             9 S 250 Ok
             9 C RCPT TO:<ann@b.test>
             9 S 421 Later
             10 C QUIT
             10 S 221 Bye",
        );
        let found = excerpt(&all, from, until, address);
        assert_eq!(found.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), expected);
        assert_eq!(found.others, others);
    }

    #[test]
    fn a_recipient_has_its_own_lines_of_its_own_transaction() {
        let ann = ["MAIL FROM:<n@a.test>", "250 Ok", "RCPT TO:<ann@b.test> NOTIFY=NEVER", "250 Ok"];
        let rest = ["DATA", "354 Go", "<12 bytes>", "250 Taken"];
        check(0, 8, "Ann@b.test", &[&ann[..], &rest].concat(), 1);
        let bob = ["MAIL FROM:<n@a.test>", "250 Ok", "RCPT TO:<bob@b.test>", "550-No", "550 such user"];
        // What follows a refusal is said about the others.
        check(0, 4, "bob@b.test", &bob, 1);
        check(
            9,
            9,
            "ann@b.test",
            &["MAIL FROM:<n@a.test>", "250 Ok", "RCPT TO:<ann@b.test>", "421 Later"],
            0,
        );
    }

    #[test]
    fn without_a_transaction_it_is_what_was_said_at_the_time() {
        check(0, 2, "eve@b.test", &["220 Welcome", "EHLO a.test", "250 Hello"], 0);
        check(11, 12, "eve@b.test", &[], 0);
    }
}
