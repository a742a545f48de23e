//! Integration tests: real Postgres (a database per test), the real router on a real listener, the fake engine.

mod admin;
mod config;
mod desktops;
mod layers;
mod pages;
mod support;
mod web;
