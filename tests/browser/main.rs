//! A person in front of a real browser, a real desktop behind the real server.
#![expect(
    clippy::unwrap_used,
    reason = "what does not work here is a failed test, also in a helper"
)]

#[path = "../support/browser.rs"]
mod browser;
#[path = "../support/provider.rs"]
mod provider;
#[path = "../support/siteverify.rs"]
#[expect(dead_code, reason = "the tests over HTTP need more of it")]
mod siteverify;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the tests of faults need more of it")]
mod support;
#[path = "../support/ways_out.rs"]
mod ways_out;

mod account;
mod administration;
mod at_work;
mod captcha;
mod casts;
mod guests;
mod hostile_client;
mod journey;
mod keep;
mod looked_at;
mod looks;
mod openid;
mod redirects;
mod sharing;
mod sign_in_with_provider;
mod start_page;
mod without_scripts;

use browser::Browser;
use support::server::{ADMIN, Server};

/// What is really in the catalogue of a new installation.
const DESKTOP: &str = "debian-desktop";

fn url(server: &Server, path: &str) -> String {
    format!("http://{}{path}", server.address)
}

/// Signs in on the page: the first field has the focus already.
async fn sign_in(browser: &Browser, server: &Server) {
    signs_in_as(browser, server, ADMIN).await;
}

async fn signs_in_as(browser: &Browser, server: &Server, (name, password): (&str, &str)) {
    browser.goto(&url(server, "/")).await;
    browser.sees("#username:focus").await;
    browser.types(name).await;
    browser.presses(fantoccini::key::Key::Tab).await;
    browser.types(password).await;
    browser.clicks("form[action='/login'] button").await;
    browser.sees("main#main h1").await;
}
