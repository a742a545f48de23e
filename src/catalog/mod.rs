//! The catalogue: desktop types, and who may use them.

mod draft;
mod given_to;
mod kinds;
pub mod listing;
mod network_name;
mod reach;
mod reference;
pub mod rules;
mod seed;
mod start_url;
mod store;

use std::collections::BTreeSet;

pub use draft::DesktopTypeDraft;
pub use kinds::{ClientKind, ServerProtocol, TypeKind};
pub use network_name::is_network_name;
pub use reference::is_image_reference;
pub use start_url::is_start_url;

use crate::{
    config::{CatalogConfig, Egress},
    db::{self, Connection, Db, OnConstraint},
    ids::{DesktopTypeId, GroupId},
    language::Sentence,
    people::User,
    say,
};

/// An entry of the catalogue.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the form"
)]
pub struct DesktopType {
    /// Never changes.
    pub id: DesktopTypeId,
    /// `desktop_type` of the API, and the second part of a desktop's name.
    pub slug: String,
    /// What people read.
    pub title: String,
    /// One sentence below the title.
    pub description: String,
    /// Name of a drawing in `icons.svg`.
    pub icon: String,
    /// Image reference.
    pub image: String,
    /// Id of the image it stood for when an administrator published the type; that one is started, whatever the
    /// reference stands for by now. `null`: the reference counts.
    pub image_id: Option<String>,
    /// How its client reaches the browser.
    pub client: ClientKind,
    /// Port in the container.
    pub container_port: u16,
    /// Whether that port speaks TLS.
    pub container_tls: bool,
    /// Account the proxy signs in with inside the container.
    pub vnc_user: String,
    /// Folder of the client files in the image.
    pub client_folder: String,
    /// Memory limit in MiB, without swap.
    pub memory_mb: i64,
    /// Limit in cores.
    pub cpus: f64,
    /// Size of /dev/shm in MiB.
    pub shm_mb: i64,
    /// Limit of processes and threads.
    pub pids_limit: i64,
    /// MiB its desktops may write besides their homes; `None`: what the server says (`DESKTOP_DISK`).
    pub disk_mb: Option<i64>,
    /// What its desktops may reach; `None`: what the server says (`DESKTOP_EGRESS`).
    pub egress: Option<Egress>,
    /// Linux capabilities given back after all were dropped.
    pub cap_add: Vec<String>,
    /// Further variables of the container.
    pub env: std::collections::BTreeMap<String, String>,
    /// Where the person's files live in the container; empty: nothing is kept.
    pub home_path: String,
    /// Opened at the start by images that take an address.
    pub start_url: Option<String>,
    /// What stands behind it.
    pub kind: TypeKind,
    /// Where a server is: a name or an address; always there for one.
    pub server_host: Option<String>,
    /// Its port; always there for a server.
    pub server_port: Option<u16>,
    /// How it is reached; always there for a server.
    pub server_protocol: Option<ServerProtocol>,
    /// Whether what is started opens the address it is given (`KASM_URL`).
    pub takes_address: bool,
    /// Whether a cast's link may choose one of `networks`.
    pub allow_network_selection: bool,
    /// Names of networks of the engine.
    pub networks: Vec<String>,
    /// Whether it can be started.
    pub enabled: bool,
    /// Order on the dashboard, small first.
    pub position: i32,
    /// The groups whose members may start it; of no effect when it is for everybody.
    pub groups: Vec<GroupId>,
    /// Whether everybody may start it. Otherwise only its groups may, and nobody when none of them is left.
    pub for_everybody: bool,
}

impl DesktopType {
    /// What desktops of it start from, as the engine takes it: the published image, else what the reference stands for.
    #[must_use]
    pub fn starts_from(&self) -> &str {
        self.image_id.as_deref().unwrap_or(&self.image)
    }

    /// Whether remote applications can be started on it.
    #[must_use]
    pub fn is_rdp_server(&self) -> bool {
        self.kind == TypeKind::Server && self.server_protocol == Some(ServerProtocol::Rdp)
    }

    /// Its description. The words a new installation began with are translated as long as nobody changed them; those
    /// of an administrator are shown as they are.
    #[must_use]
    pub fn described(&self) -> Sentence {
        seed::description(&self.slug)
            .filter(|seeded| seeded.to_string() == self.description)
            .unwrap_or_else(|| Sentence::plain(self.description.clone()))
    }
}

/// The catalogue's handle.
#[derive(Clone, Debug)]
pub struct Catalog {
    db: Db,
}

impl Catalog {
    /// A handle on the catalogue in `db`.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Fills an empty catalogue with the original's three types and the two built-in ones.
    pub async fn seed(&self, config: &CatalogConfig) -> Result<(), sqlx::Error> {
        store::insert_missing(&mut self.db.acquire().await?, &seed::first_types(config)).await
    }

    /// The types `user` may start, in the order of the dashboard.
    ///
    /// Administrators may start every type that is switched on, whatever groups they are in.
    pub async fn visible_to(&self, user: &User) -> Result<Vec<DesktopType>, sqlx::Error> {
        db::reading!(self.db, |db| Self::visible_with(db, user, &[]).await)
    }

    /// The same on a connection that is there already, and `besides` even if `user` may not start them any more.
    pub async fn visible_with(
        db: &mut Connection,
        user: &User,
        besides: &[DesktopTypeId],
    ) -> Result<Vec<DesktopType>, sqlx::Error> {
        store::visible(db, user.id, user.is_admin(), besides).await
    }

    /// The type `slug` if `user` may start it; unknown and not allowed are the same.
    pub async fn usable_by(
        &self,
        user: &User,
        slug: &str,
    ) -> Result<Option<DesktopType>, sqlx::Error> {
        db::reading!(self.db, |db| store::usable(
            db,
            user.id,
            user.is_admin(),
            slug
        )
        .await)
    }

    /// Every type, also those switched off.
    pub async fn all(&self) -> Result<Vec<DesktopType>, sqlx::Error> {
        db::reading!(self.db, |db| store::all(db).await)
    }

    /// The type with this id.
    pub async fn find(&self, id: DesktopTypeId) -> Result<Option<DesktopType>, sqlx::Error> {
        db::reading!(self.db, |db| store::find(db, id).await)
    }

    /// The type with this slug, also when switched off.
    pub async fn find_by_slug(&self, slug: &str) -> Result<Option<DesktopType>, sqlx::Error> {
        db::reading!(self.db, |db| store::find_by_slug(db, slug).await)
    }

    /// The same on a connection that is there already.
    pub async fn find_by_slug_with(
        db: &mut Connection,
        slug: &str,
    ) -> Result<Option<DesktopType>, sqlx::Error> {
        store::find_by_slug(db, slug).await
    }

    /// From now on desktops of `kind` start from the image `image_id`, which its reference stands for at present.
    pub async fn publish(&self, kind: &DesktopType, image_id: &str) -> Result<(), sqlx::Error> {
        store::publish(
            &mut self.db.acquire().await?,
            kind.id,
            &kind.image,
            image_id,
        )
        .await
    }

    /// Adds a type; `draft` has been checked by [`rules::problems`].
    pub async fn create(&self, draft: &DesktopTypeDraft) -> Result<DesktopType, CatalogError> {
        let mut tx = self.db.begin().await?;
        let id = DesktopTypeId::new();
        if !store::insert(&mut tx, id, draft).await? {
            return Err(CatalogError::SlugTaken(draft.slug.clone()));
        }
        if !draft.groups.is_empty() {
            limit_to(&mut tx, id, &draft.groups).await?;
        }
        let kind = store::find(&mut tx, id).await?;
        tx.commit().await?;
        kind.ok_or(CatalogError::Unknown)
    }

    /// Writes `draft`, checked, over the type with its slug. Desktops that run keep what they were started with.
    pub async fn update(&self, draft: &DesktopTypeDraft) -> Result<DesktopType, CatalogError> {
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, draft).await? {
            return Err(CatalogError::Unknown);
        }
        let kind = store::find_by_slug(&mut tx, &draft.slug).await?;
        let kind = kind.ok_or(CatalogError::Unknown)?;
        // A list that stays as it is changes nothing: a type whose groups are all gone is not opened by accident.
        if same(&kind.groups, &draft.groups) {
            tx.commit().await?;
            return Ok(kind);
        }
        limit_to(&mut tx, kind.id, &draft.groups).await?;
        let kind = store::find(&mut tx, kind.id).await?;
        tx.commit().await?;
        kind.ok_or(CatalogError::Unknown)
    }

    /// Lets `group` use exactly these types of those that are limited to groups; each of them is limited from now on.
    /// A type that loses its last group is for nobody but administrators.
    pub async fn give_to_group(
        &self,
        group: GroupId,
        types: &[DesktopTypeId],
    ) -> Result<(), CatalogError> {
        let mut tx = self.db.begin().await?;
        given_to::give_to_group(&mut tx, group, types)
            .await
            .on_constraint("desktop_type_groups_type_id_fkey", || CatalogError::Unknown)??;
        tx.commit().await?;
        Ok(())
    }

    /// Removes the type; refused while anybody has a desktop of it, running or not, and while a cast opens it.
    pub async fn delete(&self, slug: &str) -> Result<(), CatalogError> {
        let done = store::delete(&mut self.db.acquire().await?, slug)
            .await
            .on_constraint("desktops_type_id_fkey", || CatalogError::InUse);
        let done = match done {
            Err(sqlx::Error::Database(refused))
                if refused.constraint() == Some("casts_type_id_fkey") =>
            {
                return Err(CatalogError::InUseByCast);
            }
            other => other??,
        };
        if done {
            Ok(())
        } else {
            Err(CatalogError::Unknown)
        }
    }
}

fn same(one: &[GroupId], other: &[GroupId]) -> bool {
    let set = |groups: &[GroupId]| groups.iter().copied().collect::<BTreeSet<_>>();
    set(one) == set(other)
}

async fn limit_to(
    db: &mut Connection,
    id: DesktopTypeId,
    groups: &[GroupId],
) -> Result<(), CatalogError> {
    given_to::limit_to(db, id, groups)
        .await
        .on_constraint("desktop_type_groups_group_id_fkey", || {
            CatalogError::UnknownGroup
        })?
}

/// Why the catalogue was not changed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Another type has the slug.
    #[error("{}", self.sentence())]
    SlugTaken(String),
    /// People have desktops of it.
    #[error("{}", self.sentence())]
    InUse,
    /// A cast opens it.
    #[error("{}", self.sentence())]
    InUseByCast,
    /// There is no such type.
    #[error("{}", self.sentence())]
    Unknown,
    /// One of its groups does not exist.
    #[error("{}", self.sentence())]
    UnknownGroup,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl CatalogError {
    /// What to do, for people.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::SlugTaken(slug) => say!("type-slug-taken", slug = slug),
            Self::InUse => say!("type-in-use"),
            Self::InUseByCast => say!("type-in-use-by-cast"),
            Self::UnknownGroup => say!("catalog-unknown-group"),
            Self::Unknown => say!("type-not-found"),
            Self::Database(_) => say!("error-internal"),
        }
    }
}
