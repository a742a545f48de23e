//! *Keep it*: a guest who signs in takes their running desktop over.

use std::collections::HashSet;

use deskcast::{desktops::StopReason, people::Role};
use futures_util::future::join_all;
use kasm_standin::Flavour;
use serde_json::json;

use super::*;
use crate::{
    proxy::{Socket, handshake},
    support::{ADMIN_PASSWORD, Logs, Statements},
};

impl Place {
    /// An account that signs in with the administrator's password.
    pub(super) async fn with_password(&self, name: &str) -> UserId {
        let id = self.app.account(name, Role::User).await;
        sqlx::query(
            "update users set password_hash = (select password_hash from users where username = 'admin') where id = $1",
        )
        .bind(id)
        .execute(&self.app.pool)
        .await
        .unwrap();
        id
    }

    /// Signs `name` in with the sign-in form in this browser, which is led on to `next`.
    pub(super) async fn signs_in(&self, browser: &Visitor, name: &str, next: &str) -> Visitor {
        let form = [
            ("username", name),
            ("password", ADMIN_PASSWORD),
            ("next", next),
        ];
        let answer = browser.client.submit("/login", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        assert_eq!(answer.header("location"), next);
        let cookie = self.let_in(&answer);
        Visitor::new(Client::new(
            browser.client.address,
            cookie.client.credential().clone(),
        ))
    }

    async fn socket(&self, browser: &Visitor, name: &str) -> Socket {
        let path = format!("/desktop/{name}/websockify");
        Socket::open(&self.app, handshake(&self.app, &browser.client, &path))
            .await
            .unwrap_or_else(|(status, text)| panic!("{status}: {text}"))
    }

    async fn owner(&self, name: &str) -> String {
        sqlx::query_scalar(
            "select u.username from desktops d join users u on u.id = d.owner_id where d.name = $1",
        )
        .bind(name)
        .fetch_one(&self.app.pool)
        .await
        .unwrap()
    }
}

#[sqlx::test]
async fn a_guest_who_signs_in_keeps_the_desktop_as_it_is(pool: PgPool) {
    Logs::capture();
    let place = Place::new(pool).await;
    place.open_cast().await;
    place.with_password("jana").await;
    let (guest, name, ticket) = place.guest().await;
    let (there, keep) = (format!("/desktop/{name}/"), format!("/keep/{name}"));
    let link = format!("href=\"{keep}\"");

    // Offered where a guest looks, and on the way to signing in.
    let viewer = guest.open(&there).await;
    assert!(viewer.text().contains(&link), "{}", viewer.text());
    let home = guest.open("/").await;
    assert!(home.text().contains("Sign in, and you can keep it"));
    let asked = guest.open(&keep).await;
    let login = asked.header("location");
    assert!(login.starts_with("/login?next=%2Fkeep%2F"), "{login}");
    let page = guest.open(login).await;
    let says = "Sign in to keep the desktop you have open";
    assert!(page.text().contains(says), "{}", page.text());

    let mut stream = place.socket(&guest, &name).await;
    let chief = Visitor::new(place.app.admin().await);
    let mut watching = place.socket(&chief, &name).await;
    let jana = place.signs_in(&guest, "jana", &keep).await;

    // Signing in alone takes nothing over and cuts nothing; what led to the desktop leads to the question.
    assert!(place.owner(&name).await.starts_with("guest-"));
    stream.begin(Flavour::New).await;
    assert_eq!(jana.open(&there).await.header("location"), keep);
    assert!(jana.open("/").await.text().contains(&link));
    let question = jana.open(&keep).await;
    assert!(question.text().contains("signed in as jana"));
    assert!(question.text().contains(&format!("action=\"{keep}\"")));

    let kept = jana.client.post(&keep).await;
    assert_eq!(
        (kept.status, kept.header("location")),
        (StatusCode::SEE_OTHER, there.as_str())
    );
    let counted = Statements::of(&kept).await;
    assert!(counted.count() > 5, "nothing was counted: {counted:?}");
    counted.at_most(11);
    assert_eq!(place.owner(&name).await, "jana");
    let viewer = jana.open(&there).await;
    assert_eq!(viewer.status, StatusCode::OK, "{}", viewer.text());
    assert!(!viewer.text().contains("/keep/"));
    for part in [
        format!("/desktops/~{name}/stop?page=desktop"),
        "Files in it are not kept".to_owned(),
    ] {
        assert!(viewer.text().contains(&part), "{part}: {}", viewer.text());
    }
    // The guest's own stream is closed and opened again as hers; whoever looked on goes on.
    assert_eq!(stream.closed().await.0, 4001);
    place.socket(&jana, &name).await.begin(Flavour::New).await;
    watching.begin(Flavour::New).await;

    // The guest has ended.
    assert_eq!(place.guests().await, 0);
    let gone = guest.open(&there).await;
    assert!(gone.header("location").starts_with("/login"));
    // Asked again, or its page sent again: the same desktop.
    assert_eq!(jana.client.post(&keep).await.header("location"), there);
    assert_eq!(jana.open(&keep).await.header("location"), there);
    assert_eq!(desktop_of(&jana.send("/cast/k", &ticket).await), name);
    assert_eq!(place.number("select count(*) from desktops").await, 1);
    let board = jana.open("/").await;
    assert!(board.text().contains(&format!("id=\"card-~{name}\"")));
    assert!(!board.text().contains(&link));
    let run = "select count(*) from desktop_runs r join users u on u.id = r.user_id where u.username = 'jana'";
    assert_eq!(place.number(run).await, 1, "its time is hers");
    let audit = chief.client.get("/api/admin/audit?kind=desktop.kept").await;
    let event = &audit.json()["events"][0];
    assert_eq!(event["actor"]["name"], "jana");
    assert_eq!(event["desktop"]["name"], name);
    let person = event["person"]["name"].as_str().unwrap();
    assert!(person.starts_with("guest-"), "{event}");
    assert_eq!(event["details"]["cast"], "Biology 7b");
    // It is hers to stop.
    jana.client.post(&format!("/desktops/~{name}/stop")).await;
    assert_eq!(place.found(&name).await.state, DesktopState::Stopped);
}

#[sqlx::test]
async fn of_all_who_would_keep_it_one_gets_it_on_two_servers(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.app.replica(&VARIABLES).await;
    place.open_cast().await;
    for name in ["jana", "malte"] {
        place.with_password(name).await;
    }
    let on_other = |visitor: &Visitor| {
        Visitor::new(Client::new(
            other.address,
            visitor.client.credential().clone(),
        ))
    };
    for _ in 0..5 {
        let (guest, name, _) = place.guest().await;
        let (there, keep) = (format!("/desktop/{name}/"), format!("/keep/{name}"));
        // Both servers know whose it is.
        for browser in [&guest, &on_other(&guest)] {
            assert_eq!(browser.open(&there).await.status, StatusCode::OK);
        }
        let jana = place.signs_in(&guest, "jana", &keep).await;
        let malte = place.signs_in(&on_other(&guest), "malte", &keep).await;
        let everywhere = [&jana, &malte].map(|person| [person.clone(), on_other(person)]);
        let keeps = (0..20).map(async |n: usize| {
            let person = n % 2;
            let browser = &everywhere[person][(n / 2) % 2];
            let kept = browser.client.post(&keep).await;
            (person, kept.status)
        });
        let answers: HashSet<_> = join_all(keeps).await.into_iter().collect();
        let winner = usize::from(place.owner(&name).await == "malte");
        let expected = [
            (winner, StatusCode::SEE_OTHER),
            (1 - winner, StatusCode::NOT_FOUND),
        ];
        assert_eq!(answers, HashSet::from(expected));
        for browser in &everywhere[winner] {
            let page = browser.open(&there).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        }
        for browser in &everywhere[1 - winner] {
            assert_eq!(browser.open(&there).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(place.guests().await, 0);
        let events = "select count(*) - count(distinct desktop_id) from audit_events where kind = 'desktop.kept'";
        assert_eq!(place.number(events).await, 0, "written down once");
    }
}

#[sqlx::test]
async fn a_second_sign_in_in_the_same_browser_still_knows_the_guest(pool: PgPool) {
    let place = Place::new(pool).await;
    place.open_cast().await;
    for name in ["jana", "malte"] {
        place.with_password(name).await;
    }
    let (guest, name, _) = place.guest().await;
    let keep = format!("/keep/{name}");
    // Two tabs show the sign-in page; the second one is sent when the first has signed somebody in.
    let jana = place.signs_in(&guest, "jana", &keep).await;
    let malte = place.signs_in(&jana, "malte", &keep).await;
    assert_eq!(jana.client.post(&keep).await.status, StatusCode::SEE_OTHER);
    assert!(
        place.owner(&name).await.starts_with("guest-"),
        "her session has ended"
    );
    assert_eq!(
        malte.client.post(&keep).await.header("location"),
        format!("/desktop/{name}/")
    );
    assert_eq!(place.owner(&name).await, "malte");
}

#[sqlx::test]
async fn nobody_else_keeps_it_and_no_other_page_does_it_for_somebody(pool: PgPool) {
    let place = Place::new(pool).await;
    place.open_cast().await;
    place.with_password("jana").await;
    let (guest, name, _) = place.guest().await;
    let (of_mallory, theirs, _) = place.guest().await;
    let keep = format!("/keep/{name}");
    let refused = async |browser: &Visitor, status: StatusCode| {
        for answer in [browser.open(&keep).await, browser.client.post(&keep).await] {
            assert_eq!(answer.status, status, "{}", answer.text());
        }
    };
    refused(&place.person("mallory").await, StatusCode::NOT_FOUND).await;
    // Who was another guest keeps that one's and no other.
    place.with_password("mallory").await;
    let mallory = place.signs_in(&of_mallory, "mallory", "/").await;
    refused(&mallory, StatusCode::NOT_FOUND).await;
    assert_eq!(of_mallory.open(&keep).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        guest.client.post(&keep).await.status,
        StatusCode::FORBIDDEN,
        "signs in first"
    );
    let jana = place.signs_in(&guest, "jana", &keep).await;
    let mut foreign = jana.request(Method::POST, &keep);
    let evil = "https://evil.example".parse().unwrap();
    foreign.headers_mut().insert("origin", evil);
    assert_eq!(
        jana.client.send(foreign).await.status,
        StatusCode::FORBIDDEN
    );
    // A foreign page cannot sign somebody in either, and a form that is none of ours keeps nothing.
    let mut foreign = guest.request(Method::POST, "/login");
    let headers = foreign.headers_mut();
    headers.insert("origin", "https://evil.example".parse().unwrap());
    headers.insert(
        "content-type",
        "application/x-www-form-urlencoded".parse().unwrap(),
    );
    *foreign.body_mut() = Body::from(format!("username=jana&password={ADMIN_PASSWORD}"));
    assert_eq!(
        guest.client.send(foreign).await.status,
        StatusCode::FORBIDDEN
    );
    // Somebody who signs in elsewhere, or here later, was no guest.
    let elsewhere = place.person("jana").await;
    refused(&elsewhere, StatusCode::NOT_FOUND).await;
    jana.client.post("/logout").await;
    let later = place.signs_in(&place.stranger(), "jana", "/").await;
    refused(&later, StatusCode::NOT_FOUND).await;
    for one in [&name, &theirs] {
        assert!(place.owner(one).await.starts_with("guest-"), "{one}");
    }
    assert_eq!(place.guests().await, 2);
}

#[sqlx::test]
async fn the_limits_of_the_person_count_and_what_has_ended_is_not_kept(pool: PgPool) {
    let place = Place::new(pool).await;
    place.open_cast().await;
    let group: deskcast::ids::GroupId = sqlx::query_scalar(
        "insert into user_groups (id, name, settings) values (gen_random_uuid(), 'One', $1) returning id",
    )
    .bind(json!({"desktops_at_once": 1}))
    .fetch_one(&place.app.pool)
    .await
    .unwrap();
    let jana = place.with_password("jana").await;
    sqlx::query("insert into group_members (group_id, user_id) values ($1, $2)")
        .bind(group)
        .bind(jana)
        .execute(&place.app.pool)
        .await
        .unwrap();
    let (guest, name, _) = place.guest().await;
    let keep = format!("/keep/{name}");
    let jana = place.signs_in(&guest, "jana", &keep).await;
    jana.client.post("/desktops/debian-desktop/start").await;
    place.settled("jana-debian-desktop").await;
    let full = jana.client.post(&keep).await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    for part in ["You may use 1 desktop at once", "Keep it"] {
        assert!(full.text().contains(part), "{part}: {}", full.text());
    }
    assert!(place.owner(&name).await.starts_with("guest-"));
    assert_eq!(place.found(&name).await.state, DesktopState::Running);
    // There is room again; what she had of the same type stays beside it.
    sqlx::query("update user_groups set settings = $1 where id = $2")
        .bind(json!({"desktops_at_once": 2}))
        .bind(group)
        .execute(&place.app.pool)
        .await
        .unwrap();
    assert_eq!(jana.client.post(&keep).await.status, StatusCode::SEE_OTHER);
    for one in [&name, "jana-debian-desktop"] {
        assert_eq!(place.found(one).await.state, DesktopState::Running, "{one}");
        assert_eq!(place.owner(one).await, "jana");
    }

    let (guest, name, _) = place.guest().await;
    let keep = format!("/keep/{name}");
    place.with_password("malte").await;
    let malte = place.signs_in(&guest, "malte", &keep).await;
    let ended = place.found(&name).await.id;
    let desktops = &place.app.state.desktops;
    desktops.stop(ended, StopReason::Idle).await.unwrap();
    for answer in [malte.open(&keep).await, malte.client.post(&keep).await] {
        assert_eq!(answer.status, StatusCode::GONE, "{}", answer.text());
        assert!(answer.text().contains("nothing left to keep"));
    }
    assert!(place.owner(&name).await.starts_with("guest-"));
}

#[sqlx::test]
async fn one_that_is_still_starting_is_kept_too(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.app.replica(&VARIABLES).await;
    place.open_cast().await;
    place.with_password("jana").await;
    place.app.engine.hang(Call::Create);
    let served = place.stranger().launch("/cast/k").await;
    let (guest, name) = (place.let_in(&served), desktop_of(&served));
    let keep = format!("/keep/{name}");
    let page = guest.open(&format!("/desktop/{name}/")).await;
    assert!(page.text().contains(&format!("href=\"{keep}\"")));
    let jana = place.signs_in(&guest, "jana", &keep).await;
    assert_eq!(jana.client.post(&keep).await.status, StatusCode::SEE_OTHER);
    let page = jana.open(&format!("/desktop/{name}/")).await;
    assert!(
        !page.text().contains("has your files open"),
        "it never had them: {}",
        page.text()
    );
    place.goes_on(Call::Create).await;
    let desktop = place.settled(&name).await;
    assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
    let there = Visitor::new(Client::new(other.address, jana.client.credential().clone()));
    for browser in [&jana, &there] {
        let page = browser.open(&format!("/desktop/{name}/")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    }
    assert_eq!(place.guests().await, 0);
}
