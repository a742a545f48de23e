//! Who may look at a desktop, and the proof that somebody may.

use std::sync::Arc;

use axum::http::request::Parts;

use crate::{
    auth::{
        Caller, Login, SessionEnd, User,
        login::{Accepts, NoCaller},
    },
    catalog::{ClientKind, DesktopType},
    desktops::{Desktop, Desktops, LiveDesktop, lookup::Lookup},
    error::AppError,
    ids::UserId,
    say,
};

/// What somebody is to a desktop they may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Its owner.
    Owner,
    /// An administrator who looks at somebody else's.
    Administrator,
}

/// Why somebody may not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// It does not exist as far as they can tell.
    Unknown,
    /// An administrator, but the page would be written by the container.
    HostilePage,
}

/// Whether `user` may look at a desktop of `owner`.
pub(crate) fn decide(user: &User, owner: UserId, client: ClientKind) -> Result<Access, Denied> {
    match (user.id == owner, user.is_admin(), client) {
        (true, _, _) => Ok(Access::Owner),
        (false, true, ClientKind::Vnc) => Ok(Access::Administrator),
        // Its owner controls that page, and it would run with the administrator's session (T53).
        (false, true, ClientKind::Passthrough) => Err(Denied::HostilePage),
        (false, false, _) => Err(Denied::Unknown),
    }
}

/// The proof that this request may reach this running desktop. Only [`authorize`] makes one, and everything that
/// talks to a container takes one by value: reaching a container without it does not compile (T20).
#[derive(Debug)]
pub(crate) struct Grant {
    live: Arc<LiveDesktop>,
    caller: Caller,
    access: Access,
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

    /// Whether it is their own; otherwise an administrator looks on.
    pub(crate) fn is_own(&self) -> bool {
        self.access == Access::Owner
    }

    /// Cancelled when the reason for this grant is gone: the session, or for an administrator the role.
    pub(crate) fn ended(&self, login: &Login) -> SessionEnd {
        match self.access {
            Access::Owner => login.ended(&self.caller),
            Access::Administrator => login.ended_or_demoted(&self.caller),
        }
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
pub(crate) async fn authorize(
    login: &Login,
    desktops: &Desktops,
    head: &Parts,
    name: &str,
) -> Result<Entry, Stop> {
    let caller = login
        .caller(head, Accepts::CookieOnly)
        .await
        .map_err(|error| match error {
            NoCaller::Unauthenticated(_) => Stop::NotSignedIn,
            NoCaller::Database(error) => Stop::Error(error.into()),
        })?;
    let found = desktops
        .live_by_name(name)
        .await
        .map_err(|error| Stop::Error(error.into()))?;
    match found {
        Lookup::Live(live) => {
            let access = permit(&caller, live.owner(), live.kind.client)?;
            Ok(Entry::Running(Grant {
                live,
                caller,
                access,
            }))
        }
        Lookup::NotRunning(desktop, kind) => {
            let access = permit(&caller, desktop.owner, kind.client)?;
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
    /// The answer.
    Error(AppError),
}

fn permit(caller: &Caller, owner: UserId, client: ClientKind) -> Result<Access, Stop> {
    decide(&caller.user, owner, client).map_err(|denied| {
        Stop::Error(match denied {
            Denied::Unknown => unknown(),
            Denied::HostilePage => AppError::Forbidden(say!("desktop-hostile")),
        })
    })
}

/// The one answer for a desktop that does not exist and for one that is somebody else's.
pub(crate) fn unknown() -> AppError {
    AppError::not_found(say!("desktop-unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;

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
        let table = [
            (&owner, ClientKind::Vnc, Ok(Access::Owner)),
            (&owner, ClientKind::Passthrough, Ok(Access::Owner)),
            (&admin, ClientKind::Vnc, Ok(Access::Administrator)),
            (&admin, ClientKind::Passthrough, Err(Denied::HostilePage)),
            (&teacher, ClientKind::Vnc, Err(Denied::Unknown)),
            (&teacher, ClientKind::Passthrough, Err(Denied::Unknown)),
            (&stranger, ClientKind::Vnc, Err(Denied::Unknown)),
            (&stranger, ClientKind::Passthrough, Err(Denied::Unknown)),
        ];
        for (user, client, expected) in table {
            assert_eq!(
                decide(user, owner.id, client),
                expected,
                "{:?} {client:?}",
                user.role
            );
        }
        assert_eq!(
            decide(&admin, admin.id, ClientKind::Passthrough),
            Ok(Access::Owner)
        );
    }
}
