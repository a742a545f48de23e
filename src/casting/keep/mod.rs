//! *Keep it*: where a guest of a cast is asked, after signing in, whether the desktop they have open is to be theirs.
//!
//! Signing in alone takes nothing over: the page names the account and the desktop, and a button of it keeps. So nobody
//! finds a desktop in their account that somebody else left open in the same browser.

pub mod pages;
