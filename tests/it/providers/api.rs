//! `/api/admin/oidc-providers`.

use super::*;
use crate::support::eventually;

#[sqlx::test(migrations = "./migrations")]
async fn a_provider_is_added_read_changed_and_removed(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    assert_eq!(admin.get(LIST).await.json()["oidc_providers"], json!([]));
    let at = add(&app, &authelia()).await;

    let read = admin.get(&at).await;
    let provider = read.json()["oidc_provider"].clone();
    assert_eq!(
        provider["scopes"],
        json!(["openid", "profile", "groups", "email"])
    );
    assert_eq!(provider["token_auth_method"], "client_secret_basic");
    assert_eq!(provider["has_client_secret"], true);
    assert_eq!(provider["client_secret_problem"], Value::Null);
    assert_eq!(provider["sign_in_path"], "/login/oidc/Authelia");
    assert_eq!(provider["auto_provision"], true);
    assert_eq!(provider["issuer"], Value::Null);

    // What was read can be sent back changed.
    let changed = with(
        provider,
        &json!({"name": "Staff", "admin_group": "admins", "enabled": false}),
    );
    let answer = put(&admin, &at, &changed).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let listed = admin.get(LIST).await.json();
    let provider = &listed["oidc_providers"][0];
    assert_eq!(provider["name"], "Staff");
    assert_eq!(provider["admin_group"], "admins");
    assert_eq!(provider["enabled"], false);

    assert_eq!(admin.delete(&at).await.json()["success"], true);
    for answer in [
        admin.get(&at).await,
        admin.delete(&at).await,
        put(&admin, &at, &authelia()).await,
        admin.post(&format!("{at}/check")).await,
        admin.get(&format!("{LIST}/1")).await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text());
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn every_wrong_field_is_named_and_nothing_is_changed(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    let wrong = json!({
        "name": "a/b", "client_id": 3, "scope": "openid", "issuer": "http://id.example",
        "token_url": "https://me:pw@id.example/token", "scopes": ["profile"], "token_auth_method": "jwt",
    });
    assert_eq!(
        named(&admin.post_json(LIST, &wrong).await),
        [
            "client_id",
            "client_secret",
            "issuer",
            "name",
            "scope",
            "scopes",
            "token_auth_method",
            "token_url"
        ]
    );
    assert!(all(&app).await.is_empty());
    let at = add(&app, &authelia()).await;
    let neither = json!({"authorization_url": null, "token_url": ""});
    assert_eq!(named(&put(&admin, &at, &neither).await), ["issuer"]);
    assert!(only(&app).await.provider.token_url.is_some());
}

#[sqlx::test(migrations = "./migrations")]
async fn a_name_is_one_providers_whatever_the_case_of_its_letters(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    add(&app, &authelia()).await;
    let other = add(&app, &with(authelia(), &json!({"name": "IServ"}))).await;
    let same = with(
        authelia(),
        &json!({"name": " authELIA ", "is_default": true}),
    );
    for refused in [
        admin.post_json(LIST, &same).await,
        put(&admin, &other, &same).await,
    ] {
        assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
        assert_eq!(refused.json()["code"], "name_taken");
    }
    let names: Vec<_> = all(&app).await;
    let names: Vec<_> = names.iter().map(|stored| &*stored.provider.name).collect();
    assert_eq!(names, ["Authelia", "IServ"]);
    let found = app.state.providers.find_by_name("ISERV").await;
    assert_eq!(found.unwrap().unwrap().provider.name, "IServ");
}

#[sqlx::test(migrations = "./migrations")]
async fn one_provider_is_the_default_and_stands_first(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    let default = |name: &str| with(authelia(), &json!({"name": name, "is_default": true}));
    let first = add(&app, &default("a")).await;
    add(&app, &default("b")).await;
    let defaults = async || {
        let all = all(&app).await;
        let of = |only: bool| {
            all.iter()
                .filter(move |stored| !only || stored.provider.is_default)
        };
        let names = |only| {
            of(only)
                .map(|stored| stored.provider.name.clone())
                .collect::<Vec<_>>()
        };
        (names(true), names(false))
    };
    assert_eq!(
        defaults().await,
        (vec!["b".into()], vec!["b".into(), "a".into()])
    );
    put(&admin, &first, &json!({"is_default": true})).await;
    assert_eq!(
        defaults().await,
        (vec!["a".into()], vec!["a".into(), "b".into()])
    );
    // A change that is refused takes nothing from the other.
    let refused = with(authelia(), &json!({"name": "A", "is_default": true}));
    assert_eq!(admin.post_json(LIST, &refused).await.status, 409);
    assert_eq!(defaults().await.0, ["a"]);
    // Many at once still leave one.
    let bodies: Vec<_> = (0..8)
        .map(|number| default(&format!("c{number}")))
        .collect();
    let all_at_once = bodies.iter().map(|body| admin.post_json(LIST, body));
    for made in futures_util::future::join_all(all_at_once).await {
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    }
    assert_eq!(defaults().await.0.len(), 1);
}

#[sqlx::test(migrations = "./migrations")]
async fn removing_a_provider_ends_its_sessions_on_every_replica(pool: PgPool) {
    let app = place(&pool).await;
    let replica = place(&pool).await;
    let at = add(&app, &authelia()).await;
    let id = only(&app).await.provider.id;
    let (theirs, local) = (app.user("jana").await, app.user("ivo").await);
    sqlx::query(
        "update login_sessions set provider_id = $1 from users u where u.id = user_id and u.username = 'jana'",
    )
    .bind(id)
    .execute(&pool)
    .await
    .unwrap();
    let mut at_replica = theirs.clone();
    at_replica.address = replica.address;
    assert_eq!(at_replica.get("/session").await.status, 200);
    assert_eq!(app.state.sessions.count_of_provider(id).await.unwrap(), 1);

    app.admin().await.delete(&at).await;
    assert_eq!(theirs.get("/session").await.status, 401);
    assert_eq!(local.get("/session").await.status, 200, "another way in");
    let within = std::time::Duration::from_secs(5);
    eventually("the replica hears of it", within, async || {
        (at_replica.get("/session").await.status != 200).then_some(())
    })
    .await;
    let people: i64 = sqlx::query_scalar("select count(*) from users where username = 'jana'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(people, 1, "the person stays");
}

#[sqlx::test(migrations = "./migrations")]
async fn only_administrators_touch_providers(pool: PgPool) {
    let app = place(&pool).await;
    let at = add(&app, &authelia()).await;
    let page = at.replace(LIST, "/admin/openid");
    let (user, stranger) = (app.user("jana").await, app.stranger());
    for (method, path) in [
        (Method::GET, LIST),
        (Method::POST, LIST),
        (Method::GET, &at),
        (Method::PUT, &at),
        (Method::DELETE, &at),
        (Method::POST, &format!("{at}/check")),
        (Method::GET, "/admin/openid"),
        (Method::POST, "/admin/openid"),
        (Method::GET, "/admin/openid/new"),
        (Method::GET, &page),
        (Method::POST, &page),
        (Method::GET, &format!("{page}/check")),
        (Method::POST, &format!("{page}/check")),
        (Method::GET, &format!("{page}/delete")),
        (Method::POST, &format!("{page}/delete")),
    ] {
        let answer = user.send(user.request(method.clone(), path)).await;
        assert_eq!(answer.status, 403, "{method} {path}");
        let answer = stranger.send(stranger.request(method.clone(), path)).await;
        let expected = if path.starts_with("/api") { 400 } else { 303 };
        assert_eq!(answer.status, expected, "{method} {path}");
    }
    assert_eq!(only(&app).await.provider.name, "Authelia");
}

#[test]
fn the_description_tells_how_a_secret_is_written_and_that_it_is_never_read() {
    let api = serde_json::to_value(deskcast::app::description()).unwrap();
    let schemas = &api["components"]["schemas"];
    let written = &schemas["ProviderDraft"]["properties"]["client_secret"];
    assert_eq!(written["writeOnly"], true, "{written}");
    assert_eq!(written.get("default"), None, "{written}");
    let read = schemas["ProviderBody"]["properties"].as_object().unwrap();
    assert!(!read.contains_key("client_secret"));
    // Everything else that is written can be read, and under the same name.
    for name in schemas["ProviderDraft"]["properties"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(name == "client_secret" || read.contains_key(name), "{name}");
    }
}
