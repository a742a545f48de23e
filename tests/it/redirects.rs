//! After signing in, and after changing how pages look, one is on a page of ours: whatever `next` says (threat T6).
//! The browser's own reader says the same of the same values in `tests/browser/redirects.rs`.

use deskcast::sign_in::next::{safe_back, safe_next};
use hyper::{Method, StatusCode};
use proptest::prelude::*;
use sqlx::PgPool;
use url::Url;

use crate::{
    oidc::{self, Idp, Written, know},
    support::{ADMIN_PASSWORD, Answer, Client, TestApp},
    ways_out::{OURS, ways_out},
};

/// Whether a browser on `page` that follows `to` stays; read as the WHATWG standard says.
fn stays(page: &Url, to: &str) -> bool {
    let there = page.join(to);
    there.is_ok_and(|there| there.origin() == page.origin() && there.username().is_empty())
}

#[test]
fn no_value_leads_away() {
    let page: Url = format!("{OURS}/login").parse().unwrap();
    let values = ways_out();
    assert!(values.len() >= 2_000, "{}", values.len());
    let mut hostile = 0;
    let mut followed = 0;
    for value in &values {
        hostile += usize::from(!stays(&page, value));
        for next in [safe_next(value, &page), safe_back(value, &page)] {
            assert!(next == "/" || next == value, "{value:?} becomes {next:?}");
            assert!(stays(&page, next), "{value:?} leads away");
            assert!(next.bytes().all(|byte| byte.is_ascii_graphic()), "{next:?}");
            followed += usize::from(next != "/");
        }
    }
    println!(
        "{} values, {hostile} of them lead away by themselves",
        values.len()
    );
    assert!(hostile >= 1_000, "the values are harmless: {hostile}");
    assert!(followed > 0, "nothing is followed at all");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_changed_value_leads_away_either(
        which in any::<proptest::sample::Index>(),
        other in any::<proptest::sample::Index>(),
        at in any::<proptest::sample::Index>(),
        kind in 0_u8..4,
        letter in prop_oneof![proptest::sample::select(vec!['/', '\\', '@', ':', '\t', '\n', '%', '.', '?', '#']), any::<char>()],
    ) {
        thread_local! {
            static VALUES: Vec<String> = ways_out();
        }
        let value = VALUES.with(|values| {
            let mut letters: Vec<char> = which.get(values).chars().take(200).collect();
            let place = if letters.is_empty() { 0 } else { at.index(letters.len()) };
            match kind {
                0 => letters.insert(place, letter),
                1 if !letters.is_empty() => { letters.remove(place); }
                2 if !letters.is_empty() => letters[place] = letter,
                _ => letters.extend(other.get(values).chars().take(200)),
            }
            letters.into_iter().collect::<String>()
        });
        let page: Url = format!("{OURS}/login").parse().unwrap();
        for next in [safe_next(&value, &page), safe_back(&value, &page)] {
            prop_assert!(next == "/" || next == value);
            prop_assert!(stays(&page, next), "{:?}", value);
        }
    }
}

fn leads_on(app: &TestApp, answer: &Answer, value: &str) {
    let page: Url = format!("http://{}/login", app.address).parse().unwrap();
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{value:?}");
    let to = answer
        .headers
        .get_all("location")
        .iter()
        .collect::<Vec<_>>();
    assert_eq!(to.len(), 1, "{value:?}");
    let to = to[0].to_str().unwrap();
    assert!(to == "/" || to == value, "{value:?} became {to:?}");
    assert!(stays(&page, to), "{value:?} led to {to:?}");
}

fn login_with(value: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", value)
        .finish();
    format!("/login?{query}")
}

#[sqlx::test(migrations = "./migrations")]
async fn no_answer_of_the_server_leads_away(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let here = format!("http://{}", app.address);
    let jana = app.user("jana").await;
    let stranger = app.stranger();
    for value in ways_out() {
        // The same attacks on this server's own name.
        let value = value.replace(OURS, &here);
        let path = login_with(&value);
        // One that makes the address too long for any request is refused before it is read.
        if path.len() < 8_000 {
            leads_on(&app, &jana.open(&path).await, &value);
        }
        leads_on(
            &app,
            &stranger
                .submit("/look", &[("theme", "dark"), ("next", &value)])
                .await,
            &value,
        );
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn neither_does_signing_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let values = ways_out();
    // A password takes its time: every so many of them.
    for value in values.iter().step_by(values.len() / 60) {
        let form = [
            ("username", "admin"),
            ("password", ADMIN_PASSWORD),
            ("next", value.as_str()),
        ];
        leads_on(&app, &app.stranger().submit("/login", &form).await, value);
    }
    for value in values
        .iter()
        .filter(|value| value.len() < 2_000)
        .step_by(10)
    {
        // And the form that asks for it carries nothing else on.
        let page = app.stranger().open(&login_with(value)).await;
        let (_, rest) = page.text().split_once("name=\"next\" value=\"").unwrap();
        let (carried, _) = rest.split_once('"').unwrap();
        let page: Url = format!("http://{}/login", app.address).parse().unwrap();
        assert!(stays(&page, &carried.replace("&#38;", "&")), "{value:?}");
    }
}

/// A sign-in at a provider carries `next` in its row: what is stored there is what is followed later.
#[sqlx::test(migrations = "./migrations")]
async fn neither_does_a_sign_in_at_a_provider(pool: PgPool) {
    let app = oidc::server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let stranger: Client = app.stranger();
    let values: Vec<String> = ways_out()
        .into_iter()
        .filter(|value| value.len() < 2_000)
        .step_by(7)
        .collect();
    for value in &values {
        let path = login_with(value).replacen("/login?", "/login/oidc/default?", 1);
        let request = stranger.request(Method::GET, &path);
        let answer = stranger.send(request).await;
        let to = answer.header("location");
        assert!(to.starts_with(&idp.url("authorize?")), "{value:?}: {to}");
    }
    let stored: Vec<String> = sqlx::query_scalar("select next from oidc_sign_ins")
        .fetch_all(&app.pool)
        .await
        .unwrap();
    assert_eq!(stored.len(), values.len());
    let page: Url = format!("http://{}/login", app.address).parse().unwrap();
    for next in stored {
        assert!(stays(&page, &next), "{next:?} is stored");
    }
}
