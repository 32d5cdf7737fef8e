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
        line("page", &format!("http://{control}{}", super::page::PATH));
        match &wanted.ca_out {
            Some(file) => line("ca", &file.display().to_string()),
            None => line("ca", &format!("http://{control}/ca.pem")),
        }
    }
    if wanted.speed != 1 {
        line("time", &format!("{} times as fast as the world's", wanted.speed));
    }
    if let Some(place) = service.places().first() {
        clients(&mut text, place, &recipient(service, title, place));
        let map = service.control().map(|control| format!("http://{control}/transport"));
        servers(&mut text, place.address, title.and(map).as_deref());
    }
    text + "\nCtrl-C ends it.\n"
}

fn hosts(text: &mut String, places: &[Place]) {
    let width = places.iter().map(|place| place.address.to_string().len()).max().unwrap_or_default().max(8);
    let names = places.iter().map(|place| place.host.len()).max().unwrap_or_default().max(4);
    if places.is_empty() {
        text.push_str("no host: no domain of the scenario takes mail\n\n");
        return;
    }
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

/// How to try it with what everybody has at hand.
fn clients(text: &mut String, place: &Place, to: &str) {
    let (server, ip, port) = (place.address, place.address.ip(), place.address.port());
    let _ = writeln!(
        text,
        "
swaks    swaks --server {ip} --port {port} --from you@sender.test --to {to}
curl     curl smtp://{server} --mail-from you@sender.test --mail-rcpt {to} -T message.eml
python   python3 -c 'import smtplib; smtplib.SMTP(\"{ip}\", {port}).sendmail(\"you@sender.test\", \"{to}\", \"Subject: hi\\n\\nhi\")'"
    );
}

/// How to point a mail server at it: at one host, or by a map where each domain has its own.
fn servers(text: &mut String, server: SocketAddr, map: Option<&str>) {
    let (ip, port) = (server.ip(), server.port());
    let _ = match map {
        Some(map) => writeln!(
            text,
            "postfix  curl -s {map} >/etc/postfix/bouncelab; postmap /etc/postfix/bouncelab
         postconf -e 'transport_maps = hash:/etc/postfix/bouncelab'; postfix reload"
        ),
        None => writeln!(text, "postfix  postconf -e 'relayhost = [{ip}]:{port}'; postfix reload"),
    };
    let _ = writeln!(
        text,
        "exim     as the first router: driver = manualroute, route_list = * {ip}::{port}, self = send, transport = remote_smtp
others   docs/serve.md"
    );
}
