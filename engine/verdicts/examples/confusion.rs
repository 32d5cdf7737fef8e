//! How far the rules agree with what is known to be true about replies.
//!
//! ```console
//! $ cargo run --release -p verdicts --example confusion                      # the replies of the profiles
//! $ cargo run --release -p verdicts --example confusion -- FILE.yaml ...     # other ones
//! ```
//!
//! With `--mistakes` each reply that is read wrongly is listed, with `--by-number` those that only their numbers decide.

use std::env;
use std::path::Path;

#[path = "../tests/known/mod.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod known;

use known::Figures;

#[expect(clippy::print_stdout, reason = "an example says what it found")]
fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let files: Vec<&String> = arguments.iter().filter(|argument| argument.ends_with(".yaml")).collect();
    let replies = match files.as_slice() {
        [] => known::profiles(),
        files => files.iter().flat_map(|file| known::read(Path::new(file))).collect(),
    };
    let mut figures = Figures::default();
    for known in &replies {
        let verdict = known.verdict();
        let is_right = figures.add(known, &verdict);
        let by_number = has("--by-number") && verdict.rule.starts_with("generic/n-");
        if by_number || (has("--mistakes") && !is_right) {
            print!("{}", known.shown(&verdict));
        }
    }
    print!("{}\n{}", figures.summary(), figures.table());
}
