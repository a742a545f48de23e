//! Server settings, as administrators see and change them: data for programs (`api`), a page for people (`pages`).

mod api;
mod body;
mod form;
mod pages;

pub(super) use api::api;
pub(super) use pages::pages;
