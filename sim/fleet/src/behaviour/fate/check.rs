//! What cannot be in `fate`: more messages than there are, one message in two places, a reader without a message.

use std::collections::BTreeMap;

use scenario::{Place, Problem, Problems};
use units::Share;

use super::settings::{Branch, Settings};

/// Reports everything that cannot be.
pub(super) fn all(settings: &Settings, place: Place, problems: &mut Problems) {
    shares(settings, place, problems);
    let elsewhere = one_place_each(settings, problems);
    somebody_reads(settings, problems);
    readers_have_it(settings, &elsewhere, problems);
    clicks_are_of_readers(settings, problems);
}

fn shares(settings: &Settings, place: Place, problems: &mut Problems) {
    let said =
        |branch: &Branch| Share::from_millionths(branch.whom.millionths()).map(|share| (branch.key, share));
    let shares: Vec<(&str, Share)> =
        settings.places().filter_map(said).filter(|(_, share)| share.millionths() > 0).collect();
    if taken(settings) > Share::ALL.millionths() {
        let said: Vec<String> = shares.iter().map(|(key, share)| format!("{key} {share}")).collect();
        problems.push(
            Problem::at(place, format!("more messages than there are: {}", said.join(" and ")), "")
                .help("no message goes to two places, so together they can be 100% at most"),
        );
    }
}

/// How much does not go into the inbox.
fn taken(settings: &Settings) -> u32 {
    settings.places().map(|branch| branch.whom.millionths()).sum()
}

/// Those whose messages never get into the inbox, by where they go.
type Elsewhere<'a> = BTreeMap<&'a str, (&'static str, Place)>;

fn one_place_each<'a>(settings: &'a Settings, problems: &mut Problems) -> Elsewhere<'a> {
    let mut elsewhere = Elsewhere::new();
    for branch in settings.places() {
        for address in branch.whom.addresses() {
            if let Some((key, first)) = elsewhere.get(address.value.as_str()) {
                let message = format!("the mail of `{}` goes to two places", address.value);
                problems.push(
                    Problem::at(address.place, message, branch.key)
                        .also(*first, format!("{key} already"))
                        .help("a message goes to one place; take the address out of the others"),
                );
            } else {
                elsewhere.insert(address.value.as_str(), (branch.key, address.place));
            }
        }
    }
    elsewhere
}

fn somebody_reads(settings: &Settings, problems: &mut Problems) {
    if taken(settings) != Share::ALL.millionths() {
        return;
    }
    for branch in settings.reactions() {
        let message = format!("nobody could have `{}`: nothing is left for the inbox", branch.key);
        problems.push(
            Problem::at(branch.place, message, "only what is in the inbox")
                .help("make the other shares less than 100% together, or remove the key"),
        );
    }
}

fn readers_have_it(settings: &Settings, elsewhere: &Elsewhere<'_>, problems: &mut Problems) {
    for branch in settings.reactions() {
        for address in branch.whom.addresses() {
            if let Some((key, place)) = elsewhere.get(address.value.as_str()) {
                let message = format!("the mail of `{}` never gets into the inbox", address.value);
                problems.push(
                    Problem::at(address.place, message, branch.key)
                        .also(*place, (*key).to_owned())
                        .help(format!("take the address out of `{key}` or out of `{}`", branch.key)),
                );
            }
        }
    }
}

fn clicks_are_of_readers(settings: &Settings, problems: &mut Problems) {
    let Some(clicked) = &settings.clicked else { return };
    let Some(opened) = &settings.opened else {
        problems.push(
            Problem::at(clicked.place, "nobody could click: nothing is opened", "only what is opened")
                .help("add `opened`, as in opened: 30%, clicked: 10%"),
        );
        return;
    };
    for address in clicked.whom.addresses() {
        if !opened.whom.addresses().iter().any(|reader| reader.value == address.value) {
            let message = format!("`{}` clicks what it may not have opened", address.value);
            problems.push(
                Problem::at(address.place, message, "only what is opened")
                    .also(opened.place, "opened")
                    .help("name the address in `opened`, too, or write a share"),
            );
        }
    }
}
