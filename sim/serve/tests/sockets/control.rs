//! The control port, as a program or a browser sees it.

use serde_json::Value;
use serve::{Service, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::service::{connect, start};
use crate::world::{ENVELOPE, on_a_runtime};

/// Sends a request, with these headers beside those that it must have; status and body of the response.
async fn request(service: &Service, line: &str, headers: &str, body: &str) -> (u16, String) {
    let address = service.control().expect("it has one");
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let host = if headers.contains("Host:") { String::new() } else { format!("Host: {address}\r\n") };
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.expect("it can be sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("text");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head and a body");
    (head[9..12].parse().expect("a status"), body.to_owned())
}

async fn get(service: &Service, path: &str) -> String {
    let (status, body) = request(service, &format!("GET {path}"), "", "").await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Sends a message to a recipient; the codes of the answers up to the go-ahead, or without it.
async fn send(service: &Service) -> String {
    let mut client = connect(service).await;
    client.codes().await;
    let said = client.ask(ENVELOPE).await;
    if said.ends_with("354") {
        assert_eq!(client.ask("hello\r\n.\r\nQUIT\r\n").await, "250 221");
    }
    said
}

#[test]
fn behaviours_are_listed_and_switched() {
    on_a_runtime(async {
        let service = start("reply: { at: rcpt, code: 450 }", |usual| usual).await;
        let listed: Value = serde_json::from_str(&get(&service, "/behaviours").await).expect("JSON");
        let expected = serde_json::json!([{
            "id": "bigbox.reply", "provider": "bigbox", "behaviour": "reply", "from": "0h", "on": true, "in_force": true,
        }]);
        assert_eq!(listed, expected);
        assert_eq!(send(&service).await, "250 250 450 554");
        let (status, body) = request(&service, "POST /behaviours/bigbox.reply", "", "{\"on\":false}").await;
        assert_eq!(status, 200, "{body}");
        assert!(body.contains("\"on\":false,\"in_force\":false"), "{body}");
        assert_eq!(send(&service).await, "250 250 250 354");
        request(&service, "POST /reset", "", "").await;
        assert_eq!(send(&service).await, "250 250 450 554");
        service.stop().await;
    });
}

#[test]
fn what_becomes_of_accepted_mail_is_told_when_it_has_happened() {
    on_a_runtime(async {
        let yaml = "fate: { opened: { share: 100%, after: 30d } }";
        let service = start(yaml, |usual| usual).await;
        assert_eq!(send(&service).await, "250 250 250 354");
        let lines = get(&service, "/receipts").await;
        let lines: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
        let told: Vec<&Value> =
            lines.iter().map(|line| line.get("happened").unwrap_or(&line["answer"])).collect();
        assert_eq!(told, ["accepted", "inbox"]);
        assert_eq!(lines[1]["body_hash"], lines[0]["body_hash"]);
        service.stop().await;
    });
}

#[test]
fn receipts_are_fetched_once_and_forgotten_on_a_reset() {
    on_a_runtime(async {
        let service = start("mailboxes: { full: [ann@bigbox.test] }", |usual| usual).await;
        assert_eq!(get(&service, "/receipts").await, "");
        assert_eq!(send(&service).await, "250 250 552 554");
        let line: Value = serde_json::from_str(&get(&service, "/receipts").await).expect("one line of JSON");
        let expected = serde_json::json!({
            "at": 0, "provider": "bigbox", "host": "mx1.bigbox.test", "connection": 1,
            "sender": "news@sender.test", "recipient": "ann@bigbox.test",
            "answer": "refused", "phase": "rcpt", "code": 552,
        });
        assert_eq!(line, expected);
        assert_eq!(get(&service, "/receipts?since=0").await, "");
        let metrics = get(&service, "/metrics").await;
        let sample = "bouncelab_recipients_total{provider=\"bigbox\",fate=\"refused\",code=\"552\"} 1\n";
        assert!(metrics.contains(sample), "{metrics}");
        let (status, _) = request(&service, "POST /reset", "", "").await;
        assert_eq!((status, get(&service, "/receipts").await.as_str()), (200, ""));
        service.stop().await;
    });
}

#[test]
fn pages_say_where_things_are() {
    on_a_runtime(async {
        let service = start("", |usual| usual).await;
        let address = service.places()[0].address;
        let home = get(&service, "/").await;
        assert!(home.contains("mx1.bigbox.test") && home.contains(&address.to_string()), "{home}");
        assert_eq!(get(&service, "/ca.pem").await, service.ca_pem());
        assert_eq!(get(&service, "/healthz").await, "{\"status\":\"ok\"}");
        let transport = format!("bigbox.test smtp:[127.0.0.1]:{}\n", address.port());
        assert_eq!(get(&service, "/transport").await, transport);
        assert!(get(&service, "/magic").await.contains("gmail-full@"));
        service.stop().await;
    });
}

#[test]
fn what_cannot_be_done_is_told_as_json() {
    on_a_runtime(async {
        let service = start("latency: 1us", |usual| usual).await;
        let check = async |line: &str, headers: &str, body: &str, status: u16, error: &str| {
            let (found, told) = request(&service, line, headers, body).await;
            let told: Value = serde_json::from_str(&told).unwrap_or_else(|_| panic!("{line}: {told}"));
            assert_eq!((found, &told["error"]), (status, &Value::from(error)), "{line}: {told}");
            assert!(told["message"].is_string() && told["remedy"].is_string(), "{line}: {told}");
        };
        check("GET /nothing", "", "", 404, "no_such_page").await;
        check("GET /reset", "", "", 405, "wrong_method").await;
        check("POST /behaviours", "", "", 405, "wrong_method").await;
        check("POST /behaviours/bigbox.nothing", "", "{\"on\":true}", 404, "no_such_behaviour").await;
        for body in ["", "{}", "{\"on\":1}", "{\"on\":true,\"off\":true}", "on"] {
            check("POST /behaviours/bigbox.latency", "", body, 400, "bad_body").await;
        }
        check("GET /receipts?since=yesterday", "", "", 400, "bad_query").await;
        for header in ["Host: evil.example\r\n", "Origin: https://evil.example\r\n", "Host: \r\n"] {
            check("POST /reset", header, "", 403, "foreign_host").await;
        }
        service.stop().await;
    });
}

#[test]
fn pages_of_others_are_answered_and_guarded_and_a_witness_tells_what_was_seen() {
    on_a_runtime(async {
        let pages = axum::Router::new().route("/page", axum::routing::get(async || "a page"));
        let service =
            start("mailboxes: { full: [ann@bigbox.test] }", |usual| Settings { pages, ..usual }).await;
        assert_eq!(get(&service, "/page").await, "a page");
        assert!(get(&service, "/").await.contains("href=\"/page\""));
        let (status, _) = request(&service, "GET /page", "Host: evil.example\r\n", "").await;
        assert_eq!(status, 403);
        let witness = service.witness().expect("there is a control port");
        assert!(witness.testimony().await.expect("it is there").receipts.arrivals.is_empty());
        send(&service).await;
        let seen = witness.testimony().await.expect("it is there");
        assert_eq!((seen.receipts.arrivals.len(), seen.providers[0].name.as_str()), (1, "bigbox"));
        assert_eq!(seen.providers[0].index, seen.receipts.arrivals[0].provider);
        service.stop().await;
        assert!(witness.testimony().await.is_none());
    });
}

#[test]
fn without_pages_none_is_linked() {
    on_a_runtime(async {
        let service = start("", |usual| usual).await;
        assert!(!get(&service, "/").await.contains("href=\"/page\""));
        service.stop().await;
    });
}
