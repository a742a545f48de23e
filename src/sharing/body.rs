//! Shares as programs see them, and refusals as errors.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{Access, MOST_LINKS, ShareError, ShareLink, ShareVisitor};
use crate::{error::AppError, ids::ShareId, language::Sentence, say};

/// What is to be shared.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareBody {
    /// Slug of a desktop type; when not given, the desktop used last.
    pub desktop_type: Option<String>,
    /// What visitors may do.
    #[serde(default)]
    pub access: Access,
    /// Seconds the link holds; 8 hours when not given. It ends with the desktop in any case.
    #[schema(minimum = 60, maximum = 604_800)]
    pub expires_in: Option<i64>,
}

/// A link that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct ShareMade {
    pub success: bool,
    /// Names it, for ending it.
    pub id: ShareId,
    /// What to pass on. It is never shown again.
    #[schema(example = "https://desk.example/share/Zk3v9…")]
    pub url: String,
    pub access: Access,
    pub desktop_type: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// A link that holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShareEntry {
    id: ShareId,
    access: Access,
    desktop_type: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    /// Who joined, in the order they did.
    visitors: Vec<VisitorEntry>,
}

/// Somebody who joined.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitorEntry {
    /// As others see them.
    name: String,
    /// When they joined first.
    #[serde(with = "time::serde::rfc3339")]
    joined_at: OffsetDateTime,
}

/// The caller's links.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShareList {
    pub success: bool,
    pub shares: Vec<ShareEntry>,
}

/// A link was ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShareEnded {
    pub success: bool,
    pub message: &'static str,
}

impl From<ShareLink> for ShareEntry {
    fn from(link: ShareLink) -> Self {
        Self {
            id: link.id,
            access: link.access,
            desktop_type: link.desktop_type,
            created_at: link.created_at,
            expires_at: link.expires_at,
            visitors: link.visitors.into_iter().map(VisitorEntry::from).collect(),
        }
    }
}

impl From<ShareVisitor> for VisitorEntry {
    fn from(visitor: ShareVisitor) -> Self {
        Self {
            name: visitor.name,
            joined_at: visitor.joined_at,
        }
    }
}

impl ShareError {
    /// What people read.
    pub(super) fn sentence(&self) -> Sentence {
        match self {
            Self::Unknown => say!("share-no-desktop"),
            Self::NotRunning => say!("share-not-running"),
            Self::NotAllowed => say!("share-not-allowed"),
            Self::OwnPage => say!("share-own-page"),
            Self::TooMany => say!("share-too-many", most = MOST_LINKS),
            Self::Invalid(_) => say!("title-invalid"),
            Self::Database(_) => say!("error-internal"),
        }
    }
}

impl From<ShareError> for AppError {
    fn from(error: ShareError) -> Self {
        let sentence = error.sentence();
        match error {
            ShareError::Unknown => Self::NotFound(sentence),
            ShareError::NotRunning => Self::Conflict {
                code: "not_running",
                sentence,
            },
            ShareError::NotAllowed | ShareError::OwnPage => Self::BadRequest {
                status: StatusCode::FORBIDDEN,
                code: "sharing_not_allowed",
                sentence,
            },
            ShareError::TooMany => Self::Conflict {
                code: "too_many_shares",
                sentence,
            },
            ShareError::Invalid(problems) => Self::Invalid(problems),
            ShareError::Database(error) => error.into(),
        }
    }
}

/// The one answer for a link that does not exist and for one that is somebody else's.
pub(super) fn unknown() -> AppError {
    AppError::not_found(say!("share-unknown"))
}
