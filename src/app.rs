//! Wiring: the handles, the router, all layers, the background tasks.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::FromRef,
    http::{Method, header},
    response::IntoResponse,
};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    account, admin,
    auth::{
        self, Login,
        local::{FirstAdminMade, SignInError},
        oidc::{Oidc, OidcParts},
        seal::Seal,
    },
    catalog::Catalog,
    clock::Clock,
    config::Config,
    db,
    desktops::{self, Desktops, DesktopsParts},
    groups::{Groups, Limit, Settings},
    hints::Hints,
    ids::InstallationId,
    lifecycle::Tasks,
    proxy::{self, ClientFiles},
    runtime::{DesktopRuntime, Pulls},
    sharing::{self, Sharing},
    upstream::{Upstream, UpstreamLimits},
    web::{
        error_page, health, layers,
        routes::{Declared, Routes},
        serve::{self, ServeLimits},
        statics,
    },
};

/// What handlers ask for, each only the handle it uses.
#[derive(Clone, Debug, FromRef)]
pub struct AppState {
    /// The configuration.
    pub config: Arc<Config>,
    /// The pool, for `/readyz` only; every capability has its own handle.
    pub db: PgPool,
    /// Who is calling.
    pub login: Login,
    /// Signing in with providers.
    pub oidc: Oidc,
    /// What applies to whom.
    pub groups: Groups,
    /// What can be started.
    pub catalog: Catalog,
    /// Start, stop, find.
    pub desktops: Desktops,
    /// Who else may look at a desktop.
    pub sharing: Sharing,
    /// Images being fetched.
    pub pulls: Pulls,
    /// Connections to desktops.
    pub upstream: Upstream,
    /// The web clients of VNC desktops, taken from their images.
    pub client_files: ClientFiles,
    /// The time.
    pub clock: Clock,
    /// Owner of everything that runs.
    pub tasks: Tasks,
}

/// What tests replace and `main` makes real.
#[derive(Debug)]
pub struct Parts {
    /// What runs containers.
    pub runtime: Arc<dyn DesktopRuntime>,
    /// A database [`prepare`] has been called on.
    pub db: PgPool,
    /// Which installation that database is, as [`prepare`] answered.
    pub installation: InstallationId,
    /// The time.
    pub clock: Clock,
    /// Owner of everything that runs.
    pub tasks: Tasks,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The schema could not be brought up to date.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A first read or write failed.
    #[error("the database failed during the start: {0}")]
    Database(#[from] sqlx::Error),
    /// The first administrator could not be made.
    #[error("the first administrator could not be made: {0}")]
    FirstAdmin(#[from] SignInError),
}

/// Brings the schema up to date and answers which installation this is: the engine's containers are told apart by it.
pub async fn prepare(db: &PgPool) -> Result<InstallationId, StartupError> {
    db::migrate(db).await?;
    Ok(db::installation(&mut *db.acquire().await?).await?)
}

/// A server that is ready to listen.
#[derive(Debug)]
pub struct App {
    /// The handles.
    pub state: AppState,
    /// The administrator, when this start made one.
    pub first_admin: Option<FirstAdminMade>,
    router: Router,
}

impl App {
    /// Makes the handles, fills an empty catalogue, makes the first administrator and the configured provider, and starts the background tasks on
    /// `parts.tasks`. Nothing listens yet.
    pub async fn build(config: Config, parts: Parts) -> Result<Self, StartupError> {
        let state = state(config, parts);
        state.catalog.seed(&state.config.catalog).await?;
        let first = &state.config.first_admin;
        let first_admin = state.login.ensure_first_admin(first).await?;
        state.login.prepare_providers(&state.config.oidc).await?;
        start_tasks(&state);
        Ok(Self {
            router: router(state.clone()),
            first_admin,
            state,
        })
    }

    /// Serves `listener` until the soft phase of shutdown begins; what is under way then goes on as tasks.
    pub async fn serve(self, listener: TcpListener) {
        let tasks = self.state.tasks.clone();
        serve::serve(listener, self.router, tasks, ServeLimits::default()).await;
    }
}

fn state(config: Config, parts: Parts) -> AppState {
    let Parts {
        runtime,
        db,
        installation,
        clock,
        tasks,
    } = parts;
    let mut upstream = Upstream::new(UpstreamLimits::default(), tasks.clone());
    if config.runtime.verify_desktops {
        upstream = upstream.checking_certificates();
    }
    let catalog = Catalog::new(db.clone());
    let login = Login::new(db.clone(), clock.clone(), &config);
    let oidc = Oidc::new(OidcParts {
        db: db.clone(),
        login: login.clone(),
        seal: Seal::new(config.secret_key.as_ref()),
        clock: clock.clone(),
        redirect_uri: config.oidc.redirect_uri.clone(),
    });
    let groups = Groups::new(db.clone(), configured_limits(&config));
    let desktops = Desktops::new(DesktopsParts {
        db: db.clone(),
        runtime: Arc::clone(&runtime),
        upstream: upstream.clone(),
        catalog: catalog.clone(),
        groups: groups.clone(),
        config: config.runtime.clone(),
        tasks: tasks.clone(),
        installation,
    });
    AppState {
        client_files: ClientFiles::new(Arc::clone(&runtime), tasks.clone()),
        login,
        oidc,
        sharing: Sharing::new(db.clone(), desktops.clone(), config.http.origin()),
        desktops,
        pulls: Pulls::new(runtime, tasks.clone()),
        config: Arc::new(config),
        db,
        groups,
        catalog,
        upstream,
        clock,
        tasks,
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

/// What runs besides requests. The server stops when one of these ends by itself.
fn start_tasks(state: &AppState) {
    let AppState {
        login,
        oidc,
        desktops,
        sharing,
        db,
        clock,
        tasks,
        ..
    } = state;
    // Whoever wants to hear of something says so before listening begins.
    let mut hints = Hints::new();
    desktops::feed::spawn(desktops, &mut hints, clock, tasks);
    tasks.spawn_critical("hints", hints.listen(db.clone(), tasks.soft()));
    desktops::upkeep::spawn(desktops, tasks);
    tasks.spawn_critical("sign-outs", login.clone().listen(tasks.soft()));
    tasks.spawn_critical("renewals", oidc.clone().keep_fresh(tasks.soft()));
    tasks.spawn_critical("shares", sharing.clone().watch(tasks.soft()));
    let sweep = sweep(login.clone(), oidc.clone(), sharing.clone(), tasks.soft());
    tasks.spawn_critical("sweep", sweep);
}

/// How often what no longer matters is forgotten.
const SWEEP: Duration = Duration::from_mins(1);

async fn sweep(login: Login, oidc: Oidc, sharing: Sharing, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(SWEEP))
        .await
        .is_some()
    {
        if let Err(error) = login.sweep().await {
            tracing::debug!(%error, "old sessions stay for another minute");
        }
        if let Err(error) = oidc.sweep().await {
            tracing::debug!(%error, "old sign-ins stay for another minute");
        }
        if let Err(error) = sharing.sweep().await {
            tracing::debug!(%error, "old shares stay for another minute");
        }
    }
}

/// Longest any handler of a page or of the API may take, besides what a start is told to wait.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

fn router(state: AppState) -> Router {
    let http = &state.config.http;
    let (api, description) = api().split_for_parts();
    let pages_and_api = pages()
        .merge(description_route(&description))
        .into_router()
        .merge(api)
        .fallback(error_page::nothing_here);
    let limit = REQUEST_LIMIT + state.config.runtime.start_wait;
    let all = layers::around_pages_and_api(pages_and_api, http, limit)
        .merge(beside_pages(needs(&state)).into_router())
        .method_not_allowed_fallback(error_page::wrong_method);
    layers::around_all(all, http).with_state(state)
}

/// What people open and send with a browser.
fn pages() -> Routes<AppState> {
    auth::routes::pages()
        .merge(account::pages())
        .merge(admin::pages())
        .merge(desktops::dashboard::pages())
        .merge(sharing::pages())
}

/// Desktops, files and health: without the limits of pages.
fn beside_pages(needs: Vec<health::Part>) -> Routes<AppState> {
    proxy::routes()
        .merge(health::routes(needs))
        .merge(statics::routes())
}

/// Every route there is. `tests/it/matrix.rs` says for each who may use it, and fails for one it does not know.
#[must_use]
pub fn routes() -> Vec<Declared> {
    let description = description();
    let mut all = pages()
        .merge(description_route(&description))
        .merge(beside_pages(Vec::new()))
        .declared()
        .to_vec();
    for (path, item) in &description.paths.paths {
        let methods = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
            (Method::HEAD, &item.head),
            (Method::OPTIONS, &item.options),
        ];
        let used = methods
            .into_iter()
            .filter(|(_, operation)| operation.is_some());
        all.extend(used.map(|(method, _)| Declared {
            method: Some(method),
            path: path.clone(),
        }));
    }
    all
}

/// What `/readyz` asks.
fn needs(state: &AppState) -> Vec<health::Part> {
    let AppState {
        db,
        desktops,
        tasks,
        ..
    } = state.clone();
    let part = |name, limit, ask| health::Part { name, limit, ask };
    vec![
        part(
            "database",
            health::DATABASE_LIMIT,
            Arc::new(move || {
                let db = db.clone();
                Box::pin(async move {
                    db::answers(&db)
                        .await
                        .map_err(|_| "the database does not answer".to_owned())
                })
            }),
        ),
        part(
            "runtime",
            health::RUNTIME_LIMIT,
            Arc::new(move || {
                let runtime = Arc::clone(desktops.runtime());
                Box::pin(async move {
                    runtime
                        .ping()
                        .await
                        .map_err(|_| "the container engine does not answer".to_owned())
                })
            }),
        ),
        part(
            "draining",
            Duration::ZERO,
            Arc::new(move || {
                let draining = tasks.draining();
                Box::pin(std::future::ready(if draining {
                    Err("this server is being stopped".to_owned())
                } else {
                    Ok(())
                }))
            }),
        ),
    ]
}

/// The whole API with its description: what every capability offers to programs.
fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(auth::routes::api())
        .merge(desktops::api::api())
        .merge(sharing::api())
        .merge(admin::api())
}

/// The description of the API: `/api/openapi.json`.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    api().into_openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Deskcast",
        description = "Remote desktops in the browser. Errors are JSON with a sentence for people and a stable word for programs.",
    ),
    security(("cookie" = []), ("header" = []), ("bearer" = []), ("query" = [])),
    modifiers(&Credentials),
    components(schemas(error_page::ErrorBody)),
)]
struct Description;

/// The four ways to show a session id or an API token (contract http-api 1).
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let key = |name: &str, note: &str| ApiKeyValue::with_description(name, note);
        let cookie = ApiKey::Cookie(key(
            "__Host-deskcast",
            "Browsers. Over plain http on this machine its name is deskcast. Changes must come from our own pages.",
        ));
        let header = ApiKey::Header(key(
            "X-Session-ID",
            "Scripts: a session id or an API token.",
        ));
        let query = ApiKey::Query(key(
            "session_id",
            "Old scripts; ALLOW_SESSION_ID_QUERY=false switches it off.",
        ));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        for (name, scheme) in [
            ("cookie", SecurityScheme::ApiKey(cookie)),
            ("header", SecurityScheme::ApiKey(header)),
            ("bearer", SecurityScheme::Http(bearer)),
            ("query", SecurityScheme::ApiKey(query)),
        ] {
            components.add_security_scheme(name, scheme);
        }
    }
}

/// The description never changes while the server runs: it is written once.
fn description_route(description: &utoipa::openapi::OpenApi) -> Routes<AppState> {
    let text: Arc<str> = description
        .to_json()
        .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
        .into();
    let answer = move || {
        let text = text.to_string();
        async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() }
    };
    Routes::new().get("/api/openapi.json", answer)
}
