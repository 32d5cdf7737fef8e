//! What every test needs: a fleet, a runtime, and a client that speaks in raw bytes.

use std::future::Future;

use fleet::{Active, Dns, Fleet, FleetBuilder, MxRecord, Pace, ProviderSpec, library, read_behaviour};
use scenario::{Kind, Problems, Source, tree};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, LocalOptions};

/// The host of every fleet here.
pub(crate) const HOST: &str = "mx1.bigbox.test";

/// A greeting, a name, and a message for one recipient, up to the go-ahead.
pub(crate) const ENVELOPE: &str = "EHLO out.sender.test\r\nMAIL FROM:<news@sender.test>\r\n\
                                   RCPT TO:<ann@bigbox.test>\r\nDATA\r\n";

/// Does `work` on a runtime of its own; a minute is more than any of it needs.
pub(crate) fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let runtime = runtime.expect("a runtime");
    let limited = async { tokio::time::timeout(std::time::Duration::from_secs(60), work).await };
    runtime.block_on(limited).expect("it ends within a minute")
}

/// A provider `bigbox` with the domain `bigbox.test` and the host [`HOST`], which behaves as `yaml` says.
pub(crate) fn fleet(yaml: &str, pace: Pace) -> Fleet {
    let mut builder = FleetBuilder::new(1).pace(pace);
    let spec = ProviderSpec {
        index: 0,
        name: "bigbox",
        profile: library().generic(),
        domains: vec!["bigbox.test".to_owned()],
        dns: Dns::Hosts(vec![MxRecord { preference: 10, host: HOST.to_owned() }]),
        behaviours: behaviours(yaml),
        contacts: &[],
    };
    builder.add_provider(spec).expect("names are free");
    builder.build()
}

pub(crate) fn behaviours(yaml: &str) -> Vec<Active> {
    if yaml.is_empty() {
        return Vec::new();
    }
    let root = tree(&Source::new("behaviours.yaml", yaml)).expect("a tree");
    let Kind::Map(entries) = root.kind else { panic!("not a map: {yaml}") };
    let mut problems = Problems::new();
    let read = entries.into_iter().map(|(key, settings)| scenario::Behaviour { key, settings });
    let read: Vec<_> = read.filter_map(|behaviour| read_behaviour(&behaviour, &mut problems)).collect();
    assert!(problems.is_empty(), "{yaml}");
    read.into_iter().map(Active::always).collect()
}

/// A client that says what it is told to.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

impl Client {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self { stream }
    }

    pub(crate) async fn say(&mut self, words: &str) {
        self.stream.write_all(words.as_bytes()).await.expect("it can be said");
    }

    /// What comes in one piece.
    pub(crate) async fn piece(&mut self) -> String {
        let mut bytes = vec![0; 64 * 1024];
        let count = self.stream.read(&mut bytes).await.expect("it can be read");
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    /// The codes of the replies in one piece.
    pub(crate) async fn codes(&mut self) -> String {
        codes(&self.piece().await)
    }

    /// Says one thing, hears the codes of one piece.
    pub(crate) async fn ask(&mut self, words: &str) -> String {
        self.say(words).await;
        self.codes().await
    }

    /// Everything until the server closes; how it did that.
    pub(crate) async fn rest(&mut self) -> (String, Closed) {
        let mut bytes = Vec::new();
        let closed = match self.stream.read_to_end(&mut bytes).await {
            Ok(_) => Closed::Properly,
            Err(_) => Closed::Reset,
        };
        (String::from_utf8_lossy(&bytes).into_owned(), closed)
    }
}

/// How a server closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    Properly,
    Reset,
}

/// The codes of the replies in `text`.
pub(crate) fn codes(text: &str) -> String {
    let last_lines = text.lines().filter(|line| line.get(3..4) != Some("-"));
    last_lines.filter_map(|line| line.get(..3)).collect::<Vec<_>>().join(" ")
}
