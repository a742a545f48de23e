//! Groups: what programs ask (`api`) and the pages (`pages`).

pub(super) mod api;
pub(super) mod pages;
