//! A runtime in memory, for paths a real engine shows rarely: slow, hanging, failing, late, away.
//!
//! Test support, compiled only with the feature `fake-runtime`, which tests switch on. It is a part of the crate, because
//! it must pass the same `runtime_contract` as the real engine (`tests/engine`), so that tests which use it tell the
//! truth. [`FakeRuntime`] is a handle: clones share everything, a test keeps one and gives another to the server.

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

pub use engine::FakeContainer;
pub use script::Call;

use super::{
    Container, ContainerEvent, ContainerSpec, DesktopRuntime, DiskUse, Image, Limits, PullProgress,
    RuntimeError,
};
use crate::config::Egress;
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

    async fn is_near(&self, _: &str) -> Result<bool, RuntimeError> {
        self.play(Call::IsNear, self.0.limits.read).await?;
        Ok(self.state().engine.near)
    }

    async fn ensure_network(&self, _: &str, _: Egress) -> Result<(), RuntimeError> {
        self.play(Call::Network, self.0.limits.create)
            .await
            .map(drop)
    }

    async fn bridge(&self, _: &str) -> Result<Option<String>, RuntimeError> {
        self.play(Call::Network, self.0.limits.read).await?;
        Ok(self.state().engine.bridge.clone())
    }

    async fn disk_use(&self) -> Result<Vec<DiskUse>, RuntimeError> {
        self.play(Call::DiskUse, self.0.limits.sizes).await?;
        Ok(self.state().engine.disk_use())
    }

    async fn create(&self, spec: &ContainerSpec) -> Result<Container, RuntimeError> {
        let made = self
            .change(
                Call::Create,
                self.0.limits.create,
                Effect::Create(Box::new(spec.clone())),
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
        Ok(self.state().engine.image(reference).cloned())
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
        let receiver = self.state().engine.events.subscribe();
        let events = stream::unfold(receiver, |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(event) => return Some((event, receiver)),
                    // Hints may be lost; the stream goes on.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    // The connection was cut.
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        Ok(events.boxed())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{DesktopId, InstallationId, UserId},
        runtime::{ContainerState, Labels},
    };

    const IMAGE: &str = "a/b:1";

    fn place() -> (FakeRuntime, ContainerSpec) {
        let installation = InstallationId::new();
        let fake = FakeRuntime::new(installation);
        fake.add_image(IMAGE);
        let spec = ContainerSpec {
            labels: Labels {
                installation,
                desktop: DesktopId::new(),
                generation: 1,
                owner: UserId::new(),
            },
            image: IMAGE.into(),
            env: std::collections::BTreeMap::new(),
            container_port: 6901,
            host_port: Some(7000),
            network: "n".into(),
            home: None,
            memory: 1,
            nano_cpus: 1,
            shm: 1,
            pids: 1,
            egress: Egress::Internet,
            disk: 1 << 30,
            cap_add: Vec::new(),
        };
        (fake, spec)
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_create_is_there_a_moment_after_the_caller_was_turned_away() {
        let (fake, spec) = place();
        fake.late(Call::Create);
        let turned_away = fake.create(&spec).await.unwrap_err();
        assert!(matches!(turned_away, RuntimeError::Away { .. }));
        assert!(fake.containers().is_empty());
        tokio::time::sleep(LATE_BY).await;
        let late = fake.containers();
        assert_eq!(late.len(), 1);
        assert_eq!(fake.create(&spec).await.unwrap().id, late[0].id);
    }

    #[tokio::test(start_paused = true)]
    async fn what_hangs_or_takes_too_long_counts_as_away() {
        let (fake, spec) = place();
        let began = Instant::now();
        fake.hang(Call::Create);
        assert!(matches!(
            fake.create(&spec).await,
            Err(RuntimeError::Away { .. })
        ));
        assert_eq!(began.elapsed(), Limits::default().create);
        fake.release(Call::Create);
        fake.delay(Call::Create, Limits::default().create * 2);
        assert!(matches!(
            fake.create(&spec).await,
            Err(RuntimeError::Away { .. })
        ));
        fake.delay(Call::Create, Duration::from_secs(3));
        fake.create(&spec).await.unwrap();
        assert_eq!(fake.count(Call::Create), 3);
    }

    #[tokio::test]
    async fn failures_are_used_up_in_order_and_have_no_effect() {
        let (fake, spec) = place();
        fake.fail_next(Call::Create, RuntimeError::Gone);
        fake.fail_next(Call::Create, RuntimeError::PortTaken(1));
        assert!(matches!(fake.create(&spec).await, Err(RuntimeError::Gone)));
        assert!(matches!(
            fake.create(&spec).await,
            Err(RuntimeError::PortTaken(1))
        ));
        assert!(fake.containers().is_empty());
        fake.create(&spec).await.unwrap();
    }

    #[tokio::test]
    async fn an_engine_that_goes_away_ends_its_events_and_keeps_its_containers() {
        let (fake, spec) = place();
        let mut events = fake.events().await.unwrap();
        let made = fake.create(&spec).await.unwrap();
        fake.start(&made.id).await.unwrap();
        fake.set_away(true);
        assert!(matches!(fake.list().await, Err(RuntimeError::Away { .. })));
        let told: Vec<_> = events.by_ref().map(|event| event.action).collect().await;
        assert_eq!(told, ["start"]);
        fake.set_away(false);
        assert_eq!(fake.list().await.unwrap()[0].state, ContainerState::Running);
    }

    #[tokio::test]
    async fn containers_end_and_freeze_by_hand() {
        let (fake, spec) = place();
        let mut events = fake.events().await.unwrap();
        let made = fake.create(&spec).await.unwrap();
        fake.start(&made.id).await.unwrap();
        let desktop = spec.labels.desktop;
        fake.pause(desktop, true);
        assert_eq!(
            fake.inspect(&made.id).await.unwrap().unwrap().state,
            ContainerState::Paused
        );
        fake.pause(desktop, false);
        fake.die(desktop, 137);
        let ended = ContainerState::Exited {
            code: 137,
            out_of_memory: false,
        };
        assert_eq!(fake.container_of(desktop).unwrap().state, ended);
        fake.cut_events();
        let told: Vec<_> = events.by_ref().map(|event| event.action).collect().await;
        assert_eq!(told, ["start", "pause", "unpause", "die"]);
    }
}
