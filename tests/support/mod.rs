//! What the tests with a real server share: the server itself, its database and engine, and people who use it.

pub(crate) mod docker;
pub(crate) mod http;
pub(crate) mod installation;
pub(crate) mod server;
pub(crate) mod written_provider;

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Between two looks at something that takes its time.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What `look` answers as soon as it answers something; fails with `what` when that takes longer than `limit`.
pub(crate) async fn eventually<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let until = Instant::now() + limit;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < until, "{what}: not within {limit:?}");
        sleep(LOOK_AGAIN).await;
    }
}

/// A variable of the environment the tests run in.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own surroundings, not the server's configuration"
)]
pub(crate) fn surroundings(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
