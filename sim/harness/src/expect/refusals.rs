//! Test-only: what is refused before anything runs, and where the caret stands.

use super::sample::read_text;

/// Checks that `text` is refused with this message, this mark with these words beside it, and this help.
#[track_caller]
fn check(text: &str, message: &str, mark: &str, help: &str) {
    let refused = read_text(text).map(|read| read.to_string());
    assert_eq!(refused, Err(format!("{message}\n{mark}\nhelp: {help}")), "{text}");
}

const WHO: &str = "provider, mailing, domain, address";

#[test]
fn unknown_words() {
    check(
        "delivred == 1",
        "unknown metric `delivred`",
        "delivred: no such metric",
        "did you mean `delivered`? the metrics: `selected`, `pending`, `dropped`, `sent`, `in_progress`, `delivered`, \
         `soft_bounced`, `hard_bounced`, `cancelled`, `excluded`, `uncertain`, `throttled`, `suppressions_held`, `late_bounced`, \
         `late_soft_bounced`, `late_hard_bounced`, `complained`, `unsubscribed`, `reports_ignored`, `strays`, `attempts`, `gap`, \
         `time_to_deliver`, `contacts`, and 16 more",
    );
    check(
        "delivered(nothmail) == 1",
        "unknown filter `nothmail`",
        "nothmail: nothing has this name",
        &format!("did you mean `northmail`? `delivered` takes: {WHO}"),
    );
    check(
        "delivered(spring-sale, ) == 1",
        "missing filter",
        ",: expected a name after this",
        &format!("`delivered` takes: {WHO}; for everybody, leave the parentheses out"),
    );
    check(
        "attempts(fred@bigbox.test) == 1",
        "`fred@bigbox.test` is not in the audience",
        "fred@bigbox.test: no such contact",
        "list it under `audience`, or correct the address",
    );
    check("sent = 1", "unknown operator `=`", "=: no such operator", "did you mean `==`?");
    check(
        "sent above 1",
        "unknown operator `above`",
        "above: no such operator",
        "the operators: `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`",
    );
    check(
        "sent == 1 on 4h",
        "`1 on 4h` is not a whole number",
        "1 on 4h: expected a whole number or a share",
        "compare it with a whole number or a share, as in `== 600`, `>= 99%` or `in 590..600`",
    );
}

#[test]
fn filters_that_do_not_fit() {
    check(
        "pending(mailbox-full) == 0",
        "`pending` cannot be filtered by category",
        "mailbox-full: this is a category",
        &format!("`pending` takes: {WHO}"),
    );
    check(
        "delivered(error) == 0",
        "`delivered` cannot be filtered by status",
        "error: this is a status",
        &format!("`delivered` takes: {WHO}"),
    );
    check(
        "contacts(spring-sale) == 0",
        "`contacts` cannot be filtered by mailing",
        "spring-sale: this is a mailing",
        "`contacts` takes: status, provider, domain, address",
    );
    check(
        "delivered(idle) == 0",
        "`idle` is both a provider and a mailing",
        "idle: which of the two?",
        "write `provider:idle` or `mailing:idle`",
    );
    check(
        "attempts(delivered, northmail, bigbox) == 0",
        "nobody passes both `northmail` and `bigbox`",
        "bigbox: a second provider",
        "write an expectation for each",
    );
}

#[test]
fn filters_that_match_nobody() {
    let nobody = |text: &str, filter: &str, word: &str| {
        check(
            text,
            &format!("nobody in the audience passes the filter `{filter}`"),
            &format!("{word}: matches nobody"),
            "an expectation about nobody would prove nothing",
        );
    };
    nobody("sent(provider:idle) == 0", "provider:idle", "provider:idle");
    nobody("sent(northmail, bigbox.test) == 0", "northmail, bigbox.test", "bigbox.test");
    nobody("sent(bigbox.example) == 0", "bigbox.example", "bigbox.example");
    nobody("sent(bigbox-only, northmail) == 0", "bigbox-only, northmail", "northmail");
    nobody("sent(mailing:idle, bob@bigbox.test) == 0", "mailing:idle, bob@bigbox.test", "bob@bigbox.test");
    nobody("contacts(northmail, ann@bigbox.test) == 0", "northmail, ann@bigbox.test", "ann@bigbox.test");
}

#[test]
fn conditions_that_cannot_be_read() {
    let counts = "compare it with a whole number, as in `== 600`, `<= 20` or `in 590..600`";
    let counts_and_shares =
        "compare it with a whole number or a share, as in `== 600`, `>= 99%` or `in 590..600`";
    check(
        "sent(northmail)",
        "`sent` is not compared with anything",
        "sent: expected an operator after this",
        counts_and_shares,
    );
    check("sent >= at 4h", "missing quantity after `>=`", ">=: compared with what?", counts_and_shares);
    check("attempts == 50%", "a share of nothing in particular", "50%: no share is possible here", counts);
    check("sent in 600..590", "empty range", "600..590: it ends before it begins", "write `in 590..600`");
    check(
        "sent in 590",
        "`590` is not a range",
        "590: expected a range",
        "write two quantities with two dots between them, as in `in 590..600`",
    );
    check(
        "sent in 1..50%",
        "a range between a count and a share",
        "1..50%: these do not compare",
        "write two counts or two shares",
    );
    check("sent < 0", "nothing is less than nothing", "0: can never hold", "write `== 0`");
    check(
        "sent >= 101%",
        "`101%` is more than the whole",
        "101%: expected a whole number or a share",
        "write a share with its unit, as in 10% or 2.5%",
    );
    let durations = "write a number with a unit: us, ms, s, m, h or d, as in 5m, 30h or 29h30m";
    check("gap(1) <= 60", "`60` has no unit", "60: expected a duration", durations);
}

#[test]
fn instants_that_cannot_be() {
    let durations = "write a number with a unit: us, ms, s, m, h or d, as in 5m, 30h or 29h30m";
    check("sent == 1 at 4", "`4` has no unit", "4: not an instant", durations);
    check(
        "sent == 1 by 61h",
        "`61h` is beyond the end of the run",
        "61h: everything is over at 60h",
        "name an instant up to 60h, or write `at end`",
    );
    check(
        "sent == 1 at",
        "missing instant after `at`",
        "at: when?",
        "write the instant as `at 4h`, `by 10h` or `at end`",
    );
}

#[test]
fn arguments_and_parentheses() {
    let first = "write it first in the parentheses, as in `gap(1, northmail) in 59m..61m`";
    check("gap <= 1h", "`gap` after which attempt?", "gap: expected the number of an attempt", first);
    check(
        "gap(northmail) <= 1h",
        "`gap` after which attempt?",
        "northmail: expected the number of an attempt",
        first,
    );
    check(
        "connections <= 20",
        "`connections` of which provider?",
        "connections: expected a provider in parentheses",
        "as in `connections(northmail) <= 20`",
    );
    let filters = "write filters as in `delivered(northmail, spring-sale)`";
    check("sent(northmail == 1", "`(` is never closed", "(: from here on", filters);
    check("sent(\"spring sale) == 1", "`\"` is never closed", "(: from here on", filters);
    check("sent(\"spring-sale\" == 1", "`(` is never closed", "(: from here on", filters);
    check("gap() <= 1h", "`gap` after which attempt?", "(: expected the number of an attempt", first);
}

#[test]
fn sentences_about_a_contact_in_mailings() {
    let audience = "list it under `audience`, or correct the address";
    check("contact", "missing address after `contact`", "contact: whom?", audience);
    check(
        "contact eve@bigbox.test was attempted",
        "`eve@bigbox.test` is not in the audience",
        "eve@bigbox.test: no such contact",
        audience,
    );
    check(
        "contact ann@bigbox.test wos attempted",
        "unknown verb `wos`",
        "wos: no such verb",
        "did you mean `was`? the verbs: `was`, `is`, `went`, `stayed`, `has`",
    );
    check(
        "contact ann@bigbox.test was not sent",
        "unknown fate `sent`",
        "sent: no such fate",
        "the fates: `selected`, `excluded`, `attempted`, `delivered`, `soft_bounced`, `hard_bounced`, `cancelled`, \
         `dropped`",
    );
    check(
        "contact ann@bigbox.test was delivered in spring",
        "unknown mailing `spring`",
        "spring: no such mailing",
        "the mailings: `spring-sale`, `summer sale, part 2`, `bigbox-only`, `idle`",
    );
    check(
        "contact c000001@northmail.test was not attempted in bigbox-only",
        "mailing `bigbox-only` does not go to `c000001@northmail.test`",
        "c000001@northmail.test: not on its list",
        "correct `to` of the mailing, or write `contact c000001@northmail.test was not selected in bigbox-only`",
    );
}

#[test]
fn sentences_about_the_status_of_a_contact() {
    check(
        "contact ann@bigbox.test is activ at 4h",
        "unknown status `activ`",
        "activ: no such status",
        "did you mean `active`? the statuses: `active`, `error`, `opt_out`",
    );
    check(
        "contact ann@bigbox.test went active at 4h",
        "a path has two statuses or more",
        "active: and then?",
        "write `went active -> ...`, or `stayed active`",
    );
    check(
        "contact ann@bigbox.test went active -> active",
        "a status that does not change",
        "->: the same on both sides",
        "write each status once, as in `active -> error -> active`",
    );
    check(
        "contact ann@bigbox.test went active ->",
        "missing status",
        ">: expected a status after this",
        "the statuses: `active`, `error`, `opt_out`",
    );
    check(
        "contact ann@bigbox.test has two strikes",
        "`two` is not a number of strikes",
        "two: expected a whole number",
        "write it as in `has 2 strikes`",
    );
    check(
        "contact ann@bigbox.test has 2 at 4h",
        "unknown word `at`",
        "at: no such word",
        "the words: `strikes`, `strike`",
    );
    check(
        "contact ann@bigbox.test is active since 4h",
        "unknown word `since`",
        "since: no such word",
        "write the instant as `at 4h`, `by 10h` or `at end`",
    );
}
