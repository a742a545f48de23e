//! The real server on a port of its own.

use std::{net::SocketAddr, sync::Arc};

use deskcast::{
    app::{self, App},
    clock::Clock,
    config::{Config, EnvSource},
    ids::UserId,
    lifecycle::Tasks,
    people::{Role, User},
    runtime::fake::FakeRuntime,
    state::{AppState, Parts},
};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use tokio::net::TcpListener;

use super::client::{Client, Credential};

/// What the first administrator of every test signs in with, as `admin`.
pub(crate) const ADMIN_PASSWORD: &str = "correct horse battery";

/// A server that listens; it ends when this is dropped.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) pool: PgPool,
    pub(crate) engine: FakeRuntime,
    pub(crate) state: AppState,
    tasks: Tasks,
}

impl TestApp {
    /// A server with the defaults, on 127.0.0.1 and a port nobody uses.
    pub(crate) async fn start(pool: PgPool) -> Self {
        Self::start_with(pool, &[]).await
    }

    /// The same with these variables set.
    pub(crate) async fn start_with(pool: PgPool, variables: &[(&str, &str)]) -> Self {
        Self::start_on(pool, None, variables).await
    }

    /// Another server with the same database and the same engine.
    pub(crate) async fn replica(&self, variables: &[(&str, &str)]) -> Self {
        Self::start_on(self.pool.clone(), Some(self.engine.clone()), variables).await
    }

    async fn start_on(
        pool: PgPool,
        engine: Option<FakeRuntime>,
        variables: &[(&str, &str)],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let here = format!("http://{address}");
        let listen = address.to_string();
        let usual = [
            ("DATABASE_URL", "postgres://the.pool.of.the/test"),
            ("LISTEN", &listen),
            ("PUBLIC_URL", &here),
            ("ADMIN_PASSWORD", ADMIN_PASSWORD),
        ];
        let env = usual
            .iter()
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = Config::from_env(env.collect::<EnvSource>()).0.unwrap();
        let installation = app::prepare(&pool).await.unwrap();
        let engine = engine.unwrap_or_else(|| FakeRuntime::new(installation));
        Self::serve(pool, engine, config, listener).await
    }

    async fn serve(
        pool: PgPool,
        engine: FakeRuntime,
        config: Config,
        listener: TcpListener,
    ) -> Self {
        let installation = app::prepare(&pool).await.unwrap();
        let tasks = Tasks::new();
        let parts = Parts {
            runtime: Arc::new(engine.clone()),
            db: pool.clone(),
            installation,
            clock: Clock::system(),
            tasks: tasks.clone(),
        };
        let app = App::build(config, parts).await.unwrap();
        let started = Self {
            address: listener.local_addr().unwrap(),
            pool,
            engine,
            state: app.state.clone(),
            tasks: tasks.clone(),
        };
        tasks.spawn(app.serve(listener));
        started
    }

    /// The tasks of this server: its soft and hard phase.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Nobody: no session, no cookie.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(self.address, Credential::None)
    }

    /// The first administrator's browser.
    pub(crate) async fn admin(&self) -> Client {
        let admin: UserId = sqlx::query_scalar("select id from users where role = 'admin'")
            .fetch_one(&self.pool)
            .await
            .unwrap();
        Client::new(self.address, Credential::Cookie(self.session(admin).await))
    }

    /// A browser in which `name` is signed in; the account is made when it is missing.
    pub(crate) async fn user(&self, name: &str) -> Client {
        let user = self.account(name, Role::User).await;
        Client::new(self.address, Credential::Cookie(self.session(user).await))
    }

    /// A script that shows `name`'s session id in `X-Session-ID`.
    pub(crate) async fn script(&self, name: &str) -> Client {
        let user = self.account(name, Role::User).await;
        Client::new(self.address, Credential::Header(self.session(user).await))
    }

    /// The account of `name`, made when it is missing. It has no password: [`Self::session`] signs it in.
    pub(crate) async fn account(&self, name: &str, role: Role) -> UserId {
        sqlx::query(
            "insert into users (id, slug, username, display_name, role) values ($1, $2, $2, $2, $3)
             on conflict do nothing",
        )
        .bind(UserId::new())
        .bind(name)
        .bind(role)
        .execute(&self.pool)
        .await
        .unwrap();
        sqlx::query_scalar("select id from users where username = $1")
            .bind(name)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// A new session of `user`, as signing in begins it.
    pub(crate) async fn session(&self, user: UserId) -> String {
        let user: User = self.state.people.user(user).await.unwrap().unwrap();
        let head = axum::http::Request::new(()).into_parts().0;
        let session = self.state.sessions.begin(&user, None, &head).await.unwrap();
        session.id.expose_secret().to_owned()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Connections and upkeep give the database back, so that the test's own can be removed.
        self.tasks.soft().cancel();
        self.tasks.hard().cancel();
    }
}
