//! A browser of a few lines, for tests: asks over a real socket on loopback and hands back what comes, as it comes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A router that answers on a free port until this is dropped.
pub(crate) struct Answering {
    pub(crate) address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answering {
    pub(crate) fn start(router: Router) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let answering = tokio::spawn(async move { axum::serve(listener, router).await });
                let _ = stopped.await;
                answering.abort();
            });
        });
        Self { address: told.recv().unwrap(), _stop: stop }
    }

    /// Asks for `path`, as if the address had this name.
    pub(crate) fn get_as(&self, host: &str, path: &str) -> Answer {
        let mut text = String::new();
        let mut stream = asked(self.address, host, path);
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_as(&self.address.to_string(), path)
    }

    pub(crate) fn events(&self, path: &str) -> impl Iterator<Item = String> + use<> {
        events(self.address, path)
    }
}

/// The lines of server-sent events, without the empty ones, the head and the sizes of pieces.
pub(crate) fn events(address: SocketAddr, path: &str) -> impl Iterator<Item = String> + use<> {
    let lines = asked(address, &address.to_string(), path).lines();
    let lines = lines.map_while(Result::ok).skip_while(|line| !line.is_empty());
    lines.filter(|line| line.starts_with("data:") || line.starts_with("event:"))
}

fn asked(address: SocketAddr, host: &str, path: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    BufReader::new(stream)
}
