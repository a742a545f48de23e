//! Pulls under way: one per image, however many watch it, and going on when nobody does.

mod progress;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::watch;

pub use progress::PullOverview;

use super::{DesktopRuntime, PullProgress};
use crate::{language::Sentence, lifecycle::Tasks, say};
use progress::Layers;

/// Nobody reads more often; what happens in between is told as it then stands.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// The handle on pulls: cheap to clone.
#[derive(Clone, Debug)]
pub struct Pulls {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    runtime: Arc<dyn DesktopRuntime>,
    tasks: Tasks,
    /// By image reference; only what has not ended.
    running: Mutex<HashMap<String, watch::Receiver<Pull>>>,
}

/// How a pull stands.
#[derive(Clone, Debug, Default)]
struct Pull {
    layers: Layers,
    ended: Option<Result<(), Sentence>>,
}

/// What a watcher is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullNews {
    /// A layer went on.
    Progress(PullProgress),
    /// The image is there.
    Done,
    /// It could not be fetched; a whole sentence says why. Nothing follows.
    Failed(Sentence),
}

impl Pulls {
    /// Nothing is under way.
    #[must_use]
    pub fn new(runtime: Arc<dyn DesktopRuntime>, tasks: Tasks) -> Self {
        Self {
            inner: Arc::new(Inner {
                runtime,
                tasks,
                running: Mutex::default(),
            }),
        }
    }

    /// Fetches `reference`, or joins the pull that is under way. The stream first tells how every layer stands, then
    /// what changes, and ends after [`PullNews::Done`] or [`PullNews::Failed`]. Dropping it does not stop the pull.
    pub fn fetch(&self, reference: &str) -> impl Stream<Item = PullNews> + Send + use<> {
        watching(self.join(reference))
    }

    /// How the pull of `reference` stands, if one is under way.
    #[must_use]
    pub fn under_way(&self, reference: &str) -> Option<PullOverview> {
        let running = self.running();
        let pull = running.get(reference)?.borrow();
        Some(pull.layers.overview())
    }

    fn join(&self, reference: &str) -> watch::Receiver<Pull> {
        let mut running = self.running();
        if let Some(pull) = running.get(reference) {
            return pull.clone();
        }
        let (sender, receiver) = watch::channel(Pull::default());
        running.insert(reference.to_owned(), receiver.clone());
        let pulls = self.clone();
        let reference = reference.to_owned();
        self.inner
            .tasks
            .spawn(async move { pulls.run(&reference, &sender).await });
        receiver
    }

    /// Ends with the server's soft phase, so that a long pull does not hold up its end.
    async fn run(&self, reference: &str, pull: &watch::Sender<Pull>) {
        tracing::info!(image = reference, "fetching the image {reference}");
        let soft = self.inner.tasks.soft();
        let ended = soft.run_until_cancelled(self.follow(reference, pull));
        let ended = ended.await.unwrap_or_else(|| Err(say!("pull-restart")));
        match &ended {
            Ok(()) => tracing::info!(image = reference, "the image {reference} is there"),
            Err(why) => tracing::warn!(
                image = reference,
                %why,
                "the image {reference} was not fetched"
            ),
        }
        // First out of the table: whoever comes now begins a new one.
        self.running().remove(reference);
        pull.send_modify(|pull| pull.ended = Some(ended));
    }

    async fn follow(&self, reference: &str, pull: &watch::Sender<Pull>) -> Result<(), Sentence> {
        let mut messages = self.inner.runtime.pull(reference).await;
        while let Some(message) = messages.next().await {
            match message {
                Ok(progress) => pull.send_modify(|pull| pull.layers.note(progress)),
                Err(error) => return Err(error.sentence()),
            }
        }
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Pull>>> {
        // Held for look-ups only, never across a wait.
        self.inner
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

struct Watch {
    pull: watch::Receiver<Pull>,
    /// What this watcher knows.
    told: Layers,
    over: bool,
}

fn watching(mut pull: watch::Receiver<Pull>) -> impl Stream<Item = PullNews> + Send {
    // How it stands now is news to this watcher.
    pull.mark_changed();
    let watch = Watch {
        pull,
        told: Layers::default(),
        over: false,
    };
    stream::unfold(watch, |mut watch| async move {
        if watch.over {
            return None;
        }
        let news = watch.next().await;
        Some((stream::iter(news), watch))
    })
    .flatten()
}

impl Watch {
    async fn next(&mut self) -> Vec<PullNews> {
        if self.pull.changed().await.is_err() {
            self.over = true;
            return vec![PullNews::Failed(say!("pull-broke-off"))];
        }
        // Many small steps become one; the end is told at once.
        if self.pull.borrow().ended.is_none() {
            tokio::time::sleep(TELL_EVERY).await;
        }
        let now = self.pull.borrow_and_update().clone();
        let mut news: Vec<_> = now
            .layers
            .since(&self.told)
            .map(|progress| PullNews::Progress(progress.clone()))
            .collect();
        self.told = now.layers;
        if let Some(ended) = now.ended {
            self.over = true;
            news.push(match ended {
                Ok(()) => PullNews::Done,
                Err(why) => PullNews::Failed(why),
            });
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::InstallationId,
        runtime::{
            RuntimeError,
            fake::{Call, FakeRuntime},
        },
    };

    fn step(layer: &str, status: &str) -> PullProgress {
        PullProgress {
            layer: Some(layer.into()),
            status: status.into(),
            current: None,
            total: None,
        }
    }

    fn place() -> (FakeRuntime, Pulls, Tasks) {
        let fake = FakeRuntime::new(InstallationId::new());
        let tasks = Tasks::new();
        let pulls = Pulls::new(Arc::new(fake.clone()), tasks.clone());
        (fake, pulls, tasks)
    }

    #[tokio::test(start_paused = true)]
    async fn two_who_ask_watch_one_pull() {
        let (fake, pulls, _) = place();
        fake.delay(Call::Pull, Duration::from_secs(5));
        fake.set_pull(vec![
            Ok(step("a", "Downloading")),
            Ok(step("a", "Pull complete")),
        ]);
        let (first, second) = (pulls.fetch("x:1"), pulls.fetch("x:1"));
        assert!(pulls.under_way("x:1").is_some());
        let (first, second) = tokio::join!(first.collect::<Vec<_>>(), second.collect::<Vec<_>>());
        let expected = [
            PullNews::Progress(step("a", "Pull complete")),
            PullNews::Done,
        ];
        assert_eq!(first, expected);
        assert_eq!(second, expected);
        assert_eq!(fake.count(Call::Pull), 1);
        assert_eq!(pulls.under_way("x:1"), None);
        assert!(fake.image("x:1").await.unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pull_goes_on_when_its_watcher_leaves() {
        let (fake, pulls, _) = place();
        fake.delay(Call::Pull, Duration::from_secs(5));
        drop(pulls.fetch("x:1"));
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert!(fake.image("x:1").await.unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_told_and_the_next_one_starts_anew() {
        let (fake, pulls, _) = place();
        fake.set_pull(vec![
            Ok(step("a", "Downloading")),
            Err(RuntimeError::PullFailed(Sentence::plain(
                "The disk is full.",
            ))),
        ]);
        let news: Vec<_> = pulls.fetch("x:1").collect().await;
        assert_eq!(
            news.last(),
            Some(&PullNews::Failed(Sentence::plain("The disk is full.")))
        );
        fake.set_away(true);
        let news: Vec<_> = pulls.fetch("x:1").collect().await;
        assert_eq!(
            news,
            [PullNews::Failed(say!("engine-silent", call = "pull"))]
        );
        assert_eq!(fake.count(Call::Pull), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_the_server_ends_a_pull() {
        let (fake, pulls, tasks) = place();
        fake.hang(Call::Pull);
        let news = pulls.fetch("x:1");
        tasks.begin_shutdown();
        let news: Vec<_> = news.collect().await;
        assert!(
            matches!(&news[..], [PullNews::Failed(why)] if why.to_string().contains("restarted")),
            "{news:?}"
        );
        let never = std::future::pending();
        assert!(
            tasks
                .finish(Duration::from_secs(1), never, Duration::ZERO)
                .await
        );
    }
}
