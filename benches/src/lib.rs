//! How benches measure, in one place: processor time, and how figures are shown.
//!
//! Machines are noisy: wall time is the best of several runs, processor time is summed over all of them. Processor time is
//! read from `/proc/self/stat` and is not known elsewhere than on Linux; then it is said to be unknown, not guessed.

mod history;

use std::time::{Duration, Instant};

pub use history::{label_to_save, save};

/// Clock ticks a second in `/proc/self/stat`: 100 on every Linux that matters (`man 5 proc`, `getconf CLK_TCK`).
const TICKS_PER_SECOND: u64 = 100;

/// Processor time that the process has used so far, user and system; `None` where it is not known.
pub fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses and may contain spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// What a number of runs cost.
#[derive(Debug, Clone)]
pub struct Cost {
    /// The best wall time of all runs.
    pub best: Duration,
    /// The worst.
    pub worst: Duration,
    /// Processor time of one run on average, if known.
    pub processor: Option<Duration>,
    /// Processor time of each run, in steps of 10 ms; empty if it is not known.
    pub processors: Vec<Duration>,
}

/// Does `work`, and tells how long it took.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = std::hint::black_box(work());
    (done, began.elapsed())
}

/// Runs `work` `times` times.
pub fn measure<T>(times: u32, mut work: impl FnMut() -> T) -> Cost {
    let mut processors = Vec::new();
    let mut walls = Vec::new();
    for _ in 0..times.max(1) {
        let before = processor_time();
        walls.push(timed(&mut work).1);
        processors.extend(before.and_then(|before| Some(processor_time()? - before)));
    }
    walls.sort();
    let all = !processors.is_empty();
    let processor = all.then(|| processors.iter().sum::<Duration>() / times.max(1));
    Cost { best: walls[0], worst: walls[walls.len() - 1], processor, processors }
}
