//! How a connection is closed, so that the client reads the last words.
//!
//! A socket that is closed while something lies in it unread resets the connection, and a reset throws away what the client
//! has not read. So a server that closes says so first, and then waits a little for the client to do the same.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use super::{Attendance, End};
use crate::Socket;

/// How long a client may take to close after the server has.
// No RFC sets a bound; a client has to do nothing but to read what it was sent.
const FAREWELL: Duration = Duration::from_secs(5);

/// How much is still read in that time, in pieces.
const LAST_PIECES: u32 = 64;

impl Attendance<'_> {
    /// Ends the connection as the conversation ended.
    pub(super) async fn part<S: Socket>(&mut self, mut stream: S, end: End) {
        match end {
            End::Gone | End::Handshake => {}
            End::Reset => stream.reset_when_dropped(),
            End::Close => {
                if self.is_left_while_closing(&mut stream).await {
                    return;
                }
                // Where time runs fast, patience is longer, and so is this.
                let longest = self.terms.patience.map_or(FAREWELL, |patience| FAREWELL.max(patience / 60));
                let limit = self.terms.clock.now() + longest;
                // Whether or not the client closes in time, the connection is closed.
                let _ = self.timer.limit(limit, farewell(&mut stream, &mut self.buffer[..])).await;
            }
        }
    }
}

impl Attendance<'_> {
    /// Lets the time pass that a slow close takes; whether the client leaves meanwhile.
    async fn is_left_while_closing<S: Socket>(&mut self, stream: &mut S) -> bool {
        let slow_close = self.server.network().slow_close;
        if slow_close.is_zero() {
            return false;
        }
        let limit = self.terms.clock.now() + slow_close;
        let left = async {
            // A server that closes takes no notice of what is said.
            while stream.read(&mut self.buffer[..]).await.is_ok_and(|count| count > 0) {}
        };
        self.timer.limit(limit, left).await.is_ok()
    }
}

async fn farewell<S: Socket>(stream: &mut S, buffer: &mut [u8]) {
    if poll_fn(|context| Pin::new(&mut *stream).poll_shutdown(context)).await.is_err() {
        return;
    }
    for _ in 0..LAST_PIECES {
        if stream.read(buffer).await.is_ok_and(|count| count > 0) {
            continue;
        }
        return;
    }
}
