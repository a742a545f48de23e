//! A runtime in memory, for paths a real engine shows rarely: slow, hanging, failing, late, away.
//!
//! Test support, but a part of the crate, because it must pass the same `runtime_contract` as the real engine
//! (`tests/engine`), so that tests which use it tell the truth. [`FakeRuntime`] is a handle: clones share everything,
//! a test keeps one and gives another to the server.

mod controls;
mod engine;
mod script;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt, stream, stream::BoxStream};
use tokio::{sync::broadcast, time::Instant};
use tokio_util::sync::CancellationToken;

pub use engine::FakeContainer;
pub use script::Call;

use super::{
    Container, ContainerEvent, ContainerSpec, DesktopRuntime, Image, Limits, PullProgress,
    RuntimeError,
};
use engine::{Effect, Engine, LATE_BY};
use script::{Script, Twist};

/// An engine in memory. Everything works until a test says otherwise; the images have to be put there first.
#[derive(Clone, Debug)]
pub struct FakeRuntime(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    engine: Engine,
    script: Script,
    /// Effects of calls that were turned away, and when they come through.
    late: Vec<(Instant, Effect)>,
    pulls: Vec<Result<PullProgress, RuntimeError>>,
    /// Cancelled and replaced when the connection is cut: event streams end with it.
    connection: CancellationToken,
}

/// How calls are answered.
impl FakeRuntime {
    /// Plays what the script says for `call`: counts, waits, fails. `Ok(true)`: a late call, to be applied later.
    async fn play(&self, call: Call, limit: Duration) -> Result<bool, RuntimeError> {
        let cue = {
            let mut state = self.state();
            let cue = state.script.cue(call);
            if state.script.away {
                return Err(away(call));
            }
            cue
        };
        if cue.hang || cue.delay > limit {
            tokio::time::sleep(limit).await;
            return Err(away(call));
        }
        if !cue.delay.is_zero() {
            tokio::time::sleep(cue.delay).await;
            if self.state().script.away {
                return Err(away(call));
            }
        }
        match cue.twist {
            None => Ok(false),
            Some(Twist::Late) => Ok(true),
            Some(Twist::Fail(error)) => Err(error),
        }
    }

    async fn change(
        &self,
        call: Call,
        limit: Duration,
        effect: Effect,
    ) -> Result<Option<Container>, RuntimeError> {
        let late = self.play(call, limit).await?;
        let mut state = self.state();
        if late {
            state.late.push((Instant::now() + LATE_BY, effect));
            return Err(away(call));
        }
        state.engine.apply(&effect)
    }
}

impl State {
    fn let_late_ones_through(&mut self, now: Instant) {
        let (due, waiting) = std::mem::take(&mut self.late)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.late = waiting;
        for (_, effect) in due {
            // Nobody waits for the answer any more.
            let _ = self.engine.apply(&effect);
        }
    }
}

#[async_trait]
impl DesktopRuntime for FakeRuntime {
    async fn ping(&self) -> Result<(), RuntimeError> {
        self.play(Call::Ping, self.0.limits.ping).await.map(drop)
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<Container, RuntimeError> {
        let made = self
            .change(
                Call::Create,
                self.0.limits.create,
                Effect::Create(spec.clone()),
            )
            .await?;
        made.ok_or(RuntimeError::Gone)
    }

    async fn start(&self, id: &str) -> Result<Container, RuntimeError> {
        let started = self
            .change(
                Call::Start,
                self.0.limits.start,
                Effect::Start(id.to_owned()),
            )
            .await?;
        started.ok_or(RuntimeError::Gone)
    }

    async fn inspect(&self, id: &str) -> Result<Option<Container>, RuntimeError> {
        self.play(Call::Inspect, self.0.limits.read).await?;
        Ok(self.state().engine.seen(id))
    }

    async fn stop(&self, id: &str, grace: Duration) -> Result<(), RuntimeError> {
        let limit = grace + self.0.limits.stop;
        self.change(Call::Stop, limit, Effect::Stop(id.to_owned()))
            .await
            .map(drop)
    }

    async fn remove(&self, id: &str) -> Result<(), RuntimeError> {
        self.change(
            Call::Remove,
            self.0.limits.remove,
            Effect::Remove(id.to_owned()),
        )
        .await
        .map(drop)
    }

    async fn list(&self) -> Result<Vec<Container>, RuntimeError> {
        self.play(Call::List, self.0.limits.read).await?;
        Ok(self.state().engine.ours())
    }

    async fn logs(&self, id: &str, lines: usize) -> Result<String, RuntimeError> {
        self.play(Call::Logs, self.0.limits.read).await?;
        let state = self.state();
        state.engine.ours_called(id)?.ok_or(RuntimeError::Gone)?;
        let all: Vec<_> = state.engine.logs.lines().collect();
        Ok(all[all.len().saturating_sub(lines)..].join("\n"))
    }

    async fn image(&self, reference: &str) -> Result<Option<Image>, RuntimeError> {
        self.play(Call::Image, self.0.limits.read).await?;
        Ok(self.state().engine.images.get(reference).cloned())
    }

    async fn pull(
        &self,
        reference: &str,
    ) -> BoxStream<'static, Result<PullProgress, RuntimeError>> {
        if let Err(error) = self.play(Call::Pull, self.0.limits.pull_silence).await {
            return stream::once(async { Err(error) }).boxed();
        }
        let messages = std::mem::take(&mut self.state().pulls);
        let failed = messages.iter().any(Result::is_err);
        let (fake, reference) = (self.clone(), reference.to_owned());
        // The image is there when the last message has been read, not before.
        stream::iter(messages)
            .chain(
                stream::once(async move {
                    if !failed {
                        fake.add_image(&reference);
                    }
                })
                .filter_map(|()| async { None }),
            )
            .boxed()
    }

    async fn read_folder(&self, image_id: &str, _: &str) -> Result<Vec<u8>, RuntimeError> {
        self.play(Call::ReadFolder, self.0.limits.create).await?;
        let state = self.state();
        if !state
            .engine
            .images
            .iter()
            .any(|(reference, image)| image.id == image_id || reference == image_id)
        {
            return Err(RuntimeError::ImageMissing(image_id.into()));
        }
        archive(&state.engine.folder)
            .map_err(|error| RuntimeError::Refused(format!("no archive: {error}")))
    }

    async fn run_detached(&self, id: &str, argv: &[&str]) -> Result<(), RuntimeError> {
        self.play(Call::RunDetached, self.0.limits.start).await?;
        let mut state = self.state();
        let id = state.engine.ours_called(id)?.ok_or(RuntimeError::Gone)?;
        let container = state
            .engine
            .containers
            .get_mut(&id)
            .ok_or(RuntimeError::Gone)?;
        if container.state != super::ContainerState::Running {
            return Err(RuntimeError::Refused(format!(
                "Container {id} is not running"
            )));
        }
        container
            .ran
            .push(argv.iter().map(|word| (*word).to_owned()).collect());
        Ok(())
    }

    async fn events(&self) -> Result<BoxStream<'static, ContainerEvent>, RuntimeError> {
        self.play(Call::Events, self.0.limits.read).await?;
        let (receiver, connection) = {
            let state = self.state();
            (state.engine.events.subscribe(), state.connection.clone())
        };
        let events = stream::unfold(receiver, |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(event) => return Some((event, receiver)),
                    // Hints may be lost; the stream goes on.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        Ok(events.take_until(connection.cancelled_owned()).boxed())
    }
}

fn away(call: Call) -> RuntimeError {
    RuntimeError::Away {
        call: format!("{call:?}").to_lowercase(),
        source: None,
    }
}

fn archive(files: &[(String, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(&mut header, path, content.as_slice())?;
    }
    archive.into_inner()
}
