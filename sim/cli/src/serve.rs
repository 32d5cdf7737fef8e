//! `bouncelab serve`: the fleet alone, on real ports, for anybody's mail server.

mod page;
mod welcome;

use std::future::{Future, poll_fn};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use fleet::{Dialogues, FleetBuilder, Offering, Pace, Tally, magic};
use harness::Plan;
use harness::served::Served;
use host::clock::{Epoch, Speed, SystemClock};
use serve::{Addresses, Blueprint, Names, Service, Settings, StartError};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

use page::ServedPage;

use crate::args::{Latency, Offer, Serve};
use crate::{Exit, Streams, check, discover};

pub(crate) fn serve(wanted: &Serve, streams: &mut Streams<'_>) -> Exit {
    let plan = match wanted.scenario.as_deref().map(|file| discover::read(file, streams)) {
        None => None,
        Some(Ok(plan)) => Some(plan),
        Some(Err(invalid)) => {
            check::report_invalid(&[invalid], 1, "; nothing is served", streams);
            return Exit::Invalid;
        }
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return streams.fail(Exit::Environment, format!("cannot serve: {error}")),
    };
    streams.await_interrupt();
    runtime.block_on(attend(wanted, plan, streams))
}

fn runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
}

/// Serves until it is enough.
async fn attend(wanted: &Serve, plan: Option<Plan>, streams: &mut Streams<'_>) -> Exit {
    let title = plan.as_ref().map(|plan| plan.name().to_owned());
    let page = ServedPage::of(served(wanted, plan.as_ref()));
    let (blueprint, names) = fleet(wanted, plan);
    let settings = Settings { pages: page.router(), ..settings(wanted) };
    let service = match Service::start(blueprint, names, settings).await {
        Ok(service) => service,
        Err(error) => return refused(&error, streams),
    };
    if let Some(witness) = service.witness() {
        page.begin(witness);
    }
    if let Some(file) = &wanted.ca_out
        && let Err(error) = std::fs::write(file, service.ca_pem())
    {
        service.stop().await;
        let words = format!("cannot write `{}`: {error}", file.display());
        return streams.fail(Exit::Environment, words);
    }
    warn(&service, streams);
    if !wanted.quiet {
        let text = welcome::text(&service, title.as_deref(), wanted);
        let _ = write!(streams.out, "{text}");
        // Whoever reads this in a pipe waits for it.
        let _ = streams.out.flush();
    }
    let end = wait(wanted.duration, streams).await;
    page.end().await;
    let tallies = service.stop().await;
    if !wanted.quiet {
        let _ = write!(streams.out, "\n{}", totals(&tallies));
    }
    match (end, wanted.duration) {
        (End::Interrupted, Some(_)) => Exit::Interrupted,
        (End::Interrupted, None) | (End::Over, _) => Exit::Held,
    }
}

/// What the page calls it.
fn served(wanted: &Serve, plan: Option<&Plan>) -> Served {
    match plan {
        None => Served {
            name: "Magic addresses".to_owned(),
            file: String::new(),
            source: String::new(),
            seed: wanted.seed.unwrap_or_default(),
        },
        Some(plan) => Served {
            name: plan.name().to_owned(),
            file: plan.source().name().to_owned(),
            source: plan.source().text().to_owned(),
            seed: wanted.seed.unwrap_or(plan.seed()),
        },
    }
}

/// How the fleet is made, again for each reset, and what names it has.
fn fleet(wanted: &Serve, plan: Option<Plan>) -> (Blueprint, Names) {
    let pace = match wanted.latency {
        Latency::None => Pace::Immediate,
        Latency::Simulated => Pace::Distant,
    };
    let capacity = wanted.receipts as usize;
    let offering = match wanted.offer {
        Some(Offer::Profile) => Offering::Profile,
        Some(Offer::All) => Offering::Everything,
        None if plan.is_some() => Offering::Profile,
        None => Offering::Everything,
    };
    let Some(plan) = plan else {
        return (Box::new(move || magic::fleet(pace, offering, capacity)), Names::Below);
    };
    let seed = wanted.seed.unwrap_or(plan.seed());
    let builder = move || {
        let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
        FleetBuilder::new(seed)
            .client(client)
            .pace(pace)
            .offering(offering)
            .capacity(capacity)
            .dialogues(Dialogues::Kept)
    };
    (Box::new(move || plan.fleet(builder())), Names::Listed)
}

fn settings(wanted: &Serve) -> Settings {
    let speed = Speed::times(wanted.speed).unwrap_or(Speed::REAL);
    let epoch = Epoch::now();
    let clock = SystemClock::faster(epoch, speed).handle();
    let today = epoch.date(units::Instant::ZERO);
    let addresses = wanted.port.map_or(Addresses::Ports(wanted.listen), |port| Addresses::Loopback { port });
    Settings {
        addresses,
        dns: Some(wanted.dns),
        control: Some(wanted.control),
        connections: wanted.connections,
        patience: patience(wanted.speed),
        ..Settings::new(clock, today)
    }
}

/// How long a client may be silent, in the time of the service: five minutes, and however fast that runs, at least five seconds
/// of the client's own.
fn patience(speed: u32) -> Duration {
    serve::PATIENCE.max(Duration::from_secs(5) * speed)
}

fn refused(error: &StartError, streams: &mut Streams<'_>) -> Exit {
    let remedy = error.remedy().map_or_else(String::new, |remedy| format!("\n  {remedy}"));
    streams.fail(Exit::Environment, format!("cannot serve: {error}{remedy}"))
}

/// Says what others can reach.
fn warn(service: &Service, streams: &mut Streams<'_>) {
    let open = |address: &SocketAddr| !address.ip().is_loopback();
    let smtp = service.places().iter().map(|place| place.address).find(open);
    for address in smtp.into_iter().chain(service.dns().filter(open)) {
        let _ = writeln!(
            streams.err,
            "warning: {address} can be reached by other machines: anybody may send there, and is believed"
        );
    }
}

/// Why serving ends.
enum End {
    Over,
    Interrupted,
}

/// Waits until the time is over, or somebody has had enough.
async fn wait(limit: Option<Duration>, streams: &Streams<'_>) -> End {
    let mut interrupted = pin!(streams.interrupt().pressed());
    let clock = SystemClock::new(Epoch::now()).handle();
    let over = async {
        match limit {
            Some(limit) => clock.sleep_until(clock.now() + limit).await,
            None => std::future::pending().await,
        }
    };
    let mut over = pin!(over);
    poll_fn(|context| {
        if interrupted.as_mut().poll(context).is_ready() {
            return Poll::Ready(End::Interrupted);
        }
        over.as_mut().poll(context).map(|()| End::Over)
    })
    .await
}

/// What was seen, a line for each provider that saw anything.
fn totals(tallies: &[Tally]) -> String {
    let seen: Vec<&Tally> = tallies.iter().filter(|tally| !tally.connections.is_empty()).collect();
    if seen.is_empty() {
        return "nobody connected\n".to_owned();
    }
    let mut text = format!(
        "{:<20} {:>11} {:>9} {:>9} {:>9} {:>9} {:>11}\n",
        "PROVIDER", "CONNECTIONS", "MESSAGES", "ACCEPTED", "REFUSED", "UNHEARD", "UNFINISHED"
    );
    for tally in seen {
        text += &total(tally);
    }
    text
}

fn total(tally: &Tally) -> String {
    let of = |fate| {
        let counts = tally.recipients.iter().filter(move |((one, _), _)| *one == fate);
        counts.map(|(_, count)| count).sum::<u64>()
    };
    let connections: u64 = tally.connections.values().sum();
    format!(
        "{:<20} {connections:>11} {:>9} {:>9} {:>9} {:>9} {:>11}\n",
        tally.provider,
        tally.messages,
        of(fleet::Fate::Accepted),
        of(fleet::Fate::Refused),
        of(fleet::Fate::AcceptedReplyLost),
        of(fleet::Fate::Unfinished),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_of_a_fast_service_has_time_to_answer() {
        let real = |speed| patience(speed) / speed;
        assert_eq!([1, 60, 100_000].map(real), [300, 5, 5].map(Duration::from_secs));
    }
}
