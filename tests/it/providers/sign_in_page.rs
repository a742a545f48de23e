//! The sign-in page: buttons, going straight to a provider, and without local accounts.

use super::*;
use crate::support::ADMIN_PASSWORD;

const NO_LOCAL: (&str, &str) = ("LOCAL_ACCOUNTS", "false");

fn has_form(page: &Answer) -> bool {
    page.text().contains("name=\"password\"")
}

/// Places of these texts on the page, which must all be there.
fn places<const N: usize>(page: &Answer, texts: [&str; N]) -> [usize; N] {
    texts.map(|text| {
        let place = page.text().find(text);
        place.unwrap_or_else(|| panic!("no {text} in {}", page.text()))
    })
}

async fn with_two(app: &TestApp) {
    add(app, &with(authelia(), &json!({"name": "A & B <staff>"}))).await;
    add(
        app,
        &with(authelia(), &json!({"name": "IServ", "is_default": true})),
    )
    .await;
    add(
        app,
        &with(authelia(), &json!({"name": "Hidden", "enabled": false})),
    )
    .await;
}

#[sqlx::test(migrations = "./migrations")]
async fn each_enabled_provider_has_a_button_the_default_one_first(pool: PgPool) {
    let app = place(&pool).await;
    with_two(&app).await;
    let page = app.stranger().open("/login?next=/admin?a%3Db").await;
    let places = places(
        &page,
        [
            "href=\"/login/oidc/IServ?next=%2Fadmin%3Fa%3Db\"",
            "Continue with IServ",
            "href=\"/login/oidc/A%20%26%20B%20%3Cstaff%3E?next=%2Fadmin%3Fa%3Db\"",
            "Continue with A &#38; B &#60;staff&#62;",
            "or with a local account",
            "name=\"password\"",
        ],
    );
    assert!(places.is_sorted(), "{places:?}");
    assert!(!page.text().contains("Hidden"));
    assert_eq!(page.text().matches("provider-button first").count(), 1);
    let elsewhere = app.stranger().open("/login?next=https://evil.test").await;
    assert!(elsewhere.text().contains("href=\"/login/oidc/IServ\""));
    assert!(!elsewhere.text().contains("evil.test"));
    // The same at `/`, without a redirect: the part after # would be lost.
    let home = app.stranger().open("/").await;
    assert_eq!(home.status, 200);
    assert!(home.text().contains("href=\"/login/oidc/IServ\""));
    let german = {
        let mut request = app.stranger().request(Method::GET, "/login");
        let language = "de".parse().unwrap();
        request.headers_mut().insert("accept-language", language);
        app.stranger().send(request).await
    };
    assert!(german.text().contains("Weiter mit IServ"));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_wrong_password_shows_the_buttons_again(pool: PgPool) {
    let app = place(&pool).await;
    with_two(&app).await;
    let form = [("username", "admin"), ("password", "wrong"), ("next", "/x")];
    let page = app.stranger().submit("/login", &form).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.text().contains("/login/oidc/IServ?next=%2Fx"));
    assert!(has_form(&page));
}

#[sqlx::test(migrations = "./migrations")]
async fn auto_login_goes_straight_there_and_not_in_circles(pool: PgPool) {
    let app = place(&pool).await;
    with_two(&app).await;
    add(
        &app,
        &with(authelia(), &json!({"name": "School", "auto_login": true})),
    )
    .await;
    let stranger = app.stranger();
    let straight = stranger.open("/login?next=/admin").await;
    assert_eq!(straight.status, StatusCode::SEE_OTHER);
    assert_eq!(
        straight.header("location"),
        "/login/oidc/School?next=%2Fadmin"
    );
    let local = stranger.open("/login?local=1").await;
    assert_eq!(local.status, 200);
    assert!(has_form(&local));
    let signed_out = stranger.open("/login?signed_out=1").await;
    assert_eq!(signed_out.status, 200);
    assert!(signed_out.text().contains("You have been signed out."));
    assert_eq!(stranger.open("/").await.status, 200);
    // Signing out leads to the page that stays.
    let jana = app.user("jana").await;
    let mut request = jana.request(Method::POST, "/logout");
    request
        .headers_mut()
        .insert("accept", "text/html".parse().unwrap());
    assert_eq!(
        jana.send(request).await.header("location"),
        "/login?signed_out=1"
    );
    // Who is signed in goes where they wanted to.
    let jana = app.user("jana").await;
    let there = jana.open("/login?next=/account").await;
    assert_eq!(there.header("location"), "/account");
}

#[sqlx::test(migrations = "./migrations")]
async fn without_local_accounts_only_administrators_sign_in_with_a_password(pool: PgPool) {
    let app = TestApp::start_with(pool.clone(), &[KEY, NO_LOCAL]).await;
    sqlx::query(
        "insert into users (id, slug, username, display_name, password_hash)
         select gen_random_uuid(), 'jana', 'jana', 'Jana', password_hash from users where username = 'admin'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let stranger = app.stranger();
    let nothing = stranger.open("/login").await;
    assert!(!has_form(&nothing));
    assert!(nothing.text().contains("Nobody can sign in here yet."));
    with_two(&app).await;
    for (path, form) in [("/login", false), ("/", false), ("/login?local=1", true)] {
        let page = stranger.open(path).await;
        assert_eq!(
            (page.status.as_u16(), has_form(&page)),
            (200, form),
            "{path}"
        );
        assert!(page.text().contains("Continue with IServ"), "{path}");
        assert!(!page.text().contains("Nobody can sign in"), "{path}");
    }
    for (username, as_form, as_json) in [("jana", 401, 401), ("admin", 303, 200)] {
        let form = [("username", username), ("password", ADMIN_PASSWORD)];
        let answer = stranger.submit("/login", &form).await;
        assert_eq!(answer.status, as_form, "{username}");
        let body = json!({"username": username, "password": ADMIN_PASSWORD});
        let answer = stranger.post_json("/api/login", &body).await;
        assert_eq!(answer.status, as_json, "{username}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_logo_is_let_in_on_the_sign_in_page_and_nowhere_else(pool: PgPool) {
    let app = place(&pool).await;
    let logo = json!({"logo_url": "https://pictures.example:8443/a/logo.png?x=1;y"});
    add(&app, &with(authelia(), &logo)).await;
    let policy = |answer: &Answer| answer.header("content-security-policy").to_owned();
    for path in ["/login", "/", "/login?local=1"] {
        let page = app.stranger().open(path).await;
        assert!(
            policy(&page).contains("img-src 'self' data: https://pictures.example:8443;"),
            "{path}: {}",
            policy(&page)
        );
        assert!(
            page.text()
                .contains("src=\"https://pictures.example:8443/a/logo.png?x=1;y\"")
        );
        assert!(page.text().contains("referrerpolicy=\"no-referrer\""));
        let nonce = policy(&page);
        let nonce = nonce
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap();
        assert!(
            page.text().contains(&format!("nonce=\"{nonce}\"")),
            "scripts run"
        );
    }
    let admin = app.admin().await;
    for path in ["/", "/admin/openid", "/logout"] {
        assert!(
            !policy(&admin.open(path).await).contains("pictures"),
            "{path}"
        );
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn while_the_database_is_away_the_page_comes_and_says_so(pool: PgPool) {
    let app = place(&pool).await;
    pool.close().await;
    for path in ["/login", "/"] {
        let page = app.stranger().open(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(has_form(&page), "{path}");
        assert!(
            page.text().contains("The database does not answer"),
            "{path}"
        );
    }
}
