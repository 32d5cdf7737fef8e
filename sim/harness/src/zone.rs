//! What the providers of a scenario can look up about its sender.

use fleet::SenderZone;
use scenario::{Dkim, DkimFault, RecordData, Sender};

use crate::keys;

/// The records of a sender.
pub(crate) fn zone(sender: &Sender) -> SenderZone {
    let mut zone = SenderZone::empty();
    if let Some(name) = &sender.ptr {
        zone = zone.reverse(sender.address, name);
    }
    if let Some(address) = sender.forward {
        zone = zone.address(&sender.ehlo, address);
    }
    if let Some(spf) = &sender.spf {
        zone = zone.text(&sender.domain.value, spf);
    }
    if let Some(dmarc) = &sender.dmarc {
        zone = zone.text(&format!("_dmarc.{}", sender.domain.value), dmarc);
    }
    if let Some((name, text)) = sender.dkim.as_ref().and_then(key_record) {
        zone = zone.text(&name, &text);
    }
    sender.records.iter().fold(zone, |zone, record| match &record.data {
        RecordData::Txt(text) => zone.text(&record.name, text),
        RecordData::Addresses(all) => all.iter().fold(zone, |zone, one| zone.address(&record.name, *one)),
        RecordData::Mx(hosts) => hosts.iter().fold(zone, |zone, host| zone.exchanger(&record.name, host)),
    })
}

/// The record of a key, if one is published: its name and its text.
fn key_record(dkim: &Dkim) -> Option<(String, String)> {
    let own = keys::signer(dkim);
    let text = match dkim.fault {
        None | Some(DkimFault::BodyChanged) => own.record().to_owned(),
        Some(DkimFault::WrongKey) => keys::other_signer(dkim).record().to_owned(),
        // RFC 6376 3.6.1: an empty value means that this public key has been revoked
        Some(DkimFault::Revoked) => "v=DKIM1; p=".to_owned(),
        Some(DkimFault::NoRecord) => return None,
    };
    Some((own.record_name(), text))
}

#[cfg(test)]
mod tests {
    use scenario::{DkimKey, Place};

    use super::*;

    #[test]
    fn the_usual_sender_is_what_a_fleet_expects_but_for_its_key() {
        let usual = Sender { dkim: None, ..Sender::usual(Place { start: 0, end: 0 }) };
        assert_eq!(zone(&usual), SenderZone::default());
    }

    #[test]
    fn a_fault_of_a_key_shows_in_its_record() {
        let check = |fault, expected: &str| {
            let dkim = Dkim { fault, ..Dkim::of("sender.example", DkimKey::Ed25519) };
            let text = key_record(&dkim).map_or_else(String::new, |(_, text)| text);
            assert!(text.starts_with(expected), "{fault:?}: {text}");
            text
        };
        let own = check(None, "v=DKIM1; k=ed25519; p=");
        assert_ne!(check(Some(DkimFault::WrongKey), "v=DKIM1; k=ed25519; p="), own);
        assert_eq!(check(Some(DkimFault::BodyChanged), "v=DKIM1;"), own);
        assert_eq!(check(Some(DkimFault::Revoked), "v=DKIM1; p="), "v=DKIM1; p=");
        assert_eq!(check(Some(DkimFault::NoRecord), ""), "");
    }
}
