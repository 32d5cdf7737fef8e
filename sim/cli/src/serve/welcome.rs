//! What `serve` prints when all doors are open: where everything is, and how to point a client at it.

use std::fmt::Write as _;
use std::net::SocketAddr;

use serve::{Place, Service};

use crate::args::Serve;

/// How many hosts are listed; the control port knows the others.
const LISTED: usize = 40;

pub(super) fn text(service: &Service, title: Option<&str>, wanted: &Serve) -> String {
    let mut text = match title {
        Some(title) => format!("serving {title}\n\n"),
        None => "serving magic addresses: see `bouncelab serve --help`\n\n".to_owned(),
    };
    hosts(&mut text, service.places());
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<8} {value}");
    };
    if let Some(dns) = service.dns() {
        line("dns", &format!("{dns}, UDP and TCP"));
    }
    if let Some(control) = service.control() {
        line("control", &format!("http://{control}/"));
        match &wanted.ca_out {
            Some(file) => line("ca", &file.display().to_string()),
            None => line("ca", &format!("http://{control}/ca.pem")),
        }
    }
    if wanted.speed != 1 {
        line("time", &format!("{} times as fast as the world's", wanted.speed));
    }
    if let Some(place) = service.places().first() {
        recipes(&mut text, place, &recipient(service, title, place), service.control());
    }
    text
}

fn hosts(text: &mut String, places: &[Place]) {
    let width = places.iter().map(|place| place.address.to_string().len()).max().unwrap_or_default().max(8);
    let names = places.iter().map(|place| place.host.len()).max().unwrap_or_default().max(4);
    let _ = writeln!(text, "{:<width$} {:<names$} PROVIDER", "SMTP", "HOST");
    for Place { host, provider, address } in places.iter().take(LISTED) {
        let _ = writeln!(text, "{:<width$} {host:<names$} {provider}", address.to_string());
    }
    if places.len() > LISTED {
        let _ = writeln!(text, "and {} more, which the control port lists", places.len() - LISTED);
    }
    text.push('\n');
}

/// An address whose mail the host takes.
fn recipient(service: &Service, title: Option<&str>, place: &Place) -> String {
    let route = service.routes().iter().find(|route| route.hosts.contains(&place.host));
    match (title, route) {
        (Some(_), Some(route)) => format!("ann@{}", route.domain),
        (None, _) | (_, None) => "ann@shop.test".to_owned(),
    }
}

fn recipes(text: &mut String, place: &Place, to: &str, control: Option<SocketAddr>) {
    let (ip, port) = (place.address.ip(), place.address.port());
    let server = place.address;
    let _ = writeln!(
        text,
        "
swaks    swaks --server {ip} --port {port} --from you@sender.test --to {to}
curl     curl smtp://{server} --mail-from you@sender.test --mail-rcpt {to} -T message.eml
python   python3 -c 'import smtplib; smtplib.SMTP(\"{ip}\", {port}).sendmail(\"you@sender.test\", \"{to}\", \"Subject: hi\\n\\nhi\")'
postfix  postconf -e 'relayhost = [{ip}]:{port}'"
    );
    if let Some(control) = control {
        let _ = writeln!(
            text,
            "         or, by domain: curl -s http://{control}/transport >/etc/postfix/bouncelab
         postmap /etc/postfix/bouncelab; postconf -e 'transport_maps = hash:/etc/postfix/bouncelab'"
        );
    }
    let _ = writeln!(
        text,
        "exim     a router before all others: driver = manualroute; route_list = * {ip}::{port}; transport = remote_smtp
         (with `self = send` in the router)

Ctrl-C ends it."
    );
}
