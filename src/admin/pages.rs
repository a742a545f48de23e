//! The administration's pages have one frame; each page says which section it is.

/// A section of the administration, as its navigation marks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// `/admin`
    Overview,
    /// `/admin/casts`
    Casts,
    /// `/admin/users`
    Users,
    /// `/admin/groups`
    Groups,
    /// `/admin/openid`
    OpenId,
    /// `/admin/audit`
    Audit,
    /// `/admin/settings`
    Settings,
}
