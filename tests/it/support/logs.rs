//! What the server logs, as JSON lines.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

use super::eventually;

/// For a line after the answer it belongs to.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// Every line that was logged in this process at `debug` and above. Tests that run in one process share it: look for
/// a path or a word of your own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Begins to listen, once per process.
    pub(crate) fn capture() -> Self {
        static LOGS: OnceLock<Logs> = OnceLock::new();
        LOGS.get_or_init(|| {
            let logs = Self::default();
            let subscriber = tracing_subscriber::fmt()
                .json()
                .flatten_event(true)
                .with_max_level(tracing::Level::DEBUG)
                .with_writer(logs.clone())
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
            logs
        })
        .clone()
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The request lines of `path`, once there is at least one: a line is written just after its answer.
    pub(crate) async fn requests(&self, path: &str) -> Vec<serde_json::Value> {
        eventually(&format!("a line for {path}"), WRITTEN_WITHIN, async || {
            let text = self.text();
            let found: Vec<serde_json::Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .filter(|line: &serde_json::Value| {
                    line["target"] == "deskcast::request" && line["path"] == path
                })
                .collect();
            if found.is_empty() {
                Err(format!("in\n{text}"))
            } else {
                Ok(found)
            }
        })
        .await
    }
}

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Logs {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}
