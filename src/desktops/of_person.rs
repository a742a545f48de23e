//! What the dashboard shows a person, read at once.

use std::{collections::HashMap, time::Duration};

use sqlx::PgConnection;

use super::{Desktop, Desktops, store};
use crate::{
    catalog::{Catalog, DesktopType},
    db,
    ids::DesktopTypeId,
    people::User,
};

/// A person's desktops, and what they can start.
#[derive(Debug)]
pub struct OfPerson {
    /// Every desktop of theirs, most recently used first.
    pub desktops: Vec<Desktop>,
    /// What they may start, and what is still open of types they may not start any more; in the order of the catalogue.
    pub types: Vec<DesktopType>,
    /// How long a start of each type usually takes.
    pub usual: HashMap<DesktopTypeId, Duration>,
}

impl Desktops {
    /// Everything the dashboard of `user` shows: three statements on one connection, however much there is.
    pub async fn of_person(&self, user: &User) -> Result<OfPerson, sqlx::Error> {
        db::reading!(self.inner.db, |db| read(db, user).await)
    }
}

async fn read(db: &mut PgConnection, user: &User) -> Result<OfPerson, sqlx::Error> {
    let desktops = store::list_of_owner(db, user.id).await?;
    let open: Vec<_> = desktops
        .iter()
        .filter(|desktop| desktop.state.is_live())
        .map(|desktop| desktop.type_id)
        .collect();
    Ok(OfPerson {
        types: Catalog::visible_with(db, user, &open).await?,
        usual: store::usual_start_times(db).await?,
        desktops,
    })
}
