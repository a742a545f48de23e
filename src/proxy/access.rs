//! Who may look at a desktop, and the proof that somebody may.

use std::{borrow::Cow, sync::Arc};

use axum::http::request::Parts;

use crate::{
    catalog::{ClientKind, DesktopType},
    desktops::{
        Desktop, Desktops, LiveDesktop,
        looks::{LookError, LookRole},
        lookup::Lookup,
    },
    error::AppError,
    ids::UserId,
    people::User,
    say,
    sessions::{Accepts, Caller, NoCaller, SessionEnd, Sessions},
    sharing::{self, Invitation, ShareEnd, Sharing},
    upstream::Endpoint,
};

/// What somebody is to a desktop they may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Its owner.
    Owner,
    /// An administrator who looks at somebody else's.
    Administrator,
    /// Somebody who came by a link of its owner.
    Visitor(sharing::Access),
}

/// Why somebody may not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// It does not exist as far as they can tell.
    Unknown,
    /// An administrator, but the page would be written by the container.
    HostilePage,
}

/// Whether `user` may look at a desktop of `owner`; `invited` is what a link they joined by allows, if there is one.
pub(crate) fn decide(
    user: &User,
    owner: UserId,
    client: ClientKind,
    invited: Option<sharing::Access>,
) -> Result<Access, Denied> {
    match (user.id == owner, user.is_admin(), client, invited) {
        (true, ..) => Ok(Access::Owner),
        (false, true, ClientKind::Vnc, _) => Ok(Access::Administrator),
        // Its owner controls that page, and it would run with the administrator's session (T53).
        (false, true, ClientKind::Passthrough, _) => Err(Denied::HostilePage),
        (false, false, ClientKind::Vnc, Some(access)) => Ok(Access::Visitor(access)),
        // A visitor's session is worth as much: no link leads to a page that a container wrote.
        (false, false, ..) => Err(Denied::Unknown),
    }
}

/// The proof that this request may reach this running desktop. Only [`authorize`] makes one, and everything that
/// talks to a container takes one by value: reaching a container without it does not compile (T20).
#[derive(Debug)]
pub(crate) struct Grant {
    live: Arc<LiveDesktop>,
    caller: Caller,
    access: Access,
    invitation: Option<Invitation>,
    /// Whether an administrator has taken control; nothing for everybody else.
    controls: bool,
}

impl Grant {
    /// The desktop.
    pub(crate) fn live(&self) -> &Arc<LiveDesktop> {
        &self.live
    }

    /// Who asked.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether it is their own.
    pub(crate) fn is_own(&self) -> bool {
        self.access == Access::Owner
    }

    /// Whether they may only look: nothing they send counts.
    pub(crate) fn only_looks(&self) -> bool {
        match self.access {
            Access::Owner | Access::Visitor(sharing::Access::Control) => false,
            Access::Visitor(sharing::Access::ViewOnly) => true,
            Access::Administrator => !self.controls,
        }
    }

    /// As what somebody looks at what is not theirs; nothing for the owner.
    pub(crate) fn looks_as(&self) -> Option<LookRole> {
        match self.access {
            Access::Owner => None,
            Access::Administrator => Some(LookRole::Administrator),
            Access::Visitor(_) => Some(LookRole::Visitor),
        }
    }

    /// The same grant of an administrator who has taken control, or has not. It is a grant without control until this
    /// is said, so that what forgets to ask allows less.
    pub(crate) fn with_control(self, controls: bool) -> Self {
        Self { controls, ..self }
    }

    /// The link a visitor came by.
    pub(crate) fn invitation(&self) -> Option<&Invitation> {
        self.invitation.as_ref()
    }

    /// Where the desktop answers, with the account that allows what this grant does and no more.
    pub(crate) fn endpoint(&self) -> Cow<'_, Endpoint> {
        if self.only_looks() {
            Cow::Owned(self.live.endpoint.for_viewing())
        } else {
            Cow::Borrowed(&self.live.endpoint)
        }
    }

    /// Cancelled when the caller may no longer look as far as it is about themselves: the session is gone, or for an
    /// administrator the role.
    pub(crate) fn ended(&self, sessions: &Sessions) -> SessionEnd {
        match self.access {
            Access::Owner | Access::Visitor(_) => sessions.ended(&self.caller),
            Access::Administrator => sessions.ended_or_demoted(&self.caller),
        }
    }

    /// Cancelled when a visitor's link holds no more; nothing for everybody else.
    pub(crate) fn share_over(&self, sharing: &Sharing) -> Option<ShareEnd> {
        let invitation = self.invitation.as_ref()?;
        Some(sharing.ended(invitation.share, self.caller.user.id))
    }
}

/// What a permitted request meets.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A running desktop.
    Running(Grant),
    /// One that is starting or has ended.
    NotRunning(Visit),
}

/// A permitted look at a desktop that cannot be reached.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The desktop.
    pub(crate) desktop: Box<Desktop>,
    /// Its entry of the catalogue.
    pub(crate) kind: Box<DesktopType>,
    /// Who asked.
    pub(crate) caller: Caller,
    access: Access,
}

impl Visit {
    /// Whether it is their own; otherwise an administrator looks on.
    pub(crate) fn is_own(&self) -> bool {
        self.access == Access::Owner
    }
}

/// Decides about the request with this head. Unknown desktops and other people's give the same error. What is live
/// here needs no database; who is calling needs it only when the answer is not remembered.
///
/// Whether somebody who is neither the owner nor an administrator was invited is asked of the database each time, so
/// that a link that was revoked lets nobody in any more.
pub(crate) async fn authorize(
    sessions: &Sessions,
    desktops: &Desktops,
    sharing: &Sharing,
    head: &Parts,
    name: &str,
) -> Result<Entry, Stop> {
    let caller = sessions
        .caller(head, Accepts::CookieOnly)
        .await
        .map_err(|error| match error {
            NoCaller::Unauthenticated(_) => Stop::NotSignedIn,
            NoCaller::Database(error) => Stop::Error(error.into()),
            NoCaller::TooMany(why) => Stop::Error(why.into()),
        })?;
    let found = desktops
        .live_by_name(name)
        .await
        .map_err(|error| Stop::Error(error.into()))?;
    match found {
        Lookup::Live(mut live) => {
            let invitation = invitation(sharing, &caller, &live).await?;
            if invitation.is_none() && is_stranger(&caller, &live) {
                // Kept a moment ago, perhaps, by another server.
                let now = desktops.in_other_hands(&live).await;
                let now = now.map_err(|error| Stop::Error(error.into()))?;
                live = now.unwrap_or(live);
            }
            let invited = invitation.as_ref().map(|invitation| invitation.access);
            let access = match permit(&caller, live.owner(), live.kind.client, invited) {
                Ok(access) => access,
                Err(stop) => {
                    return Err(refuse(sharing, &caller, &live.desktop, stop).await?);
                }
            };
            Ok(Entry::Running(Grant {
                live,
                caller,
                access,
                invitation,
                controls: false,
            }))
        }
        Lookup::NotRunning(desktop, kind) => {
            // Links end with the desktop.
            let access = match permit(&caller, desktop.owner, kind.client, None) {
                Ok(access) => access,
                Err(stop) => return Err(refuse(sharing, &caller, &desktop, stop).await?),
            };
            Ok(Entry::NotRunning(Visit {
                desktop,
                kind,
                caller,
                access,
            }))
        }
        Lookup::Unknown => Err(Stop::Error(unknown())),
    }
}

/// Why a request goes no further.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A page leads to the sign-in page, everything else is refused.
    NotSignedIn,
    /// The caller had it as a guest and has not kept it: a page leads to that question, everything else is refused.
    NotKept,
    /// The answer.
    Error(AppError),
}

/// By which link the caller may look, when they need one.
async fn invitation(
    sharing: &Sharing,
    caller: &Caller,
    live: &LiveDesktop,
) -> Result<Option<Invitation>, Stop> {
    if !is_stranger(caller, live) {
        return Ok(None);
    }
    let found = sharing.invitation_to(live.desktop.id, caller.user.id).await;
    found.map_err(|error| Stop::Error(error.into()))
}

fn permit(
    caller: &Caller,
    owner: UserId,
    client: ClientKind,
    invited: Option<sharing::Access>,
) -> Result<Access, Stop> {
    decide(&caller.user, owner, client, invited).map_err(|denied| Stop::Error(refused_look(denied)))
}

/// Why somebody may not look at all, as an answer.
pub(crate) fn refused_look(denied: Denied) -> AppError {
    match denied {
        Denied::Unknown => unknown(),
        Denied::HostilePage => AppError::Forbidden(say!("desktop-hostile")),
    }
}

fn is_stranger(caller: &Caller, live: &LiveDesktop) -> bool {
    caller.user.id != live.owner() && !caller.user.is_admin()
}

/// For whoever may not look: it may have been theirs as a guest, or the link they came by once may have ended, and then
/// they read how.
async fn refuse(
    sharing: &Sharing,
    caller: &Caller,
    desktop: &Desktop,
    stop: Stop,
) -> Result<Stop, Stop> {
    if !matches!(stop, Stop::Error(AppError::NotFound(_))) {
        return Ok(stop);
    }
    if caller.was_guest == Some(desktop.owner) {
        return Ok(Stop::NotKept);
    }
    let over = sharing.over_for(desktop.id, caller.user.id).await;
    let over = over.map_err(|error| Stop::Error(error.into()))?;
    Ok(over.map_or(stop, |words| Stop::Error(sharing::ended(words))))
}

/// Why somebody may not look now, as an answer.
pub(crate) fn look_refused(error: LookError) -> AppError {
    match error {
        LookError::Gone => unknown(),
        LookError::Database(error) => error.into(),
    }
}

/// The one answer for a desktop that does not exist and for one that is somebody else's.
pub(crate) fn unknown() -> AppError {
    AppError::not_found(say!("desktop-unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Role;

    #[test]
    fn who_may_look_at_what() {
        let person = |role| User {
            id: UserId::new(),
            slug: "jane".into(),
            username: "jane".into(),
            display_name: "Jane".into(),
            email: None,
            role,
            avatar_url: None,
            disabled_at: None,
        };
        let (owner, teacher, admin) = (
            person(Role::User),
            person(Role::Teacher),
            person(Role::Admin),
        );
        let stranger = person(Role::User);
        let (view, control) = (sharing::Access::ViewOnly, sharing::Access::Control);
        for invited in [None, Some(view), Some(control)] {
            let visitor = invited.map(Access::Visitor).ok_or(Denied::Unknown);
            let table = [
                (&owner, ClientKind::Vnc, Ok(Access::Owner)),
                (&owner, ClientKind::Passthrough, Ok(Access::Owner)),
                (&admin, ClientKind::Vnc, Ok(Access::Administrator)),
                (&admin, ClientKind::Passthrough, Err(Denied::HostilePage)),
                (&teacher, ClientKind::Vnc, visitor),
                (&teacher, ClientKind::Passthrough, Err(Denied::Unknown)),
                (&stranger, ClientKind::Vnc, visitor),
                (&stranger, ClientKind::Passthrough, Err(Denied::Unknown)),
            ];
            for (user, client, expected) in table {
                assert_eq!(
                    decide(user, owner.id, client, invited),
                    expected,
                    "{:?} {client:?} {invited:?}",
                    user.role
                );
            }
            let own = decide(&admin, admin.id, ClientKind::Passthrough, invited);
            assert_eq!(own, Ok(Access::Owner));
        }
    }
}
