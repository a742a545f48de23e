//! The client's secret: written, never read, and not lost without a word.

use super::*;
use deskcast::error::AppError;

/// Everything that the database keeps of providers.
async fn row(pool: &PgPool) -> String {
    sqlx::query_scalar("select row_to_json(p)::text from oidc_providers p")
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn sealed(pool: &PgPool) -> Option<Vec<u8>> {
    sqlx::query_scalar("select client_secret from oidc_providers")
        .fetch_one(pool)
        .await
        .unwrap()
}

fn secret(stored: &StoredProvider) -> Option<&str> {
    let secret = stored.provider.client_secret.as_ref();
    secret.map(ExposeSecret::expose_secret)
}

#[sqlx::test(migrations = "./migrations")]
async fn a_secret_is_never_read_back_and_stays_when_it_is_left_out(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    let made = admin.post_json(LIST, &authelia()).await;
    let at = format!(
        "{LIST}/{}",
        made.json()["oidc_provider"]["id"].as_str().unwrap()
    );
    let page = at.replace(LIST, "/admin/openid");
    let kept = put(&admin, &at, &json!({"name": "Staff"})).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert_eq!(secret(&only(&app).await), Some(SECRET));
    let refused = admin
        .submit(&page, &[("name", ""), ("client_secret", SECRET)])
        .await;
    for answer in [
        made,
        kept,
        admin.get(&at).await,
        admin.get(LIST).await,
        put(&admin, &at, &json!({"client_secret": SECRET, "name": ""})).await,
        put(&admin, &at, &json!({"client_secret": [SECRET]})).await,
        admin.open("/admin/openid").await,
        admin.open(&page).await,
        refused,
    ] {
        assert!(!answer.text().contains(SECRET), "{}", answer.text());
    }
    let kept = sealed(&pool).await.unwrap();
    let mut parts = kept.windows(SECRET.len());
    assert!(parts.all(|part| part != SECRET.as_bytes()));
    let row = row(&pool).await;
    assert!(!row.contains(SECRET), "{row}");

    put(&admin, &at, &json!({"client_secret": "another"})).await;
    assert_eq!(secret(&only(&app).await), Some("another"));
    // Taken away only where none is needed.
    let needed = put(&admin, &at, &json!({"client_secret": null})).await;
    assert_eq!(named(&needed), ["client_secret"]);
    let public = json!({"client_secret": null, "token_auth_method": "none"});
    assert_eq!(put(&admin, &at, &public).await.status, 200);
    assert_eq!(sealed(&pool).await, None);
}

#[sqlx::test(migrations = "./migrations")]
async fn without_a_key_no_secret_is_kept_and_that_is_said(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let refused = admin.post_json(LIST, &authelia()).await;
    assert_eq!(named(&refused), ["client_secret"]);
    assert!(refused.text().contains("SECRET_KEY"), "{}", refused.text());
    let list = admin.open("/admin/openid").await;
    assert!(list.text().contains("SECRET_KEY"), "{}", list.text());
    // A public client has no secret.
    let public = with(
        authelia(),
        &json!({"client_secret": null, "token_auth_method": "none"}),
    );
    add(&app, &public).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn after_the_key_changed_the_row_is_there_and_says_what_to_do(pool: PgPool) {
    let before = place(&pool).await;
    let at = add(&before, &authelia()).await;
    let page = at.replace(LIST, "/admin/openid");
    drop(before);

    for (variables, cause) in [
        (
            vec![("SECRET_KEY", "another key of thirty-two characters")],
            SealError::OtherKey,
        ),
        (Vec::new(), SealError::NoKey),
    ] {
        let app = TestApp::start_with(pool.clone(), &variables).await;
        let admin = app.admin().await;
        let stored = only(&app).await;
        assert_eq!(stored.secret, SecretState::Unreadable(cause));
        let sentence = cause.sentence().to_string();
        let told = admin.get(&at).await.json();
        assert_eq!(told["oidc_provider"]["client_secret_problem"], *sentence);
        let shown = admin.open(&page).await;
        assert!(shown.text().contains(&sentence), "{}", shown.text());
        let list = admin.open("/admin/openid").await;
        assert!(
            list.text().contains("Secret cannot be read"),
            "{}",
            list.text()
        );
        let tried = admin.post(&format!("{at}/check")).await.json();
        assert_eq!(tried["ok"], false);
        assert_eq!(tried["steps"][0]["says"], *sentence);

        // People hear that it is not their fault; an administrator and the log hear why.
        let refused = app.stranger().open("/login/oidc/authelia").await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        for (page, sees_cause) in [
            (&refused, false),
            (&admin.open("/login/oidc/Authelia?test=1").await, true),
        ] {
            assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(
                page.text()
                    .contains("Signing in with Authelia is not set up rightly")
            );
            assert_eq!(page.text().contains("SECRET_KEY"), sees_cause);
        }
        let fault = stored.usable().unwrap_err();
        assert!(matches!(fault, ProviderFault::Secret { .. }));
        let AppError::Unavailable {
            sentence, source, ..
        } = AppError::from(fault)
        else {
            panic!("503");
        };
        assert!(
            sentence
                .to_string()
                .contains("Signing in with Authelia is not set up rightly")
        );
        assert!(source.unwrap().to_string().contains("Authelia"));
        // Other fields can be changed meanwhile.
        assert_eq!(
            put(&admin, &at, &json!({"enabled": true})).await.status,
            200
        );
        assert!(
            sealed(&pool).await.is_some(),
            "setting the key back is still possible"
        );
    }
    let app = place(&pool).await;
    assert_eq!(secret(&only(&app).await), Some(SECRET), "it was not lost");
    drop(app);
    let app = TestApp::start_with(
        pool.clone(),
        &[("SECRET_KEY", "another key of thirty-two characters")],
    )
    .await;
    put(
        &app.admin().await,
        &at,
        &json!({"client_secret": "entered again"}),
    )
    .await;
    assert_eq!(secret(&only(&app).await), Some("entered again"));
}
