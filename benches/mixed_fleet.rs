//! The whole, with its figures: 100 000 contacts of nine providers through the 30-hour window, laws and receipts on.
//!
//! Asserted here, because a timed test would fail on a busy machine: at most 1.5 s wall on two threads, and at most 8 µs of
//! processor time an attempt. Memory is reported: of the whole run at its peak, and of a queued recipient.
//!
//! `cargo bench -p benches --bench mixed_fleet -- --save LABEL` adds what was measured on one thread to `benches/history.jsonl`, from
//! which `docs/throughput.svg` is drawn.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::path::Path;
use std::time::Duration;

use benches::{Cost, label_to_save, measure, save};
use harness::{Options, Plan};
use peak_alloc::PeakAlloc;
use policy::contact::{ContactPolicy, ContactStatus, Standing};
use policy::ids::ContactId;
use policy::ledger::{Entry, Ledger};
use policy::mailing::{Content, Kind, Letter, Listed, Mailing, UncertainPolicy};
use policy::pace::SiteLimits;
use policy::retry::RetryPlan;
use policy::{Dispatcher, Setup};
use record::EventKind;
use scenario::Source;
use smtp::{Address, Body, ReversePath};
use units::{Draw, Instant};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/scale/mixed-fleet-100k.yaml");
const RUNS: u32 = 5;
const WALL_MAX: Duration = Duration::from_millis(1500);
const PROCESSOR_PER_ATTEMPT_MAX: Duration = Duration::from_micros(8);
const QUEUED: u32 = 1_000_000;

fn main() {
    let source = Source::read(Path::new(SCENARIO)).expect("the scenario is there");
    let plan = Plan::read(&source).expect("the scenario is valid");
    let run = |threads| {
        harness::run(&plan, &Options { threads, ..Options::default() }).expect("it runs to its end")
    };

    ALLOCATOR.reset_peak_usage();
    let record = run(2);
    let peak = ALLOCATOR.peak_usage();
    assert!(record.checked.lawful() && record.checked.all_held(), "the run must hold before it is measured");
    let attempts =
        record.events.iter().filter(|event| matches!(event.kind, EventKind::AttemptEnded { .. })).count();
    drop(record);

    let two = measure(RUNS, || run(2));
    let one = measure(RUNS, || run(1));
    println!("mixed fleet: {} contacts, {attempts} attempts, 30 h, laws and receipts on", plan.contacts());
    show("two threads", &two, attempts);
    show("one thread", &one, attempts);
    println!("  one thread / two threads   {:.2} (best wall)", ratio(one.best, two.best));
    println!("  peak of a run              {} MiB, record and receipts kept whole", peak / (1 << 20));
    memory_of_a_queued_recipient();
    if let Some(label) = label_to_save() {
        save(&label, "mixed_fleet", &one, attempts);
    }

    assert!(two.best <= WALL_MAX, "{:?} wall on two threads, at most {WALL_MAX:?}", two.best);
    if let Some(processor) = one.processor {
        let each = processor / u32::try_from(attempts).expect("attempts fit");
        assert!(
            each <= PROCESSOR_PER_ATTEMPT_MAX,
            "{each:?} an attempt, at most {PROCESSOR_PER_ATTEMPT_MAX:?}"
        );
    }
}

fn show(name: &str, cost: &Cost, attempts: usize) {
    let processor = cost.processor.map_or("processor time unknown".to_owned(), |processor| {
        let nanos = processor.as_nanos() / attempts.max(1) as u128;
        format!("{processor:?} processor, {}.{:02} µs an attempt", nanos / 1000, nanos % 1000 / 10)
    });
    println!("  {name:<26} {:?} to {:?} wall over {RUNS} runs; {processor}", cost.best, cost.worst);
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// Nothing is kept.
struct Nowhere;

impl Ledger for Nowhere {
    fn note(&mut self, _: Instant, _: Entry<'_>) {}
}

/// Queues a million recipients and shows what each of them costs, its contact apart.
fn memory_of_a_queued_recipient() {
    let before = ALLOCATOR.current_usage();
    let contacts: Vec<(Address, Standing)> = (0..QUEUED)
        .map(|number| {
            let address = Address::parse(&format!("c{number:07}@bigbox.test")).expect("an address");
            (address, Standing::new(ContactStatus::Active))
        })
        .collect();
    let with_contacts = ALLOCATOR.current_usage();
    let mailing = Mailing {
        name: "memory".to_owned(),
        kind: Kind::Regular,
        start: Instant::ZERO,
        content: Content::Shared(Letter {
            sender: ReversePath::Null,
            body: Body::new(b"Subject: memory\r\n\r\n").into(),
        }),
        list: (0..QUEUED).map(|position| Listed { contact: ContactId(position), position }).collect(),
        plan: RetryPlan::default(),
        contact_policy: ContactPolicy::Classic,
        uncertain: UncertainPolicy::Resend,
    };
    let setup = Setup {
        contacts,
        mailings: vec![mailing],
        limits: SiteLimits::default(),
        tls: policy::tls::TlsPolicy::OnDemand,
        draw: Draw::new(1, "bench"),
    };
    let mut dispatcher = Dispatcher::new(setup, Box::new(Nowhere));
    dispatcher.advance(Instant::ZERO);
    let queued = ALLOCATOR.current_usage();
    let each = |bytes: usize| bytes / QUEUED as usize;
    println!(
        "  a queued recipient         {} bytes ({} of them its row), and {} bytes for its contact",
        each(queued.saturating_sub(with_contacts)),
        policy::ROW_BYTES,
        each(with_contacts - before)
    );
    assert!(dispatcher.next_wake().is_some());
}
