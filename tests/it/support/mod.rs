//! What tests of the whole server share.

mod app;
mod client;
#[path = "../../support/eventually.rs"]
mod eventually;
mod logs;
mod statements;

pub(crate) use app::{ADMIN_PASSWORD, TestApp};
pub(crate) use client::{Answer, Client, Credential, raw};
pub(crate) use eventually::eventually;
pub(crate) use logs::Logs;
pub(crate) use statements::Statements;
