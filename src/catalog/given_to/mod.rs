//! Which groups a type is given to; one that is given to none of them is everybody's, or nobody's.

mod store;

pub(super) use store::{give_to_group, limit_to};
