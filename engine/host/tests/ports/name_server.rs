//! A name server that says what a test wants, over UDP and TCP at one port.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::str::FromStr;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use std::cell::RefCell;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::spawn_local;

/// What the server knows, and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Zone {
    records: RefCell<Vec<(Name, RData)>>,
    /// Names that the server fails about.
    failing: Vec<Name>,
    /// Names that the server says nothing about.
    silent: Vec<Name>,
    pub(crate) asked: RefCell<Vec<String>>,
}

impl Zone {
    /// Reads lines like `a.test MX 10 mx.a.test`; `a.test FAILS` and `a.test SILENT` are about all records of a name.
    pub(crate) fn new(lines: &[&str]) -> Self {
        let mut zone = Self::default();
        for line in lines {
            let (owner, rest) = line.split_once(' ').expect("an owner");
            match rest {
                "FAILS" => zone.failing.push(name(owner)),
                "SILENT" => zone.silent.push(name(owner)),
                _ => zone.add(line),
            }
        }
        zone
    }

    pub(crate) fn add(&self, line: &str) {
        let (owner, rest) = line.split_once(' ').expect("an owner");
        let (kind, value) = rest.split_once(' ').expect("a kind");
        let data = match kind {
            "MX" => {
                let (preference, host) = value.split_once(' ').expect("a preference");
                RData::MX(MX::new(preference.parse().expect("a number"), name(host)))
            }
            "A" => RData::A(A::from_str(value).expect("an address")),
            "AAAA" => RData::AAAA(AAAA::from_str(value).expect("an address")),
            "CNAME" => RData::CNAME(CNAME(name(value))),
            "TXT" => RData::TXT(TXT::new(value.split('|').map(ToOwned::to_owned).collect())),
            _ => panic!("{line}"),
        };
        self.records.borrow_mut().push((name(owner), data));
    }

    pub(crate) fn remove(&self, owner: &str) {
        self.records.borrow_mut().retain(|(known, _)| *known != name(owner));
    }

    /// The answer to a question; none if it is not answered.
    fn answer(&self, question: &Message) -> Option<Message> {
        let query = question.queries.first()?;
        self.asked.borrow_mut().push(format!("{} {}", query.name(), query.query_type()));
        if self.silent.contains(query.name()) {
            return None;
        }
        let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
        answer.metadata.message_type = MessageType::Response;
        answer.metadata.recursion_desired = true;
        answer.metadata.recursion_available = true;
        answer.add_query(query.clone());
        let (code, records) = self.find(query.name(), query.query_type());
        answer.metadata.response_code = code;
        answer.add_answers(records);
        Some(answer)
    }

    fn find(&self, owner: &Name, kind: RecordType) -> (ResponseCode, Vec<Record>) {
        if self.failing.contains(owner) {
            return (ResponseCode::ServFail, Vec::new());
        }
        let records = self.records.borrow();
        let own: Vec<&RData> =
            records.iter().filter(|(known, _)| known == owner).map(|(_, data)| data).collect();
        let record = |data: &RData| Record::from_rdata(owner.clone(), 60, data.clone());
        if let [RData::CNAME(target)] = own[..] {
            let (code, found) = self.find(&target.0, kind);
            return (code, [vec![record(own[0])], found].concat());
        }
        let code = if own.is_empty() { ResponseCode::NXDomain } else { ResponseCode::NoError };
        (code, own.into_iter().filter(|data| data.record_type() == kind).map(record).collect())
    }
}

/// Starts a server for this zone and tells its address.
pub(crate) async fn serve(zone: &Rc<Zone>) -> SocketAddr {
    let (udp, tcp) = sockets().await.expect("a port that is free for both");
    let address = udp.local_addr().expect("it is bound");
    let (over_udp, over_tcp) = (Rc::clone(zone), Rc::clone(zone));
    spawn_local(async move {
        let mut bytes = [0; 4096];
        while let Ok((count, from)) = udp.recv_from(&mut bytes).await {
            let Some(answer) = read(&bytes[..count]).and_then(|question| over_udp.answer(&question)) else {
                continue;
            };
            let mut text = answer.to_vec().expect("it is whole");
            if text.len() > 512 {
                text = answer.truncate().to_vec().expect("it is whole");
            }
            let _ = udp.send_to(&text, from).await;
        }
    });
    spawn_local(async move {
        while let Ok((visitor, _)) = tcp.accept().await {
            let zone = Rc::clone(&over_tcp);
            spawn_local(async move { serve_stream(visitor, &zone).await });
        }
    });
    address
}

async fn serve_stream(mut visitor: TcpStream, zone: &Zone) -> io::Result<()> {
    loop {
        let mut question = vec![0; visitor.read_u16().await?.into()];
        visitor.read_exact(&mut question).await?;
        if let Some(answer) = read(&question).and_then(|question| zone.answer(&question)) {
            let text = answer.to_vec().expect("it is whole");
            visitor.write_u16(text.len().try_into().expect("it is short")).await?;
            visitor.write_all(&text).await?;
        }
    }
}

async fn sockets() -> io::Result<(UdpSocket, TcpListener)> {
    for _ in 0..16 {
        let udp = UdpSocket::bind(("127.0.0.1", 0)).await?;
        if let Ok(tcp) = TcpListener::bind(udp.local_addr()?).await {
            return Ok((udp, tcp));
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn read(bytes: &[u8]) -> Option<Message> {
    Message::from_vec(bytes).ok()
}

fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).expect("a name");
    name.set_fqdn(true);
    name
}
