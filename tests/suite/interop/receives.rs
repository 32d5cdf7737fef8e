//! Our engine to a real Postfix: every message is found in its queue once and unchanged, and refusals are understood.

use libtest_mimic::Trial;
use policy::tls::TlsPolicy;
use smtp::client::Transfer;

use super::mailing::{Manner, Sent, mail, people};
use super::postfix::Postfix;
use super::{Foreign, same, trials_with, without_trace};

pub(super) fn trials() -> Vec<Trial> {
    trials_with(
        Foreign::Postfix,
        &[
            ("engine to postfix, BDAT inside TLS", || takes("receives-bdat", Manner::EVERYTHING)),
            ("engine to postfix, DATA inside TLS", || takes("receives-data", Manner::DATA)),
            ("engine to postfix, in plain text", || takes("receives-plain", PLAIN)),
        ],
    )
}

const PLAIN: Manner = Manner { tls: TlsPolicy::OnDemand, transfer: Transfer::Data };

/// All that comes in is kept for inspection, but for who is refused.
const SETTINGS: &str = "\
smtpd_client_restrictions = check_client_access static:hold
smtpd_recipient_restrictions = check_recipient_access inline:{
  {unknown@sink.test = 550 5.1.1 no such user here}
  {full@sink.test = 452 4.2.2 mailbox full}
  {grey@sink.test = 450 4.2.0 greylisted, try again later}}
";

const MANY: usize = 100;

fn takes(name: &str, manner: Manner) -> Result<(), String> {
    let mut postfix = Postfix::start(name, SETTINGS)?;
    let mut to = people(MANY);
    // In the midst of the others, so that what is begun behind a refusal is seen to go well.
    for (place, address) in [(10, "unknown@sink.test"), (20, "full@sink.test"), (30, "grey@sink.test")] {
        to.insert(place, address.to_owned());
    }
    let sent = mail(postfix.port(), manner, &to);
    let judged = judge(&postfix, &sent, manner);
    postfix.stop()?;
    judged.map_err(|error| {
        format!("{error}\n{}", postfix.log().lines().take(60).collect::<Vec<_>>().join("\n"))
    })
}

fn judge(postfix: &Postfix, sent: &Sent, manner: Manner) -> Result<(), String> {
    for (address, fate) in [
        ("unknown@sink.test", "hard 550 unknown-user"),
        ("full@sink.test", "soft 452 mailbox-full"),
        ("grey@sink.test", "soft 450 greylisted"),
    ] {
        same(address, &sent.fates[address].as_str(), &fate)?;
    }
    let arrivals: Result<Vec<_>, String> =
        postfix.queued("hold")?.iter().map(|id| kept(postfix, id, manner)).collect();
    let arrivals = arrivals?;
    same("delivered", &arrivals.len(), &MANY)?;
    sent.arrived(&arrivals)?;
    let chunked =
        postfix.log().lines().any(|line| line.contains("disconnect from") && line.contains(" bdat="));
    same("with BDAT", &chunked, &(manner.transfer == Transfer::ChunkIfOffered))
}

/// A message in the queue: recipient and message.
fn kept(postfix: &Postfix, id: &str, manner: Manner) -> Result<(String, String), String> {
    let said = super::program::run(postfix.command("postcat")?.args(["-e", "-h", "-b", "-q", id]))?.well()?;
    let part = || {
        let (envelope, rest) = said.split_once("*** MESSAGE CONTENTS ")?;
        let (_, to) = envelope.split_once("\nrecipient: ")?;
        let (message, _) = rest.split_once('\n')?.1.split_once("*** HEADER EXTRACTED ")?;
        Some((to.lines().next()?.to_owned(), message))
    };
    let (to, message) = part().ok_or_else(|| format!("not a message: {said}"))?;
    let secured = message.contains("(using TLSv1.");
    same("inside TLS", &secured, &(manner.tls == TlsPolicy::Opportunistic))?;
    Ok((to, without_trace(message)))
}
