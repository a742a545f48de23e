//! Asking a provider for the documents that everybody may read.

use std::time::Duration;

use axum::body::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use url::Url;

use super::{
    StoredProvider,
    check::{self, Asked, Report},
};
use crate::{auth::Login, error::BoxError};

/// How long a provider may take for one answer, its body included.
const CALL: Duration = Duration::from_secs(5);

/// The largest answer that is read.
const LARGEST: usize = 1024 * 1024;

impl Login {
    /// Tries a provider without signing in.
    pub async fn check_provider(&self, stored: &StoredProvider) -> Report {
        let discovery = match check::discovery_address(&stored.provider) {
            Some(url) => Some(ask(url).await),
            None => None,
        };
        let keys = match check::keys_address(&stored.provider, discovery.as_ref()) {
            Some(url) => Some(ask(url).await),
            None => None,
        };
        check::report(stored, discovery.as_ref(), keys.as_ref())
    }
}

async fn ask(url: Url) -> Asked {
    let answer = tokio::time::timeout(CALL, read(&url)).await;
    let answer = match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", CALL.as_secs())),
    };
    Asked { url, answer }
}

async fn read(url: &Url) -> Result<(u16, Vec<u8>), BoxError> {
    let ring = rustls::crypto::ring::default_provider();
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(ring)?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(connector);
    let answer = client.get(url.as_str().parse()?).await?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), LARGEST).collect().await?;
    Ok((status, body.to_bytes().to_vec()))
}
