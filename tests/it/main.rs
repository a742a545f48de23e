//! Integration tests.

mod desktops;
