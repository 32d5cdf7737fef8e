//! The page for people: where everything is, and what can be asked.

use super::Facts;

/// What can be asked: method, path, what it does.
const REQUESTS: [(&str, &str, &str); 9] = [
    ("GET", "/behaviours", "the behaviours of the fleet, and whether each is on"),
    ("POST", "/behaviours/{id}", "switch one: {\"on\": false}"),
    ("POST", "/reset", "forget what has happened; all behaviours on"),
    ("GET", "/receipts", "what became of each recipient, as JSON lines; later ones with ?since=N"),
    ("GET", "/metrics", "counters for Prometheus"),
    ("GET", "/ca.pem", "the certificate to trust"),
    ("GET", "/transport", "a transport map for Postfix"),
    ("GET", "/magic", "the addresses that do something, where no scenario is served"),
    ("GET", "/healthz", "whether the service is there"),
];

pub(super) fn home(facts: &Facts) -> String {
    let row = |cells: &[&str]| {
        let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let hosts: String = facts
        .places
        .iter()
        .map(|place| row(&[&place.provider, &place.host, &place.address.to_string()]))
        .collect();
    let page = if facts.pages.has_routes() {
        "<p><a href=\"/page\">What the servers have seen so far</a>: deliveries, bounces and recipients, as they come.</p>\n"
    } else {
        ""
    };
    let requests: String = REQUESTS.iter().map(|(method, path, about)| row(&[method, path, about])).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Bouncelab</title>\n\
         <style>body{{font-family:sans-serif;margin:2em}}td{{padding:.1em 1em .1em 0}}</style>\n\
         <h1>Bouncelab: a fleet of fake mailbox providers</h1>\n{page}\
         <h2>Hosts</h2>\n<table>\n{hosts}</table>\n<h2>Requests</h2>\n<table>\n{requests}</table>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
