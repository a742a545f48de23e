//! Docker Engine, through bollard: the only file that knows it.
