//! Ctrl-C: the first one ends the command at the next opportunity and keeps what was finished; a second one ends the
//! program.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use harness::Progress;

/// A way to end a command from outside, like Ctrl-C; its clones are one.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    pressed: AtomicBool,
    /// The run to be called off.
    current: Mutex<Option<Arc<Progress>>>,
    /// Who waits for it.
    waiting: Mutex<Option<Waker>>,
}

impl Interrupt {
    /// Ends the command at the next opportunity: the run under way is called off, and no further one is begun.
    pub fn press(&self) {
        self.shared.pressed.store(true, Ordering::SeqCst);
        if let Some(run) = self.current().as_ref() {
            run.call_off();
        }
        if let Some(waiting) = self.waiting().take() {
            waiting.wake();
        }
    }

    /// Waits until it is pressed. One at a time may wait.
    pub(crate) async fn pressed(&self) {
        poll_fn(|context| {
            // First the waker, then the look: whoever presses in between wakes us.
            *self.waiting() = Some(context.waker().clone());
            if self.is_pressed() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Wakes somebody when it is pressed, in the place of whoever was to be woken before.
    pub(crate) fn wake(&self, waker: Waker) {
        *self.waiting() = Some(waker);
        if self.is_pressed()
            && let Some(waiting) = self.waiting().take()
        {
            waiting.wake();
        }
    }

    pub(crate) fn is_pressed(&self) -> bool {
        self.shared.pressed.load(Ordering::SeqCst)
    }

    /// From now on, this run is called off.
    pub(crate) fn watch(&self, run: &Arc<Progress>) {
        *self.current() = Some(Arc::clone(run));
        if self.is_pressed() {
            run.call_off();
        }
    }

    /// Lets Ctrl-C press it. Without a handler (it was refused, or one is set already), Ctrl-C ends the program as usual.
    pub(crate) fn arm(&self) {
        let interrupt = self.clone();
        let _ = ctrlc::set_handler(move || {
            if interrupt.is_pressed() {
                std::process::exit(crate::Exit::Interrupted.code().into());
            }
            interrupt.press();
        });
    }

    fn waiting(&self) -> MutexGuard<'_, Option<Waker>> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<Progress>>> {
        self.shared.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_under_way_is_called_off() {
        let (interrupt, run) = (Interrupt::default(), Arc::new(Progress::default()));
        interrupt.watch(&run);
        assert!(!run.is_called_off());
        interrupt.clone().press();
        assert!(run.is_called_off() && interrupt.is_pressed());
    }

    #[test]
    fn a_run_that_begins_too_late_is_called_off_at_once() {
        let (interrupt, run) = (Interrupt::default(), Arc::new(Progress::default()));
        interrupt.press();
        interrupt.watch(&run);
        assert!(run.is_called_off());
    }
}
