//! What was measured of earlier versions: `benches/history.jsonl`, a line a measurement, added on request only.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

use reports::charts::Measurement;

use crate::Cost;

const HISTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/history.jsonl");

/// What stands after `--save` on the command line.
pub fn label_to_save() -> Option<String> {
    std::env::args().skip_while(|argument| argument != "--save").nth(1)
}

/// Adds a line: `attempts` in each run of `cost`, by processor time, which other programs on the machine change least.
///
/// Panics if processor time is not known here or the file cannot be written, as benches do.
pub fn save(label: &str, bench: &str, cost: &Cost, attempts: usize) {
    assert!(!cost.processors.is_empty(), "processor time is not known on this machine");
    let rate = |each: &Duration| (attempts as u128 * 1_000_000_000 / each.as_nanos().max(1)) as u64;
    let measurement = Measurement {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        label: label.to_owned(),
        bench: bench.to_owned(),
        samples: cost.processors.iter().map(rate).collect(),
        machine: machine(),
    };
    let line = serde_json::to_string(&measurement).expect("numbers and text");
    let mut file =
        OpenOptions::new().append(true).create(true).open(HISTORY).expect("the history can be opened");
    writeln!(file, "{line}").expect("the history can be written");
}

/// The processor, how many of it, and how busy it was in the last minute; what is not known is left out.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processors = read("/proc/cpuinfo");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load = read("/proc/loadavg");
    let mut words = format!("{cores} cores");
    if let Some((_, model)) = model {
        words += &format!(", {}", model.trim());
    }
    if let Some(load) = load.split_whitespace().next() {
        words += &format!(", load {load}");
    }
    words
}
