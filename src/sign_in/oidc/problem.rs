//! Why a sign-in with a provider does not succeed, in words somebody can act on.
//!
//! `Display` is the cause, for the log and for an administrator who tries a provider; [`Problem::sentence`] is for
//! whoever wanted to sign in and never says more than they need.

use super::accounts::NotAdmitted;
use crate::{
    db,
    language::Sentence,
    oidc::{Fault, claims::ClaimsProblem, exchange::TokenError},
    providers::{ProviderFault, seal::SealError},
    say,
};

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// The answer belongs to no sign-in that is under way.
    #[error("no sign-in is under way: {0}")]
    Stale(&'static str),
    /// The sign-in began in another browser.
    #[error("the sign-in began in another browser")]
    OtherBrowser,
    /// The person said no, at the provider.
    #[error("cancelled at the provider: {0}")]
    Cancelled(String),
    /// The provider said no.
    #[error("the provider refused: {0}")]
    Said(String),
    /// The provider is away, unusable or not to be trusted.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The code is not good any more.
    #[error("the code was refused: {0}")]
    Code(String),
    /// What the provider says describes nobody.
    #[error(transparent)]
    Claims(#[from] ClaimsProblem),
    /// The person may not come in.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
    /// The client's secret cannot be read.
    #[error("the client secret of {provider}: {cause}")]
    Secret {
        /// Whose.
        provider: String,
        /// Why.
        cause: SealError,
    },
    /// A stored token cannot be read.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The administrator who tries a provider is not there any more.
    #[error("a trial of somebody who is not signed in as an administrator")]
    NoTester,
    /// Too many sign-ins began from one address.
    #[error("too many sign-ins from one address")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<ProviderFault> for Problem {
    fn from(fault: ProviderFault) -> Self {
        match fault {
            ProviderFault::Secret {
                name: provider,
                cause,
            } => Self::Secret { provider, cause },
            ProviderFault::Database(error) => Self::Database(error),
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Fault(fault) => Self::Fault(fault),
            TokenError::Grant(said) => Self::Code(said),
            TokenError::Client(said) => Self::Fault(Fault::Refused(said)),
        }
    }
}

/// How grave it is, and so which status and sign the page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Start again.
    Again,
    /// Not this person.
    NotYou,
    /// Slowly.
    Slowly,
    /// Something is away for a while.
    Away,
    /// The provider, or its row here, needs an administrator.
    Broken,
    /// A fault of ours.
    Ours,
}

impl Kind {
    /// Somebody has to repair something.
    pub(super) fn is_grave(self) -> bool {
        matches!(self, Self::Away | Self::Broken | Self::Ours)
    }

    /// It only takes time.
    pub(super) fn is_slow(self) -> bool {
        self == Self::Slowly
    }
}

impl Problem {
    /// What happened, in a few words.
    pub(super) fn title(&self) -> Sentence {
        match self.kind() {
            Kind::Again => say!("oidc-title-again"),
            Kind::NotYou => say!("oidc-title-not-you"),
            Kind::Slowly => say!("title-slow-down"),
            Kind::Away => say!("oidc-title-away"),
            Kind::Broken => say!("oidc-title-broken"),
            Kind::Ours => say!("title-internal"),
        }
    }

    /// What to do. `provider` is its name, where it is known.
    pub(super) fn sentence(&self, provider: Option<&str>) -> Sentence {
        let name = provider.map_or_else(
            || say!("oidc-some-provider"),
            |name| Sentence::plain(name.to_owned()),
        );
        match self {
            Self::Stale(_) | Self::Code(_) => say!("oidc-stale"),
            Self::OtherBrowser => say!("oidc-other-browser"),
            Self::Cancelled(_) => say!("oidc-cancelled", provider = name),
            Self::Said(_) => say!("oidc-refused", provider = name),
            Self::Fault(Fault::Away(_)) => say!("oidc-away", provider = name),
            Self::Fault(Fault::Unusable(_)) => say!("oidc-unusable", provider = name),
            Self::Fault(Fault::Untrusted(_)) => say!("oidc-untrusted", provider = name),
            Self::Fault(Fault::Refused(_)) | Self::Sealed(_) => {
                say!("oidc-misconfigured", provider = name)
            }
            Self::Secret { provider, .. } => {
                say!("oidc-misconfigured", provider = provider.as_str())
            }
            Self::Claims(problem) => {
                say!("oidc-claims", provider = name, problem = problem.sentence())
            }
            Self::NotAdmitted(NotAdmitted::NotProvisioned) => say!("oidc-not-provisioned"),
            Self::NotAdmitted(NotAdmitted::NotAllowed) => say!("oidc-not-allowed"),
            Self::NotAdmitted(NotAdmitted::Disabled) => say!("oidc-disabled"),
            Self::NoTester => say!("oidc-no-tester"),
            Self::TooMany => say!("oidc-too-many"),
            Self::Database(error) if db::is_away(error) => say!("error-database-away"),
            Self::Database(_) => say!("error-internal"),
        }
    }

    /// How grave it is.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Stale(_)
            | Self::OtherBrowser
            | Self::Cancelled(_)
            | Self::Code(_)
            | Self::NoTester => Kind::Again,
            Self::NotAdmitted(_) | Self::Said(_) => Kind::NotYou,
            Self::TooMany => Kind::Slowly,
            Self::Fault(Fault::Away(_)) => Kind::Away,
            Self::Fault(_) | Self::Claims(_) | Self::Secret { .. } | Self::Sealed(_) => {
                Kind::Broken
            }
            Self::Database(error) if db::is_away(error) => Kind::Away,
            Self::Database(_) => Kind::Ours,
        }
    }
}
