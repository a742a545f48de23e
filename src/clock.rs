//! The wall clock, as something a test can set by hand.
//!
//! Durations are measured with [`tokio::time::Instant`]; this clock is for moments people read and for comparing
//! with what the database wrote.

use std::{sync::Arc, sync::Mutex};

use time::OffsetDateTime;

/// Tells the time: the system's, or one set by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mutex<OffsetDateTime>>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still at `at` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn by_hand(at: OffsetDateTime) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// The present moment in UTC.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the system"
    )]
    pub fn now(&self) -> OffsetDateTime {
        match &self.0 {
            None => OffsetDateTime::now_utc(),
            Some(hand) => *hand
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Moves a clock that is set by hand; the system's clock stays as it is.
    pub fn advance(&self, by: time::Duration) {
        if let Some(hand) = &self.0 {
            *hand
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) += by;
        }
    }
}
