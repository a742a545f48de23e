//! Integration tests: real Postgres (a database per test), the real router on a real listener, the fake engine.

mod config;
mod dashboard;
mod desktops;
mod layers;
mod pages;
mod process;
mod support;
mod web;
