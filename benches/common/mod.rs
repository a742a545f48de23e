//! What the benchmarks share: the desktop and the ways to it, somebody who looks at it, and figures on paper.

pub(crate) mod deskcast;
pub(crate) mod direct;
pub(crate) mod figures;
pub(crate) mod peers;
pub(crate) mod processes;
pub(crate) mod sheet;
pub(crate) mod viewer;
