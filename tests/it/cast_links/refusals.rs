//! Each reason for which a link serves nothing, and the same link when it does.

use deskcast::{casting::Refusal, clock::Clock, groups::ClientSettings};

use super::*;

fn usual() -> CastFields {
    CastFields {
        allow_anonymous: true,
        client_settings: ClientSettings::default(),
        ..CastFields::default()
    }
}

/// What is refused with which status and reason, and how it is served.
struct Case {
    refusal: Refusal,
    fields: CastFields,
    link: &'static str,
    served: &'static str,
    from: Option<&'static str>,
}

impl Case {
    fn new(refusal: Refusal, fields: CastFields) -> Self {
        Self {
            refusal,
            fields,
            link: "/cast/k",
            served: "/cast/good",
            from: None,
        }
    }

    fn links(self, link: &'static str, served: &'static str) -> Self {
        Self {
            link,
            served,
            ..self
        }
    }
}

fn cases() -> Vec<Case> {
    let now = Clock::system().now();
    let (past, future) = (now - Duration::from_mins(1), now + Duration::from_hours(1));
    let off = CastFields {
        enabled: false,
        ..usual()
    };
    let over = CastFields {
        valid_until: Some(past),
        ..usual()
    };
    let elsewhere = CastFields {
        restrict_to_referrers: vec!["school.example".into()],
        ..usual()
    };
    let none = CastFields {
        limit_total_sessions: true,
        sessions_remaining: Some(0),
        valid_until: Some(future),
        ..usual()
    };
    let dynamic = CastFields {
        allow_dynamic_kasm_url: true,
        ..usual()
    };
    let referrer = Case::new(Refusal::Referrer, elsewhere);
    vec![
        Case::new(Refusal::Unknown, usual()).links("/cast/none", "/cast/good"),
        Case::new(Refusal::Disabled, off),
        Case::new(Refusal::Expired, over),
        Case {
            from: Some("https://evil-school.example/"),
            ..referrer
        },
        Case::new(Refusal::NoneLeft, none),
        Case::new(Refusal::KasmUrlInvalid, dynamic.clone())
            .links("/cast/k?kasm_url=javascript%3Aalert(1)", "/cast/good"),
        Case::new(Refusal::KasmUrlInvalid, dynamic).links(
            "/cast/k?kasm_url=https%3A%2F%2Fa.example%2F%24(id)",
            "/cast/good",
        ),
        Case::new(Refusal::KasmUrlNotAllowed, usual())
            .links("/cast/k?kasm_url=https%3A%2F%2Fa.example%2F", "/cast/good"),
        Case::new(Refusal::NetworkNotAllowed, usual())
            .links("/cast/k?docker_network=host", "/cast/good"),
    ]
}

/// What the application of a server is not given.
fn arguments() -> Vec<Case> {
    let app = CastFields {
        name: "Spreadsheet".into(),
        remote_app: Some(
            serde_json::from_value(serde_json::json!({
                "remote_app_name": "||Microsoft Excel",
                "args": [{
                    "url_param_name": "file",
                    "required": true,
                    "argument_name": "/x",
                    "value_pattern": r"C:\\[A-Za-z_\\]+\.xlsx"
                }]
            }))
            .unwrap(),
        ),
        ..usual()
    };
    let good = "/cast/k?file=C%3A%5CUsers%5CUbuntu_Security.xlsx";
    let bad = "/cast/k?file=C%3A%5Ca.xlsx%22%20%2Fc%20calc";
    vec![
        Case::new(Refusal::ArgumentMissing, app.clone()).links("/cast/k", good),
        Case::new(Refusal::ArgumentInvalid, app).links(bad, good),
    ]
}

#[sqlx::test]
async fn each_reason_has_its_page_its_word_in_the_log_and_its_error_page(pool: PgPool) {
    let place = Place::new(pool).await;
    place
        .cast(CastFields {
            key: "good".into(),
            name: "Good".into(),
            ..usual()
        })
        .await;
    for Case {
        refusal,
        fields,
        link,
        served,
        from,
    } in cases().into_iter().chain(arguments())
    {
        let cast = place.cast(fields).await;
        let visitor = Visitor {
            referrer: from,
            ..place.stranger()
        };
        let refused = visitor.launch(link).await;
        let shown = refusal.shown();
        assert_eq!(
            refused.status.as_u16(),
            shown.status(),
            "{refusal:?}: {}",
            refused.text()
        );
        assert_eq!(reason_of(&refused), shown.code());
        assert!(
            refused.text().contains(refused.header("x-request-id")),
            "its reference"
        );
        assert_eq!(place.logged().await.as_deref(), Some(refusal.code()));
        assert_eq!(
            place
                .number("select count(*) from desktops where cast_title = 'Biology 7b'")
                .await,
            0
        );
        desktop_of(&visitor.launch(served).await);

        // The same with a page of the administrator's own.
        let fields = CastFields {
            error_url: Some("https://help.example/sorry?lang=de".into()),
            ..cast.fields.clone()
        };
        let by = cast.created_by.unwrap();
        place
            .app
            .state
            .casting
            .replace(cast.id, &fields, None, by)
            .await
            .unwrap();
        let elsewhere = visitor.launch(link).await;
        if matches!(refusal, Refusal::Unknown | Refusal::Disabled) {
            assert_eq!(
                elsewhere.status,
                StatusCode::NOT_FOUND,
                "one that is off looks like none"
            );
        } else {
            assert_eq!(elsewhere.status, StatusCode::SEE_OTHER);
            let there = format!(
                "https://help.example/sorry?lang=de&reason={}",
                refusal.code()
            );
            assert_eq!(elsewhere.header("location"), there);
        }
        place.app.state.casting.delete(cast.id).await.unwrap();
    }
    assert_eq!(place.number("select count(*) from users u where role = 'guest' and not exists (select from desktops d where d.owner_id = u.id)").await, 0, "nobody is left who got nothing");
}

#[sqlx::test]
async fn a_page_in_german_says_it_in_german(pool: PgPool) {
    let place = Place::new(pool).await;
    place
        .cast(CastFields {
            enabled: false,
            ..usual()
        })
        .await;
    let visitor = place.stranger();
    let mut request = visitor.request(Method::GET, "/cast/k");
    request
        .headers_mut()
        .insert("accept-language", "de".parse().unwrap());
    let answer = visitor.client.send(request).await;
    assert!(
        answer.text().contains("Dieser Link führt nirgendwohin"),
        "{}",
        answer.text()
    );
}

#[sqlx::test]
async fn a_limit_of_the_person_is_named(pool: PgPool) {
    let place = Place::new(pool).await;
    sqlx::query("update user_groups set settings = $1 where everybody")
        .bind(serde_json::json!({"desktops_at_once": 1}))
        .execute(&place.app.pool)
        .await
        .unwrap();
    place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(9),
            limit_requests_per_ip: true,
            sessions_allowed: Some(9),
            within_seconds: Some(60),
            ..CastFields::default()
        })
        .await;
    let jane = place.person("jane").await;
    desktop_of(&jane.launch("/cast/k").await);
    let refused = jane.launch("/cast/k").await;
    assert_eq!(
        (refused.status, reason_of(&refused)),
        (StatusCode::SERVICE_UNAVAILABLE, "no_capacity".into())
    );
    assert!(
        refused.text().contains("You may use 1 desktop at once"),
        "{}",
        refused.text()
    );
    assert_eq!(place.remaining().await, 8, "nothing was taken for it");
    assert_eq!(place.served().await, 1);
}

#[sqlx::test]
async fn a_type_that_is_switched_off_is_named_as_the_cause(pool: PgPool) {
    let place = Place::new(pool).await;
    place.cast(CastFields::default()).await;
    sqlx::query("update desktop_types set enabled = false")
        .execute(&place.app.pool)
        .await
        .unwrap();
    let refused = place.person("jane").await.launch("/cast/k").await;
    assert_eq!(
        (refused.status, reason_of(&refused)),
        (StatusCode::SERVICE_UNAVAILABLE, "start_failed".into())
    );
    assert!(
        refused.text().contains("switched off for now"),
        "{}",
        refused.text()
    );
}

#[sqlx::test]
async fn a_start_that_fails_is_told_and_given_back(pool: PgPool) {
    let place = Place::new(pool).await;
    place.app.engine.remove_image(&place.kind.image);
    place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(1),
            limit_requests_per_ip: true,
            sessions_allowed: Some(1),
            within_seconds: Some(3_600),
            error_url: Some("https://help.example/sorry".into()),
            ..usual()
        })
        .await;
    let served = place.stranger().launch("/cast/k").await;
    let name = desktop_of(&served);
    assert_eq!(place.settled(&name).await.state, DesktopState::Failed);
    assert_eq!(place.remaining().await, 1);
    assert_eq!(place.served().await, 0);
    let page = place
        .let_in(&served)
        .open(&format!("/desktop/{name}/"))
        .await;
    assert_eq!(
        page.header("location"),
        "https://help.example/sorry?reason=start_failed"
    );
    // And the next one is served.
    place.app.engine.add_image(&place.kind.image);
    let name = desktop_of(&place.stranger().launch("/cast/k").await);
    assert_eq!(place.settled(&name).await.state, DesktopState::Running);
    assert_eq!(place.remaining().await, 0);
}

#[sqlx::test]
async fn a_server_is_not_offered_yet(pool: PgPool) {
    let place = Place::new(pool).await;
    place.cast(usual()).await;
    sqlx::query("update desktop_types set kind = 'server', server_host = 'win', server_port = 3389, server_protocol = 'rdp', takes_address = false where slug = 'debian-desktop'")
        .execute(&place.app.pool)
        .await
        .unwrap();
    let refused = place.stranger().launch("/cast/k").await;
    assert_eq!(
        (refused.status, reason_of(&refused)),
        (StatusCode::SERVICE_UNAVAILABLE, "start_failed".into())
    );
    assert_eq!(place.number("select count(*) from desktops").await, 0);
}
