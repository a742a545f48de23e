//! Pages of `desktops`, newest start first.
//!
//! Each direction has a statement of its own, because only then its order is that of an index.

use super::{DesktopFilter, Now, StartedAt, end_of_time};
use crate::{
    db::Connection,
    desktops::{DesktopState, OwnedDesktop, store::select_desktops},
    paging::{Cursor, PageRequest, Place, anywhere},
};

/// What is live.
pub(super) async fn live(
    db: &mut Connection,
    request: &PageRequest<StartedAt>,
) -> Result<Vec<OwnedDesktop>, sqlx::Error> {
    let rows = match place(request) {
        (Cursor { key, id }, true) => {
            select_desktops!(
                "where d.state in ('starting', 'running', 'stopping') and (d.preparing_at, d.id) < ($1, $2)
                 order by d.preparing_at desc, d.id desc limit $3",
                key.0,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
        (Cursor { key, id }, false) => {
            select_desktops!(
                "where d.state in ('starting', 'running', 'stopping') and (d.preparing_at, d.id) > ($1, $2)
                 order by d.preparing_at, d.id limit $3",
                key.0,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
    };
    rows.into_iter().map(OwnedDesktop::try_from).collect()
}

/// What a filter lets through. Whether the order or the search is the better way in depends on the words: Postgres
/// plans this anew for them, because one plan for all of them would be dear. Of the people whom the search finds, the
/// first thousand count.
pub(super) async fn found(
    db: &mut Connection,
    filter: &DesktopFilter,
    request: &PageRequest<StartedAt>,
) -> Result<Vec<OwnedDesktop>, sqlx::Error> {
    let states = filter.states.list();
    let pattern = anywhere(&filter.search);
    let rows = match place(request) {
        (Cursor { key, id }, true) => {
            select_desktops!(
                "where d.state = any($1) and ($2 = '%%' or d.name like lower($2) or d.owner_id = any(array(
                     select p.id from users p
                     where lower(p.username || ' ' || p.display_name || ' ' || coalesce(p.email, '')) like lower($2)
                     limit 1000)))
                   and (d.preparing_at, d.id) < ($3, $4)
                 order by d.preparing_at desc, d.id desc limit $5",
                states as Vec<DesktopState>,
                pattern,
                key.0,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
        (Cursor { key, id }, false) => {
            select_desktops!(
                "where d.state = any($1) and ($2 = '%%' or d.name like lower($2) or d.owner_id = any(array(
                     select p.id from users p
                     where lower(p.username || ' ' || p.display_name || ' ' || coalesce(p.email, '')) like lower($2)
                     limit 1000)))
                   and (d.preparing_at, d.id) > ($3, $4)
                 order by d.preparing_at, d.id limit $5",
                states as Vec<DesktopState>,
                pattern,
                key.0,
                id,
                request.rows()
            )
            .fetch_all(db)
            .await?
        }
    };
    rows.into_iter().map(OwnedDesktop::try_from).collect()
}

/// Where the page begins, and whether it goes down the list from there.
fn place(request: &PageRequest<StartedAt>) -> (Cursor<StartedAt>, bool) {
    match &request.place {
        Place::First => (end_of_time(), true),
        Place::After(cursor) => (cursor.clone(), true),
        Place::Before(cursor) => (cursor.clone(), false),
    }
}

pub(super) async fn now(db: &mut Connection) -> Result<Now, sqlx::Error> {
    sqlx::query_as!(
        Now,
        r#"select count(*) filter (where state = 'running') as "running!",
               count(*) filter (where state = 'starting') as "starting!", count(distinct owner_id) as "people!"
           from desktops where state in ('starting', 'running', 'stopping')"#
    )
    .fetch_one(db)
    .await
}
