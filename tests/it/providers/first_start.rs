//! The provider of the original's `OAUTH_*`.

use super::*;

const ISERV: [(&str, &str); 9] = [
    KEY,
    ("OAUTH_CLIENT_ID", "deskcast"),
    ("OAUTH_CLIENT_SECRET", SECRET),
    (
        "OAUTH_AUTHORIZE_URL",
        "https://school.example/iserv/oauth/v2/auth",
    ),
    (
        "OAUTH_TOKEN_URL",
        "https://school.example/iserv/oauth/v2/token",
    ),
    (
        "OAUTH_USERINFO_URL",
        "https://school.example/iserv/public/oauth/userinfo",
    ),
    ("OAUTH_JWKS_URI", "https://school.example/iserv/public/jwk"),
    ("ROLE_ADMIN", "desktop-admins"),
    ("ROLE_TEACHER", "Lehrer"),
];

async fn start(pool: &PgPool) -> TestApp {
    TestApp::start_with(pool.clone(), &ISERV).await
}

#[sqlx::test(migrations = "./migrations")]
async fn the_first_start_makes_the_provider_as_the_original_had_it(pool: PgPool) {
    let app = start(&pool).await;
    let stored = only(&app).await;
    let provider = stored.provider;
    assert_eq!(provider.name, "default");
    assert_eq!(provider.client_id, "deskcast");
    assert_eq!(provider.client_secret.unwrap().expose_secret(), SECRET);
    assert_eq!(
        provider.scopes,
        ["openid", "profile", "uuid", "email", "groups"]
    );
    assert_eq!(
        provider.token_auth_method,
        deskcast::providers::TokenAuthMethod::ClientSecretPost
    );
    assert_eq!(provider.jwks_url.unwrap().path(), "/iserv/public/jwk");
    assert_eq!(provider.admin_group.as_deref(), Some("desktop-admins"));
    assert_eq!(provider.teacher_group.as_deref(), Some("Lehrer"));
    assert!(provider.enabled && provider.is_default && provider.auto_provision);
    assert!(!provider.auto_login);
}

#[sqlx::test(migrations = "./migrations")]
async fn replicas_that_start_together_make_one(pool: PgPool) {
    let (one, two) = (place(&pool).await, place(&pool).await);
    let oidc = configured().oidc;
    let starts = [&one, &two, &one, &two].map(|app| app.state.sign_in.prepare_providers(&oidc));
    for started in futures_util::future::join_all(starts).await {
        started.unwrap();
    }
    only(&one).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn what_an_administrator_changed_or_removed_stays_so(pool: PgPool) {
    let app = start(&pool).await;
    let at = format!("{LIST}/{}", only(&app).await.provider.id);
    let admin = app.admin().await;
    put(
        &admin,
        &at,
        &json!({"client_id": "renamed", "enabled": false}),
    )
    .await;
    drop(app);
    let app = start(&pool).await;
    let provider = only(&app).await.provider;
    assert_eq!((&*provider.client_id, provider.enabled), ("renamed", false));
    put(&app.admin().await, &at, &json!({"name": "IServ"})).await;
    drop(app);
    let app = start(&pool).await;
    assert_eq!(only(&app).await.provider.name, "IServ", "no second one");
    app.admin().await.delete(&at).await;
    drop(app);
    assert!(
        all(&start(&pool).await).await.is_empty(),
        "it does not come back"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn rows_that_are_there_already_stay(pool: PgPool) {
    let app = place(&pool).await;
    let own = with(authelia(), &json!({"name": "Default", "is_default": true}));
    add(&app, &own).await;
    drop(app);
    let app = start(&pool).await;
    assert_eq!(only(&app).await.provider.client_id, "kasm");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_second_provider_does_not_take_the_first_place(pool: PgPool) {
    let app = place(&pool).await;
    add(&app, &with(authelia(), &json!({"is_default": true}))).await;
    drop(app);
    let app = start(&pool).await;
    let all = all(&app).await;
    let names: Vec<_> = all
        .iter()
        .map(|stored| (&*stored.provider.name, stored.provider.is_default))
        .collect();
    assert_eq!(names, [("Authelia", true), ("default", false)]);
}

#[test]
fn a_secret_without_a_key_is_a_problem_of_the_configuration() {
    let problems = config(&ISERV[1..]).unwrap_err();
    assert!(
        problems
            .to_string()
            .starts_with("SECRET_KEY: missing; OAUTH_CLIENT_SECRET")
    );
}

fn configured() -> Config {
    config(&ISERV).unwrap()
}

fn config(variables: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
    let env = variables
        .iter()
        .chain(&[("DATABASE_URL", "postgres://localhost/x")])
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_env(env.collect::<EnvSource>()).0
}
