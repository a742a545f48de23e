//! What the dashboard shows a person, read at once.

use std::{collections::HashMap, time::Duration};

use super::{Desktop, Desktops, store};
use crate::{
    catalog::{Catalog, DesktopType},
    db::{self, Connection},
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
    /// The types of what casts launched for them and is open.
    pub types_of_casts: Vec<DesktopType>,
    /// How long a start of each type usually takes.
    pub usual: HashMap<DesktopTypeId, Duration>,
}

impl Desktops {
    /// Everything the dashboard of `user` shows: three statements on one connection, however much there
    /// is, and one more while something is open that a cast launched.
    pub async fn of_person(&self, user: &User) -> Result<OfPerson, sqlx::Error> {
        db::reading!(self.inner.db, |db| read(db, user).await)
    }
}

async fn read(db: &mut Connection, user: &User) -> Result<OfPerson, sqlx::Error> {
    let desktops = store::list_of_owner(db, user.id).await?;
    let open = |of_cast: bool| -> Vec<DesktopTypeId> {
        let those = desktops
            .iter()
            .filter(|desktop| desktop.state.is_live() && desktop.cast.is_some() == of_cast);
        those.map(|desktop| desktop.type_id).collect()
    };
    let of_casts = open(true);
    let mut types_of_casts = Vec::new();
    if !of_casts.is_empty() {
        types_of_casts = Catalog::visible_with(db, user, &of_casts).await?;
        types_of_casts.retain(|kind| of_casts.contains(&kind.id));
    }
    Ok(OfPerson {
        types: Catalog::visible_with(db, user, &open(false)).await?,
        types_of_casts,
        usual: store::usual_start_times(db).await?,
        desktops,
    })
}
