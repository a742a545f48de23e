//! A desktop without anything in front of it, reached with the server's own connector.

use std::{net::SocketAddr, time::Duration};

use anyhow::ensure;
use axum::body::Body;
use deskcast::{
    lifecycle::Tasks,
    upstream::{Account, Endpoint, NotReady, Upstream, UpstreamLimits},
};
use http::{HeaderValue, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, sleep};

use super::viewer::{KEY, Viewer};

/// Between two looks whether it is ready.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const READY_LIMIT: Duration = Duration::from_mins(1);

/// A way to one desktop.
#[derive(Clone, Debug)]
pub(crate) struct Direct {
    upstream: Upstream,
    endpoint: Endpoint,
}

impl Direct {
    /// To a desktop that listens there.
    pub(crate) fn to(address: SocketAddr, password: &str) -> Self {
        Self {
            upstream: Upstream::new(UpstreamLimits::default(), Tasks::new()),
            endpoint: Endpoint {
                address,
                tls: true,
                account: Some(Account {
                    user: "kasm_user".into(),
                    password: password.into(),
                }),
            },
        }
    }

    /// Waits for the first answer to an authenticated request.
    pub(crate) async fn ready(&self) -> anyhow::Result<()> {
        let until = Instant::now() + READY_LIMIT;
        loop {
            match self.upstream.probe(&self.endpoint).await {
                Ok(()) => return Ok(()),
                Err(NotReady::NotYet | NotReady::Silent) => {}
                Err(refused @ NotReady::WrongPassword) => return Err(refused.into()),
            }
            ensure!(Instant::now() < until, "not ready within {READY_LIMIT:?}");
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Opens its stream.
    pub(crate) async fn open(&self) -> anyhow::Result<Viewer> {
        let request = Request::builder()
            .uri("/websockify")
            .header(header::HOST, self.endpoint.host())
            .header(header::ORIGIN, self.endpoint.origin())
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, KEY)
            .header(header::SEC_WEBSOCKET_PROTOCOL, "binary")
            .header(header::AUTHORIZATION, self.basic())
            .body(Body::empty())?;
        let answer = self.upstream.send(&self.endpoint, request).await?;
        ensure!(
            answer.status() == StatusCode::SWITCHING_PROTOCOLS,
            "{}",
            answer.status()
        );
        let upgraded = hyper::upgrade::on(answer).await?;
        Ok(Viewer::new(TokioIo::new(upgraded)))
    }

    /// Whoever stands in front of this desktop must show it the same.
    pub(crate) fn basic(&self) -> HeaderValue {
        let account = self.endpoint.account.as_ref();
        account.map_or(HeaderValue::from_static(""), Account::basic)
    }
}
