//! Start and end of the process: signals, the two shutdown tokens, and the tracker of everything that runs.
//!
//! First signal → *soft*: no new connections, requests finish, streams may go on. Second signal, or the end of the
//! grace period → *hard*: streams are cut. `axum` and `hyper` forget upgraded connections at shutdown, which is why
//! tunnels run on [`Tasks`] too.

use std::{future::Future, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What is started is owned here: tasks are tracked, and know when to end.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    soft: CancellationToken,
    hard: CancellationToken,
}

impl Tasks {
    /// A fresh tracker; nothing runs, nobody has asked to stop.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when the server begins to stop: take nothing new, finish what is under way.
    #[must_use]
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when waiting is over: end now.
    #[must_use]
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Whether the server is stopping.
    #[must_use]
    pub fn draining(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Runs `task` until it ends by itself; shutdown waits for it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the tracker around it is what makes spawning safe"
    )]
    pub fn spawn<F>(&self, task: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(self.tracker.track_future(task))
    }

    /// Runs a task the server cannot do without: when it ends before shutdown began, by return or by panic, the
    /// server stops loudly instead of living on half.
    pub fn spawn_critical<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let guard = self.soft.clone().drop_guard();
        let soft = self.soft.clone();
        self.spawn(async move {
            task.await;
            if !soft.is_cancelled() {
                tracing::error!(task = name, "task {name} ended by itself; the server stops");
            }
            drop(guard);
        });
    }

    /// Begins the soft phase.
    pub fn begin_shutdown(&self) {
        self.soft.cancel();
    }

    /// Waits for everything tracked to end: at most `grace`, or until `hurry` is done; then cuts the rest and gives
    /// it `after_cut` to notice. Answers whether all ended before the cut.
    pub async fn finish(
        &self,
        grace: Duration,
        hurry: impl Future<Output = ()>,
        after_cut: Duration,
    ) -> bool {
        self.begin_shutdown();
        self.tracker.close();
        let in_time = tokio::select! {
            () = self.tracker.wait() => true,
            () = tokio::time::sleep(grace) => false,
            () = hurry => false,
        };
        self.hard.cancel();
        let _ = tokio::time::timeout(after_cut, self.tracker.wait()).await;
        in_time
    }
}

/// Resolves at the next SIGTERM or SIGINT.
pub async fn stop_signal() {
    let mut term = match signal(SignalKind::terminate()) {
        Ok(term) => term,
        Err(error) => {
            tracing::error!(%error, "SIGTERM cannot be watched; only SIGKILL will stop this process");
            return std::future::pending().await;
        }
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn streams_may_finish_within_the_grace_period() {
        let tasks = Tasks::new();
        tasks.spawn(tokio::time::sleep(Duration::from_secs(5)));
        assert!(
            tasks
                .finish(
                    Duration::from_secs(10),
                    std::future::pending(),
                    Duration::from_secs(1)
                )
                .await
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_outlasts_the_grace_period_is_cut() {
        let tasks = Tasks::new();
        let hard = tasks.hard();
        let cut = tasks.spawn(async move { hard.cancelled().await });
        assert!(
            !tasks
                .finish(
                    Duration::from_secs(10),
                    std::future::pending(),
                    Duration::from_secs(1)
                )
                .await
        );
        cut.await.unwrap();
    }

    #[tokio::test]
    async fn a_critical_task_that_dies_stops_the_server() {
        let tasks = Tasks::new();
        tasks.spawn_critical("reaper", async { panic!("out of order") });
        tokio::time::timeout(Duration::from_secs(5), tasks.soft().cancelled())
            .await
            .unwrap();
    }
}
