//! API tokens from their making to their end.

use super::*;

#[sqlx::test]
async fn a_token_is_shown_once_used_and_deleted(pool: PgPool) {
    let app = server(&pool).await;
    let browser = app.user("jana").await;
    let made = browser
        .post_json(
            "/api/tokens",
            &json!({"name": " backup ", "expires_in": 3600}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    let token = text(&made["token"]);
    assert!(token.starts_with("dct_") && token.len() == 47, "{token}");
    assert_eq!(made["details"]["name"], "backup");

    let script = Client::new(app.address, Credential::Header(token.clone()));
    let used = script.get("/api/tokens").await;
    assert_eq!(used.status, StatusCode::OK);
    assert!(!used.text().contains(&token));
    assert!(used.json()["tokens"][0]["last_used_at"].is_string());
    assert_says(
        &script.post("/logout").await,
        400,
        "An API token is no session and cannot be signed out. Delete it when it is not needed any more.",
    );

    let path = format!("/api/tokens/{}", text(&made["details"]["id"]));
    let ivo = app.user("ivo").await;
    assert_says(&ivo.delete(&path).await, 404, "You have no such token.");
    assert_eq!(script.get("/session").await.status, StatusCode::OK);
    assert_eq!(browser.delete(&path).await.status, StatusCode::OK);
    assert_says(&script.get("/session").await, 401, "Invalid session");
    assert_says(&browser.delete(&path).await, 404, "You have no such token.");

    for body in [json!({"name": ""}), json!({"name": "x", "expires_in": 0})] {
        let answer = browser.post_json("/api/tokens", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[sqlx::test]
async fn a_token_runs_out_and_there_are_not_endlessly_many(pool: PgPool) {
    let app = server(&pool).await;
    let user = app.account("jana", Role::User).await;
    let tokens = &app.state.tokens;
    let token = tokens.create(user, "short", Some(1)).await.unwrap();
    let lifetime = token.token.expires_at - token.token.created_at;
    assert_eq!(lifetime, time::Duration::SECOND);
    let by_default = tokens.create(user, "default", None).await.unwrap();
    let lifetime = by_default.token.expires_at - by_default.token.created_at;
    assert_eq!(lifetime, time::Duration::days(90));
    run(&pool, "update api_tokens set expires_at = now()").await;
    let key = token.secret.expose_secret().to_owned();
    let script = Client::new(app.address, Credential::Header(key));
    assert_says(&script.get("/session").await, 401, "Session expired");
    for number in 2..50 {
        let name = format!("token {number}");
        tokens.create(user, &name, None).await.unwrap();
    }
    let browser = app.user("jana").await;
    let answer = browser
        .post_json("/api/tokens", &json!({"name": "x"}))
        .await;
    assert_says(
        &answer,
        409,
        "You have 50 tokens. Delete one you no longer use.",
    );
}

#[sqlx::test]
async fn only_somebody_who_signed_in_makes_tokens(pool: PgPool) {
    let app = server(&pool).await;
    let wanted = json!({"name": "one", "expires_in": 60});
    // A script that signed in has a session.
    let signed_in = Client::new(app.address, Credential::Header(session(&app).await));
    let made = signed_in.post_json("/api/tokens", &wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let token = text(&made.json()["token"]);
    let script = Client::new(app.address, Credential::Header(token.clone()));
    let wanted = json!({"name": "child", "expires_in": 31_536_000});
    let refused = script.post_json("/api/tokens", &wanted).await;
    let sentence = "An API token cannot make API tokens. Sign in to make one.";
    assert_says(&refused, 403, sentence);
    assert_eq!(rows(&pool, "api_tokens").await, 1);
    // Signing out in one place, or everywhere else, leaves it.
    assert_eq!(
        signed_in.delete("/api/sessions").await.status,
        StatusCode::OK
    );
    assert_eq!(signed_in.post("/logout").await.status, StatusCode::OK);
    assert_eq!(script.get("/session").await.status, StatusCode::OK);
}
