//! Identifiers with types, so that a user's id is never passed where a desktop's is meant.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema,
        )]
        #[sqlx(transparent)]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id; ids made later sort later (UUID version 7).
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A person's account.
    UserId
);
id!(
    /// A link of a cast that serves once.
    CastLinkId
);
id!(
    /// An OpenID provider.
    OidcProviderId
);
id!(
    /// A group of people.
    GroupId
);
id!(
    /// One person's container of one type.
    DesktopId
);
id!(
    /// An entry of the catalogue.
    DesktopTypeId
);
id!(
    /// A named key for scripts.
    ApiTokenId
);
id!(
    /// A browser or script that is signed in, as its owner sees it; never the session's id.
    SignInId
);
id!(
    /// An invitation to a desktop.
    ShareId
);
id!(
    /// A link that starts a desktop.
    CastId
);
id!(
    /// A line of the log of casts.
    CastLogId
);
id!(
    /// Somebody's look at somebody else's desktop.
    LookId
);
id!(
    /// This installation: the database it works on.
    InstallationId
);
id!(
    /// One attempt at a start or a stop; holds the lease of the desktop it works on.
    WorkerId
);
id!(
    /// One page of a cast's link as it was shown: makes at most one desktop. Its first half says when that was.
    LaunchId
);
