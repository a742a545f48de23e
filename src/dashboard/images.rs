//! Which images are on the host, as the dashboard needs to know it: quickly, and without asking the engine for every
//! page.

use std::{collections::HashMap, time::Duration};

use futures_util::future::join_all;
use moka::future::Cache;

use super::card::ImageFacts;
use crate::runtime::DesktopRuntime;

/// How long a page waits for the engine before it is shown without this knowledge.
const LIMIT: Duration = Duration::from_secs(2);

/// How long an answer is remembered.
const REMEMBERED: Duration = Duration::from_secs(5);

/// More references than a catalogue has.
const AT_MOST: u64 = 1_000;

/// Looks images up and remembers the answers for a moment. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct ImageLook {
    seen: Cache<String, Seen>,
}

/// What the engine said of some images.
#[derive(Clone, Debug)]
pub struct Images(HashMap<String, Seen>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Facts(ImageFacts),
    EngineAway,
}

impl Default for ImageLook {
    fn default() -> Self {
        Self::new()
    }
}

impl ImageLook {
    /// Nothing is known yet.
    #[must_use]
    pub(super) fn new() -> Self {
        Self {
            seen: Cache::builder()
                .max_capacity(AT_MOST)
                .time_to_live(REMEMBERED)
                .build(),
        }
    }

    /// What the engine says of these references, all at once and in at most two seconds.
    pub(super) async fn at(&self, runtime: &dyn DesktopRuntime, references: &[&str]) -> Images {
        // A server has none.
        let named = references.iter().filter(|reference| !reference.is_empty());
        let looks = named.map(|reference| async move {
            let seen = self
                .seen
                .get_with_by_ref(*reference, look(runtime, reference))
                .await;
            ((*reference).to_owned(), seen)
        });
        Images(join_all(looks).await.into_iter().collect())
    }

    /// Forgets what was said of `reference`: it may just have been fetched.
    pub(super) async fn forget(&self, reference: &str) {
        self.seen.invalidate(reference).await;
    }
}

impl Images {
    /// What is known of `reference`.
    #[must_use]
    pub fn facts(&self, reference: &str) -> ImageFacts {
        match self.0.get(reference) {
            Some(Seen::Facts(facts)) => *facts,
            Some(Seen::EngineAway) | None => ImageFacts::Unknown,
        }
    }

    /// Whether the engine did not answer.
    #[must_use]
    pub fn engine_away(&self) -> bool {
        self.0.values().any(|seen| *seen == Seen::EngineAway)
    }
}

#[cfg(test)]
impl Images {
    /// The same answer for each of `types`; `None`: the engine does not answer.
    pub(crate) fn same(types: &[crate::catalog::DesktopType], facts: Option<ImageFacts>) -> Self {
        let seen = facts.map_or(Seen::EngineAway, Seen::Facts);
        Self(
            types
                .iter()
                .map(|kind| (kind.starts_from().to_owned(), seen))
                .collect(),
        )
    }
}

async fn look(runtime: &dyn DesktopRuntime, reference: &str) -> Seen {
    match tokio::time::timeout(LIMIT, runtime.image(reference)).await {
        Ok(Ok(Some(_))) => Seen::Facts(ImageFacts::Present),
        Ok(Ok(None)) => Seen::Facts(ImageFacts::Missing),
        // A reference the engine cannot read: the start will say so in its own words.
        Ok(Err(error)) if !error.is_away() => Seen::Facts(ImageFacts::Unknown),
        Ok(Err(_)) | Err(_) => Seen::EngineAway,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::InstallationId,
        runtime::fake::{Call, FakeRuntime},
    };

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_hangs_costs_a_page_two_seconds_at_most() {
        let runtime = FakeRuntime::with_limits(
            InstallationId::new(),
            crate::runtime::Limits {
                read: Duration::from_mins(1),
                ..crate::runtime::Limits::default()
            },
        );
        runtime.hang(Call::Image);
        let begun = tokio::time::Instant::now();
        let images = ImageLook::new().at(&runtime, &["a:1", "b:1", "c:1"]).await;
        // Tokio's paused clock goes in steps of a millisecond.
        assert!(
            begun.elapsed() <= LIMIT + Duration::from_millis(5),
            "{:?}",
            begun.elapsed()
        );
        assert!(images.engine_away());
        assert_eq!(images.facts("a:1"), ImageFacts::Unknown);
    }

    #[tokio::test]
    async fn answers_are_remembered_until_they_are_forgotten() {
        let runtime = FakeRuntime::new(InstallationId::new());
        let look = ImageLook::new();
        let there = async || look.at(&runtime, &["a:1"]).await.facts("a:1");
        assert_eq!(there().await, ImageFacts::Missing);
        runtime.add_image("a:1");
        assert_eq!(there().await, ImageFacts::Missing, "remembered");
        assert_eq!(runtime.count(Call::Image), 1);
        look.forget("a:1").await;
        assert_eq!(there().await, ImageFacts::Present);
    }
}
