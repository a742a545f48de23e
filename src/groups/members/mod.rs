//! Who is in a group.

pub(super) mod store;

use crate::ids::UserId;

/// A member, as lists show them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Member {
    /// Their id.
    pub id: UserId,
    /// What they sign in with.
    pub username: String,
    /// What others see.
    pub display_name: String,
}
