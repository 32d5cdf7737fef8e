//! Law `well-formed`: the ground the other laws stand on.
//!
//! "At every instant" means something only if both accounts are in the order of time, and an index that points nowhere
//! would make everything else guess. What the lines say is not looked at here.

use record::{Arrival, Connection, Provider, Reactivation, Record};

use super::accounts::{Accounts, points_somewhere};
use super::class::Class;
use super::findings::{Findings, clock};
use super::{Check, Law};

pub(super) const LAW: Law = Law {
    name: "well-formed",
    about: "Ledger and receipts are in the order that the record promises, every index in them points into its table, and \
            every name that links them is unique.",
    checks: &[Check::Record(judge)],
};

fn judge(accounts: &Accounts<'_>, findings: &mut Findings<'_>) {
    let record = accounts.record;
    ledger(record, findings);
    reactivations(record, findings);
    strays(record, findings);
    names(accounts, findings);
    connections(&record.receipts.connections, record, findings);
    arrivals(record, findings);
}

fn ledger(record: &Record, findings: &mut Findings<'_>) {
    let mut before = (0, 0);
    for event in &record.events {
        let key = (event.at, event.provider);
        findings.demand(before <= key, event.at, Some(event.contact), || {
            format!("the ledger goes back from {} to {}", clock(before.0), clock(event.at))
        });
        before = key;
        findings.demand(points_somewhere(record, event), event.at, Some(event.contact), || {
            "a line of the ledger names a contact, provider or mailing that does not exist".to_owned()
        });
        findings.demand(
            event.kind.verdict().is_none_or(|verdict| (verdict as usize) < record.verdicts.len()),
            event.at,
            Some(event.contact),
            || "a line of the ledger names a verdict that does not exist".to_owned(),
        );
        let home = record.contacts.get(event.contact as usize).map(|contact| contact.provider);
        findings.demand(
            home.is_none_or(|home| home == event.provider),
            event.at,
            Some(event.contact),
            || "a line of the ledger names another provider than the contact's".to_owned(),
        );
    }
}

fn reactivations(record: &Record, findings: &mut Findings<'_>) {
    let mut before = (0, 0);
    for Reactivation { at, contact, .. } in &record.reactivations {
        findings.demand(before <= (*at, *contact), *at, Some(*contact), || {
            format!("the re-activations go back from {} to {}", clock(before.0), clock(*at))
        });
        before = (*at, *contact);
        findings.demand((*contact as usize) < record.contacts.len(), *at, None, || {
            format!("contact {contact} was re-activated, who does not exist")
        });
    }
}

fn strays(record: &Record, findings: &mut Findings<'_>) {
    for pair in record.strays.windows(2) {
        findings.demand(pair[0] <= pair[1], pair[1].at, None, || {
            format!("what is about nobody goes back from {} to {}", clock(pair[0].at), clock(pair[1].at))
        });
    }
}

fn names(accounts: &Accounts<'_>, findings: &mut Findings<'_>) {
    for row in &accounts.record.verdicts {
        findings.demand(Class::of(row).is_some(), 0, None, || {
            format!("the verdict `{}` has the unknown class `{}`", row.text, row.class)
        });
    }
    let ambiguous = accounts.ambiguous_names();
    findings.demand(ambiguous == 0, 0, None, || {
        format!("{ambiguous} contacts have another's address, or mailings another's return path")
    });
}

fn connections(connections: &[Connection], record: &Record, findings: &mut Findings<'_>) {
    let mut before: (u32, u32) = (0, 0);
    for connection in connections {
        let Connection { provider, number, host, opened, rule, .. } = *connection;
        let first = if provider == before.0 { before.1.saturating_add(1) } else { 1 };
        findings.demand(provider >= before.0 && number == first, opened, None, || {
            format!(
                "connection {number} of provider {provider} follows {} of provider {}",
                before.1, before.0
            )
        });
        let owner = record.providers.get(provider as usize);
        findings.demand(owner.is_some(), opened, None, || {
            format!("connection {number} belongs to provider {provider}, which does not exist")
        });
        let is_host = |owner: &Provider| (host as usize) < owner.hosts.len();
        findings.demand(owner.is_none_or(is_host), opened, None, || {
            format!("connection {number} leads to host {host} of provider {provider}, which does not exist")
        });
        let is_rule = owner.is_none_or(|owner| has_rule(owner, rule));
        findings.demand(is_rule, opened, None, || {
            format!("connection {number} of provider {provider} ended by a rule that does not exist")
        });
        before = (provider, number);
    }
}

fn has_rule(owner: &Provider, rule: Option<u32>) -> bool {
    rule.is_none_or(|rule| (rule as usize) < owner.rules.len())
}

fn arrivals(record: &Record, findings: &mut Findings<'_>) {
    let receipts = &record.receipts;
    let mut before = (0, 0, 0);
    for arrival in &receipts.arrivals {
        let Arrival { at, provider, connection, sender, recipient, rule, .. } = *arrival;
        let key = (at, provider, connection);
        findings.demand(before <= key, at, None, || {
            format!("the receipts go back from {} to {}", clock(before.0), clock(at))
        });
        before = key;
        let known =
            (sender as usize) < receipts.senders.len() && (recipient as usize) < receipts.recipients.len();
        findings.demand(known, at, None, || {
            "a receipt names a sender or recipient that does not exist".to_owned()
        });
        let owner = record.providers.get(provider as usize);
        findings.demand(owner.is_none_or(|owner| has_rule(owner, rule)), at, None, || {
            "a receipt names a rule that does not exist".to_owned()
        });
    }
}

#[cfg(test)]
mod tests {
    use record::{Stray, StrayReason};

    use super::*;
    use crate::law::sample;

    fn check(break_it: impl FnOnce(&mut Record), found: &str) {
        sample::breaks(&LAW, break_it, found);
    }

    #[test]
    fn the_ledger_is_in_order() {
        check(|record| record.events.swap(0, 20), "the ledger goes back from");
        check(|record| record.events[3].contact = 1000, "contact, provider or mailing that does not exist");
        check(|record| record.events[3].provider = 1000, "contact, provider or mailing that does not exist");
        check(
            |record| record.events[3].mailing = Some(1000),
            "contact, provider or mailing that does not exist",
        );
        check(|record| record.contacts[0].provider = 1, "another provider than the contact's");
        check(|record| record.verdicts.truncate(1), "a verdict that does not exist");
    }

    #[test]
    fn the_re_activations_are_in_order() {
        let strays = |record: &mut Record| {
            let stray = |at| Stray { at, to: "b@sender.example".to_owned(), why: StrayReason::Forged };
            record.strays = vec![stray(2), stray(1)];
        };
        check(strays, "what is about nobody goes back from");
        check(|record| record.reactivations.reverse(), "the re-activations go back from");
        check(
            |record| record.reactivations[1].contact = 1000,
            "contact 1000 was re-activated, who does not exist",
        );
    }

    #[test]
    fn names_link_the_accounts() {
        check(|record| record.verdicts[0].class = "fine".to_owned(), "unknown class `fine`");
        check(
            |record| record.mailings[1].sender = record.mailings[0].sender.clone(),
            "1 contacts have another's address, or mailings",
        );
    }

    #[test]
    fn the_receipts_are_in_order() {
        check(|record| record.receipts.arrivals.reverse(), "the receipts go back from");
        check(
            |record| record.receipts.arrivals[0].sender = 1000,
            "a sender or recipient that does not exist",
        );
        check(
            |record| record.receipts.arrivals[0].recipient = 1000,
            "a sender or recipient that does not exist",
        );
        check(|record| record.receipts.connections[1].number = 7, "connection 7 of provider 0 follows 1");
        check(|record| record.receipts.connections[0].provider = 9, "provider 9, which does not exist");
        check(
            |record| record.receipts.arrivals[0].rule = Some(9),
            "a receipt names a rule that does not exist",
        );
        check(
            |record| record.receipts.connections[0].rule = Some(9),
            "connection 1 of provider 0 ended by a rule that does not exist",
        );
        check(|record| record.receipts.connections[0].host = 9, "host 9 of provider 0, which does not exist");
        check(|record| record.receipts.connections.reverse(), "follows");
    }
}
