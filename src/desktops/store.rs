//! Rows of `desktops` and `desktop_ports`.

use std::{collections::HashMap, time::Duration};

use sqlx::PgConnection;

use super::{Desktop, OwnedDesktop};
use crate::ids::{DesktopId, DesktopTypeId, UserId};

pub(super) async fn list_of_owner(
    _: &mut PgConnection,
    _: UserId,
) -> Result<Vec<Desktop>, sqlx::Error> {
    todo!()
}
pub(super) async fn list_all(_: &mut PgConnection) -> Result<Vec<OwnedDesktop>, sqlx::Error> {
    todo!()
}
pub(super) async fn find(
    _: &mut PgConnection,
    _: DesktopId,
) -> Result<Option<Desktop>, sqlx::Error> {
    todo!()
}
pub(super) async fn find_by_name(
    _: &mut PgConnection,
    _: &str,
) -> Result<Option<Desktop>, sqlx::Error> {
    todo!()
}
pub(super) async fn touch(_: &mut PgConnection, _: DesktopId) -> Result<(), sqlx::Error> {
    todo!()
}
pub(super) async fn usual_start_times(
    _: &mut PgConnection,
) -> Result<HashMap<DesktopTypeId, Duration>, sqlx::Error> {
    todo!()
}
