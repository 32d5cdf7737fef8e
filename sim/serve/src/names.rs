//! The name server: answers for the fleet's domains and hosts, over UDP and TCP, as the fleet says at the moment.
//!
//! Knows nobody else's names and asks nobody: what is not the fleet's does not exist. Answers carry addresses only, as the
//! DNS does; a client finds the hosts behind them only if all of them listen at one port.

mod clerk;
mod zone;

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hickory_proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{DNSClass, Record};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use crate::StartError;
use crate::hall::Hall;

use clerk::Counter;
use zone::Found;
pub(crate) use zone::Zone;

/// How long a TCP connection to the name server may be idle.
// RFC 7766 6.2.3: of the order of seconds
const IDLE: Duration = Duration::from_secs(10);

/// How many answers may wait to be read in a TCP connection.
const WAITING: usize = 16;

/// How long an answer over UDP may be, in octets.
// DNS Flag Day 2020
const PAYLOAD: u16 = 1232;

/// How often a port is looked for that is free for both UDP and TCP.
const TRIES: u32 = 32;

/// A name server at work.
pub(crate) struct NameServer {
    address: SocketAddr,
    server: Server<Answering>,
}

impl NameServer {
    /// Starts answering for `zone`, at the same port for UDP and TCP; at any if it is 0.
    pub(crate) async fn start(hall: &Rc<Hall>, zone: Zone, address: SocketAddr) -> Result<Self, StartError> {
        let (udp, tcp) = sockets(address).await.map_err(|error| StartError::Listen { address, error })?;
        let address = udp.local_addr().map_err(|error| StartError::Listen { address, error })?;
        let (counter, clerk) = clerk::open(Rc::clone(hall), zone);
        hall.spawn(clerk);
        let mut server = Server::new(Answering { counter });
        server.register_socket(udp);
        server.register_listener(tcp, IDLE, WAITING);
        Ok(Self { address, server })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops answering.
    pub(crate) async fn stop(mut self) {
        // What went wrong with a socket that is closed is of no interest any more.
        let _ = self.server.shutdown_gracefully().await;
    }
}

/// A UDP and a TCP socket with one number. Whether the number that the system gives the one is free for the other is
/// found out by trying.
async fn sockets(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = if address.port() == 0 { TRIES } else { 1 };
    loop {
        let udp = UdpSocket::bind(address).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 1 => tries -= 1,
            Err(error) => return Err(error),
        }
    }
}

/// Answers questions.
struct Answering {
    counter: Counter,
}

impl Answering {
    /// What there is to say; nothing if nobody is to answer.
    async fn find(&self, request: &Request) -> Option<Found> {
        let Ok(info) = request.request_info() else { return Some(Found::only(ResponseCode::FormErr)) };
        if info.metadata.op_code != OpCode::Query {
            return Some(Found::only(ResponseCode::NotImp));
        }
        if info.query.query_class() != DNSClass::IN {
            return Some(Found::only(ResponseCode::Refused));
        }
        self.counter.ask(info.query.name().clone(), info.query.query_type()).await
    }
}

#[async_trait::async_trait]
impl RequestHandler for Answering {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut answers: R,
    ) -> ResponseInfo {
        let found = self.find(request).await;
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let Some(found) = found else { return unsent(metadata) };
        metadata.response_code = found.code;
        metadata.authoritative = true;
        let nothing = std::iter::empty::<&Record>();
        // RFC 8914 3: only for those who know of extensions
        let extended = found.extended.filter(|_| request.edns.is_some()).map(explained);
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &extended {
            builder.edns(edns);
        }
        let response = builder.build(metadata, &found.answers, nothing, &found.authority, &found.additional);
        answers.send_response(response).await.unwrap_or_else(|_| unsent(metadata))
    }
}

/// An extended error.
// RFC 8914 2: option 15, which begins with the code
fn explained(code: u16) -> Edns {
    let mut edns = Edns::new();
    edns.set_max_payload(PAYLOAD);
    edns.options_mut().insert(EdnsOption::Unknown(15, code.to_be_bytes().to_vec()));
    edns
}

/// What is told of a response that was not sent; it is for statistics that nobody keeps.
fn unsent(metadata: Metadata) -> ResponseInfo {
    Header { metadata, counts: HeaderCounts::default() }.into()
}
