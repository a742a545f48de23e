//! By which way this server reaches its desktops, and why (`DESKTOP_CONNECT`).
//!
//! A container's own address is the shorter way: nothing is published, and no helper program of the engine stands in
//! between. It exists only where this server is on the network of the desktops itself. Whether it is cannot be read
//! from a setting, so `auto` looks: when the server begins, each time the engine has been away, and at every start
//! whose container turns out to be silent.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{ContainerState, DesktopRuntime, RuntimeError};
use crate::{config::DesktopConnect, language::Sentence, say, upstream};

/// How long a running container has to accept or refuse a connection while the way is looked for.
const ANSWER: Duration = Duration::from_secs(1);
/// So many running containers are tried; one that answers is enough.
const TRIED: usize = 3;

/// How a desktop is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a port of `DESKTOP_PORTS`, published on 127.0.0.1 only.
    HostPort,
    /// By the container's own address; nothing is published.
    ContainerAddress,
}

/// Why it is that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// `DESKTOP_CONNECT` says so.
    Configured,
    /// This server is on the network of the desktops.
    OnTheirNetwork,
    /// It is not: the engine is in a virtual machine, without root, or elsewhere.
    NotOnTheirNetwork,
    /// It seems to be, but containers there do not answer, a firewall for example.
    Silent,
}

/// The way in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayInForce {
    /// For the next start. What runs already stays as it was started.
    pub way: Way,
    /// For administrators and the log.
    pub why: Why,
}

impl WayInForce {
    /// For administrators: the way and its reason.
    #[must_use]
    pub fn sentence(self) -> Sentence {
        match (self.way, self.why) {
            (Way::HostPort, Why::Configured) => say!("way-port-configured"),
            (Way::HostPort, Why::Silent) => say!("way-port-silent"),
            (Way::HostPort, _) => say!("way-port-not-near"),
            (Way::ContainerAddress, Why::Configured) => say!("way-address-configured"),
            (Way::ContainerAddress, _) => say!("way-address-near"),
        }
    }
}

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Near,
    NotNear,
    Silent,
}

/// The rule (pure): what is configured holds; otherwise what was seen.
fn decide(seen: Seen) -> WayInForce {
    let (way, why) = match seen {
        Seen::Near => (Way::ContainerAddress, Why::OnTheirNetwork),
        Seen::NotNear => (Way::HostPort, Why::NotOnTheirNetwork),
        Seen::Silent => (Way::HostPort, Why::Silent),
    };
    WayInForce { way, why }
}

fn configured(connect: DesktopConnect) -> Option<WayInForce> {
    let way = match connect {
        DesktopConnect::Auto => return None,
        DesktopConnect::HostPort => Way::HostPort,
        DesktopConnect::ContainerAddress => Way::ContainerAddress,
    };
    Some(WayInForce {
        way,
        why: Why::Configured,
    })
}

/// The way as this server knows it.
#[derive(Debug)]
pub struct Ways {
    network: String,
    auto: bool,
    /// Held for look-ups only.
    known: Mutex<Option<WayInForce>>,
}

impl Ways {
    /// Nothing is looked at yet.
    #[must_use]
    pub fn new(connect: DesktopConnect, network: &str) -> Self {
        Self {
            network: network.into(),
            auto: connect == DesktopConnect::Auto,
            known: Mutex::new(configured(connect)),
        }
    }

    /// What is in force, if it has been decided.
    #[must_use]
    pub fn known(&self) -> Option<WayInForce> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in force; looks when that is not known yet.
    pub async fn get(&self, runtime: &dyn DesktopRuntime) -> Result<Way, RuntimeError> {
        match self.known() {
            Some(known) => Ok(known.way),
            None => self.look(runtime).await,
        }
    }

    /// Looks again where nothing is configured, and says so when the way has changed.
    pub async fn look(&self, runtime: &dyn DesktopRuntime) -> Result<Way, RuntimeError> {
        if let (false, Some(known)) = (self.auto, self.known()) {
            return Ok(known.way);
        }
        let seen = if !runtime.is_near(&self.network).await? {
            Seen::NotNear
        } else if some_answer(runtime).await? {
            Seen::Near
        } else {
            Seen::Silent
        };
        Ok(self.settle(decide(seen)))
    }

    /// Whether there is another way when one turns out not to lead there.
    #[must_use]
    pub fn may_change(&self) -> bool {
        self.auto
    }

    /// A running container did not answer at its own address: the next ones are reached otherwise. Without effect
    /// where the way is configured.
    pub fn was_silent(&self) {
        if self.auto {
            self.settle(decide(Seen::Silent));
        }
    }

    fn settle(&self, now: WayInForce) -> Way {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.replace(now);
        drop(known);
        if before != Some(now) {
            tracing::info!(way = ?now.way, why = ?now.why, "{}", now.sentence());
        }
        now.way
    }
}

/// Whether a running container answers at its own address. Where none has one, nothing speaks against it.
async fn some_answer(runtime: &dyn DesktopRuntime) -> Result<bool, RuntimeError> {
    let running = runtime.list().await?.into_iter();
    let addresses: Vec<_> = running
        .filter(|container| container.state == ContainerState::Running)
        .filter_map(|container| container.address)
        .filter(|address| !address.ip().is_loopback())
        .take(TRIED)
        .collect();
    let asked = addresses
        .iter()
        .map(|address| upstream::answers(*address, ANSWER));
    let answers = futures_util::future::join_all(asked).await;
    Ok(answers.is_empty() || answers.contains(&true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::InstallationId, language::Language, runtime::fake::FakeRuntime};

    const AUTO: DesktopConnect = DesktopConnect::Auto;

    #[tokio::test]
    async fn what_is_in_force() {
        let table = [
            (AUTO, true, Way::ContainerAddress, Why::OnTheirNetwork),
            (AUTO, false, Way::HostPort, Why::NotOnTheirNetwork),
            (
                DesktopConnect::HostPort,
                true,
                Way::HostPort,
                Why::Configured,
            ),
            (
                DesktopConnect::ContainerAddress,
                false,
                Way::ContainerAddress,
                Why::Configured,
            ),
        ];
        let mut said = std::collections::BTreeSet::new();
        for (connect, near, way, why) in table {
            let fake = FakeRuntime::new(InstallationId::new());
            fake.set_near(near);
            let ways = Ways::new(connect, "n");
            assert_eq!(ways.get(&fake).await.unwrap(), way, "{connect:?} {near}");
            assert_eq!(ways.known(), Some(WayInForce { way, why }));
            let sentence = WayInForce { way, why }.sentence();
            assert_ne!(Language::De.say(&sentence), sentence.to_string());
            assert!(said.insert(sentence.to_string()), "{sentence}");
        }
    }

    #[tokio::test]
    async fn auto_looks_again_and_a_setting_does_not_change() {
        let fake = FakeRuntime::new(InstallationId::new());
        let ways = Ways::new(AUTO, "n");
        assert_eq!(ways.known(), None);
        fake.set_away(true);
        assert!(
            ways.get(&fake).await.is_err(),
            "nothing is known, nothing is guessed"
        );
        fake.set_away(false);
        fake.set_near(true);
        assert_eq!(ways.get(&fake).await.unwrap(), Way::ContainerAddress);
        ways.was_silent();
        assert_eq!(ways.get(&fake).await.unwrap(), Way::HostPort);
        assert_eq!(ways.known().unwrap().why, Why::Silent);
        assert_eq!(ways.look(&fake).await.unwrap(), Way::ContainerAddress);

        let fixed = Ways::new(DesktopConnect::ContainerAddress, "n");
        fixed.was_silent();
        assert_eq!(fixed.get(&fake).await.unwrap(), Way::ContainerAddress);
        fake.set_near(false);
        assert_eq!(fixed.look(&fake).await.unwrap(), Way::ContainerAddress);
    }
}
