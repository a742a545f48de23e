//! The test button, against a real listener.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use axum::{Router, extract::OriginalUri, response::IntoResponse};
use tokio::net::TcpListener;

use super::*;

/// A provider's public documents on a port of their own, until this is dropped.
struct Documents {
    address: SocketAddr,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Documents {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Documents {
    /// Serves what `documents` makes of this server's address.
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    async fn serve(documents: impl FnOnce(&str) -> HashMap<&'static str, (u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let documents = Arc::new(documents(&format!("http://{address}")));
        let answer = move |OriginalUri(uri): OriginalUri| {
            let documents = Arc::clone(&documents);
            async move {
                match documents.get(uri.path()) {
                    Some((status, body)) => {
                        (StatusCode::from_u16(*status).unwrap(), body.clone()).into_response()
                    }
                    None => StatusCode::NOT_FOUND.into_response(),
                }
            }
        };
        let router = Router::new().fallback(answer);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, server }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn right(issuer: &str) -> HashMap<&'static str, (u16, String)> {
    let description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": ["openid", "profile", "groups", "email"],
    });
    let keys = json!({"keys": [{"kty": "OKP"}]});
    HashMap::from([
        (
            "/.well-known/openid-configuration",
            (200, description.to_string()),
        ),
        ("/jwks", (200, keys.to_string())),
    ])
}

fn by_issuer(issuer: &str) -> Value {
    json!({"name": "Local", "issuer": issuer, "client_id": "deskcast", "client_secret": SECRET})
}

/// The outcome of each step.
async fn outcomes(app: &TestApp, at: &str) -> (bool, HashMap<String, String>) {
    let answer = app.admin().await.post(&format!("{at}/check")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let steps = body["steps"].as_array().unwrap().iter().map(|step| {
        let text = |key: &str| step[key].as_str().unwrap().to_owned();
        assert!(
            !text("says").is_empty() && !text("says").starts_with("check-"),
            "{step}"
        );
        (text("step"), text("outcome"))
    });
    (body["ok"].as_bool().unwrap(), steps.collect())
}

#[sqlx::test(migrations = "./migrations")]
async fn a_provider_that_answers_rightly_passes(pool: PgPool) {
    let provider = Documents::serve(right).await;
    let app = place(&pool).await;
    let at = add(&app, &by_issuer(&provider.url())).await;
    let (fine, steps) = outcomes(&app, &at).await;
    assert!(fine, "{steps:?}");
    for step in [
        "secret",
        "discovery",
        "issuer",
        "endpoints",
        "userinfo",
        "keys",
        "scopes",
    ] {
        assert_eq!(steps[step], "pass", "{step}");
    }
    // The same on the page, without a script, in the reader's language.
    let page = at.replace(LIST, "/admin/openid");
    let admin = app.admin().await;
    let mut request = admin.request(Method::POST, &format!("{page}/check"));
    request
        .headers_mut()
        .insert("accept-language", "de".parse().unwrap());
    let result = admin.send(request).await;
    assert_eq!(result.status, 200);
    for words in [
        "klappt die Anmeldung",
        "1 Schlüssel wurde gelesen",
        "data-result=\"pass\"",
    ] {
        assert!(result.text().contains(words), "{words}: {}", result.text());
    }
    let again = admin.open(&format!("{page}/check")).await;
    assert_eq!(again.header("location"), page, "loading the result again");
}

#[sqlx::test(migrations = "./migrations")]
async fn each_fault_is_named(pool: PgPool) {
    let app = place(&pool).await;
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let at = add(&app, &by_issuer(&nobody)).await;
    let (fine, steps) = outcomes(&app, &at).await;
    assert!(!fine);
    assert_eq!(steps["discovery"], "fail", "nobody listens");
    let said = app.admin().await.post(&format!("{at}/check")).await;
    assert_eq!(said.text().matches(&nobody).count(), 1, "{}", said.text());

    let other = Documents::serve(|_| right("https://evil.example")).await;
    put(&app.admin().await, &at, &json!({"issuer": other.url()})).await;
    let (fine, steps) = outcomes(&app, &at).await;
    assert!(!fine);
    assert_eq!((&*steps["discovery"], &*steps["issuer"]), ("pass", "fail"));

    let broken = Documents::serve(|here| {
        let mut documents = right(here);
        documents.insert("/jwks", (500, "oops".into()));
        documents
    })
    .await;
    put(&app.admin().await, &at, &json!({"issuer": broken.url()})).await;
    let (fine, steps) = outcomes(&app, &at).await;
    assert!(!fine);
    assert_eq!((&*steps["issuer"], &*steps["keys"]), ("pass", "fail"));

    let large = Documents::serve(|here| {
        let mut documents = right(here);
        documents.insert(
            "/jwks",
            (
                200,
                format!("{{\"keys\": [\"{}\"]}}", "x".repeat(2_000_000)),
            ),
        );
        documents
    })
    .await;
    put(&app.admin().await, &at, &json!({"issuer": large.url()})).await;
    assert_eq!(outcomes(&app, &at).await.1["keys"], "fail", "no end of it");
}
