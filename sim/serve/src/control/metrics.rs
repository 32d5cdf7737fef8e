//! `/metrics`: the fleet's counters in the text format of Prometheus.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use fleet::{ConnectionEnd, Fate, Fleet, Tally};

use super::{Fault, Room};

/// What is counted at a moment.
struct Counts {
    tallies: Vec<Tally>,
    open: u32,
    turned_away: u64,
}

pub(super) async fn metrics(State(room): State<Room>) -> Result<impl IntoResponse, Fault> {
    let counts = room.desk.ask(|hall| Counts {
        tallies: hall.fleet(Fleet::tallies),
        open: hall.open(),
        turned_away: hall.turned_away(),
    });
    let text = text(&counts.await?);
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

fn text(counts: &Counts) -> String {
    let mut page = Page(String::new());
    page.family("connections_open", "gauge", "Connections that are open, on all hosts.");
    page.sample("connections_open", &[], u64::from(counts.open));
    page.family("connections_turned_away_total", "counter", "Connections that there was no room for.");
    page.sample("connections_turned_away_total", &[], counts.turned_away);
    page.family("connections_total", "counter", "Connections by how they ended; open ones too.");
    for tally in &counts.tallies {
        for (end, count) in &tally.connections {
            page.sample(
                "connections_total",
                &[("provider", &tally.provider), ("end", end_name(*end))],
                *count,
            );
        }
    }
    page.family("messages_total", "counter", "Transactions in which a recipient was named.");
    for tally in &counts.tallies {
        page.sample("messages_total", &[("provider", &tally.provider)], tally.messages);
    }
    page.family(
        "recipients_total",
        "counter",
        "Recipients by what became of them and the code that decided.",
    );
    for tally in &counts.tallies {
        for ((fate, code), count) in &tally.recipients {
            let code = code.to_string();
            let labels = [("provider", tally.provider.as_str()), ("fate", fate_name(*fate)), ("code", &code)];
            page.sample("recipients_total", &labels, *count);
        }
    }
    page.family("accepted_octets_total", "counter", "Octets of accepted messages, once for each recipient.");
    for tally in &counts.tallies {
        page.sample("accepted_octets_total", &[("provider", &tally.provider)], tally.octets);
    }
    page.0
}

const fn end_name(end: ConnectionEnd) -> &'static str {
    match end {
        ConnectionEnd::Quit => "quit",
        ConnectionEnd::ClientClosed => "client_closed",
        ConnectionEnd::ServerClosed => "server_closed",
        ConnectionEnd::StillOpen => "still_open",
    }
}

const fn fate_name(fate: Fate) -> &'static str {
    match fate {
        Fate::Accepted => "accepted",
        Fate::AcceptedReplyLost => "accepted_reply_lost",
        Fate::Refused => "refused",
        Fate::Unfinished => "unfinished",
    }
}

/// A page of metrics that is being written.
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, about: &str) {
        let _ = writeln!(self.0, "# HELP bouncelab_{name} {about}\n# TYPE bouncelab_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "bouncelab_{name}{labels} {value}");
    }
}

/// As the format wants values of labels.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_page_is_what_prometheus_reads() {
        let tally = Tally {
            provider: "big \"box\"".to_owned(),
            connections: BTreeMap::from([(ConnectionEnd::Quit, 2)]),
            messages: 3,
            recipients: BTreeMap::from([((Fate::Accepted, 250), 4), ((Fate::Refused, 550), 1)]),
            octets: 4096,
        };
        let text = text(&Counts { tallies: vec![tally], open: 1, turned_away: 0 });
        let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                "bouncelab_connections_open 1",
                "bouncelab_connections_turned_away_total 0",
                r#"bouncelab_connections_total{provider="big \"box\"",end="quit"} 2"#,
                r#"bouncelab_messages_total{provider="big \"box\""} 3"#,
                r#"bouncelab_recipients_total{provider="big \"box\"",fate="accepted",code="250"} 4"#,
                r#"bouncelab_recipients_total{provider="big \"box\"",fate="refused",code="550"} 1"#,
                r#"bouncelab_accepted_octets_total{provider="big \"box\""} 4096"#,
            ]
        );
    }
}
