//! The dashboard: a person's desktops as cards, how far a start is, and the forms that start, stop and remove them.

mod board;
pub mod card;
mod images;
mod pages;
pub mod progress;
#[cfg(test)]
pub(crate) mod samples;

pub use board::DashboardView;
pub use pages::pages;
