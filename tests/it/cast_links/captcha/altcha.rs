//! ALTCHA, which holds when nobody set anything.

use ::altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use deskcast::settings::Difficulty;
use futures_util::future::join_all;

use super::*;
use crate::support::{Logs, Statements};

/// What the page's widget would send, found in the same way.
fn solution(page: &Answer) -> String {
    let puzzle = attribute(page, "data-puzzle").unwrap_or_else(|| panic!("{}", page.text()));
    let challenge: Challenge = serde_json::from_str(&puzzle).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge));
    let payload = Payload {
        solution: solution.unwrap().unwrap(),
        challenge,
    };
    BASE64_STANDARD.encode(serde_json::to_vec(&payload).unwrap())
}

async fn place(pool: PgPool) -> Place {
    let place = Place::new(pool).await;
    place
        .set(SettingsDraft {
            altcha_difficulty: Change::Set(Difficulty::Low),
            ..SettingsDraft::default()
        })
        .await;
    place
}

#[sqlx::test]
async fn a_solved_puzzle_opens_one_desktop_and_no_other(pool: PgPool) {
    let place = place(pool).await;
    place.cast(checked()).await;
    let visitor = place.stranger();
    let page = visitor.open("/cast/k").await;
    let ticket = ticket_of(&page);
    for wrong in ["", "x", "e30="] {
        is_refused(&visitor.proves("/cast/k", &ticket, wrong).await, wrong);
    }
    assert_eq!(place.logged().await.as_deref(), Some("captcha_failed"));
    assert_eq!(place.number("select count(*) from desktops").await, 0);
    assert_eq!(place.guests().await, 0);

    let solution = solution(&page);
    let served = visitor.proves("/cast/k", &ticket, &solution).await;
    let name = desktop_of(&served);
    assert_eq!(place.logged().await, None);
    // The same page leads to the same desktop, whatever it shows by then.
    for again in [&*solution, "", "too old"] {
        let again = visitor.proves("/cast/k", &ticket, again).await;
        assert_eq!(desktop_of(&again), name);
    }
    // Another page needs a solution of its own, on every server.
    let other = visitor.open("/cast/k").await;
    let replica = place.app.replica(&VARIABLES).await;
    for client in [&visitor.client, &replica.stranger()] {
        let visitor = Visitor::new(client.clone());
        let again = visitor
            .proves("/cast/k", &ticket_of(&other), &solution)
            .await;
        is_refused(&again, "used before");
    }
    assert_eq!(place.guests().await, 1);
    let own = super::altcha::solution(&other);
    let there = Visitor::new(replica.stranger())
        .proves("/cast/k", &ticket_of(&other), &own)
        .await;
    assert_ne!(
        desktop_of(&there),
        name,
        "a page of one server, sent to another"
    );
}

#[sqlx::test]
async fn a_solution_counts_once_however_many_show_it_to_two_servers(pool: PgPool) {
    let place = place(pool).await;
    place.cast(checked()).await;
    let replica = place.app.replica(&VARIABLES).await;
    let visitors = [place.stranger(), Visitor::new(replica.stranger())];
    let page = visitors[0].open("/cast/k").await;
    let solution = solution(&page);
    // Its own page twice, as a double click sends it, and many others.
    let own = ticket_of(&page);
    let mut pages = vec![(&visitors[0], own.clone()), (&visitors[1], own)];
    for visitor in visitors.iter().cycle().take(19) {
        pages.push((visitor, ticket_of(&visitor.open("/cast/k").await)));
    }
    let sent = pages
        .iter()
        .map(|(visitor, ticket)| visitor.proves("/cast/k", ticket, &solution));
    let answers = join_all(sent).await;
    let served = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::SEE_OTHER);
    assert_eq!(served.count(), 2);
    assert_eq!(place.number("select count(*) from desktops").await, 1);
    assert_eq!(place.number("select count(*) from captcha_used").await, 1);
}

#[sqlx::test]
async fn the_page_loads_what_the_puzzle_needs_and_nothing_else(pool: PgPool) {
    let place = place(pool).await;
    place.cast(checked()).await;
    let free = CastFields {
        key: "free".into(),
        name: "Free".into(),
        require_captcha: false,
        ..checked()
    };
    place.cast(free).await;
    let policy = |page: &Answer| page.header("content-security-policy").to_owned();
    let page = place.stranger().open("/cast/k").await;
    let with = policy(&page);
    assert!(
        with.contains("worker-src 'self'; frame-src 'none';"),
        "{with}"
    );
    assert!(!with.contains("http"), "{with}");
    for file in ["altcha.min.js", "altcha.css", "pbkdf2.js"] {
        let (before, _) = page.text().split_once(file).unwrap();
        let path = before.rsplit('"').next().unwrap();
        let answer = place.stranger().client.get(&format!("{path}{file}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}{file}");
    }
    assert!(page.text().contains("needs JavaScript"), "{}", page.text());
    let button = "Open the desktop";
    assert!(!page.text().contains(button), "it goes on by itself");
    // Neither a link without a check nor somebody who is signed in has anything of it.
    let jane = place.person("jane").await;
    for (visitor, link) in [(place.stranger(), "/cast/free"), (jane.clone(), "/cast/k")] {
        let page = visitor.open(link).await;
        assert!(!policy(&page).contains("worker-src"), "{link}");
        assert_eq!(attribute(&page, "data-puzzle"), None, "{link}");
        assert!(!page.text().contains("vendor/altcha"), "{link}");
    }
    desktop_of(&jane.launch("/cast/k").await);
}

#[sqlx::test]
async fn the_check_comes_after_the_address_and_before_what_the_link_asks_for(pool: PgPool) {
    let place = place(pool).await;
    place
        .cast(CastFields {
            limit_requests_per_ip: true,
            sessions_allowed: Some(1),
            within_seconds: Some(3_600),
            ..checked()
        })
        .await;
    let visitor = place.stranger();
    let link = "/cast/k?kasm_url=nonsense";
    let page = visitor.open(link).await;
    let ticket = ticket_of(&page);
    is_refused(&visitor.send(link, &ticket).await, "nothing was solved");
    let solved = visitor.proves(link, &ticket, &solution(&page)).await;
    assert_eq!(reason_of(&solved), "kasm_url_not_allowed");
    let page = visitor.open("/cast/k").await;
    desktop_of(
        &visitor
            .proves("/cast/k", &ticket_of(&page), &solution(&page))
            .await,
    );
    let page = visitor.open("/cast/k").await;
    let full = visitor.send("/cast/k", &ticket_of(&page)).await;
    assert_eq!(reason_of(&full), "too_many_requests");
}

#[sqlx::test]
async fn a_check_costs_no_statement(pool: PgPool) {
    Logs::capture();
    let place = place(pool).await;
    sqlx::query("update user_groups set settings = $1 where everybody")
        .bind(serde_json::json!({"desktops_at_once": 9, "hours_per_day": 8}))
        .execute(&place.app.pool)
        .await
        .unwrap();
    place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(5),
            limit_requests_per_ip: true,
            sessions_allowed: Some(3),
            within_seconds: Some(3_600),
            ..checked()
        })
        .await;
    let visitor = place.stranger();
    // The signing key is read once.
    let page = visitor.open("/cast/k").await;
    let solution = solution(&page);
    let served = visitor
        .proves("/cast/k", &ticket_of(&page), &solution)
        .await;
    desktop_of(&served);
    let counted = Statements::of(&served).await;
    assert!(counted.count() > 3, "nothing was counted: {counted:?}");
    counted.at_most(8);
    let page = visitor.open("/cast/k").await;
    // Nothing of the settings is read for it.
    Statements::of(&page).await.at_most(2);
    let nothing = visitor.proves("/cast/k", &ticket_of(&page), "").await;
    is_refused(&nothing, "nothing was solved");
    Statements::of(&nothing).await.at_most(3);
    let before = visitor
        .proves("/cast/k", &ticket_of(&page), &solution)
        .await;
    is_refused(&before, "used before");
    Statements::of(&before).await.at_most(3);
    let again = "href=\"/cast/k\"";
    assert!(before.text().contains(again), "{}", before.text());
}

#[sqlx::test]
async fn what_counted_is_forgotten_when_it_can_be_shown_no_more(pool: PgPool) {
    let place = place(pool).await;
    sqlx::query(
        "insert into captcha_used (token, page, used_at)
         select sha256(n::text::bytea), gen_random_uuid(), now() - n * interval '1 minute' from generate_series(1, 5000) n",
    )
    .execute(&place.app.pool)
    .await
    .unwrap();
    place.app.state.launcher.sweep().await.unwrap();
    // Six times as long as a puzzle can be solved.
    let kept = place.number("select count(*) from captcha_used").await;
    assert!((59..=60).contains(&kept), "{kept}");
}
