//! Whose desktop a link serves, and how often.

use deskcast::groups::{ClientSettings, Switch};

use super::*;
use crate::support::{Logs, Statements};

fn anonymous() -> CastFields {
    CastFields {
        allow_anonymous: true,
        ..CastFields::default()
    }
}

#[sqlx::test]
async fn whoever_only_looks_uses_nothing_up(pool: PgPool) {
    let place = Place::new(pool).await;
    place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(1),
            ..anonymous()
        })
        .await;
    let visitor = place.stranger();
    for _ in 0..3 {
        let page = visitor.open("/cast/k").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        assert!(page.text().contains("Open Debian"), "{}", page.text());
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert!(page.headers.get("set-cookie").is_none());
    }
    let mut ahead = visitor.request(Method::GET, "/cast/k");
    let prefetch = "prefetch;prerender".parse().unwrap();
    ahead.headers_mut().insert("sec-purpose", prefetch);
    assert_eq!(
        visitor.client.send(ahead).await.status,
        StatusCode::FORBIDDEN
    );
    // A page of another site can make a browser send a form, but none of our pages' tickets.
    let mut foreign = visitor.request(Method::POST, "/cast/k");
    foreign
        .headers_mut()
        .insert("origin", "https://evil.example".parse().unwrap());
    assert_eq!(
        visitor.client.send(foreign).await.status,
        StatusCode::FORBIDDEN
    );
    let without = visitor.send("/cast/k", "").await;
    assert_eq!(
        (without.status, without.header("location")),
        (StatusCode::SEE_OTHER, "/cast/k")
    );
    assert_eq!(place.number("select count(*) from desktops").await, 0);
    assert_eq!(
        place
            .number("select count(*) from users where role = 'guest'")
            .await,
        0
    );
    assert_eq!(place.remaining().await, 1);
    assert_eq!(place.number("select count(*) from cast_log").await, 0);
}

#[sqlx::test]
async fn a_guest_gets_a_desktop_that_works_in_their_browser_alone(pool: PgPool) {
    let place = Place::new(pool).await;
    place.cast(anonymous()).await;
    let stranger = place.stranger();
    let page = stranger.open("/cast/k").await;
    let ticket = ticket_of(&page);
    let served = stranger.send("/cast/k", &ticket).await;
    let name = desktop_of(&served);
    assert_eq!(place.logged().await, None);
    let desktop = place.settled(&name).await;
    assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
    assert!(desktop.of_guest && !desktop.with_home);
    assert_eq!(desktop.cast.unwrap().title, "Biology 7b");
    let guest = place.let_in(&served);
    let there = format!("/desktop/{name}/");
    assert_eq!(guest.open(&there).await.status, StatusCode::OK);
    assert_eq!(
        stranger.open(&there).await.status,
        StatusCode::SEE_OTHER,
        "to the sign-in"
    );
    assert_eq!(
        place.person("mallory").await.open(&there).await.status,
        StatusCode::NOT_FOUND
    );
    // A double click, the back button, a lost answer: the same page leads to the same desktop, and lets the browser in.
    for visitor in [&stranger, &guest] {
        let again = visitor.send("/cast/k", &ticket).await;
        assert_eq!(desktop_of(&again), name);
    }
    let again = stranger.send("/cast/k", &ticket).await;
    assert_eq!(
        place.let_in(&again).open(&there).await.status,
        StatusCode::OK
    );
    assert_eq!(
        place
            .number("select count(*) from users where role = 'guest'")
            .await,
        1
    );
    // Another page makes another guest, and what the browser had before is stopped: nobody can come back to it.
    let other = place.let_in(&again).launch("/cast/k").await;
    assert_ne!(desktop_of(&other), name);
    eventually(
        "the former desktop is stopped",
        Duration::from_secs(10),
        async || match place.found(&name).await.state {
            DesktopState::Stopped => Ok(()),
            other => Err(format!("{other:?}")),
        },
    )
    .await;
}

#[sqlx::test]
async fn a_cast_s_desktop_stands_beside_that_of_the_dashboard(pool: PgPool) {
    let place = Place::new(pool).await;
    place.cast(CastFields::default()).await;
    let jane = place.person("jane").await;
    let started = jane.client.post("/desktops/debian-desktop/start").await;
    assert_eq!(started.header("location"), "/desktop/jane-debian-desktop/");
    place.settled("jane-debian-desktop").await;
    let first = desktop_of(&jane.launch("/cast/k").await);
    assert!(first.starts_with("jane-debian-desktop-"), "{first}");
    let second = desktop_of(&jane.launch("/cast/k").await);
    assert_ne!(first, second, "without resume each page is another desktop");
    for name in [&first, &second] {
        assert_eq!(place.settled(name).await.state, DesktopState::Running);
    }
    // Starting on the dashboard comes back to its own.
    let again = jane.client.post("/desktops/debian-desktop/start").await;
    assert_eq!(again.header("location"), "/desktop/jane-debian-desktop/");
    let board = jane.open("/").await;
    for part in [
        format!("id=\"card-~{first}\""),
        format!("action=\"/desktops/~{second}/stop\""),
        "id=\"card-debian-desktop\"".to_owned(),
        "Biology 7b".to_owned(),
    ] {
        assert!(board.text().contains(&part), "{part}\n{}", board.text());
    }
    let viewer = jane.open(&format!("/desktop/{first}/")).await;
    assert!(
        viewer
            .text()
            .contains(&format!("/desktops/~{first}/stop?page=desktop"))
    );
    let stop = jane.client.post(&format!("/desktops/~{first}/stop")).await;
    assert_eq!(stop.header("location"), "/");
    let ended = jane.open(&format!("/desktop/{first}/")).await;
    assert!(
        ended.text().contains("open the link you came by"),
        "{}",
        ended.text()
    );
    assert!(!ended.text().contains("/start\""));
    assert!(
        !jane.open("/").await.text().contains(&first),
        "only its link makes another"
    );
    for name in ["jane-debian-desktop", &second] {
        assert_eq!(
            place.found(name).await.state,
            DesktopState::Running,
            "{name} is untouched"
        );
    }
    let mallory = place.person("mallory").await;
    mallory
        .client
        .post(&format!("/desktops/~{second}/stop"))
        .await;
    assert_eq!(place.found(&second).await.state, DesktopState::Running);
}

#[sqlx::test]
async fn with_resume_a_person_comes_back_to_theirs(pool: PgPool) {
    let place = Place::new(pool).await;
    place
        .cast(CastFields {
            allow_resume: true,
            limit_total_sessions: true,
            sessions_remaining: Some(2),
            ..CastFields::default()
        })
        .await;
    let jane = place.person("jane").await;
    let first = desktop_of(&jane.launch("/cast/k").await);
    assert_eq!(
        desktop_of(&jane.launch("/cast/k").await),
        first,
        "while it starts"
    );
    place.settled(&first).await;
    assert_eq!(
        desktop_of(&jane.launch("/cast/k").await),
        first,
        "while it runs"
    );
    let malte = place.person("malte").await;
    let other = desktop_of(&malte.launch("/cast/k").await);
    assert_ne!(other, first);
    assert_eq!(place.remaining().await, 0);
    assert_eq!(
        desktop_of(&jane.launch("/cast/k").await),
        first,
        "coming back takes none"
    );
    jane.client.post(&format!("/desktops/~{first}/stop")).await;
    let refused = jane.launch("/cast/k").await;
    assert_eq!(
        (refused.status, reason_of(&refused)),
        (StatusCode::GONE, "none_left".into())
    );
}

#[sqlx::test]
async fn two_live_desktops_never_share_somebody_s_files(pool: PgPool) {
    let place = Place::new(pool).await;
    place.cast(CastFields::default()).await;
    let jane = place.person("jane").await;
    place.app.engine.hang(deskcast::runtime::fake::Call::Create);
    let first = desktop_of(&jane.launch("/cast/k").await);
    let second = desktop_of(&jane.launch("/cast/k").await);
    let says = "Another desktop of yours has your files open";
    let page = jane.open(&format!("/desktop/{first}/")).await;
    assert!(!page.text().contains(says));
    let page = jane.open(&format!("/desktop/{second}/")).await;
    assert!(
        page.text().contains(says),
        "before they wait: {}",
        page.text()
    );
    for name in [&first, &second] {
        jane.client.post(&format!("/desktops/~{name}/stop")).await;
    }
    place
        .app
        .engine
        .release(deskcast::runtime::fake::Call::Create);
    let first = desktop_of(&jane.launch("/cast/k").await);
    let second = desktop_of(&jane.launch("/cast/k").await);
    let home = async |name: &str| {
        let id = place.settled(name).await.id;
        place.app.engine.container_of(id).unwrap().spec.home
    };
    let homes = (home(&first).await, home(&second).await);
    assert!(homes.0.is_some() && homes.1.is_none(), "{homes:?}");
    // The same on the dashboard, and the files are free as soon as nobody has them.
    jane.client.post("/desktops/debian-desktop/start").await;
    assert_eq!(home("jane-debian-desktop").await, None);
    for address in ["debian-desktop".to_owned(), format!("~{first}")] {
        jane.client.post(&format!("/desktops/{address}/stop")).await;
    }
    jane.client.post("/desktops/debian-desktop/start").await;
    assert_eq!(home("jane-debian-desktop").await, homes.0);
}

#[sqlx::test]
async fn the_cast_says_what_is_opened_and_what_may_pass(pool: PgPool) {
    let place = Place::new(pool).await;
    let settings = deskcast::groups::ClientSettings::default()
        .with(deskcast::groups::Switch::AllowClipboardUp, false)
        .with(deskcast::groups::Switch::AllowMicrophone, true);
    place
        .cast(CastFields {
            kasm_url: Some("https://fixed.example/".into()),
            allow_dynamic_kasm_url: true,
            enforce_client_settings: true,
            client_settings: settings,
            disable_control_panel: true,
            disable_shared_fixed_resolution: true,
            ..anonymous()
        })
        .await;
    let table = [
        ("/cast/k", "https://fixed.example/"),
        (
            "/cast/k?kasm_url=https%3A%2F%2Fother.example%2Fa%3Fb%3Dc",
            "https://other.example/a?b=c",
        ),
    ];
    for (link, opened) in table {
        let served = place.stranger().launch(link).await;
        let name = desktop_of(&served);
        let id = place.settled(&name).await.id;
        let env = place.app.engine.container_of(id).unwrap().spec.env;
        assert_eq!(env["KASM_URL"], opened);
        assert_eq!(env["KASM_SVC_ACCEPT_CUT_TEXT"], "-AcceptCutText 0");
        assert_eq!(env["KASM_SVC_AUDIO_INPUT"], "1");
        let viewer = place
            .let_in(&served)
            .open(&format!("/desktop/{name}/"))
            .await;
        for part in [
            "data-control-panel=\"off\"",
            "data-tips=\"on\"",
            "data-shared-size=\"window\"",
            "clipboard_up=false",
        ] {
            assert!(viewer.text().contains(part), "{part}: {}", viewer.text());
        }
    }
}

#[sqlx::test]
async fn signing_in_on_the_way_leads_back_with_everything(pool: PgPool) {
    let place = Place::new(pool).await;
    place
        .cast(CastFields {
            allow_dynamic_kasm_url: true,
            restrict_to_referrers: vec!["school.example".into()],
            ..CastFields::default()
        })
        .await;
    let link = "/cast/k?kasm_url=https%3A%2F%2Fa.example%2F%3Fb%3Dc%26d";
    let stranger = Visitor {
        referrer: Some("https://www.school.example/page"),
        ..place.stranger()
    };
    let asked = stranger.open(link).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
    let login = asked.header("location");
    let (_, next) = url::form_urlencoded::parse(login.split_once('?').unwrap().1.as_bytes())
        .find(|(name, _)| name == "next")
        .unwrap();
    assert!(next.starts_with(link), "{next}");
    // Back from the sign-in page: it is the referrer now, and what the visitor came from still counts.
    let jane = place.person("jane").await;
    let page = jane.open(&next).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let served = jane.send(link, &ticket_of(&page)).await;
    let desktop = place.found(&desktop_of(&served)).await;
    assert_eq!(
        desktop.start_url.as_deref(),
        Some("https://a.example/?b=c&d")
    );
    assert_eq!(
        place
            .number("select count(*) from cast_log where referrer = 'www.school.example'")
            .await,
        1
    );
    let alone = jane.open(link).await;
    assert_eq!(reason_of(&alone), "referrer");
}

#[sqlx::test]
async fn what_a_launch_and_a_refusal_cost(pool: PgPool) {
    Logs::capture();
    let place = Place::new(pool).await;
    sqlx::query("update user_groups set settings = $1 where everybody")
        .bind(serde_json::json!({"desktops_at_once": 9, "hours_per_day": 8}))
        .execute(&place.app.pool)
        .await
        .unwrap();
    place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(2),
            limit_requests_per_ip: true,
            sessions_allowed: Some(3),
            within_seconds: Some(3_600),
            allow_resume: true,
            allow_dynamic_kasm_url: false,
            ..anonymous()
        })
        .await;
    place.stranger().open("/cast/k").await;
    let jane = place.person("jane").await;
    let page = jane.open("/cast/k").await;
    let served = jane.send("/cast/k", &ticket_of(&page)).await;
    desktop_of(&served);
    let counted = Statements::of(&served).await;
    assert!(counted.count() > 3, "nothing was counted: {counted:?}");
    counted.at_most(8);
    let guest = place.stranger().launch("/cast/k").await;
    desktop_of(&guest);
    Statements::of(&guest).await.at_most(8);
    let none_left = place.stranger().launch("/cast/k").await;
    assert_eq!(reason_of(&none_left), "none_left");
    // The page itself, and what it found.
    Statements::of(&none_left).await.at_most(5);
    for (link, most) in [("/cast/nothing", 2), ("/cast/k", 5)] {
        Statements::of(&place.stranger().open(link).await)
            .await
            .at_most(most);
    }
    // The address has been served as often as it may.
    sqlx::query("update casts set sessions_remaining = 9")
        .execute(&place.app.pool)
        .await
        .unwrap();
    desktop_of(&place.stranger().launch("/cast/k").await);
    let page = place.stranger().open("/cast/k").await;
    let too_many = place.stranger().send("/cast/k", &ticket_of(&page)).await;
    assert_eq!(reason_of(&too_many), "too_many_requests");
    Statements::of(&too_many).await.at_most(3);
}

#[sqlx::test]
async fn coming_back_with_another_address_opens_it_in_a_new_tab(pool: PgPool) {
    let place = Place::new(pool).await;
    sqlx::query("update desktop_types set takes_address = true where slug = 'debian-desktop'")
        .execute(&place.app.pool)
        .await
        .unwrap();
    place
        .cast(CastFields {
            allow_resume: true,
            allow_dynamic_kasm_url: true,
            kasm_url: Some("https://fixed.example/".into()),
            ..CastFields::default()
        })
        .await;
    let jane = place.person("jane").await;
    let name = desktop_of(&jane.launch("/cast/k").await);
    let id = place.settled(&name).await.id;
    assert_eq!(desktop_of(&jane.launch("/cast/k").await), name);
    let link = "/cast/k?kasm_url=https%3A%2F%2Fother.example%2Fa%3Fb%3D%2520c";
    assert_eq!(desktop_of(&jane.launch(link).await), name);
    eventually(
        "the address is opened",
        Duration::from_secs(10),
        async || match place.app.engine.container_of(id).unwrap().ran {
            ran if ran.is_empty() => Err("not yet".to_owned()),
            ran => {
                let argv = [
                    "/bin/bash",
                    "/dockerstartup/custom_startup.sh",
                    "--go",
                    "--url",
                    "https://other.example/a?b=%20c",
                ];
                assert_eq!(
                    ran,
                    [argv.map(str::to_owned).to_vec()],
                    "once, and nothing for the link without one"
                );
                Ok(())
            }
        },
    )
    .await;
}

#[sqlx::test]
async fn a_link_may_choose_one_of_the_type_s_networks(pool: PgPool) {
    let place = Place::new(pool).await;
    sqlx::query("update desktop_types set allow_network_selection = true, networks = '{class-net}' where slug = 'debian-desktop'")
        .execute(&place.app.pool)
        .await
        .unwrap();
    place
        .cast(CastFields {
            allow_dynamic_docker_network: true,
            ..anonymous()
        })
        .await;
    for (link, network) in [
        ("/cast/k", "deskcast-desktops"),
        ("/cast/k?docker_network=class-net", "class-net"),
    ] {
        let name = desktop_of(&place.stranger().launch(link).await);
        let desktop = place.settled(&name).await;
        assert_eq!(desktop.state, DesktopState::Running, "reached all the same");
        assert_eq!(
            place
                .app
                .engine
                .container_of(desktop.id)
                .unwrap()
                .spec
                .network,
            network
        );
    }
    for network in [
        "host",
        "none",
        "container:x",
        "Class-Net",
        "deskcast-desktops",
        "",
    ] {
        let refused = place
            .stranger()
            .launch(&format!("/cast/k?docker_network={network}"))
            .await;
        assert_eq!(
            (refused.status, reason_of(&refused)),
            (StatusCode::BAD_REQUEST, "network_invalid".into())
        );
    }
}

#[sqlx::test]
async fn a_desktop_somebody_comes_back_to_is_tightened_or_they_are_asked(pool: PgPool) {
    let place = Place::new(pool).await;
    let everything = ClientSettings::each(|_| true);
    let fields = |settings: ClientSettings| CastFields {
        allow_resume: true,
        enforce_client_settings: true,
        client_settings: settings,
        ..CastFields::default()
    };
    let cast = place.cast(fields(everything)).await;
    let jane = place.person("jane").await;
    let first = desktop_of(&jane.launch("/cast/k").await);
    place.settled(&first).await;
    let becomes = async |settings: ClientSettings| {
        sqlx::query("update casts set client_settings = $1 where id = $2")
            .bind(serde_json::to_value(settings).unwrap())
            .bind(cast.id)
            .execute(&place.app.pool)
            .await
            .unwrap();
    };

    // What can end at once ends, and nobody is asked.
    let less = everything.with(Switch::AllowClipboardUp, false);
    becomes(less).await;
    assert_eq!(desktop_of(&jane.launch("/cast/k").await), first);
    assert_eq!(place.found(&first).await.client_settings, less);

    // What cannot is told, with a way on and a way out.
    becomes(less.with(Switch::AllowClipboardDown, false)).await;
    let page = jane.open("/cast/k").await;
    let ticket = ticket_of(&page);
    let asked = jane.send("/cast/k", &ticket).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    assert!(asked.text().contains("Copy from the desktop: stays on"));
    assert_eq!(place.found(&first).await.state, DesktopState::Running);
    let on = jane.send("/cast/k", &format!("{ticket}&go_on=yes")).await;
    assert_eq!(desktop_of(&on), first);

    let id = place.found(&first).await.id;
    // Somebody else's word ends nothing.
    let malte = place.person("malte").await;
    let others = ticket_of(&malte.open("/cast/k").await);
    let theirs = malte.send("/cast/k", &format!("{others}&leave={id}")).await;
    assert_ne!(desktop_of(&theirs), first);
    assert_eq!(place.found(&first).await.state, DesktopState::Running);

    let leave = format!("{ticket}&leave={id}");
    let second = desktop_of(&jane.send("/cast/k", &leave).await);
    assert_ne!(second, first);
    assert_eq!(place.found(&first).await.state, DesktopState::Stopped);
    let fresh = place.settled(&second).await;
    assert!(!fresh.client_settings.is_on(Switch::AllowClipboardDown));
    // Said again, it leads to the same and ends nothing.
    assert_eq!(desktop_of(&jane.send("/cast/k", &leave).await), second);
    assert_eq!(place.found(&second).await.state, DesktopState::Running);
}

#[sqlx::test]
async fn nobody_loses_a_desktop_for_a_fresh_one_that_is_not_there(pool: PgPool) {
    let place = Place::new(pool).await;
    place
        .cast(CastFields {
            allow_resume: true,
            limit_total_sessions: true,
            sessions_remaining: Some(1),
            ..CastFields::default()
        })
        .await;
    let jane = place.person("jane").await;
    let first = desktop_of(&jane.launch("/cast/k").await);
    let id = place.settled(&first).await.id;
    let ticket = ticket_of(&jane.open("/cast/k").await);
    let refused = jane.send("/cast/k", &format!("{ticket}&leave={id}")).await;
    assert_eq!(reason_of(&refused), "none_left");
    assert_eq!(place.found(&first).await.state, DesktopState::Running);
}
