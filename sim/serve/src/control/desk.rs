//! Where handlers ask the fleet: each question is carried to the fleet's thread and its answer back.

use std::future::Future;
use std::rc::Rc;

use tokio::sync::{mpsc, oneshot};

use super::fault::Fault;
use crate::hall::Hall;

/// How many questions may wait. Whoever comes then waits for a place.
const QUESTIONS: usize = 64;

type Question = Box<dyn FnOnce(&Hall) + Send>;

/// Takes questions; its clones are one.
#[derive(Clone)]
pub(crate) struct Desk(mpsc::Sender<Question>);

/// A desk, and the clerk who has to run on the fleet's thread.
pub(crate) fn open(hall: Rc<Hall>) -> (Desk, impl Future<Output = ()>) {
    let (desk, mut questions) = mpsc::channel::<Question>(QUESTIONS);
    let clerk = async move {
        while let Some(question) = questions.recv().await {
            question(&hall);
        }
    };
    (Desk(desk), clerk)
}

impl Desk {
    /// Does `work` where the fleet is; what came of it.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hall) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (tell, told) = oneshot::channel();
        let question = Box::new(move |hall: &Hall| {
            // Whoever has asked may have gone.
            let _ = tell.send(work(hall));
        });
        self.0.send(question).await.map_err(|_| Fault::stopping())?;
        told.await.map_err(|_| Fault::stopping())
    }
}
