//! The handles, which handlers of every room ask for: each only the ones it uses.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use sqlx::PgPool;

use crate::{
    audit::Audit,
    casting::{Casting, captcha::Captcha, launch::Launcher},
    catalog::Catalog,
    clock::Clock,
    config::Config,
    db::Db,
    desktops::{Desktops, DesktopsParts},
    groups::{Groups, Limit, Settings},
    ids::InstallationId,
    lifecycle::Tasks,
    oidc::OidcClient,
    people::People,
    providers::{Providers, seal::Seal},
    proxy::{
        client_files::ClientFiles,
        state::{Proxy, ProxyParts},
    },
    runtime::{DesktopRuntime, Pulls, egress::EgressGuard},
    sessions::{Sessions, Tokens},
    settings::ServerSettings,
    sharing::Sharing,
    sign_in::{
        SignIn, SignInParts,
        oidc::{OidcParts, OidcSignIn},
    },
    upstream::{Upstream, UpstreamLimits},
};

/// What handlers ask for, each only the handle it uses. Every layer and route of a request has a copy of it, so all of
/// them are behind one count.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Handles>);

impl Deref for AppState {
    type Target = Handles;

    fn deref(&self) -> &Handles {
        &self.0
    }
}

/// Every handle, made once.
#[derive(Debug)]
pub struct Handles {
    /// The configuration.
    pub config: Arc<Config>,
    /// The pool, for `/readyz` only; every capability has its own handle.
    pub db: PgPool,
    /// Accounts.
    pub people: People,
    /// Who is calling.
    pub sessions: Sessions,
    /// API tokens.
    pub tokens: Tokens,
    /// OpenID providers.
    pub providers: Providers,
    /// Talking to providers.
    pub oidc: OidcClient,
    /// Signing in, with a password or as a guest.
    pub sign_in: SignIn,
    /// Signing in with providers.
    pub oidc_sign_in: OidcSignIn,
    /// What applies to whom.
    pub groups: Groups,
    /// What can be started.
    pub catalog: Catalog,
    /// Start, stop, find.
    pub desktops: Desktops,
    /// Who else may look at a desktop.
    pub sharing: Sharing,
    /// Links that start a desktop.
    pub casting: Casting,
    /// What their links lead to.
    pub launcher: Launcher,
    /// What keeps desktops from the host and from private networks.
    pub egress: EgressGuard,
    /// What administrators set while the server runs.
    pub settings: ServerSettings,
    /// What was written down.
    pub audit: Audit,
    /// Images being fetched.
    pub pulls: Pulls,
    /// The time.
    pub clock: Clock,
    /// Owner of everything that runs.
    pub tasks: Tasks,
    /// What the data plane uses of these.
    pub proxy: Proxy,
}

/// Lets a handler ask for one of the handles.
macro_rules! handed_out {
    ($($name:ident: $handle:ty,)*) => {
        $(impl FromRef<AppState> for $handle {
            fn from_ref(state: &AppState) -> Self {
                state.$name.clone()
            }
        })*
    };
}

handed_out! {
    config: Arc<Config>,
    people: People,
    sessions: Sessions,
    tokens: Tokens,
    providers: Providers,
    oidc: OidcClient,
    sign_in: SignIn,
    oidc_sign_in: OidcSignIn,
    groups: Groups,
    catalog: Catalog,
    desktops: Desktops,
    sharing: Sharing,
    casting: Casting,
    launcher: Launcher,
    egress: EgressGuard,
    settings: ServerSettings,
    audit: Audit,
    pulls: Pulls,
    clock: Clock,
    tasks: Tasks,
    proxy: Proxy,
}

/// What tests replace and `main` makes real.
#[derive(Debug)]
pub struct Parts {
    /// What runs containers.
    pub runtime: Arc<dyn DesktopRuntime>,
    /// A database [`prepare`](crate::app::prepare) has been called on.
    pub db: PgPool,
    /// Which installation that database is, as [`prepare`](crate::app::prepare) answered.
    pub installation: InstallationId,
    /// The time.
    pub clock: Clock,
    /// Owner of everything that runs.
    pub tasks: Tasks,
}

impl AppState {
    /// Makes every handle. Nothing is asked of the database or the engine yet.
    #[must_use]
    pub fn new(config: Config, parts: Parts) -> Self {
        let upstream = upstream(&config, &parts.tasks);
        let db = Db::new(parts.db.clone());
        let groups = Groups::new(db.clone(), configured_limits(&config));
        let Identity {
            people,
            sessions,
            providers,
            oidc,
            sign_in,
            oidc_sign_in,
        } = Identity::new(&config, &db, &parts.clock, &groups);
        let desktops = Desktops::new(DesktopsParts {
            db: db.clone(),
            runtime: Arc::clone(&parts.runtime),
            upstream: upstream.clone(),
            catalog: Catalog::new(db.clone()),
            groups: groups.clone(),
            config: config.runtime.clone(),
            tasks: parts.tasks.clone(),
            installation: parts.installation,
        });
        let config = Arc::new(config);
        let sharing = Sharing::new(db.clone(), desktops.clone(), config.http.origin());
        let proxy = Proxy::new(ProxyParts {
            config: Arc::clone(&config),
            sessions: sessions.clone(),
            desktops: desktops.clone(),
            sharing: sharing.clone(),
            client_files: ClientFiles::new(Arc::clone(&parts.runtime), parts.tasks.clone()),
            upstream,
            clock: parts.clock.clone(),
            tasks: parts.tasks.clone(),
        });
        let catalog = Catalog::new(db.clone());
        let (settings, captcha) = settings_and_captcha(&config, &db, &parts.clock);
        let casting = Casting::new(db.clone(), settings.clone());
        Self(Arc::new(Handles {
            audit: Audit::new(db.clone()),
            launcher: Launcher::new(&casting, &desktops, &catalog, &sharing, &sign_in, captcha),
            settings,
            casting,
            catalog,
            tokens: Tokens::new(db, sessions.clone()),
            egress: EgressGuard::of(&parts.runtime, &config.runtime),
            pulls: Pulls::new(parts.runtime, parts.tasks.clone()),
            sharing,
            config,
            proxy,
            db: parts.db,
            people,
            sessions,
            providers,
            oidc,
            sign_in,
            oidc_sign_in,
            groups,
            desktops,
            clock: parts.clock,
            tasks: parts.tasks,
        }))
    }
}

fn settings_and_captcha(config: &Config, db: &Db, clock: &Clock) -> (ServerSettings, Captcha) {
    let seal = Seal::new(config.secret_key.as_ref());
    let settings = ServerSettings::new(db.clone(), seal);
    let (db, set, clock) = (db.clone(), settings.clone(), clock.clone());
    let captcha = Captcha::new(db, set, clock, &config.http.public_url);
    (settings, captcha)
}

fn upstream(config: &Config, tasks: &Tasks) -> Upstream {
    let upstream = Upstream::new(UpstreamLimits::default(), tasks.clone());
    if config.runtime.verify_desktops {
        upstream.checking_certificates()
    } else {
        upstream
    }
}

/// The handles on who people are, which are made of each other.
struct Identity {
    people: People,
    sessions: Sessions,
    providers: Providers,
    oidc: OidcClient,
    sign_in: SignIn,
    oidc_sign_in: OidcSignIn,
}

impl Identity {
    fn new(config: &Config, db: &Db, clock: &Clock, groups: &Groups) -> Self {
        let seal = Seal::new(config.secret_key.as_ref());
        let people = People::new(db.clone());
        let providers = Providers::new(db.clone(), seal.clone());
        let sessions = Sessions::new(db.clone(), clock.clone(), config.http.clone());
        let sign_in = SignIn::new(
            SignInParts {
                db: db.clone(),
                people: people.clone(),
                sessions: sessions.clone(),
                providers: providers.clone(),
                groups: groups.clone(),
            },
            config,
        );
        let oidc = OidcClient::new(clock.clone());
        let oidc_sign_in = OidcSignIn::new(OidcParts {
            db: db.clone(),
            sign_in: sign_in.clone(),
            client: oidc.clone(),
            seal,
            redirect_uri: config.oidc.redirect_uri.clone(),
        });
        Self {
            people,
            sessions,
            providers,
            oidc,
            sign_in,
            oidc_sign_in,
        }
    }
}

/// What the configuration says of everybody, below every group.
fn configured_limits(config: &Config) -> Settings {
    #[expect(clippy::cast_precision_loss, reason = "minutes of at most a year")]
    let minutes = |limit: Option<Duration>| limit.map(|limit| (limit.as_secs() / 60) as f64);
    Settings::default()
        .with_limit(Limit::IdleMinutes, minutes(config.runtime.idle_limit))
        .with_limit(Limit::LifetimeMinutes, minutes(config.runtime.max_lifetime))
}
