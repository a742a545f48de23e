//! OpenID providers, as administrators edit them: data for programs (`api`), pages for people (`pages`).

mod api;
mod body;
mod form;
mod pages;

pub(super) use api::api;
pub(super) use pages::pages;

use crate::{
    error::Result,
    ids::OidcProviderId,
    providers::{ProviderError, Providers, StoredProvider},
};

/// The provider, or 404.
async fn known(providers: &Providers, id: OidcProviderId) -> Result<StoredProvider> {
    let stored = providers.find(id).await?;
    Ok(stored.ok_or(ProviderError::Unknown)?)
}
