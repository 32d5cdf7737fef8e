//! What ends a run from within a wire: it has no result, as soon as somebody says why.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::clock::Halt;

/// Why the run cannot go on, as soon as it cannot.
#[derive(Default)]
pub(crate) struct Trouble {
    why: RefCell<Option<Halt>>,
    waker: RefCell<Option<Waker>>,
}

impl Trouble {
    /// The run cannot go on; the first reason counts.
    pub(crate) fn tell(&self, why: Halt) {
        self.why.borrow_mut().get_or_insert(why);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Does `work`, until there is trouble.
    ///
    /// # Errors
    /// What was told.
    pub(crate) async fn beside<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Ok(value)),
            Poll::Pending => self.poll(context).map(Err),
        })
        .await
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Halt> {
        *self.waker.borrow_mut() = Some(context.waker().clone());
        self.why.borrow().clone().map_or(Poll::Pending, Poll::Ready)
    }
}

impl fmt::Debug for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Trouble").field(&self.why).finish()
    }
}
