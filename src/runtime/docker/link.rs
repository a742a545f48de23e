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
const AWAY_FOR: Duration = Duration::from_secs(1);

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
    room: Semaphore,
    health: Mutex<Health>,
    /// One question at a time is enough for everybody who waits.
    asking: tokio::sync::Mutex<()>,
}

impl Link {
    pub(super) fn new(host: String, ping: Duration) -> Self {
        Self {
            host,
            ping,
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
        match self.health() {
            Health::Well(docker) => return Ok(docker),
            Health::Away(until) if Instant::now() < until => return Err(self.still_away()),
            Health::Unknown | Health::Away(_) => {}
        }
        let _turn = self.asking.lock().await;
        // Somebody else may have asked meanwhile.
        match self.health() {
            Health::Well(docker) => Ok(docker),
            Health::Away(until) if Instant::now() < until => Err(self.still_away()),
            Health::Unknown | Health::Away(_) => self.ask().await,
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
            Ok(Err(error)) => ("ping".to_owned(), Some(error.into())),
            Err(_) => (format!("ping: no answer within {:?}", self.ping), None),
        };
        self.set(Health::Away(Instant::now() + AWAY_FOR));
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
