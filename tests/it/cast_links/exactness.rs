//! Counted exactly, whatever happens at once and whoever dies in between.

use std::collections::HashSet;

use futures_util::future::join_all;

use super::*;

const SESSIONS: i64 = 50;

async fn run(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.unwrap();
}

#[sqlx::test]
async fn one_page_makes_one_desktop_however_often_it_is_sent(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.app.replica(&VARIABLES).await;
    place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(1),
            limit_requests_per_ip: true,
            sessions_allowed: Some(1),
            within_seconds: Some(3_600),
            allow_anonymous: true,
            ..CastFields::default()
        })
        .await;
    let ticket = ticket_of(&place.stranger().open("/cast/k").await);
    let visitors = [place.stranger(), Visitor::new(other.stranger())];
    let sends = (0..20).map(|n| visitors[n % 2].send("/cast/k", &ticket));
    let names: HashSet<_> = join_all(sends).await.iter().map(desktop_of).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(place.number("select count(*) from desktops").await, 1);
    assert_eq!(
        place
            .number("select count(*) from users where role = 'guest'")
            .await,
        1
    );
    assert_eq!(place.remaining().await, 0);
    assert_eq!(place.served().await, 1);
}

#[sqlx::test]
async fn fifty_launches_of_one_person_with_resume_make_one_desktop(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.app.replica(&VARIABLES).await;
    place
        .cast(CastFields {
            allow_resume: true,
            limit_total_sessions: true,
            sessions_remaining: Some(9),
            ..CastFields::default()
        })
        .await;
    let jane = [
        place.person("jane").await,
        Visitor::new(other.user("jane").await),
    ];
    place
        .app
        .engine
        .delay(Call::Create, Duration::from_millis(50));
    let launches = (0..50).map(|n| jane[n % 2].launch("/cast/k"));
    let names: HashSet<_> = join_all(launches).await.iter().map(desktop_of).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(place.number("select count(*) from desktops").await, 1);
    assert_eq!(place.remaining().await, 8);
}

#[sqlx::test]
async fn never_more_are_served_than_there_are_on_two_servers(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.app.replica(&VARIABLES).await;
    let cast = place
        .cast(CastFields {
            limit_total_sessions: true,
            sessions_remaining: Some(i32::try_from(SESSIONS).unwrap()),
            allow_anonymous: true,
            ..CastFields::default()
        })
        .await;
    for round in 0..3 {
        run(&place.app.pool, "delete from desktops").await;
        sqlx::query("update casts set sessions_remaining = 50 where id = $1")
            .bind(cast.id)
            .execute(&place.app.pool)
            .await
            .unwrap();
        // Some starts fail, some never end because their server is gone.
        for _ in 0..7 {
            let refused = deskcast::runtime::RuntimeError::Refused("no".into());
            place.app.engine.fail_next(Call::Start, refused);
        }
        place.app.engine.delay(Call::Create, Duration::from_secs(2));
        let visitors = [place.stranger(), Visitor::new(other.stranger())];
        let launches = (0..300).map(|n| visitors[n % 2].launch("/cast/k"));
        let answers = join_all(launches).await;
        let served: HashSet<_> = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::SEE_OTHER)
            .map(desktop_of)
            .collect();
        // More than there are only as far as some failed meanwhile.
        let launched = i64::try_from(served.len()).unwrap();
        assert!(launched >= SESSIONS, "round {round}: {launched}");
        for refused in answers
            .iter()
            .filter(|answer| answer.status != StatusCode::SEE_OTHER)
        {
            assert_eq!(reason_of(refused), "none_left");
        }
        // Some lose their worker, as when its server is killed; another server takes over.
        run(&place.app.pool, "update desktops set lease_holder = gen_random_uuid(), lease_until = now() - interval '1 s' where state = 'starting' and abs(hashtext(id::text)) % 3 = 0").await;
        eventually("every start is over", Duration::from_mins(1), async || {
            upkeep::take_over(&other.state.desktops).await.unwrap();
            match place
                .number("select count(*) from desktops where state = 'starting'")
                .await
            {
                0 => Ok(()),
                left => Err(format!("{left} left")),
            }
        })
        .await;
        let running = place
            .number("select count(*) from desktops where state = 'running'")
            .await;
        let remaining = place.remaining().await;
        let failed = place
            .number("select count(*) from desktops where state = 'failed'")
            .await;
        assert!(
            running <= SESSIONS && failed > 0,
            "round {round}: {running} run, {failed} failed"
        );
        assert_eq!(
            running + remaining,
            SESSIONS,
            "round {round}: {running} run, {failed} failed"
        );
    }
}

#[sqlx::test]
async fn an_address_is_served_so_often_in_any_stretch_of_time(pool: PgPool) {
    let place = Place::new(pool).await;
    let other = place.app.replica(&VARIABLES).await;
    place
        .cast(CastFields {
            limit_requests_per_ip: true,
            sessions_allowed: Some(3),
            within_seconds: Some(3_600),
            allow_anonymous: true,
            ..CastFields::default()
        })
        .await;
    // At once on two servers.
    let visitors = [place.stranger(), Visitor::new(other.stranger())];
    let launches = (0..40).map(|n| visitors[n % 2].launch("/cast/k"));
    let answers = join_all(launches).await;
    let served = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::SEE_OTHER);
    assert_eq!(served.count(), 3);
    for refused in answers
        .iter()
        .filter(|answer| answer.status != StatusCode::SEE_OTHER)
    {
        assert_eq!(reason_of(refused), "too_many_requests");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((3_590..=3_600).contains(&wait), "{wait}");
    }
    // It slides: as each of them leaves the stretch, one more is served.
    for (age, then) in [
        (3_599, StatusCode::TOO_MANY_REQUESTS),
        (3_601, StatusCode::SEE_OTHER),
        (0, StatusCode::TOO_MANY_REQUESTS),
    ] {
        sqlx::query(
            "update cast_addresses set served[1] = now() - make_interval(secs => $1) where $1 > 0",
        )
        .bind(f64::from(age))
        .execute(&place.app.pool)
        .await
        .unwrap();
        assert_eq!(visitors[0].launch("/cast/k").await.status, then, "{age}");
    }
    // What a stranger writes into headers changes nothing; a house has one budget, its neighbour another.
    for n in 0..20 {
        let spoofed = visitors[0]
            .clone()
            .from(&format!("10.9.8.{n}, 198.51.100.7"));
        assert_eq!(
            spoofed.launch("/cast/k").await.status,
            StatusCode::TOO_MANY_REQUESTS
        );
    }
    let houses = [
        "2001:db8:1:2::1",
        "2001:db8:1:2::2",
        "2001:db8:1:2:ffff::3",
        "2001:db8:1:2::4",
        "2001:db8:1:3::1",
    ];
    let mut statuses = Vec::new();
    for address in houses {
        statuses.push(
            visitors[1]
                .clone()
                .from(address)
                .launch("/cast/k")
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(statuses, [303, 303, 303, 429, 303]);
}
