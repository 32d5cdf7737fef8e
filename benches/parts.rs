//! The hot parts, one by one, with criterion: what an attempt is made of.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use harness::Progress;
use harness::clock::VirtualTime;
use smtp::client::{ClientSession, Options, Step, Transaction};
use smtp::server::{Answer, Host, ServerConfig, ServerSession, Then};
use smtp::{Address, Body, Domain, EnhancedStatusCode, Extensions, Reply, ReplyParser, ReversePath};
use units::Instant;

const REPLY: &[u8] = b"452-4.2.2 The recipient's inbox is out of storage space. Please direct the\r\n\
452 4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp 97a5c4da797a - gsmtp\r\n";

fn reply_parser(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("smtp");
    group.throughput(Throughput::Bytes(REPLY.len() as u64));
    group.bench_function("parse a reply of two lines", |bencher| {
        bencher.iter(|| {
            let mut parser = ReplyParser::new();
            parser.feed(black_box(REPLY));
            parser.next()
        });
    });
    group.finish();
}

/// A server that accepts everything.
struct Agreeable(Reply);

impl Agreeable {
    fn yes(&self) -> Answer {
        Answer::say(self.0.clone())
    }
}

impl Host for Agreeable {
    fn greet(&mut self) -> Answer {
        Answer { reply: Some(Reply::new(220, None, "mx1.bigbox.test ESMTP")), ..self.yes() }
    }
    fn hello(&mut self, _: &str) -> Answer {
        self.yes()
    }
    fn mail(&mut self, _: &ReversePath, _: Option<u64>) -> Answer {
        self.yes()
    }
    fn rcpt(&mut self, _: &Address) -> Answer {
        self.yes()
    }
    fn data(&mut self) -> Answer {
        Answer { reply: Some(Reply::new(354, None, "go ahead")), ..self.yes() }
    }
    fn body(&mut self, chunk: &[u8]) {
        black_box(chunk);
    }
    fn end_of_data(&mut self, _: u64) -> Answer {
        self.yes()
    }
    fn quit(&mut self) -> Answer {
        Answer { reply: Some(Reply::new(221, None, "bye")), then: Then::Close, ..self.yes() }
    }
    fn reset(&mut self) {}
}

/// Both ends of a connection, wired to each other.
struct Pair {
    client: ClientSession,
    server: ServerSession,
    host: Agreeable,
}

impl Pair {
    fn new() -> Self {
        let extensions =
            Extensions { pipelining: true, enhanced_status_codes: true, ..Extensions::default() };
        let mut pair = Self {
            client: ClientSession::new(
                Domain::parse("mta.sender.example").expect("a domain"),
                Options::default(),
            ),
            server: ServerSession::new(ServerConfig { extensions, ..ServerConfig::default() }),
            host: Agreeable(Reply::new(250, EnhancedStatusCode::parse("2.0.0"), "OK")),
        };
        let greeting = pair.server.greeting(&mut pair.host);
        pair.client.received(&greeting.bytes);
        pair.until_idle();
        pair
    }

    fn until_idle(&mut self) {
        loop {
            match self.client.step() {
                Step::Write => {
                    let [commands, message, _] = self.client.output();
                    let output = if commands.is_empty() { message } else { commands };
                    let written = output.len();
                    let turn = self.server.receive(&mut self.host, output);
                    self.client.wrote(written);
                    self.client.received(&turn.bytes);
                }
                Step::Done(outcomes) => {
                    black_box(outcomes);
                }
                Step::Ready | Step::Over(_) | Step::Read { .. } | Step::Secure { .. } => return,
            }
        }
    }
}

fn transaction(criterion: &mut Criterion) {
    let recipients: Vec<Address> =
        (0..50).map(|n| Address::parse(&format!("c{n:06}@bigbox.test")).expect("an address")).collect();
    let body = Arc::new(Body::new(&b"A line of a message of twenty kibibytes.\r\n".repeat(500)));
    let mut group = criterion.benchmark_group("smtp");
    for count in [1, 50] {
        let mut pair = Pair::new();
        group.throughput(Throughput::Elements(count));
        group.bench_function(format!("both sessions, {count} recipients, 20 KiB"), |bencher| {
            bencher.iter_batched(
                || Transaction {
                    sender: ReversePath::Null,
                    recipients: recipients.iter().take(count as usize).cloned().collect(),
                    body: Arc::clone(&body),
                },
                |transaction| {
                    pair.client.begin(transaction);
                    pair.until_idle();
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn clock(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("clock");
    group.throughput(Throughput::Elements(1000));
    group.bench_function("a thousand jumps", |bencher| {
        bencher.iter(|| {
            let time = VirtualTime::new(Arc::new(Progress::default()));
            let clock = time.clock();
            time.run(async {
                for second in 1..=1000 {
                    clock.sleep_until(Instant::ZERO + Duration::from_secs(second)).await;
                }
            })
        });
    });
    group.finish();
}

criterion_group!(parts, reply_parser, transaction, clock);
criterion_main!(parts);
