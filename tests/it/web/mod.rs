//! What happens around every request, whatever it asks for.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    routing::{MethodRouter, get},
};
use deskcast::{
    config::{Config, EnvSource, HttpConfig},
    lifecycle::Tasks,
    web::{
        error_page, layers,
        serve::{ServeLimits, serve},
        statics,
    },
};
use hyper::{Method, StatusCode};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::support::{Client, Credential, Logs, TestApp, raw};

mod bounds;
mod errors;
mod headers;
mod operation;
mod origins;
mod shutdown;
mod vendored;

/// A server of two routes behind the real layers, for what no route of ours does on purpose.
struct Small {
    address: SocketAddr,
    tasks: Tasks,
}

impl Small {
    async fn start(router: Router) -> Self {
        Self::start_with(router, Duration::from_secs(30), ServeLimits::default()).await
    }

    async fn start_with(router: Router, limit: Duration, limits: ServeLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let http = http_config(address);
        let router =
            layers::around_pages_and_api(router.fallback(error_page::nothing_here), &http, limit)
                .merge(statics::routes().into_router());
        let router = layers::around_all(router, &http, deskcast::app::branches::branch);
        let tasks = Tasks::new();
        tasks.spawn(serve(listener, router, tasks.clone(), limits));
        Self { address, tasks }
    }

    fn client(&self) -> Client {
        Client::new(self.address, Credential::None)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.tasks.soft().cancel();
        self.tasks.hard().cancel();
    }
}

/// A route that tells `inside` of each request, and never answers.
fn endless(inside: &Arc<Notify>) -> MethodRouter {
    let inside = Arc::clone(inside);
    get(async move || {
        inside.notify_one();
        std::future::pending::<String>().await
    })
}

fn http_config(address: SocketAddr) -> HttpConfig {
    let env: EnvSource = [
        ("DATABASE_URL", "postgres://unused".to_owned()),
        ("LISTEN", address.to_string()),
        ("DESKTOP_PORTS", "7000-7001".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect();
    Config::from_env(env).0.unwrap().http
}
