//! Where the name server asks the fleet: questions are carried to the fleet's thread, and answers back when it is time.
//!
//! RFC 8914 4.7 (extended error "DNSSEC bogus" is found in `zone`).

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use hickory_proto::rr::{LowerName, RecordType};
use tokio::sync::{mpsc, oneshot};

use super::zone::{Found, Zone};
use crate::hall::Hall;

/// How many questions may wait for the clerk.
const QUESTIONS: usize = 256;

/// How many answers may be delayed at a time. Of more, the surplus is not answered, as by a server that has too much to do.
const DELAYED: usize = 1024;

struct Question {
    name: LowerName,
    kind: RecordType,
    tell: oneshot::Sender<Found>,
}

/// Takes questions.
pub(super) struct Counter(mpsc::Sender<Question>);

impl Counter {
    /// What there is to say; nothing if nobody is to answer.
    pub(super) async fn ask(&self, name: LowerName, kind: RecordType) -> Option<Found> {
        let (tell, told) = oneshot::channel();
        self.0.send(Question { name, kind, tell }).await.ok()?;
        told.await.ok()
    }
}

/// A counter, and the clerk who has to run on the fleet's thread.
pub(super) fn open(hall: Rc<Hall>, zone: Zone) -> (Counter, impl Future<Output = ()>) {
    let (counter, mut questions) = mpsc::channel::<Question>(QUESTIONS);
    let clerk = async move {
        let delayed = Rc::new(());
        while let Some(Question { name, kind, tell }) = questions.recv().await {
            let Some((found, delay)) = zone.find(&hall, &name, kind) else { continue };
            if delay == Duration::ZERO {
                // Whoever has asked may have gone.
                let _ = tell.send(found);
            } else if Rc::strong_count(&delayed) <= DELAYED {
                let (clock, held) = (hall.clock.clone(), Rc::clone(&delayed));
                hall.spawn(async move {
                    clock.sleep_until(clock.now() + delay).await;
                    let _ = tell.send(found);
                    drop(held);
                });
            }
        }
    };
    (Counter(counter), clerk)
}
