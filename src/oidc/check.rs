//! Trying a provider without signing in: asks for the documents that [`crate::providers::check`] reads.

use url::Url;

use super::OidcClient;
use crate::{
    calls::{CallFault, PlainHttp},
    providers::{
        StoredProvider,
        check::{self, Asked, Report},
    },
};

impl OidcClient {
    /// What can be said of a provider from here. What was remembered of it does not count.
    pub async fn check(&self, stored: &StoredProvider) -> Report {
        let discovery = match check::discovery_address(&stored.provider) {
            Some(url) => Some(self.document(url).await),
            None => None,
        };
        let keys = match check::keys_address(&stored.provider, discovery.as_ref()) {
            Some(url) => Some(self.document(url).await),
            None => None,
        };
        check::report(stored, discovery.as_ref(), keys.as_ref())
    }

    async fn document(&self, url: Url) -> Asked {
        let reply = self
            .inner
            .http
            .get(&url, None, PlainHttp::ThisMachine)
            .await;
        let answer = match reply {
            // A site that answers every address with its start page has no such document.
            Ok(reply) if reply.kind == "text/html" => Ok((404, Vec::new())),
            Ok(reply) => Ok((reply.status.as_u16(), reply.body.to_vec())),
            Err(fault) => Err(cause(fault, &url)),
        };
        Asked { url, answer }
    }
}

/// What is wrong, without the address, which stands in the sentence already.
fn cause(fault: CallFault, url: &Url) -> String {
    let (CallFault::Away(words) | CallFault::Unusable(words)) = fault;
    let place = format!("{url}: ");
    words.strip_prefix(&place).unwrap_or(&words).to_owned()
}
