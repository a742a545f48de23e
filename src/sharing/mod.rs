//! Showing one's running desktop to other people who have an account.
//!
//! An owner makes a [`ShareLink`]; whoever is signed in and opens it may join, and is then let in by
//! [`Sharing::invitation_to`] until the link is revoked, its time is over or the desktop ends. The key in a link is
//! known to whoever got it and to nobody else: the database keeps its hash.

pub mod api;
mod body;
mod ended;
mod key;
mod over;
pub mod pages;
mod rules;
mod store;
mod view;

use std::sync::Arc;

use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use tokio::sync::OnceCell;

pub use self::{
    ended::ShareEnd,
    rules::{DEFAULT_LIFETIME, LONGEST_LIFETIME, MOST_LINKS, SHORTEST_LIFETIME},
};
use crate::{
    db::Db,
    desktops::{Desktop, Desktops, LiveDesktop, lookup::Lookup},
    error::{AppError, FieldProblem},
    ids::{DesktopId, ShareId, UserId},
    language::Sentence,
    people::User,
    web::urls,
};

/// What a visitor may do.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    sqlx::Type,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "share_access")]
pub enum Access {
    /// Watch; the desktop's own server ignores what they type.
    #[default]
    #[serde(rename = "view")]
    #[sqlx(rename = "view")]
    ViewOnly,
    /// Watch, type and point.
    #[serde(rename = "control")]
    #[sqlx(rename = "control")]
    Control,
}

/// An invitation to a desktop, as its owner sees it. The key is not in it.
#[derive(Clone, Debug)]
pub struct ShareLink {
    /// Names it, for ending it.
    pub id: ShareId,
    /// Where its desktop is.
    pub desktop_name: String,
    /// Slug of the desktop's type.
    pub desktop_type: String,
    /// What its visitors may do.
    pub access: Access,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it ends, unless its desktop ends before.
    pub expires_at: OffsetDateTime,
    /// Who joined, in the order they did.
    pub visitors: Vec<ShareVisitor>,
}

/// Somebody who joined.
#[derive(Clone, Debug)]
pub struct ShareVisitor {
    /// As others see them.
    pub name: String,
    /// When they joined first.
    pub joined_at: OffsetDateTime,
}

/// A link as whoever was given it sees it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The link.
    pub share: ShareId,
    /// What it allows.
    pub access: Access,
    /// Whose desktop it is.
    pub owner: UserId,
    /// As others see them.
    pub owner_name: String,
    /// Where the desktop is.
    pub desktop_name: String,
    /// What kind of desktop it is.
    pub title: String,
    /// Until when.
    pub expires_at: OffsetDateTime,
}

/// What an owner asks for.
#[derive(Clone, Debug, Default)]
pub struct Wish<'a> {
    /// Slug of the desktop's type, or what a cast's desktop is addressed by; none: the one used last.
    pub desktop_type: Option<&'a str>,
    /// What visitors may do.
    pub access: Access,
    /// Seconds; none: [`DEFAULT_LIFETIME`].
    pub expires_in: Option<i64>,
}

/// A link that was just made.
#[derive(Debug)]
pub struct NewShare {
    /// What the list will show.
    pub link: ShareLink,
    /// Its whole address with the key in it, shown this once.
    pub address: SecretString,
}

/// Why nothing is shared.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// The caller has no desktop of this type.
    #[error("there is no such desktop")]
    Unknown,
    /// It does not run.
    #[error("the desktop does not run")]
    NotRunning,
    /// Its settings do not allow it.
    #[error("the desktop's settings do not allow sharing")]
    NotAllowed,
    /// Its page is written by its container.
    #[error("a desktop whose page its container writes is never shared")]
    OwnPage,
    /// The desktop has [`MOST_LINKS`].
    #[error("the desktop has {MOST_LINKS} links")]
    TooMany,
    /// A field cannot be taken.
    #[error("a field is wrong")]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The handle on sharing: cheap to clone.
#[derive(Clone, Debug)]
pub struct Sharing {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    desktops: Desktops,
    /// Where this server is, without a slash at the end.
    origin: String,
    /// What the keys of standing links are made of; asked of the database once.
    shared: OnceCell<Vec<u8>>,
    watched: ended::Watched,
}

impl Sharing {
    /// A handle; links begin with `origin`.
    #[must_use]
    pub fn new(db: Db, desktops: Desktops, origin: String) -> Self {
        Self {
            inner: Arc::new(Inner {
                db,
                desktops,
                origin,
                shared: OnceCell::new(),
                watched: ended::Watched::default(),
            }),
        }
    }

    /// Makes a link to `owner`'s running desktop.
    pub async fn create(&self, owner: UserId, wish: &Wish<'_>) -> Result<NewShare, ShareError> {
        let lifetime = rules::lifetime(wish.expires_in)?;
        let live = self.running(owner, wish.desktop_type).await?;
        rules::may_share(live.kind.client, live.desktop.client_settings)?;
        let (desktop, kind) = (&live.desktop, &live.kind);
        let (key, key_hash) = key::new();
        let link = store::NewLink {
            desktop: desktop.id,
            generation: desktop.generation,
            access: wish.access,
            key_hash: &key_hash,
            lifetime,
        };
        let mut db = self.inner.db.begin().await?;
        // What is known here may be older than the row.
        if !store::lock_running(&mut db, desktop.id, desktop.generation).await? {
            return Err(ShareError::NotRunning);
        }
        let made = store::insert(&mut db, link, MOST_LINKS).await?;
        let (id, expires_at) = made.ok_or(ShareError::TooMany)?;
        db.commit().await?;
        tracing::info!(desktop.name = %desktop.name, user.id = %owner, share.id = %id, access = ?wish.access, "shared");
        Ok(NewShare {
            link: ShareLink {
                id,
                desktop_name: desktop.name.clone(),
                desktop_type: kind.slug.clone(),
                access: wish.access,
                created_at: expires_at - lifetime,
                expires_at,
                visitors: Vec::new(),
            },
            address: key::address(&self.inner.origin, &key),
        })
    }

    /// The link that `desktop` has from its start on, if a cast is to make one: its whole address, and the hash of its
    /// key. The same whenever it is asked.
    pub async fn standing_key(
        &self,
        desktop: DesktopId,
    ) -> Result<(SecretString, [u8; 32]), sqlx::Error> {
        let ask = || async { store::shared_bytes(&mut self.inner.db.acquire().await?).await };
        let shared = self.inner.shared.get_or_try_init(ask).await?;
        let key = key::standing(shared, desktop);
        let hash = key::hash(key.expose_secret());
        Ok((key::address(&self.inner.origin, &key), hash))
    }

    /// The address of that link for its owner, while it holds. One statement for a desktop that was shared from its start
    /// on, none for every other.
    pub async fn standing_link(
        &self,
        desktop: &Desktop,
    ) -> Result<Option<SecretString>, sqlx::Error> {
        if !starts_shared(desktop) {
            return Ok(None);
        }
        let (address, hash) = self.standing_key(desktop.id).await?;
        let holds = store::find_by_key(&mut self.inner.db.acquire().await?, &hash).await?;
        Ok(holds.map(|_| address))
    }

    /// Whether `visitor` may open links at all: whoever has an account, and a guest whose own desktop may be shared by the
    /// settings it was started with, those of its cast or of its group.
    pub async fn may_visit(&self, visitor: &User) -> Result<bool, sqlx::Error> {
        if !visitor.is_guest() {
            return Ok(true);
        }
        store::has_shareable(&mut self.inner.db.acquire().await?, visitor.id).await
    }

    /// `owner`'s desktop of the type `slug`, or the one used last, if it runs.
    pub async fn running(
        &self,
        owner: UserId,
        slug: Option<&str>,
    ) -> Result<Arc<LiveDesktop>, ShareError> {
        let desktops = &self.inner.desktops;
        let desktop = match slug {
            Some(address) => desktops.addressed(owner, address).await?,
            None => desktops.find_of(owner, None).await?,
        };
        let desktop = desktop.ok_or(ShareError::Unknown)?;
        let Lookup::Live(live) = desktops.live_by_name(&desktop.name).await? else {
            return Err(ShareError::NotRunning);
        };
        Ok(live)
    }

    /// The links of `owner` that hold, newest first, with who joined; with `desktop` only those to this one.
    pub async fn list(
        &self,
        owner: UserId,
        desktop: Option<DesktopId>,
    ) -> Result<Vec<ShareLink>, sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        let mut links = store::links_of(&mut db, owner, desktop).await?;
        let ids: Vec<ShareId> = links.iter().map(|link| link.id).collect();
        for (share, visitor) in store::visitors(&mut db, &ids).await? {
            if let Some(link) = links.iter_mut().find(|link| link.id == share) {
                link.visitors.push(visitor);
            }
        }
        Ok(links)
    }

    /// Ends a link of `owner`, and with it what its visitors look at; whether there was one.
    pub async fn revoke(&self, owner: UserId, id: ShareId) -> Result<bool, sqlx::Error> {
        let gone = store::end(&mut self.inner.db.acquire().await?, owner, id).await?;
        if gone {
            tracing::info!(user.id = %owner, share.id = %id, "sharing ended");
            // It is gone already; the next look would find so too.
            if let Err(error) = self.look_again().await {
                tracing::debug!(%error, "the streams of a link that ended are ended a moment later");
            }
        }
        Ok(gone)
    }

    /// What the link with this key leads to; `None` when it is unknown or holds no more. Changes nothing.
    pub async fn look(&self, key: &str) -> Result<Option<Invitation>, sqlx::Error> {
        store::find_by_key(&mut self.inner.db.acquire().await?, &key::hash(key)).await
    }

    /// Lets `visitor` in by this link, as often as they ask; where it leads, if anywhere. Its owner needs none.
    pub async fn join(
        &self,
        visitor: UserId,
        key: &str,
    ) -> Result<Option<Invitation>, sqlx::Error> {
        let invitation = self.look(key).await?;
        if let Some(invitation) = invitation
            .as_ref()
            .filter(|invitation| invitation.owner != visitor)
        {
            let mut db = self.inner.db.acquire().await?;
            store::join(&mut db, invitation.share, visitor).await?;
        }
        Ok(invitation)
    }

    /// By which link `visitor`, who joined, may look at `desktop` now.
    pub async fn invitation_to(
        &self,
        desktop: DesktopId,
        visitor: UserId,
    ) -> Result<Option<Invitation>, sqlx::Error> {
        store::invitation_to(&mut self.inner.db.acquire().await?, desktop, visitor).await
    }

    /// Forgets links that hold no more. For upkeep, about once a minute.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        store::sweep(&mut self.inner.db.acquire().await?).await
    }
}

/// Whether its cast has it shared from its start on.
#[must_use]
pub fn starts_shared(desktop: &Desktop) -> bool {
    let options = desktop.cast.as_ref().map(|cast| &cast.options);
    options.is_some_and(|options| options.enable_sharing)
}

/// Whether its owner may show this desktop to others.
#[must_use]
pub fn may_be_shared(live: &LiveDesktop) -> bool {
    rules::may_share(live.kind.client, live.desktop.client_settings).is_ok()
}

/// The answer for a link that has ended, in these words.
#[must_use]
pub fn ended(words: Sentence) -> AppError {
    AppError::BadRequest {
        status: StatusCode::GONE,
        code: "share_ended",
        sentence: words,
    }
}

/// Where it leads, as a path of ours.
fn desktop_page(invitation: &Invitation) -> String {
    urls::desktop(&invitation.desktop_name)
}
