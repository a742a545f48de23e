//! The one wait of all tests for something that takes its time. No test sleeps in the hope that it is there by then.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What a look answers: what was waited for, or what there is instead.
pub(crate) trait Look {
    type Found;

    fn found(self) -> Result<Self::Found, String>;
}

impl<T> Look for Option<T> {
    type Found = T;

    fn found(self) -> Result<T, String> {
        self.ok_or_else(String::new)
    }
}

/// For a failure that should show what there was instead.
impl<T> Look for Result<T, String> {
    type Found = T;

    fn found(self) -> Self {
        self
    }
}

/// What `look` finds as soon as it finds something; fails with `what`, and with what the last look answered, when
/// that takes longer than `limit`. It looks once more after the limit.
pub(crate) async fn eventually<L: Look>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> L,
) -> L::Found {
    let until = Instant::now() + limit;
    loop {
        let late = Instant::now() >= until;
        match look().await.found() {
            Ok(found) => return found,
            Err(instead) => assert!(!late, "{what}: not within {limit:?} {instead}"),
        }
        sleep(LOOK_AGAIN).await;
    }
}
