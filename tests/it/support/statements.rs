//! Which statements a request sends to the database, so that a test can write their number down.
//!
//! sqlx logs each statement at `debug`, inside the span of the request that sent it; the answer carries the same
//! reference. So what other requests and the background tasks send at the same time is not counted.
//!
//! The beginning of a transaction is a statement that sqlx does not log: it is counted with its end. Not seen at all
//! are a transaction that is dropped without an end, and the question whether an idle connection is still alive. Left
//! out is what sqlx asks about our types, once in the life of each connection.

use std::time::Duration;

use tracing::Instrument;

use super::{Answer, Logs};

/// How often the log is looked at again until the request's own line is there.
const LOOKS: usize = 200;

/// The statements of one request or of one piece of work, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statements(Vec<String>);

impl Statements {
    /// What the request that was answered with `answer` sent. [`Logs::capture`] was called before it was sent.
    pub(crate) async fn of(answer: &Answer) -> Self {
        let reference = answer.header("x-request-id");
        assert!(!reference.is_empty(), "the answer has no reference");
        let logs = Logs::capture();
        for _ in 0..LOOKS {
            let lines = lines(&logs);
            let ended = |line: &serde_json::Value| {
                line["target"] == "deskcast::request" && line["reference"] == reference
            };
            if lines.iter().any(ended) {
                return Self::with_reference(&lines, reference);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no line of request {reference} in\n{}", logs.text());
    }

    /// What `work` sends while it is waited for, and what it answers.
    pub(crate) async fn during<T>(work: impl Future<Output = T>) -> (T, Self) {
        let logs = Logs::capture();
        let reference = uuid::Uuid::new_v4().to_string();
        let span = tracing::info_span!("counted", %reference);
        let answer = work.instrument(span).await;
        (answer, Self::with_reference(&lines(&logs), &reference))
    }

    /// What was sent so far in the span of the request with this reference: for an answer that has not ended.
    pub(crate) fn so_far(reference: &str) -> Self {
        Self::with_reference(&lines(&Logs::capture()), reference)
    }

    fn with_reference(lines: &[serde_json::Value], reference: &str) -> Self {
        let own = lines.iter().filter(|line| {
            line["target"] == "sqlx::query" && line["span"]["reference"] == reference
        });
        let mut all = Vec::new();
        for line in own {
            // A short statement is its own summary.
            let whole = line["db.statement"].as_str().unwrap_or_default().trim();
            let text = match whole {
                "" => line["summary"].as_str().unwrap_or_default(),
                whole => whole,
            };
            if text.contains("pg_catalog.pg_type") {
                continue;
            }
            if matches!(text, "COMMIT" | "ROLLBACK") {
                all.push("BEGIN".to_owned());
            }
            all.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        Self(all)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Fails with the statements themselves when there are more than `most`.
    #[track_caller]
    pub(crate) fn at_most(&self, most: usize) {
        assert!(
            self.count() <= most,
            "{} statements instead of at most {most}:\n{}",
            self.count(),
            self.0.join("\n")
        );
    }
}

fn lines(logs: &Logs) -> Vec<serde_json::Value> {
    logs.text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
