//! The containers and images of the fake, and what each call does to them: the habits of a real engine that
//! `runtime_contract` checks on both.

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
    time::Duration,
};

use tokio::sync::broadcast;

use crate::{
    ids::{DesktopId, InstallationId},
    runtime::{
        Container, ContainerEvent, ContainerSpec, ContainerState, DiskUse, Image, Labels,
        RuntimeError, container_name,
    },
};

/// One container of the fake.
#[derive(Clone, Debug)]
pub struct FakeContainer {
    /// The made-up id.
    pub id: String,
    /// What it was made from.
    pub spec: ContainerSpec,
    /// What it is doing.
    pub state: ContainerState,
    /// What was run in it beside its own program.
    pub ran: Vec<Vec<String>>,
    image_id: String,
    address: Option<SocketAddr>,
}

/// A listener that is further behind loses hints, as on a real engine.
const EVENTS_KEPT: usize = 256;

/// An effect a call has when it comes through.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    Create(Box<ContainerSpec>),
    Start(String),
    Stop(String),
    Remove(String),
}

#[derive(Debug)]
pub(super) struct Engine {
    installation: InstallationId,
    pub(super) containers: BTreeMap<String, FakeContainer>,
    pub(super) images: BTreeMap<String, Image>,
    /// Names other people's containers have.
    pub(super) foreign: HashSet<String>,
    /// Host ports other programs hold.
    pub(super) occupied: HashSet<u16>,
    /// Whether the server is on the network of the containers.
    pub(super) near: bool,
    /// The interface of every network; none: there are no networks.
    pub(super) bridge: Option<String>,
    /// What every running container has written.
    pub(super) written: i64,
    /// Where every started container answers, instead of an address of its own.
    pub(super) address: Option<SocketAddr>,
    /// The same for those without a published port alone.
    pub(super) own_address: Option<SocketAddr>,
    /// Exit code of containers that end as soon as they are started.
    pub(super) exit_at_start: Option<i64>,
    pub(super) logs: String,
    pub(super) folder: Vec<(String, Vec<u8>)>,
    pub(super) events: broadcast::Sender<ContainerEvent>,
    made: u32,
}

impl Engine {
    pub(super) fn new(installation: InstallationId) -> Self {
        Self {
            installation,
            containers: BTreeMap::new(),
            images: BTreeMap::new(),
            foreign: HashSet::new(),
            occupied: HashSet::new(),
            near: false,
            bridge: None,
            written: 0,
            address: None,
            own_address: None,
            exit_at_start: None,
            logs: String::new(),
            folder: Vec::new(),
            events: broadcast::channel(EVENTS_KEPT).0,
            made: 0,
        }
    }

    /// Streams end after what was told before.
    pub(super) fn cut_events(&mut self) {
        self.events = broadcast::channel(EVENTS_KEPT).0;
    }

    /// Does what a call does, at once.
    pub(super) fn apply(&mut self, effect: &Effect) -> Result<Option<Container>, RuntimeError> {
        match effect {
            Effect::Create(spec) => self.create(spec).map(Some),
            Effect::Start(id) => {
                let id = self.ours_called(id)?.ok_or(RuntimeError::Gone)?;
                self.start(&id).map(Some)
            }
            Effect::Stop(id) => {
                if let Some(id) = self.ours_called(id)? {
                    self.end(&id, 0);
                }
                Ok(None)
            }
            Effect::Remove(id) => {
                if let Some(id) = self.ours_called(id)? {
                    self.remove(&id);
                }
                Ok(None)
            }
        }
    }

    /// By its reference or its id.
    pub(super) fn image(&self, name: &str) -> Option<&Image> {
        let by_id = || self.images.values().find(|image| image.id == name);
        self.images.get(name).or_else(by_id)
    }

    /// The id of the container with this id or name; a stranger's is refused.
    pub(super) fn ours_called(&self, wanted: &str) -> Result<Option<String>, RuntimeError> {
        if self.foreign.contains(wanted) {
            return Err(RuntimeError::name_taken(wanted));
        }
        Ok(self
            .containers
            .values()
            .find(|container| container.id == wanted || container.name() == wanted)
            .map(|container| container.id.clone()))
    }

    pub(super) fn disk_use(&self) -> Vec<DiskUse> {
        let running = self
            .containers
            .values()
            .filter(|container| container.state == ContainerState::Running);
        running
            .map(|container| DiskUse {
                labels: container.spec.labels,
                bytes: self.written,
            })
            .collect()
    }

    fn create(&mut self, spec: &ContainerSpec) -> Result<Container, RuntimeError> {
        let Some(image) = self.image(&spec.image).cloned() else {
            return Err(RuntimeError::ImageMissing(spec.image.clone()));
        };
        if self.foreign.contains(&spec.name()) {
            return Err(RuntimeError::name_taken(&spec.name()));
        }
        if let Some(known) = self.of_desktop(spec.labels.desktop) {
            match known.spec.labels.generation.cmp(&spec.labels.generation) {
                std::cmp::Ordering::Greater => return Err(RuntimeError::newer_start()),
                std::cmp::Ordering::Equal if known.spec.host_port == spec.host_port => {
                    return Ok(known.seen());
                }
                _ => {
                    let old = known.id.clone();
                    self.remove(&old);
                }
            }
        }
        self.made += 1;
        let container = FakeContainer {
            id: format!("fake{:060x}", self.made),
            spec: spec.clone(),
            state: ContainerState::Created,
            ran: Vec::new(),
            image_id: image.id,
            address: None,
        };
        let seen = container.seen();
        self.containers.insert(container.id.clone(), container);
        Ok(seen)
    }

    fn start(&mut self, id: &str) -> Result<Container, RuntimeError> {
        let container = self.containers.get(id).ok_or(RuntimeError::Gone)?;
        if container.state == ContainerState::Running {
            return Ok(container.seen());
        }
        if let Some(port) = container.spec.host_port
            && (self.occupied.contains(&port) || self.publishes(port))
        {
            return Err(RuntimeError::PortTaken(port));
        }
        let address = match container.spec.host_port {
            Some(port) => self.address.unwrap_or(([127, 0, 0, 1], port).into()),
            None => self
                .own_address
                .or(self.address)
                .unwrap_or_else(|| self.free_address(container.spec.container_port)),
        };
        let exit = self.exit_at_start;
        if let Some(container) = self.containers.get_mut(id) {
            container.state = ContainerState::Running;
            container.address = Some(address);
        }
        self.tell(id, "start");
        if let Some(code) = exit {
            self.end(id, code);
        }
        self.containers
            .get(id)
            .map(FakeContainer::seen)
            .ok_or(RuntimeError::Gone)
    }

    /// The container ends with `code`, if it runs.
    pub(super) fn end(&mut self, id: &str, code: i64) {
        let Some(container) = self.containers.get_mut(id) else {
            return;
        };
        if matches!(
            container.state,
            ContainerState::Running | ContainerState::Paused
        ) {
            container.state = ContainerState::Exited {
                code,
                out_of_memory: false,
            };
            container.address = None;
            self.tell(id, "die");
        }
    }

    fn remove(&mut self, id: &str) {
        self.end(id, 137);
        self.tell(id, "destroy");
        self.containers.remove(id);
    }

    /// Freezes or thaws a running container.
    pub(super) fn pause(&mut self, id: &str, pause: bool) {
        let (from, to, action) = if pause {
            (ContainerState::Running, ContainerState::Paused, "pause")
        } else {
            (ContainerState::Paused, ContainerState::Running, "unpause")
        };
        if let Some(container) = self.containers.get_mut(id)
            && container.state == from
        {
            container.state = to;
            self.tell(id, action);
        }
    }

    /// A running container ends, starts again and has another address.
    pub(super) fn move_to(&mut self, id: &str, address: SocketAddr) {
        if let Some(container) = self.containers.get_mut(id) {
            container.state = ContainerState::Running;
            container.address = Some(address);
        }
        self.tell(id, "die");
        self.tell(id, "start");
    }

    pub(super) fn of_desktop(&self, desktop: DesktopId) -> Option<&FakeContainer> {
        self.containers
            .values()
            .find(|container| container.spec.labels.desktop == desktop)
    }

    pub(super) fn ours(&self) -> Vec<Container> {
        self.containers
            .values()
            .filter(|container| container.spec.labels.installation == self.installation)
            .map(FakeContainer::seen)
            .collect()
    }

    pub(super) fn seen(&self, wanted: &str) -> Option<Container> {
        let id = self.ours_called(wanted).ok()??;
        self.containers.get(&id).map(FakeContainer::seen)
    }

    /// The lowest one nobody has, as Docker gives them: one that was given back is in use again at once.
    fn free_address(&self, port: u16) -> SocketAddr {
        let taken = |address: &SocketAddr| {
            self.containers
                .values()
                .any(|container| container.address.map(|taken| taken.ip()) == Some(address.ip()))
        };
        (2..255)
            .map(|last| ([172, 31, 0, last], port).into())
            .find(|address| !taken(address))
            .unwrap_or(([172, 31, 1, 0], port).into())
    }

    fn publishes(&self, port: u16) -> bool {
        self.containers.values().any(|container| {
            container.state == ContainerState::Running && container.spec.host_port == Some(port)
        })
    }

    fn tell(&self, id: &str, action: &str) {
        if let Some(container) = self.containers.get(id) {
            // Nobody may be listening.
            let _ = self.events.send(ContainerEvent {
                labels: container.spec.labels,
                action: action.into(),
            });
        }
    }
}

impl FakeContainer {
    fn seen(&self) -> Container {
        Container {
            id: self.id.clone(),
            labels: self.spec.labels,
            state: self.state.clone(),
            image_id: self.image_id.clone(),
            address: self.address,
        }
    }

    /// Read back from its labels, as [`Container::labels`].
    #[must_use]
    pub fn labels(&self) -> Labels {
        self.spec.labels
    }

    /// The name an engine would know it by.
    #[must_use]
    pub fn name(&self) -> String {
        container_name(self.spec.labels.desktop)
    }
}

/// How long after the caller was turned away a late call takes effect.
pub(super) const LATE_BY: Duration = Duration::from_millis(100);
