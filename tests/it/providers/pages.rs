//! `/admin/openid`, as plain forms.

use super::*;

/// What a browser sends for Authelia's example.
const FORM: [(&str, &str); 12] = [
    ("name", "Authelia"),
    ("client_id", "kasm"),
    ("client_secret", SECRET),
    ("token_auth_method", "client_secret_basic"),
    (
        "authorization_url",
        "https://auth.example.com/api/oidc/authorization",
    ),
    ("token_url", "https://auth.example.com/api/oidc/token"),
    ("userinfo_url", "https://auth.example.com/api/oidc/userinfo"),
    ("scopes", "openid profile groups email"),
    ("username_claim", "preferred_username"),
    ("groups_claim", "groups"),
    ("enabled", "on"),
    ("auto_provision", "on"),
];

fn form<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let stays = FORM
        .into_iter()
        .filter(|(name, _)| changes.iter().all(|(other, _)| other != name));
    stays.chain(changes.iter().copied()).collect()
}

/// Whether the box of this field is ticked.
fn ticked(page: &Answer, field: &str) -> bool {
    let tag = page
        .text()
        .split(&format!("id=\"{field}\""))
        .nth(1)
        .unwrap();
    tag.split('>').next().unwrap().contains(" checked")
}

#[sqlx::test(migrations = "./migrations")]
async fn a_provider_is_made_and_changed_with_forms(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    let empty = admin.open("/admin/openid").await;
    assert!(empty.text().contains("No OpenID provider yet"));
    let new = admin.open("/admin/openid/new").await;
    assert!(new.text().contains("preferred_username"), "the defaults");
    assert!(ticked(&new, "enabled") && ticked(&new, "auto_provision"));
    assert!(!ticked(&new, "auto_login") && !ticked(&new, "is_default"));

    let made = admin.submit("/admin/openid", &FORM).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let id = only(&app).await.provider.id;
    assert_eq!(
        made.header("location"),
        format!("/admin/openid/{id}?saved=1")
    );
    let page = admin.open(made.header("location")).await;
    assert!(page.text().contains("Saved."));
    for text in [
        "value=\"kasm\"",
        "openid\nprofile\ngroups\nemail",
        "/login/oidc/Authelia?test=1",
    ] {
        assert!(page.text().contains(text), "{text}");
    }

    // A box that is not ticked is sent as nothing; an empty secret leaves the stored one.
    let path = format!("/admin/openid/{id}");
    let change = form(&[
        ("client_secret", ""),
        ("name", "Staff"),
        ("is_default", "on"),
        ("allowed_groups", "10b\r\nTeachers "),
    ]);
    let change: Vec<_> = change
        .into_iter()
        .filter(|(name, _)| *name != "enabled")
        .collect();
    assert_eq!(
        admin.submit(&path, &change).await.status,
        StatusCode::SEE_OTHER
    );
    let provider = only(&app).await.provider;
    assert_eq!(provider.name, "Staff");
    assert!(!provider.enabled && provider.is_default);
    assert_eq!(provider.allowed_groups, ["10b", "Teachers"]);
    assert_eq!(provider.client_secret.unwrap().expose_secret(), SECRET);
    let list = admin.open("/admin/openid").await;
    for text in ["Staff", "Off", "Default", "https://auth.example.com"] {
        assert!(list.text().contains(text), "{text}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_refused_form_keeps_what_was_typed_and_names_each_field(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    admin.submit("/admin/openid", &FORM).await;
    let id = only(&app).await.provider.id;
    let wrong = form(&[
        ("name", "<b>/"),
        ("token_url", "auth.example.com"),
        ("scopes", "email"),
        ("teacher_group", "Lehrer"),
    ]);
    for path in ["/admin/openid".to_owned(), format!("/admin/openid/{id}")] {
        let page = admin.submit(&path, &wrong).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = page.text();
        assert!(
            text.contains("Not saved: 3 fields need a change."),
            "{text}"
        );
        for field in ["name", "token_url", "scopes"] {
            assert!(
                text.contains(&format!("href=\"#{field}\"")),
                "{field} in the summary"
            );
            assert!(
                text.contains(&format!("id=\"{field}-problem\"")),
                "{field} at its place"
            );
            let tag = text.split(&format!("id=\"{field}\"")).nth(1).unwrap();
            let tag = tag.split('>').next().unwrap();
            assert!(tag.contains("aria-invalid=\"true\""), "{field}: {tag}");
            assert!(tag.contains(&format!(
                "aria-describedby=\"{field}-help {field}-problem\""
            )));
        }
        assert_eq!(text.matches("aria-invalid").count(), 3);
        assert!(text.contains("value=\"&#60;b&#62;/\"") && text.contains("value=\"Lehrer\""));
        assert!(!text.contains("<b>") && !text.contains(SECRET));
        assert!(
            text.contains(&format!("action=\"{path}\"")),
            "sent to the same place again"
        );
    }
    assert_eq!(only(&app).await.provider.name, "Authelia");
    let taken = admin
        .submit("/admin/openid", &form(&[("name", "AUTHELIA")]))
        .await;
    assert!(taken.text().contains("Another provider has this name."));
}

#[sqlx::test(migrations = "./migrations")]
async fn the_form_shows_what_to_enter_at_the_provider(pool: PgPool) {
    let authorize = [
        KEY,
        ("PUBLIC_URL", "http://desk.test"),
        ("OAUTH_REDIRECT_URI", "http://desk.test/authorize"),
    ];
    for (variables, first, second) in [
        (&authorize[..2], "/api/oidc_callback", "/authorize"),
        (&authorize[..], "/authorize", "/api/oidc_callback"),
    ] {
        let app = TestApp::start_with(pool.clone(), variables).await;
        let admin = app.admin().await;
        let mut request = admin.request(Method::GET, "/admin/openid/new");
        request
            .headers_mut()
            .insert("host", "desk.test".parse().unwrap());
        let page = admin.send(request).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let at = |path: &str| {
            let text = format!(">http://desk.test{path}<");
            page.text().find(&text).unwrap_or_else(|| panic!("{text}"))
        };
        assert!(at(first) < at(second));
        at("/api/oidc_backchannel_logout");
        at("/login?signed_out=1");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn deleting_asks_first_and_says_whom_it_signs_out(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    admin.submit("/admin/openid", &FORM).await;
    let id = only(&app).await.provider.id;
    let path = format!("/admin/openid/{id}/delete");
    app.user("jana").await;
    let asked = admin.open(&path).await;
    assert!(asked.text().contains("Delete the provider Authelia?"));
    assert!(asked.text().contains("Nobody is signed in with it now."));
    sqlx::query("update login_sessions set provider_id = $1 from users u where u.id = user_id and u.username = 'jana'")
        .bind(id)
        .execute(&pool)
        .await
        .unwrap();
    let asked = admin.open(&path).await;
    assert!(
        asked.text().contains("1 sign-in ends now"),
        "{}",
        asked.text()
    );
    assert_eq!(all(&app).await.len(), 1, "asking removes nothing");
    let done = admin.post(&path).await;
    assert_eq!(done.header("location"), "/admin/openid?removed=1");
    assert!(all(&app).await.is_empty());
    assert!(
        admin
            .open("/admin/openid?removed=1")
            .await
            .text()
            .contains("The provider was removed.")
    );
    for answer in [admin.open(&path).await, admin.post(&path).await] {
        assert_eq!(answer.status, 404);
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn the_pages_speak_german(pool: PgPool) {
    let app = place(&pool).await;
    let admin = app.admin().await;
    admin.submit("/admin/openid", &FORM).await;
    let id = only(&app).await.provider.id;
    for (path, words) in [
        ("/admin/openid".to_owned(), "Neuer Anbieter"),
        (
            "/admin/openid/new".to_owned(),
            "Direkt weiterleiten (Auto Login)",
        ),
        (
            format!("/admin/openid/{id}"),
            "Ein Geheimnis ist gespeichert",
        ),
        (
            format!("/admin/openid/{id}/delete"),
            "Den Anbieter Authelia löschen?",
        ),
    ] {
        let mut request = admin.request(Method::GET, &path);
        let language = "de-DE,de;q=0.9".parse().unwrap();
        request.headers_mut().insert("accept-language", language);
        let page = admin.send(request).await;
        assert!(page.text().contains(words), "{path}: {}", page.text());
        assert!(page.text().contains("<html lang=\"de\""), "{path}");
        // A message that is missing is shown as its key.
        for key in ["openid-", "provider-name", "check-"] {
            let shown = page
                .text()
                .split('>')
                .filter_map(|part| part.split('<').next());
            let missing: Vec<_> = shown
                .filter(|words| words.trim().starts_with(key))
                .collect();
            assert!(missing.is_empty(), "{path}: {missing:?}");
        }
    }
}
