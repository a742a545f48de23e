//! What desktops may reach (`DESKTOP_EGRESS`): the rules of the host's firewall, set where this server may and looked at
//! again and again, because others change firewalls too.
//!
//! The engine itself keeps desktops from each other and, for those that may reach nothing, from everybody but the host.
//! The rest are rules of ours: see [`rules`]. Where they cannot be set or seen from here, that is told as it is.

mod iptables;
pub mod names;
pub mod rules;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

pub use self::iptables::Fault;
use self::rules::{Bridge, Family, Lack, Rules};
use super::{DesktopRuntime, RuntimeError};
use crate::{
    config::{Egress, EgressRules, RuntimeConfig},
    language::Sentence,
    say,
};

/// How often rules are looked at.
const LOOK: Duration = Duration::from_mins(1);

/// How it stands with the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has looked yet, or the engine was always away.
    NotLooked,
    /// There is no network of desktops.
    NoNetwork,
    /// All rules are where they belong.
    InForce,
    /// They are not, and it is not this server's task to set them.
    NotSet,
    /// They are not, and the firewall refuses to take them.
    CannotSet(Fault),
    /// The engine does not use this machine's firewall, or not the chain `DOCKER-USER`.
    NoHook,
    /// The firewall does not let itself be looked at.
    CannotLook(Fault),
    /// The networks of desktops are on another machine.
    Elsewhere,
}

impl Standing {
    /// For administrators and the log: what is wrong or unknown, and what to do; `None`: nothing.
    #[must_use]
    pub fn warning(&self) -> Option<Sentence> {
        match self {
            Self::NotLooked | Self::NoNetwork | Self::InForce => None,
            Self::NotSet => Some(say!("egress-not-set")),
            Self::CannotSet(Fault(cause)) => Some(say!("egress-cannot-set", cause = cause)),
            Self::NoHook => Some(say!("egress-no-hook")),
            Self::CannotLook(Fault(cause)) => Some(say!("egress-cannot-look", cause = cause)),
            Self::Elsewhere => Some(say!("egress-elsewhere")),
        }
    }
}

/// The handle on the rules: cheap to clone.
#[derive(Clone, Debug)]
pub struct EgressGuard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    runtime: Arc<dyn DesktopRuntime>,
    /// `DESKTOP_NETWORK`.
    base: String,
    may_set: bool,
    /// Held for look-ups only.
    standing: Mutex<Standing>,
}

impl EgressGuard {
    /// As `config` says.
    #[must_use]
    pub fn of(runtime: &Arc<dyn DesktopRuntime>, config: &RuntimeConfig) -> Self {
        Self::new(Arc::clone(runtime), &config.network, config.egress_rules)
    }

    /// Nothing is looked at yet. `base` is `DESKTOP_NETWORK`.
    #[must_use]
    pub fn new(runtime: Arc<dyn DesktopRuntime>, base: &str, task: EgressRules) -> Self {
        Self(Arc::new(Inner {
            runtime,
            base: base.into(),
            may_set: task == EgressRules::Set,
            standing: Mutex::new(Standing::NotLooked),
        }))
    }

    /// What the last look found.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let standing = self.0.standing.lock();
        standing.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks now and every minute until `stop`, and sets what is lacking where it may.
    pub async fn keep(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.note().await {
                tracing::debug!(%error, "the rules for desktops are looked at later");
            }
            let waited = stop.run_until_cancelled(tokio::time::sleep(LOOK)).await;
            if waited.is_none() {
                return;
            }
        }
    }

    /// Looks as [`look`](Self::look) does, says what has changed, and keeps it for [`standing`](Self::standing).
    pub async fn note(&self) -> Result<Standing, RuntimeError> {
        let standing = self.look().await?;
        self.settle(standing.clone());
        Ok(standing)
    }

    /// Looks once, and sets what is lacking where it may. Fails when the engine is away.
    pub async fn look(&self) -> Result<Standing, RuntimeError> {
        let inner = &*self.0;
        // Makes the usual network, so that its first desktop is not there before the rules.
        inner
            .runtime
            .ensure_network(&inner.base, Egress::Internet)
            .await?;
        let Bridges { all, known } = bridges(&*inner.runtime, &inner.base).await?;
        if known.is_empty() {
            return Ok(Standing::NoNetwork);
        }
        if !known.iter().any(|name| iptables::has_interface(name)) {
            return Ok(Standing::Elsewhere);
        }
        let servers = iptables::name_servers().await;
        for family in Family::ALL.into_iter().filter(|one| iptables::speaks(*one)) {
            let rules = Rules::new(family, &inner.base, &all, &servers);
            let standing = self.enforce(family, &rules).await;
            if standing != Standing::InForce {
                return Ok(standing);
            }
        }
        Ok(Standing::InForce)
    }

    async fn enforce(&self, family: Family, rules: &Rules) -> Standing {
        let listing = match iptables::listing(family).await {
            Ok(listing) => listing,
            Err(fault) => return Standing::CannotLook(fault),
        };
        match rules.lack(&listing) {
            None => return Standing::InForce,
            Some(Lack::Hook) => return Standing::NoHook,
            Some(Lack::Rules) if !self.0.may_set => return Standing::NotSet,
            Some(Lack::Rules) => {}
        }
        if let Err(fault) = iptables::restore(family, &rules.transaction(&listing)).await {
            return Standing::CannotSet(fault);
        }
        match iptables::listing(family).await {
            Err(fault) => Standing::CannotLook(fault),
            Ok(listing) if rules.lack(&listing).is_some() => Standing::NotSet,
            Ok(_) => {
                tracing::info!(
                    ?family,
                    "the rules for what desktops may reach were set anew"
                );
                Standing::InForce
            }
        }
    }

    /// Says what has changed.
    fn settle(&self, now: Standing) {
        let mut standing = self
            .0
            .standing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *standing == now {
            return;
        }
        match now.warning() {
            Some(warning) => tracing::warn!("{warning}"),
            None if now == Standing::InForce => {
                tracing::info!("the rules for what desktops may reach are in force");
            }
            None => {}
        }
        *standing = now;
    }
}

/// The rules for the networks of `base` in both families, as `scripts/egress-rules.sh` takes them. Fails when the
/// engine is away: a network that is there already may have an interface of another name.
pub async fn printed(runtime: &dyn DesktopRuntime, base: &str) -> Result<String, RuntimeError> {
    let Bridges { all, .. } = bridges(runtime, base).await?;
    let servers: Vec<IpAddr> = iptables::name_servers().await;
    let parts = Family::ALL.map(|family| Rules::new(family, base, &all, &servers).printed());
    Ok(parts.concat())
}

struct Bridges {
    /// One for each kind, whether it is there or not.
    all: Vec<Bridge>,
    /// Interfaces of networks that are there.
    known: Vec<String>,
}

async fn bridges(runtime: &dyn DesktopRuntime, base: &str) -> Result<Bridges, RuntimeError> {
    let (mut all, mut known) = (Vec::new(), Vec::new());
    for egress in Egress::ALL {
        let network = names::network(base, egress);
        let found = runtime.bridge(&network).await?;
        known.extend(found.clone());
        all.push(Bridge {
            interface: found.unwrap_or_else(|| names::interface(&network)),
            egress,
        });
    }
    Ok(Bridges { all, known })
}
