//! What the server takes for a page of ours, the browser does too: its own reader of addresses is asked (threat T6).

use deskcast::sign_in::next::{safe_back, safe_next};
use serde_json::json;
use url::Url;

use crate::{
    browser::with_browser,
    ways_out::{OURS, ways_out},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_reads_every_followed_value_as_a_page_of_ours() {
    let page: Url = format!("{OURS}/login").parse().unwrap();
    let values = ways_out();
    let followed: Vec<[&str; 2]> = values
        .iter()
        .map(|value| [safe_next(value, &page), safe_back(value, &page)])
        .collect();
    with_browser("redirects", async |browser| {
        browser.goto("about:blank").await;
        let script = format!(
            "const base = {base}; const origin = (value) => {{ try {{ return new URL(value, base).origin; }} catch {{ return 'none'; }} }};\
             return {{ raw: {values}.map(origin), followed: {followed}.map((pair) => pair.map(origin)) }};",
            base = json!(page.as_str()),
            values = json!(values),
            followed = json!(followed),
        );
        let read = browser.finds_out(&script).await;
        let raw = read["raw"].as_array().unwrap();
        let after = read["followed"].as_array().unwrap();
        assert_eq!((raw.len(), after.len()), (values.len(), values.len()));
        let away = raw.iter().filter(|origin| **origin != OURS).count();
        println!("{} values, {away} of them lead away by themselves", values.len());
        assert!(away >= 1_000, "the values are harmless: {away}");
        for ((value, pair), origins) in values.iter().zip(&followed).zip(after) {
            assert_eq!(*origins, json!([OURS, OURS]), "{value:?} is followed as {pair:?}");
        }
    })
    .await;
}
