//! Reading replies: every known reply of the profiles, with all rules on, on one core.
//!
//! The figure that must hold is checked first, on the best of several rounds, because other work on the machine only ever
//! makes a round slower; criterion then measures it with its spread.

use std::hint::black_box;

use benches::measure;
use criterion::{Criterion, Throughput};
use fleet::{Particulars, library};
use smtp::Reply;
use verdicts::verdict::Stage;
use verdicts::{ProviderId, RuleBook};

/// Replies that one core must read in a second.
const REPLIES_PER_SECOND: f64 = 1_000_000.0;

const ROUNDS: u32 = 30;

struct Case {
    provider: Option<ProviderId>,
    stage: Stage,
    reply: Reply,
}

fn cases() -> Vec<Case> {
    let rules = RuleBook::shipped();
    let replies = library().profiles().flat_map(|profile| &profile.replies);
    replies
        .map(|known| Case {
            provider: rules.named(known.provider()),
            stage: Stage::of_phase(known.phase.name()).expect("phases have the names of stages"),
            reply: known.in_words(&Particulars::EXAMPLE),
        })
        .collect()
}

fn read_all(cases: &[Case]) {
    for case in cases {
        black_box(RuleBook::shipped().verdict(case.provider, case.stage, black_box(&case.reply)));
    }
}

#[expect(clippy::print_stdout, reason = "a bench says what it measured")]
fn main() {
    let compiled = measure(1, || RuleBook::shipped().rules().len());
    println!("rules: {} read and compiled in {:.1?}", RuleBook::shipped().rules().len(), compiled.best);
    let cases = cases();
    read_all(&cases);
    let rate = cases.len() as f64 / measure(ROUNDS, || read_all(&cases)).best.as_secs_f64();
    println!("replies: {} of them, {:.2} million a second on one core", cases.len(), rate / 1e6);
    assert!(rate >= REPLIES_PER_SECOND, "{rate:.0} replies a second, {REPLIES_PER_SECOND} are wanted");
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("verdicts");
    group.throughput(Throughput::Elements(cases.len() as u64));
    group.bench_function("read every known reply", |bencher| bencher.iter(|| read_all(&cases)));
    group.finish();
    criterion.final_summary();
}
