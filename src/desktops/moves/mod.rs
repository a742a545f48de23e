//! The moves between states, each one conditional update.
//!
//! The worker on a start or a stop holds a lease and writes its own id and the generation into the condition, so that a
//! worker that was paused or cut off cannot undo what came after it. `false` always means: it is not yours any more.

mod store;

pub(super) use store::*;
