//! One-time links: each serves once, says who used it, and can be withdrawn.

use std::collections::HashSet;

use deskcast::ids::CastId;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::*;
use crate::support::{Logs, Statements};

impl Place {
    /// Links of this cast for these names, as paths.
    async fn links(&self, cast: CastId, names: &[&str]) -> Vec<String> {
        let path = format!("/api/admin/casts/{cast}/links");
        let made = self
            .app
            .admin()
            .await
            .post_json(&path, &json!({ "names": names }))
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let made = made.json();
        let path = |link: &Value| {
            let url: url::Url = link["url"].as_str().unwrap().parse().unwrap();
            format!("{}?{}", url.path(), url.query().unwrap())
        };
        made["links"].as_array().unwrap().iter().map(path).collect()
    }

    /// What the administrator reads of the links of a cast, by name.
    async fn listed(&self, cast: CastId) -> Vec<Value> {
        let path = format!("/api/admin/casts/{cast}/links");
        let listed = self.app.admin().await.get(&path).await.json();
        listed["links"].as_array().unwrap().clone()
    }
}

/// A cast that has given everything away.
fn used_up() -> CastFields {
    CastFields {
        allow_anonymous: true,
        limit_total_sessions: true,
        sessions_remaining: Some(0),
        ..CastFields::default()
    }
}

#[sqlx::test]
async fn a_link_serves_once_and_says_whom(pool: PgPool) {
    Logs::capture();
    let place = Place::new(pool).await;
    let cast = place.cast(used_up()).await;
    let links = place.links(cast.id, &["Mia", "Noah"]).await;
    let plain = place.stranger().launch("/cast/k").await;
    assert_eq!(reason_of(&plain), "none_left", "the cast itself has none");

    let page = place.stranger().open(&links[0]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert_eq!(
        place.listed(cast.id).await[0]["state"],
        "open",
        "looking uses nothing up"
    );
    let ticket = ticket_of(&page);
    let served = place.stranger().send(&links[0], &ticket).await;
    Statements::of(&served).await.at_most(9);
    let name = desktop_of(&served);
    let desktop = place.settled(&name).await;
    assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
    assert_eq!(desktop.cast.unwrap().title, "Biology 7b (Mia)");
    let called: String = sqlx::query_scalar("select display_name from users where id = $1")
        .bind(desktop.owner)
        .fetch_one(&place.app.pool)
        .await
        .unwrap();
    assert_eq!(called, "Mia");
    assert_eq!(place.remaining().await, 0, "it brought its own");

    // The same page leads there again, any other finds it used.
    assert_eq!(
        desktop_of(&place.stranger().send(&links[0], &ticket).await),
        name
    );
    // Whoever used it comes back by it while that is there.
    let mia = place.let_in(&served);
    assert_eq!(desktop_of(&mia.launch(&links[0]).await), name);
    let again = place.stranger().launch(&links[0]).await;
    assert_eq!(
        (again.status, reason_of(&again)),
        (StatusCode::GONE, "none_left".into())
    );
    assert!(again.text().contains("works once"), "{}", again.text());
    let listed = place.listed(cast.id).await;
    let mia = &listed[0];
    assert_eq!(
        (&mia["name"], &mia["state"]),
        (&json!("Mia"), &json!("used"))
    );
    assert!(mia["user_name"].as_str().unwrap().starts_with("guest-"));
    assert_eq!(mia["desktop_id"], desktop.id.to_string());
    assert!(mia["used_at"].is_string());
    assert_eq!(listed[1]["state"], "open");
    let log = format!("/api/admin/casts/{}/log", cast.id);
    let log = place.app.admin().await.get(&log).await.json();
    let names: Vec<_> = log["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["link_name"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(names, ["Mia", "Mia", "Mia", "Mia", "none"]);
    // The secret stands nowhere.
    let (_, secret) = links[1].rsplit_once('=').unwrap();
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from cast_links l where l::text like '%' || $1 || '%'
             or position(convert_to($1, 'UTF8') in secret_hash) > 0",
    )
    .bind(secret)
    .fetch_one(&place.app.pool)
    .await
    .unwrap();
    assert_eq!(kept, 0);
}

#[sqlx::test]
async fn a_link_goes_through_every_other_check(pool: PgPool) {
    let place = Place::new(pool).await;
    let cast = place.cast(used_up()).await;
    let other = place
        .cast(CastFields {
            name: "Other".into(),
            key: "other".into(),
            ..used_up()
        })
        .await;
    let link = place.links(cast.id, &["Mia"]).await.remove(0);
    let of_other = place.links(other.id, &["Mia"]).await.remove(0);
    let (_, secret) = of_other.split_once('?').unwrap();
    for wrong in [
        format!("/cast/k?{secret}"),
        "/cast/k?once=".to_owned(),
        "/cast/k?once=none".to_owned(),
    ] {
        let refused = place.stranger().launch(&wrong).await;
        assert_eq!(
            (refused.status, reason_of(&refused)),
            (StatusCode::NOT_FOUND, "unknown".into()),
            "{wrong}"
        );
    }
    for (column, reason) in [
        ("enabled = false", "unknown"),
        ("valid_until = now()", "expired"),
        ("restrict_to_referrers = '{school.example}'", "referrer"),
        ("require_captcha = true", "captcha_failed"),
        (
            "limit_requests_per_ip = true, sessions_allowed = 1, within_seconds = 99",
            "served",
        ),
    ] {
        let change = format!("update casts set {column} where key = 'k'");
        sqlx::query(sqlx::AssertSqlSafe(change))
            .execute(&place.app.pool)
            .await
            .unwrap();
        let answer = place.stranger().launch(&link).await;
        if reason == "served" {
            desktop_of(&answer);
        } else {
            assert_eq!(reason_of(&answer), reason);
            assert_eq!(place.listed(cast.id).await[0]["state"], "open", "{reason}");
        }
        sqlx::query(
            "update casts set enabled = true, valid_until = null, restrict_to_referrers = '{}', require_captcha = false
             where key = 'k'",
        )
        .execute(&place.app.pool)
        .await
        .unwrap();
    }
    let more = place.links(cast.id, &["Noah"]).await.remove(0);
    let address = format!("{more}&kasm_url=https%3A%2F%2Fa.example%2F");
    assert_eq!(
        reason_of(&place.stranger().launch(&more).await),
        "too_many_requests"
    );
    let elsewhere = place.stranger().from("203.0.113.9");
    assert_eq!(
        reason_of(&elsewhere.launch(&address).await),
        "kasm_url_not_allowed"
    );
    // Who signs in on the way comes back with the link.
    sqlx::query("update casts set allow_anonymous = false where key = 'k'")
        .execute(&place.app.pool)
        .await
        .unwrap();
    let asked = elsewhere.open(&more).await;
    let login = asked.header("location").to_owned();
    let query = login.split_once('?').unwrap().1.as_bytes();
    let (_, next) = url::form_urlencoded::parse(query)
        .find(|(name, _)| name == "next")
        .unwrap();
    assert!(next.starts_with(&more), "{next}");
    let jana = place.person("jana").await.from("203.0.113.9");
    let page = jana.open(&next).await;
    desktop_of(&jana.send(&more, &ticket_of(&page)).await);
    let listed = place.listed(cast.id).await;
    assert_eq!(listed[1]["user_name"], "jana", "{listed:?}");
}

#[sqlx::test]
async fn one_link_is_one_desktop_and_a_start_that_fails_gives_it_back_once(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.app.replica(&VARIABLES).await;
    let cast = place.cast(used_up()).await;
    let link = place.links(cast.id, &["Mia"]).await.remove(0);
    let visitors = [place.stranger(), Visitor::new(other.stranger())];
    for fails in [true, false] {
        if fails {
            let refused = deskcast::runtime::RuntimeError::Refused("no".into());
            place.app.engine.fail_next(Call::Start, refused);
        }
        place.app.engine.hang(Call::Create);
        let launches = (0..30).map(|n| visitors[n % 2].launch(&link));
        let answers = join_all(launches).await;
        let served: HashSet<_> = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::SEE_OTHER)
            .map(desktop_of)
            .collect();
        assert_eq!(served.len(), 1, "{served:?}");
        let refused = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::GONE);
        assert_eq!(refused.count(), 29);
        place.goes_on(Call::Create).await;
        let name = served.into_iter().next().unwrap();
        let desktop = place.settled(&name).await;
        let (state, link_state) = if fails {
            (DesktopState::Failed, "open")
        } else {
            (DesktopState::Running, "used")
        };
        assert_eq!(desktop.state, state, "{:?}", desktop.end);
        assert_eq!(place.listed(cast.id).await[0]["state"], link_state);
    }
    assert_eq!(place.remaining().await, 0, "never one of the cast's");
}

#[sqlx::test]
async fn links_are_listed_in_pages_withdrawn_and_taken_along(pool: PgPool) {
    let place = Place::new(pool).await;
    let cast = place.cast(used_up()).await;
    let admin = place.app.admin().await;
    let path = format!("/api/admin/casts/{}/links", cast.id);
    for (names, part) in [
        (json!([]), "at least one name"),
        (json!(["  "]), "at least one name"),
        (json!(["a\tb"]), "not a name"),
        (json!(vec!["x"; 501]), "At most 500 names"),
    ] {
        let refused = admin.post_json(&path, &json!({ "names": names })).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.text()
        );
        assert_eq!(refused.json()["fields"][0]["field"], "names");
        assert!(refused.text().contains(part), "{}", refused.text());
    }
    assert_eq!(place.listed(cast.id).await, [] as [Value; 0]);
    let links = place
        .links(cast.id, &["noah", "Mia", "=1+1", "Älva", "mia"])
        .await;
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("{path}?limit=2&after={next}")).await;
        assert!(!page.text().contains("once="), "never shown again");
        let page = page.json();
        let rows = page["links"].as_array().unwrap();
        assert!(rows.len() <= 2);
        seen.extend(
            rows.iter()
                .map(|link| link["name"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => break,
        }
    }
    seen[1..3].sort();
    assert_eq!(seen, ["=1+1", "Mia", "mia", "noah", "Älva"]);

    let listed = place.listed(cast.id).await;
    let id = |name: &str| {
        let link = listed.iter().find(|link| link["name"] == name).unwrap();
        link["id"].as_str().unwrap().to_owned()
    };
    for _ in 0..2 {
        let gone = admin.delete(&format!("{path}/{}", id("noah"))).await;
        assert_eq!(gone.status, StatusCode::OK, "{}", gone.text());
    }
    let refused = place.stranger().launch(&links[0]).await;
    assert_eq!(reason_of(&refused), "unknown", "withdrawn");
    desktop_of(&place.stranger().launch(&links[1]).await);
    let used = admin.delete(&format!("{path}/{}", id("Mia"))).await;
    assert_eq!(
        (used.status, used.json()["code"].clone()),
        (StatusCode::CONFLICT, json!("used"))
    );
    let csv = admin.get(&format!("{path}.csv")).await;
    assert!(
        csv.header("content-disposition")
            .contains("cast-k-links.csv")
    );
    let lines: Vec<_> = csv.text().split("\r\n").collect();
    assert_eq!(
        lines[0],
        "name,state,used_by,used_at,withdrawn_at,created_at"
    );
    assert!(lines[1].starts_with("'=1+1,open,,,,"), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("Mia,used,guest-")));
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("noah,withdrawn,,,2"))
    );
    assert!(!csv.text().contains("once="));
}

#[sqlx::test]
async fn an_administrator_pastes_names_and_sees_the_links_once(pool: PgPool) {
    let place = Place::new(pool).await;
    let cast = place.cast(used_up()).await;
    let admin = Visitor::new(place.app.admin().await);
    let path = format!("/admin/casts/{}/links", cast.id);
    let form = admin.open(&format!("/admin/casts/{}", cast.id)).await;
    assert!(form.text().contains(&format!("href=\"{path}\"")));
    let typed = [("names", "Mia\r\n\r\nZoë <b>\r\n")];
    let made = admin.client.submit(&path, &typed).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    assert_eq!(made.text().matches("/cast/k?once=").count(), 2);
    assert!(made.text().contains("Zoë &#60;b&#62;") && made.text().contains("2 links were made"));
    let shown = admin.open(&path).await;
    assert!(!shown.text().contains("?once=") && shown.text().contains("Zoë"));
    let csv = [("names", "Noah"), ("do", "csv")];
    let csv = admin.client.submit(&path, &csv).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let (head, row) = csv.text().split_once("\r\n").unwrap();
    assert_eq!(head, "name,url");
    assert!(
        row.starts_with("Noah,http://") && row.contains("/cast/k?once="),
        "{row}"
    );
    let wrong = [("names", "tab\there")];
    let refused = admin.client.submit(&path, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text().contains("tab\there</textarea>"),
        "what was typed stays"
    );
    // Withdrawn by the button beside it.
    let (_, action) = shown
        .text()
        .split_once(&format!("action=\"{path}/"))
        .unwrap();
    let action = format!("{path}/{}", action.split_once('"').unwrap().0);
    let done = admin.client.post(&action).await;
    assert_eq!(done.header("location"), format!("{path}?done=withdrawn"));
    let states: Vec<_> = place.listed(cast.id).await;
    let withdrawn = states.iter().filter(|link| link["state"] == "withdrawn");
    assert_eq!(withdrawn.count(), 1);
    // Kept by somebody who signs in, it is theirs in the list, too.
    let link = place.links(cast.id, &["Ida"]).await.remove(0);
    let served = place.stranger().launch(&link).await;
    let name = desktop_of(&served);
    place.settled(&name).await;
    let guest = place.let_in(&served);
    place.with_password("jana").await;
    let keep = format!("/keep/{name}");
    let jana = place.signs_in(&guest, "jana", &keep).await;
    jana.client.post(&keep).await;
    let ida = &place.listed(cast.id).await[0];
    assert_eq!(
        (&ida["name"], &ida["user_name"]),
        (&json!("Ida"), &json!("jana"))
    );
}
