//! One connection: the hosts are tried in order, then transactions are carried until there is nothing left to do.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use policy::ids::SiteId;
use policy::verdict::{Finding, Stage};
use policy::{Admission, Carrier, Detour, Job, classify};
use smtp::Domain;
use smtp::client::{ClientSession, End, Loss, Options, Outcome, Phase, Step, Transfer, Trust};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use units::Instant;

use crate::Engine;
use crate::clock::{Elapsed, Timer};
use crate::port::{ConnectError, Opened, Stream, Why};

/// After this time no further host of a site is tried: three silent ones are enough, and those who are due have waited.
const DIALLING_LIMIT: Duration = Duration::from_secs(900);

/// Bytes read at a time. Replies are short; a small buffer keeps many open connections cheap.
const READ_BUFFER_BYTES: usize = 1024;

/// A connection with the session that speaks over it.
struct Open {
    site: SiteId,
    carrier: Carrier,
    stream: Box<dyn Stream>,
    session: ClientSession,
    timer: Timer,
    /// Transactions that were begun.
    messages: u32,
    /// The one under way, and the one that was begun before it was over.
    jobs: VecDeque<Job>,
}

/// What a session came to.
enum Turn {
    /// It is ready for a transaction.
    Ready,
    /// The transaction is over.
    Done(Vec<Outcome>),
    /// The session is over.
    Over(End),
}

/// What a stream did that was to write.
enum Moved {
    Written(io::Result<usize>),
    /// It took nothing, and there was something to read.
    Read(io::Result<()>),
}

/// Opens a connection to `site` and works until the dispatcher has nothing more for it.
pub(crate) async fn run(engine: &Engine, site: SiteId) {
    match open(engine, site).await {
        Ok(mut open) => {
            serve(engine, &mut open).await;
            engine.decide(|dispatcher, now| dispatcher.closed(site, &open.carrier.host, now));
        }
        Err(finding) => {
            engine.decide(|dispatcher, now| dispatcher.unreachable(site, &Arc::new(finding), now));
        }
    }
}

/// A session that has been greeted; or what was found at the last host that there was time for.
async fn open(engine: &Engine, site: SiteId) -> Result<Open, Finding> {
    let hosts = engine.decide(|dispatcher, now| dispatcher.hosts(site, now));
    let give_up = engine.clock().now() + DIALLING_LIMIT;
    let mut latest = classify::unreachable(Stage::Dns, "the site has no hosts");
    for host in hosts {
        match dial(engine, site, &host).await {
            Ok(open) => {
                engine.decide(|dispatcher, now| dispatcher.connected(site, &host, now));
                return Ok(open);
            }
            Err(finding) => {
                engine.decide(|dispatcher, now| dispatcher.host_failed(site, &host, now));
                latest = finding;
            }
        }
        if engine.clock().now() >= give_up {
            break;
        }
    }
    Err(latest)
}

/// Connects to one host, as often as there is another way of talking to it.
async fn dial(engine: &Engine, site: SiteId, host: &Domain) -> Result<Open, Finding> {
    loop {
        let mut open = connect(engine, site, host).await?;
        let Turn::Over(end) = open.turn(engine, Instant::MAX).await else {
            open.carrier.security = open.session.security();
            return Ok(open);
        };
        match engine.decide(|dispatcher, now| dispatcher.not_greeted(site, &end, now)) {
            Detour::SameHost => {}
            Detour::NextHost(finding) => return Err(finding),
        }
    }
}

/// Opens a connection to a host, with a session that waits for its greeting.
async fn connect(engine: &Engine, site: SiteId, host: &Domain) -> Result<Open, Finding> {
    let timer = engine.clock().timer();
    let settings = engine.settings();
    let limit = engine.clock().now() + settings.connect_limit;
    let opened = match timer.limit(limit, engine.connector().connect(host)).await {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return Err(classify::unreachable(Stage::Connect, error.words())),
        Err(Elapsed) => return Err(classify::unreachable(Stage::Connect, ConnectError::TimedOut.words())),
    };
    let starttls = engine.ask(|dispatcher| dispatcher.starttls(site, engine.clock().now()));
    let options =
        Options { starttls, limits: settings.limits, flow: settings.flow, transfer: settings.transfer };
    let session = ClientSession::new(settings.ehlo_name.clone(), options);
    let Opened { stream, number } = opened;
    let carrier = Carrier { number, host: host.clone(), security: session.security() };
    Ok(Open { site, carrier, stream, session, timer, messages: 0, jobs: VecDeque::new() })
}

/// Carries transactions until the dispatcher says QUIT or the session ends.
async fn serve(engine: &Engine, open: &mut Open) {
    loop {
        // A message that leaves together with the first command must not leave for a server that has gone.
        if open.messages > 0 && engine.settings().transfer == Transfer::ChunkIfOffered {
            open.listen().await;
            if let Step::Over(_) = open.session.step() {
                return;
            }
        }
        let admission = engine
            .decide(|dispatcher, now| dispatcher.next_job(open.site, &open.carrier, open.messages, now));
        match admission {
            Admission::Send(job) => {
                carry(engine, open, job).await;
                if let Turn::Over(_) = open.turn(engine, Instant::MAX).await {
                    return;
                }
            }
            Admission::Wait(at) => open.timer.wait_until(at).await,
            Admission::Quit => {
                open.session.quit();
                let _ = open.turn(engine, Instant::MAX).await;
                return;
            }
        }
    }
}

/// Carries one transaction, and those that are begun before the one before them is over. Reports what became of each.
async fn carry(engine: &Engine, open: &mut Open, mut job: Job) {
    open.session.begin(job.take_transaction());
    open.take(job);
    while let Some(deadline) = open.jobs.front().map(|job| job.deadline) {
        let Turn::Done(outcomes) = open.turn(engine, deadline).await else {
            unreachable!("a session answers for its transactions before anything else")
        };
        let job = open.jobs.pop_front().expect("nothing else takes them");
        engine.decide(|dispatcher, now| dispatcher.report(&job, &outcomes, now));
    }
}

impl Open {
    /// Moves bytes until the session has something to say; gives up at `deadline`. The limit of a phase starts anew only
    /// with a complete reply, so that a server cannot stretch it byte by byte.
    async fn turn(&mut self, engine: &Engine, deadline: Instant) -> Turn {
        let mut waiting_since = (self.session.replies(), engine.clock().now());
        loop {
            match self.session.step() {
                Step::Ready => return Turn::Ready,
                Step::Done(outcomes) => return Turn::Done(outcomes),
                Step::Over(end) => return Turn::Over(end),
                Step::Secure { trust, limit } => {
                    self.secure(trust, engine.clock().now() + limit, deadline).await;
                }
                Step::Write => {
                    self.look_ahead(engine);
                    self.write(engine, deadline).await;
                    waiting_since = (self.session.replies(), engine.clock().now());
                }
                Step::Read { limit, .. } => {
                    if waiting_since.0 != self.session.replies() {
                        waiting_since = (self.session.replies(), engine.clock().now());
                    }
                    self.read(waiting_since.1 + limit, deadline).await;
                }
            }
        }
    }

    /// Begins the next transaction if it can leave together with the message that is about to be written; or says goodbye,
    /// if that message is the last.
    fn look_ahead(&mut self, engine: &Engine) {
        let Some(current) = self.jobs.front().filter(|_| self.session.may_begin_ahead()) else { return };
        if engine.decide(|dispatcher, now| dispatcher.may_quit_ahead(current, now)) {
            self.session.quit_ahead();
        } else if let Some(mut job) = engine.decide(|dispatcher, now| dispatcher.job_ahead(current, now)) {
            self.session.begin_ahead(job.take_transaction());
            self.take(job);
        }
    }

    /// A transaction was begun.
    fn take(&mut self, job: Job) {
        self.messages += 1;
        self.jobs.push_back(job);
    }

    /// Writes as much as the stream takes. What there is to write is handed to it at once. While it takes nothing, and when it
    /// has broken, the server is heard: one that refuses a message in the middle stops reading, says so, and hangs up.
    async fn write(&mut self, engine: &Engine, deadline: Instant) {
        let at = (engine.clock().now() + engine.settings().limits.of(Phase::Body)).min(deadline);
        let mut bytes = [0; READ_BUFFER_BYTES];
        let mut buffer = ReadBuf::new(&mut bytes);
        let (stream, session) = (&mut self.stream, &self.session);
        let output = session.output().map(IoSlice::new);
        let moved = poll_fn(|context| match Pin::new(&mut *stream).poll_write_vectored(context, &output) {
            Poll::Ready(written) => Poll::Ready(Moved::Written(written)),
            Poll::Pending => Pin::new(&mut *stream).poll_read(context, &mut buffer).map(Moved::Read),
        });
        match self.timer.limit(at, moved).await {
            Ok(Moved::Written(Ok(0))) => self.session.lost(Loss::Closed),
            Ok(Moved::Written(Ok(count))) => self.session.wrote(count),
            Ok(Moved::Written(Err(error))) => {
                self.last_words(&error).await;
                self.session.lost(loss_of(&error));
            }
            Ok(Moved::Read(read)) => self.heard(read, buffer.filled()),
            Err(Elapsed) => self.session.lost(lateness(at, deadline)),
        }
    }

    async fn read(&mut self, limit: Instant, deadline: Instant) {
        let at = limit.min(deadline);
        let mut bytes = [0; READ_BUFFER_BYTES];
        let mut buffer = ReadBuf::new(&mut bytes);
        let stream = &mut self.stream;
        let read = poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut buffer));
        match self.timer.limit(at, read).await {
            Ok(read) => self.heard(read, buffer.filled()),
            Err(Elapsed) => self.session.lost(lateness(at, deadline)),
        }
    }

    /// Takes what the server has said or done unasked, if anything. Does not wait for it.
    async fn listen(&mut self) {
        let mut bytes = [0; READ_BUFFER_BYTES];
        let mut buffer = ReadBuf::new(&mut bytes);
        let stream = &mut self.stream;
        let read = poll_fn(|context| Poll::Ready(Pin::new(&mut *stream).poll_read(context, &mut buffer)));
        if let Poll::Ready(read) = read.await {
            self.heard(read, buffer.filled());
        }
    }

    /// Takes what the server said before writing to it failed. A reset is told once: the stream then reads as if it had been
    /// closed.
    async fn last_words(&mut self, failure: &io::Error) {
        if failure.kind() == io::ErrorKind::ConnectionReset {
            let mut bytes = [0; READ_BUFFER_BYTES];
            let mut buffer = ReadBuf::new(&mut bytes);
            let stream = &mut self.stream;
            let read = poll_fn(|context| Poll::Ready(Pin::new(&mut *stream).poll_read(context, &mut buffer)));
            if read.await.is_ready() && !buffer.filled().is_empty() {
                self.session.received(buffer.filled());
            }
        } else {
            self.listen().await;
        }
    }

    fn heard(&mut self, read: io::Result<()>, bytes: &[u8]) {
        match read {
            Ok(()) if bytes.is_empty() => self.session.lost(Loss::Closed),
            Ok(()) => self.session.received(bytes),
            Err(error) => self.session.lost(loss_of(&error)),
        }
    }

    async fn secure(&mut self, trust: Trust, limit: Instant, deadline: Instant) {
        let at = limit.min(deadline);
        match self.timer.limit(at, self.stream.secure(trust)).await {
            Ok(Ok(())) => self.session.secured(),
            Ok(Err(error)) => self.session.lost(handshake_loss(&error)),
            Err(Elapsed) => self.session.lost(lateness(at, deadline)),
        }
    }
}

/// Whose limit it was: the phase's, or the window's.
fn lateness(at: Instant, deadline: Instant) -> Loss {
    if at == deadline { Loss::Interrupted } else { Loss::TimedOut }
}

/// End of file, reset and broken pipe come down to two: which of them is seen is a race in the kernel.
fn loss_of(error: &io::Error) -> Loss {
    match error.kind() {
        io::ErrorKind::TimedOut => Loss::TimedOut,
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            Loss::Reset
        }
        _ => Loss::Closed,
    }
}

/// A handshake that failed, told apart from a connection that ended meanwhile.
fn handshake_loss(error: &io::Error) -> Loss {
    let why = error.get_ref().and_then(|inner| inner.downcast_ref::<Why>());
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            Loss::Certificate(why.map_or("the server's certificate is not to be trusted", |why| why.0))
        }
        io::ErrorKind::InvalidData => Loss::Handshake(why.map_or("the TLS handshake failed", |why| why.0)),
        _ => loss_of(error),
    }
}
