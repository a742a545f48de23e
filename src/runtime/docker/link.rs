//! The connection to the engine: found when needed, given up quickly when it does not answer.
//!
//! Three habits keep a sick engine from making a sick server (fault F3). Every call has a limit of its own, because
//! bollard's covers only the head of an answer. At most [`ROOM`] calls run at once, waiting for room counts towards
//! the limit. After a call without an answer the next one first asks whether the engine is there at all; while it is
//! not, calls fail at once instead of waiting one by one. One container that hangs (F4) costs such a question, no more.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bollard::{API_DEFAULT_VERSION, Docker, errors::Error};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use crate::runtime::RuntimeError;

/// Calls at once.
const ROOM: usize = 16;

/// How long calls fail at once after the engine did not answer.
pub(super) const AWAY_FOR: Duration = Duration::from_secs(1);

/// bollard must not cut long streams and stops short: our own limits are shorter.
const BOLLARD_TIMEOUT_SECONDS: u64 = 3600;

/// What the last answers say about the engine.
#[derive(Clone, Debug)]
enum Health {
    /// Nothing yet, or the last call had no answer: ask before the next one.
    Unknown,
    /// It answers.
    Well(Docker),
    /// It did not answer; not asked again before then.
    Away(Instant),
    /// This process may not use its socket; not asked again before then.
    NotPermitted(Instant),
}

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum CallError {
    /// The engine did not answer.
    Away(RuntimeError),
    /// It answered with a refusal.
    Refused { status: u16, message: String },
}

#[derive(Debug)]
pub(super) struct Link {
    /// `unix:///…`, `tcp://…` or `http://…`.
    host: String,
    ping: Duration,
    away_for: Duration,
    room: Semaphore,
    health: Mutex<Health>,
    /// One question at a time is enough for everybody who waits.
    asking: tokio::sync::Mutex<()>,
}

impl Link {
    /// The engine at `host`, which has `ping` to answer and is left alone for `away_for` when it does not.
    pub(super) fn new(host: String, ping: Duration, away_for: Duration) -> Self {
        Self {
            host,
            ping,
            away_for,
            room: Semaphore::new(ROOM),
            health: Mutex::new(Health::Unknown),
            asking: tokio::sync::Mutex::new(()),
        }
    }

    /// Asks now whether the engine is there, whatever is known.
    pub(super) async fn ping(&self) -> Result<(), RuntimeError> {
        self.ask().await.map(drop)
    }

    /// A client for a long stream, which takes no room.
    pub(super) async fn client(&self) -> Result<Docker, RuntimeError> {
        if let Some(known) = self.known() {
            return known;
        }
        let _turn = self.asking.lock().await;
        // Somebody else may have asked meanwhile.
        match self.known() {
            Some(known) => known,
            None => self.ask().await,
        }
    }

    /// Why the engine cannot be used, by the last answer; nothing is asked.
    pub(super) fn trouble(&self) -> Option<RuntimeError> {
        match self.health() {
            Health::Unknown | Health::Well(_) => None,
            Health::Away(_) => Some(self.still_away()),
            Health::NotPermitted(_) => Some(self.not_permitted()),
        }
    }

    /// What is known well enough not to ask again.
    fn known(&self) -> Option<Result<Docker, RuntimeError>> {
        match self.health() {
            Health::Well(docker) => Some(Ok(docker)),
            Health::Away(until) if Instant::now() < until => Some(Err(self.still_away())),
            Health::NotPermitted(until) if Instant::now() < until => {
                Some(Err(self.not_permitted()))
            }
            Health::Unknown | Health::Away(_) | Health::NotPermitted(_) => None,
        }
    }

    /// Makes `work` on the engine, within `limit`; `name` is for people.
    pub(super) async fn call<T, F>(
        &self,
        name: &str,
        limit: Duration,
        work: impl FnOnce(Docker) -> F + Send,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, Error>> + Send,
    {
        let docker = self.client().await.map_err(CallError::Away)?;
        let working = async {
            // The semaphore is never closed.
            let _room = self.room.acquire().await.ok();
            work(docker).await
        };
        match timeout(limit, working).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.explain(name, error)),
            Err(_) => {
                self.set(Health::Unknown);
                Err(CallError::Away(RuntimeError::Away {
                    call: format!("{name}: no answer within {limit:?}"),
                    source: None,
                }))
            }
        }
    }

    /// What an error of bollard means.
    pub(super) fn explain(&self, name: &str, error: Error) -> CallError {
        match error {
            Error::DockerResponseServerError {
                status_code,
                message,
            } => CallError::Refused {
                status: status_code,
                message,
            },
            Error::DockerStreamError { error } => CallError::Refused {
                status: 500,
                message: error,
            },
            Error::JsonDataError { .. } | Error::JsonSerdeError { .. } => CallError::Refused {
                status: 500,
                message: format!("the answer to {name} was not understood: {error}"),
            },
            other => {
                self.set(Health::Unknown);
                CallError::Away(RuntimeError::Away {
                    call: name.into(),
                    source: Some(other.into()),
                })
            }
        }
    }

    /// A fresh client agrees on a version again: the engine may have been replaced by another one.
    async fn ask(&self) -> Result<Docker, RuntimeError> {
        let asked = timeout(self.ping, async {
            self.connect()?.negotiate_version().await
        })
        .await;
        let (call, source) = match asked {
            Ok(Ok(docker)) => {
                self.set(Health::Well(docker.clone()));
                return Ok(docker);
            }
            Ok(Err(error)) if is_permission(&error) => {
                if !matches!(self.health(), Health::NotPermitted(_)) {
                    tracing::warn!(
                        engine = %self.host,
                        "this server may not use the container engine's socket (permission denied): no desktop can start. \
                         Put its user into the group of the socket, mostly `docker`, and start it anew, or set DOCKER_HOST"
                    );
                }
                self.set(Health::NotPermitted(Instant::now() + self.away_for));
                return Err(self.not_permitted());
            }
            Ok(Err(error)) => ("ping".to_owned(), Some(error.into())),
            Err(_) => (format!("ping: no answer within {:?}", self.ping), None),
        };
        self.set(Health::Away(Instant::now() + self.away_for));
        Err(RuntimeError::Away { call, source })
    }

    fn connect(&self) -> Result<Docker, Error> {
        let connect = if self.host.starts_with("unix://") {
            Docker::connect_with_unix
        } else {
            Docker::connect_with_http
        };
        connect(&self.host, BOLLARD_TIMEOUT_SECONDS, API_DEFAULT_VERSION)
    }

    fn still_away(&self) -> RuntimeError {
        RuntimeError::Away {
            call: format!("{} did not answer a moment ago", self.host),
            source: None,
        }
    }

    fn not_permitted(&self) -> RuntimeError {
        RuntimeError::NotPermitted(self.host.clone())
    }

    fn health(&self) -> Health {
        self.health
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, health: Health) {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) = health;
    }
}

/// Whether the system itself refused, and not the engine.
fn is_permission(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::PermissionDenied) {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        sync::{
            Arc,
            atomic::{AtomicBool, AtomicUsize, Ordering},
        },
    };

    use futures_util::future::join_all;
    use tokio::{
        io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
        net::{TcpListener, UnixListener},
        sync::watch,
    };

    use super::*;
    use crate::lifecycle::Tasks;

    const SHORT: Duration = Duration::from_millis(60);
    const LONG: Duration = Duration::from_secs(20);

    /// An engine that knows `/version` and `/_ping`.
    #[derive(Default)]
    struct Engine {
        /// Reads requests and says nothing.
        silent: AtomicBool,
        /// The same, but only for `/_ping`.
        wedged: AtomicBool,
        asked: AtomicUsize,
        open: watch::Sender<usize>,
        most_open: AtomicUsize,
        /// How long `/_ping` takes.
        slow: Duration,
    }

    impl Engine {
        fn listen(self: &Arc<Self>, socket: &Path, tasks: &Tasks) {
            let listener = UnixListener::bind(socket).unwrap();
            let (engine, tasks) = (Arc::clone(self), tasks.clone());
            tasks.clone().spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let engine = Arc::clone(&engine);
                    tasks.spawn(async move { engine.answer(stream).await });
                }
            });
        }

        async fn answer(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
            let mut head = [0; 4096];
            let read = stream.read(&mut head).await.unwrap_or_default();
            let ping = String::from_utf8_lossy(&head[..read]).contains("/_ping");
            if !ping {
                self.asked.fetch_add(1, Ordering::SeqCst);
            }
            self.open.send_modify(|open| *open += 1);
            if ping {
                self.most_open
                    .fetch_max(*self.open.borrow(), Ordering::SeqCst);
                // Not a wait for anything: this engine is slow.
                tokio::time::sleep(self.slow).await;
            }
            if self.silent.load(Ordering::SeqCst) || (ping && self.wedged.load(Ordering::SeqCst)) {
                // Until the other side goes.
                let _ = stream.read(&mut head).await;
            } else {
                let body = r#"{"ApiVersion":"1.41"}"#;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            self.open.send_modify(|open| *open -= 1);
        }
    }

    struct Place {
        folder: tempfile::TempDir,
        engine: Arc<Engine>,
        link: Link,
        tasks: Tasks,
    }

    impl Place {
        /// Nobody listens yet; being away is forgotten at once.
        fn new(engine: Engine, away_for: Duration) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let host = format!("unix://{}", folder.path().join("socket").display());
            Self {
                folder,
                engine: Arc::new(engine),
                link: Link::new(host, SHORT, away_for),
                tasks: Tasks::new(),
            }
        }

        fn listen(&self) {
            self.engine
                .listen(&self.folder.path().join("socket"), &self.tasks);
        }

        async fn call(&self, limit: Duration) -> Result<String, CallError> {
            self.link
                .call("look", limit, |docker| async move { docker.ping().await })
                .await
        }

        async fn refused(&self) -> String {
            match self.call(LONG).await {
                Err(CallError::Away(error)) => error.to_string(),
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn an_engine_may_come_later() {
        let place = Place::new(Engine::default(), Duration::ZERO);
        assert!(place.refused().await.contains("ping"));
        place.listen();
        place.call(LONG).await.unwrap();
        place.call(LONG).await.unwrap();
        assert_eq!(
            place.engine.asked.load(Ordering::SeqCst),
            1,
            "asked once, then trusted"
        );
    }

    #[tokio::test]
    async fn while_it_is_away_calls_fail_at_once() {
        let place = Place::new(Engine::default(), LONG);
        place.listen();
        place.call(LONG).await.unwrap();
        place.engine.silent.store(true, Ordering::SeqCst);
        assert!(matches!(place.call(SHORT).await, Err(CallError::Away(_))));
        assert!(
            place
                .refused()
                .await
                .contains("ping: no answer within 60ms")
        );
        // From here on nobody waits and nobody asks.
        let asked = place.engine.asked.load(Ordering::SeqCst);
        for _ in 0..100 {
            assert!(place.refused().await.contains("a moment ago"));
        }
        assert_eq!(place.engine.asked.load(Ordering::SeqCst), asked);
        // The health check asks all the same, and what it learns holds for everybody.
        place.engine.silent.store(false, Ordering::SeqCst);
        place.link.ping().await.unwrap();
        place.call(LONG).await.unwrap();
    }

    #[tokio::test]
    async fn one_call_that_hangs_does_not_make_the_engine_away() {
        let place = Place::new(Engine::default(), LONG);
        place.listen();
        place.engine.wedged.store(true, Ordering::SeqCst);
        let hung = place.call(SHORT).await.unwrap_err();
        assert!(
            matches!(hung, CallError::Away(error) if error.to_string().contains("look: no answer within 60ms"))
        );
        place.engine.wedged.store(false, Ordering::SeqCst);
        place.call(LONG).await.unwrap();
    }

    #[tokio::test]
    async fn calls_given_up_close_their_connections() {
        let place = Place::new(Engine::default(), Duration::ZERO);
        place.listen();
        place.link.ping().await.unwrap();
        place.engine.wedged.store(true, Ordering::SeqCst);
        let calls = join_all((0..10).map(|_| place.call(SHORT))).await;
        assert!(calls.iter().all(Result::is_err));
        let mut open = place.engine.open.subscribe();
        timeout(LONG, open.wait_for(|open| *open == 0))
            .await
            .expect("every connection is closed")
            .unwrap();
    }

    #[tokio::test]
    async fn only_so_many_calls_run_at_once() {
        let slow = Engine {
            slow: Duration::from_millis(20),
            ..Engine::default()
        };
        let place = Place::new(slow, Duration::ZERO);
        place.listen();
        let calls = join_all((0..50).map(|_| place.call(LONG))).await;
        assert!(calls.iter().all(Result::is_ok));
        assert_eq!(place.engine.most_open.load(Ordering::SeqCst), ROOM);
        assert_eq!(
            place.engine.asked.load(Ordering::SeqCst),
            1,
            "fifty who wait ask once"
        );
    }

    #[tokio::test]
    async fn an_engine_may_be_at_a_tcp_address() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let engine = Arc::new(Engine::default());
        let answering = Arc::clone(&engine);
        Tasks::new().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answering.answer(stream).await;
            }
        });
        for scheme in ["tcp", "http"] {
            let link = Link::new(format!("{scheme}://{address}"), LONG, LONG);
            link.ping().await.unwrap();
        }
        assert_eq!(engine.asked.load(Ordering::SeqCst), 2);
    }
}
