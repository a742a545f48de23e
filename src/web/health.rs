//! `/healthz`: this process lives. `/readyz`: it can do its work.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use tokio::{sync::Mutex, time::Instant};

use super::routes::Routes;

/// How long the database may take to say that it is there.
pub const DATABASE_LIMIT: Duration = Duration::from_secs(1);

/// How long the container engine may take.
pub const RUNTIME_LIMIT: Duration = Duration::from_secs(2);

/// One thing this server needs, and how to ask for it. `web` knows nothing of the field; `app` fills these in.
#[derive(Clone)]
pub struct Part {
    /// What is asked: `database`, `runtime`, `draining`.
    pub name: &'static str,
    /// How long the answer may take; none for what is known without waiting, which is asked every time.
    pub limit: Duration,
    /// Asks. The error says for people what is wrong, without addresses or passwords.
    pub ask: Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part")
            .field("name", &self.name)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// How long an answer of a part holds. Anybody may ask, as often as they like, and the engine is to start desktops.
const HOLDS: Duration = Duration::from_millis(500);

/// A part, and what it answered last.
#[derive(Debug)]
struct Asked {
    part: Part,
    /// Held while the part is asked: everybody else waits for the same answer.
    last: Mutex<Option<(Instant, Answer)>>,
}

type Answer = Result<(), String>;

impl From<Part> for Asked {
    fn from(part: Part) -> Self {
        Self {
            part,
            last: Mutex::default(),
        }
    }
}

impl Asked {
    async fn state(&self) -> (&'static str, Answer) {
        let Part { name, limit, ask } = &self.part;
        if limit.is_zero() {
            return (name, ask().await);
        }
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < HOLDS
        {
            return (name, answer.clone());
        }
        let answer = tokio::time::timeout(*limit, ask())
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs())));
        *last = Some((Instant::now(), answer.clone()));
        (name, answer)
    }
}

/// The two routes. All parts are asked at once, each at most every half a second.
#[must_use]
pub fn routes<S: Clone + Send + Sync + 'static>(parts: Vec<Part>) -> Routes<S> {
    let parts: Arc<[Asked]> = parts.into_iter().map(Asked::from).collect();
    Routes::new()
        .get("/healthz", || async { "ok" })
        .get("/readyz", move || ready(State(Arc::clone(&parts))))
}

async fn ready(State(parts): State<Arc<[Asked]>>) -> Response {
    let answers = futures_util::future::join_all(parts.iter().map(Asked::state)).await;
    let ready = answers.iter().all(|(_, answer)| answer.is_ok());
    let parts: serde_json::Map<_, _> = answers
        .into_iter()
        .map(|(name, answer)| {
            let words = answer.err().unwrap_or_else(|| "ok".into());
            (name.to_owned(), words.into())
        })
        .collect();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = serde_json::json!({ "ready": ready, "parts": parts });
    (status, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    fn part(
        name: &'static str,
        answer: impl Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    ) -> Part {
        Part {
            name,
            limit: Duration::from_secs(1),
            ask: Arc::new(answer),
        }
    }

    async fn answer(parts: Vec<Part>) -> (StatusCode, serde_json::Value) {
        let parts = parts.into_iter().map(Asked::from).collect();
        let response = ready(State(parts)).await;
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 4096)
            .await
            .unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_ask_each_part_is_asked_twice_a_second() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let counting = part("runtime", move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok(())
            })
        });
        let parts: Arc<[Asked]> = [counting].into_iter().map(Asked::from).collect();
        let all = || join_all((0..300).map(|_| ready(State(Arc::clone(&parts)))));
        assert!(
            all()
                .await
                .iter()
                .all(|answer| answer.status() == StatusCode::OK)
        );
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        tokio::time::advance(HOLDS).await;
        all().await;
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_missing_is_named_and_nothing_waits_for_ever() {
        let fine = || part("database", || Box::pin(async { Ok(()) }));
        let (status, body) = answer(vec![fine()]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["parts"]["database"], "ok");

        let hanging = part("runtime", || Box::pin(std::future::pending()));
        let (status, body) = answer(vec![fine(), hanging]).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["ready"], false);
        assert_eq!(body["parts"]["database"], "ok");
        assert_eq!(body["parts"]["runtime"], "no answer within 1 s");
    }
}
