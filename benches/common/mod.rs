//! What the benchmarks share: somebody who looks at a desktop, and figures on paper.

pub(crate) mod direct;
pub(crate) mod figures;
pub(crate) mod viewer;
