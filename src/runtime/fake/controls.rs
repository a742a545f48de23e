//! How a test sets the scene, makes trouble, and looks behind it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Call, FakeContainer, FakeRuntime, Inner, State,
    engine::Engine,
    script::{Script, Twist},
};
use crate::{
    ids::{DesktopId, InstallationId},
    runtime::{Image, Limits, PullProgress, RuntimeError},
};

/// Ways to see into the fake.
impl FakeRuntime {
    /// An empty engine that answers.
    #[must_use]
    pub fn new(installation: InstallationId) -> Self {
        Self::with_limits(installation, Limits::default())
    }

    /// The same, with other limits: a call that hangs is given up after them.
    #[must_use]
    pub fn with_limits(installation: InstallationId, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            limits,
            state: Mutex::new(State {
                engine: Engine::new(installation),
                script: Script::default(),
                late: Vec::new(),
                pulls: Vec::new(),
            }),
        }))
    }

    /// Every container, in the order they were made.
    #[must_use]
    pub fn containers(&self) -> Vec<FakeContainer> {
        self.state().engine.containers.values().cloned().collect()
    }

    /// The container of `desktop`, if there is one.
    #[must_use]
    pub fn container_of(&self, desktop: DesktopId) -> Option<FakeContainer> {
        self.state().engine.of_desktop(desktop).cloned()
    }

    /// Whether [`FakeRuntime::add_foreign`]'s container is still there.
    #[must_use]
    pub fn has_foreign(&self, name: &str) -> bool {
        self.state().engine.foreign.contains(name)
    }

    /// How often `call` was made.
    #[must_use]
    pub fn count(&self, call: Call) -> usize {
        self.state().script.count(call)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Held for look-ups only, never across a wait.
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.let_late_ones_through(Instant::now());
        state
    }
}

/// Ways to set the scene.
impl FakeRuntime {
    /// Puts an image on the host; its id follows from its reference. Answers the id.
    #[expect(
        clippy::must_use_candidate,
        reason = "most tests only want the image to be there"
    )]
    pub fn add_image(&self, reference: &str) -> String {
        let id = format!("sha256:{:0>64}", hex(reference));
        let image = Image {
            id: id.clone(),
            size: 1 << 20,
        };
        self.state().engine.images.insert(reference.into(), image);
        id
    }

    /// Gives the name of an image to other contents; the former ones stay under their id. Answers the id of the new ones.
    #[must_use]
    pub fn retag_image(&self, reference: &str) -> String {
        let mut state = self.state();
        let images = &mut state.engine.images;
        if let Some(former) = images.remove(reference) {
            images.insert(former.id.clone(), former);
        }
        drop(state);
        let id = format!("{}-again", self.add_image(reference));
        let mut state = self.state();
        if let Some(image) = state.engine.images.get_mut(reference) {
            image.id.clone_from(&id);
        }
        id
    }

    /// Takes an image away; containers made from it stay.
    pub fn remove_image(&self, reference: &str) {
        self.state().engine.images.remove(reference);
    }

    /// Where every container started from now on answers: a test's own listener.
    pub fn set_address(&self, address: SocketAddr) {
        self.state().engine.address = Some(address);
    }

    /// The same for containers without a published port alone.
    pub fn set_own_address(&self, address: SocketAddr) {
        self.state().engine.own_address = Some(address);
    }

    /// The interface that every network has from now on.
    pub fn set_bridge(&self, interface: &str) {
        self.state().engine.bridge = Some(interface.into());
    }

    /// Every running container has written so many bytes.
    pub fn set_written(&self, bytes: i64) {
        self.state().engine.written = bytes;
    }

    /// Whether this server is on the network of the containers; it is not at first, as with an engine in a virtual
    /// machine.
    pub fn set_near(&self, near: bool) {
        self.state().engine.near = near;
    }

    /// The container of `desktop` was restarted from outside and answers elsewhere now.
    pub fn move_to(&self, desktop: DesktopId, address: SocketAddr) {
        self.with_container(desktop, |engine, id| engine.move_to(id, address));
    }

    /// Another program holds this host port.
    pub fn occupy_port(&self, port: u16) {
        self.state().engine.occupied.insert(port);
    }

    /// The other program lets go of it.
    pub fn free_port(&self, port: u16) {
        self.state().engine.occupied.remove(&port);
    }

    /// Somebody else's container has this name.
    pub fn add_foreign(&self, name: &str) {
        self.state().engine.foreign.insert(name.into());
    }

    /// What [`crate::runtime::DesktopRuntime::logs`] answers.
    pub fn set_logs(&self, text: &str) {
        self.state().engine.logs = text.into();
    }

    /// The files below any folder asked for, as (path within the folder, content).
    pub fn set_folder(&self, files: &[(&str, &[u8])]) {
        self.state().engine.folder = files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), content.to_vec()))
            .collect();
    }

    /// What the next pulls say before they end; a pull without an error among them puts the image there.
    pub fn set_pull(&self, messages: Vec<Result<PullProgress, RuntimeError>>) {
        self.state().pulls = messages;
    }
}

/// Ways to make trouble.
impl FakeRuntime {
    /// The next `call` fails with `error`, without effect; several are used in order.
    pub fn fail_next(&self, call: Call, error: RuntimeError) {
        self.state().script.next(call, Twist::Fail(error));
    }

    /// The next `call` is told at once that the engine is away, as if its limit had passed, and takes effect
    /// 100 ms later all the same (fault F2).
    pub fn late(&self, call: Call) {
        self.state().script.next(call, Twist::Late);
    }

    /// Every `call` takes this long from now on; longer than its limit means away.
    pub fn delay(&self, call: Call, by: Duration) {
        self.state().script.delay(call, by);
    }

    /// Every `call` hangs until its limit, then the engine counts as away.
    pub fn hang(&self, call: Call) {
        self.state().script.hang(call);
    }

    /// `call` hangs no longer.
    pub fn release(&self, call: Call) {
        self.state().script.release(call);
    }

    /// The engine is gone, or back. Containers go on, event streams end.
    pub fn set_away(&self, away: bool) {
        self.state().script.away = away;
        if away {
            self.cut_events();
        }
    }

    /// Ends every event stream, as a lost connection does.
    pub fn cut_events(&self) {
        self.state().engine.cut_events();
    }

    /// The container of `desktop` ends by itself.
    pub fn die(&self, desktop: DesktopId, code: i64) {
        self.with_container(desktop, |engine, id| engine.end(id, code));
    }

    /// The container of `desktop` is frozen or thawed by hand.
    pub fn pause(&self, desktop: DesktopId, pause: bool) {
        self.with_container(desktop, |engine, id| engine.pause(id, pause));
    }

    /// Containers started from now on end at once with this code; `None`: they stay.
    pub fn exit_at_start(&self, code: Option<i64>) {
        self.state().engine.exit_at_start = code;
    }

    fn with_container(&self, desktop: DesktopId, act: impl FnOnce(&mut Engine, &str)) {
        let mut state = self.state();
        let id = state
            .engine
            .of_desktop(desktop)
            .map(|container| container.id.clone());
        if let Some(id) = id {
            act(&mut state.engine, &id);
        }
    }
}

/// A made-up digest that is the same for the same reference.
fn hex(reference: &str) -> String {
    let bytes: Vec<u8> = reference.bytes().rev().take(32).collect();
    hex::encode(bytes)
}
