//! Ctrl-C: the first one ends the run at the next opportunity and keeps what was finished; a second one ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use harness::Progress;

/// The run to be called off. One process, one keyboard: this is the only global of the program.
static CURRENT: OnceLock<Mutex<Option<Arc<Progress>>>> = OnceLock::new();
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C call off the runs that [`watch`] names from now on. Without a handler (it was refused, or one is set
/// already), Ctrl-C ends the program as usual.
pub(crate) fn arm() {
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(crate::Exit::Interrupted.code().into());
        }
        if let Some(progress) = current().lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            progress.call_off();
        }
    });
}

/// Ctrl-C calls off this run.
pub(crate) fn watch(progress: &Arc<Progress>) {
    *current().lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(progress));
    if was_interrupted() {
        progress.call_off();
    }
}

/// Whether Ctrl-C was pressed.
pub(crate) fn was_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

fn current() -> &'static Mutex<Option<Arc<Progress>>> {
    CURRENT.get_or_init(Mutex::default)
}
