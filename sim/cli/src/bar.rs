//! The progress bar of a run: recipients with a final outcome. Only on a terminal, and only once a run takes long enough
//! for somebody to wonder.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use harness::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const FIRST_SHOWN_AFTER: Duration = Duration::from_millis(300);
const REDRAWN_EVERY: Duration = Duration::from_millis(100);
const TEMPLATE: &str = "  {msg}  [{bar:30}] {human_pos} of {human_len} recipients final, {eta} left";

/// Runs `work` and shows how far `progress` has come meanwhile.
pub(crate) fn beside<T: Send>(
    name: &str,
    progress: &Arc<Progress>,
    live: bool,
    work: impl FnOnce() -> T + Send,
) -> T {
    if !live {
        return work();
    }
    let (done, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || show(name, progress, &ended));
        let value = work();
        drop(done);
        value
    })
}

fn show(name: &str, progress: &Progress, ended: &mpsc::Receiver<()>) {
    if ended.recv_timeout(FIRST_SHOWN_AFTER) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(name.to_owned());
    while ended.recv_timeout(REDRAWN_EVERY) == Err(RecvTimeoutError::Timeout) {
        let (settled, expected) = progress.counts();
        bar.set_length(expected);
        bar.set_position(settled);
    }
    bar.finish_and_clear();
}
