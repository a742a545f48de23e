//! Log lines: text for people or one JSON object a line, written by a thread of their own.
//!
//! A stuck reader of our output (a full pipe, a stopped terminal) must not stop the server: lines then are dropped
//! and counted, and the count is the next line that gets through (fault F25).

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::{
    EnvFilter, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::config::{LogConfig, LogFormat};

/// How many lines may wait for the writer.
const QUEUE: usize = 8_192;

/// How long the end of the process waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Sends log lines to standard output from now on, and panics into the log. Keep the answer until the process ends:
/// dropping it writes what is left.
#[must_use]
pub fn init(config: &LogConfig) -> Flush {
    let (lines, flush) = Lines::start(io::stdout());
    let filter = filter(&config.level);
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(lines);
    let set = match config.format {
        LogFormat::Text => registry.with(layer.with_ansi(false)).try_init(),
        LogFormat::Json => registry
            .with(
                layer
                    .json()
                    .flatten_event(true)
                    .with_current_span(true)
                    .with_span_list(false),
            )
            .try_init(),
    };
    if let Err(error) = set {
        // Somebody set a subscriber before (a test): their lines go where they said.
        tracing::debug!(%error, "log lines go to the subscriber set before");
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(
            panic.place = place,
            "panic: {}",
            panic.payload_as_str().unwrap_or("without words")
        );
    }));
    flush
}

/// A library that writes whole answers of the engine at its finer levels, and with them the environment of
/// containers: the passwords of desktops.
const TALKATIVE: &str = "bollard";

/// What `LOG_LEVEL` asks for, without what may never be written.
fn filter(level: &str) -> EnvFilter {
    let asked: Vec<&str> = level
        .split(',')
        .filter(|directive| !directive.contains(TALKATIVE))
        .collect();
    let quiet = format!("{TALKATIVE}=info");
    EnvFilter::builder().parse_lossy([asked.join(","), quiet].join(","))
}

/// Where log lines are put; cheap to clone, never blocks.
#[derive(Clone, Debug)]
pub struct Lines {
    queue: SyncSender<Vec<u8>>,
    dropped: Arc<AtomicU64>,
}

/// Waits for the last lines when dropped.
#[derive(Debug)]
pub struct Flush {
    ended: Receiver<()>,
    queue: Option<SyncSender<Vec<u8>>>,
}

impl Lines {
    /// Starts the thread that writes to `out`.
    pub fn start(out: impl Write + Send + 'static) -> (Self, Flush) {
        let (queue, waiting) = sync_channel(QUEUE);
        let (end, ended) = sync_channel(1);
        let dropped = Arc::new(AtomicU64::new(0));
        let lost = Arc::clone(&dropped);
        thread::spawn(move || {
            write_all(out, &waiting, &lost);
            let _ = end.send(());
        });
        let flush = Flush {
            ended,
            queue: Some(queue.clone()),
        };
        (Self { queue, dropped }, flush)
    }

    /// How many lines were dropped since the last one that got through.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// An empty line ends the writer: tracing never writes one.
fn write_all(mut out: impl Write, waiting: &Receiver<Vec<u8>>, lost: &AtomicU64) {
    while let Ok(line) = waiting.recv() {
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(out, "{lost} log lines were dropped: nobody read them");
        }
        if line.is_empty() {
            break;
        }
        // Nowhere to say that saying failed.
        let _ = out.write_all(&line);
    }
    let _ = out.flush();
}

impl Drop for Flush {
    fn drop(&mut self) {
        let Some(queue) = self.queue.take() else {
            return;
        };
        let give_up = Instant::now() + LAST_LINES;
        while queue.try_send(Vec::new()).is_err() {
            if Instant::now() > give_up {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        // If nobody reads, the last lines are lost like those before.
        let _ = self
            .ended
            .recv_timeout(give_up.saturating_duration_since(Instant::now()));
    }
}

impl Write for Lines {
    /// One call is one line: tracing formats an event whole before it writes.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !line.is_empty() && self.queue.try_send(line.to_vec()).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    #[test]
    fn nobody_can_ask_for_what_shows_passwords() {
        for (asked, kept) in [
            ("info,deskcast=debug", "deskcast=debug,bollard=info,info"),
            ("trace", "bollard=info,trace"),
            ("bollard=trace", "bollard=info"),
            (
                "warn,bollard::docker=trace, bollard::read=debug",
                "bollard=info,warn",
            ),
        ] {
            assert_eq!(filter(asked).to_string(), kept, "{asked}");
        }
    }

    /// A pipe nobody reads until it is opened.
    #[derive(Clone, Default)]
    struct Pipe(Arc<Inside>);

    #[derive(Default)]
    struct Inside {
        read: Mutex<Option<Vec<u8>>>,
        opened: Condvar,
    }

    impl Pipe {
        fn open(&self) {
            *self.0.read.lock().unwrap() = Some(Vec::new());
            self.0.opened.notify_all();
        }

        fn text(&self) -> String {
            let read = self.0.read.lock().unwrap().clone();
            String::from_utf8(read.unwrap_or_default()).unwrap()
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut read = self.0.read.lock().unwrap();
            loop {
                if let Some(read) = read.as_mut() {
                    read.extend_from_slice(bytes);
                    return Ok(bytes.len());
                }
                read = self.0.opened.wait(read).unwrap();
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_stuck_costs_lines_but_no_time() {
        let pipe = Pipe::default();
        let (mut lines, flush) = Lines::start(pipe.clone());
        let began = Instant::now();
        for number in 0..QUEUE + 100 {
            lines.write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(1));
        let dropped = lines.dropped();
        assert!((99..=100).contains(&dropped), "{dropped}");
        pipe.open();
        drop(flush);
        let text = pipe.text();
        assert!(text.contains("log lines were dropped"), "{text}");
        assert!(text.starts_with("0\n1\n") || text.contains("\n1\n2\n"));
    }

    #[test]
    fn the_last_lines_are_written_at_the_end() {
        let pipe = Pipe::default();
        pipe.open();
        let (mut lines, flush) = Lines::start(pipe.clone());
        lines.write_all(b"good-bye\n").unwrap();
        drop(flush);
        assert_eq!(pipe.text(), "good-bye\n");
    }
}
