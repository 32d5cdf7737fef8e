//! The progress bar of a run: recipients with a final outcome. Only on a terminal, and only once a run takes long enough
//! for somebody to wonder.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use harness::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const FIRST_SHOWN_AFTER: Duration = Duration::from_millis(300);
const REDRAWN_EVERY: Duration = Duration::from_millis(100);
/// The name comes last, where a narrow terminal cuts it.
const TEMPLATE: &str = "  [{bar:20}] {percent:>3}% of the recipients final, {eta} left   {wide_msg}";

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
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(name.to_owned());
    loop {
        let (settled, expected) = progress.counts();
        bar.set_length(expected);
        bar.set_position(settled);
        // Not before there is something to be seen.
        if bar.is_hidden() && settled > 0 {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if ended.recv_timeout(REDRAWN_EVERY) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    bar.finish_and_clear();
}
