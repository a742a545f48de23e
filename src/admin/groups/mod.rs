//! Groups: what programs ask (`api`) and the pages (`pages`, with the fields of their form).

pub(super) mod api;
mod fields;
pub(super) mod pages;
