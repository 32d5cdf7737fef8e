//! Reports of a large run: the page, the metrics over time and the record of 100 000 contacts.
//!
//! Asserted here, because a timed test would fail on a busy machine: the page takes at most 2 s to make, at most 500 MiB beside
//! the record, and has at most 15 MiB.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::path::Path;
use std::time::Duration;

use benches::measure;
use harness::{Options, Plan};
use peak_alloc::PeakAlloc;
use record::Record;
use reports::csv;
use reports::figures::Figures;
use reports::html::{self, About};
use scenario::Source;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/scale/mixed-fleet-100k.yaml");
const RUNS: u32 = 5;
const MIB: usize = 1 << 20;
const WALL_MAX: Duration = Duration::from_secs(2);
const PEAK_MAX: usize = 500 * MIB;
const PAGE_MAX: usize = 15 * MIB;

fn main() {
    let source = Source::read(Path::new(SCENARIO)).expect("the scenario is there");
    let plan = Plan::read(&source).expect("the scenario is valid");
    let record =
        harness::run(&plan, &Options { threads: 2, ..Options::default() }).expect("it runs to its end");
    println!("reports of {} contacts, {} events", record.contacts.len(), record.events.len());
    let page = show("report.html", &record, |record| html::response(record, &About::default()).into_bytes());
    show("metrics.csv", &record, |record| csv::render(record, &Figures::of(record)).into_bytes());
    assert!(page.wall <= WALL_MAX, "the page took {:?}, at most {WALL_MAX:?}", page.wall);
    assert!(page.peak <= PEAK_MAX, "the page took {} MiB, at most {}", page.peak / MIB, PEAK_MAX / MIB);
    assert!(page.size <= PAGE_MAX, "the page has {} bytes, at most {PAGE_MAX}", page.size);
}

/// What a report costs.
struct Price {
    /// The best of all runs.
    wall: Duration,
    /// Memory beside the record at its peak, in bytes.
    peak: usize,
    /// Bytes of the report.
    size: usize,
}

fn show(name: &str, record: &Record, render: impl Fn(&Record) -> Vec<u8>) -> Price {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let size = render(record).len();
    let peak = ALLOCATOR.peak_usage() - before;
    let cost = measure(RUNS, || render(record));
    println!(
        "  {name:<14} {:?} to {:?} over {RUNS} runs, {} MiB at the peak, {} KiB long",
        cost.best,
        cost.worst,
        peak / MIB,
        size / 1024
    );
    Price { wall: cost.best, peak, size }
}
