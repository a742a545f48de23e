//! A morning at a school: a thousand people sign in. What they needed is used again and given back.

use std::{fs, time::Duration};

use futures_util::{StreamExt, stream};
use hyper::Method;
use serde_json::json;

use crate::support::{
    eventually,
    http::{self, By},
    installation::Installation,
    server::{ADMIN, Server},
};

const PEOPLE: usize = 1_000;
const AT_ONCE: usize = 100;

/// Above what an idle server holds. Passwords are hashed in two pieces of 19 MiB each.
const MOST_MIB: u64 = 40;

/// How long an idle server takes to give back what passwords were hashed in: a minute of rest and a minute of upkeep.
const GIVEN_BACK: Duration = Duration::from_mins(2);

/// What is left then of those pieces: nothing.
const LEFT_MIB: u64 = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sign_ins_leave_nothing_behind() {
    let installation = Installation::new().await;
    let server = Server::start_on(&installation, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    // Everybody has the administrator's password: a thousand hashes would take the test's time.
    sqlx::query(
        "insert into users (id, slug, username, display_name, role, password_hash)
         select gen_random_uuid(), 'p' || n, 'p' || n, 'p' || n, 'user', admin.password_hash
         from generate_series(1, $1) n, users admin where admin.username = $2",
    )
    .bind(i64::try_from(PEOPLE).unwrap())
    .bind(ADMIN.0)
    .execute(&installation.database)
    .await
    .unwrap();
    let idle = resident_mib(&server);

    let all = stream::iter(1..=PEOPLE).map(|person| sign_in(&server, person));
    all.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    let after = resident_mib(&server);
    assert!(
        after <= idle + MOST_MIB,
        "{idle} MiB before, {after} MiB after"
    );

    eventually("the memory is given back", GIVEN_BACK, async || {
        (resident_mib(&server) <= idle + LEFT_MIB).then_some(())
    })
    .await;
}

/// Comes again as often as it takes: on a busy machine some are told that many sign in at the moment.
async fn sign_in(server: &Server, person: usize) {
    let body = json!({"username": format!("p{person}"), "password": ADMIN.1}).to_string();
    // Each from a household of their own, or there would be too many tries from one.
    let from = format!("10.{}.{}.1", person / 250, person % 250);
    let headers = [
        ("content-type", "application/json"),
        ("x-forwarded-for", from.as_str()),
    ];
    eventually(
        "the sign-in gets its turn",
        Duration::from_mins(1),
        async || {
            let answer = http::send(
                server.address,
                By::Nobody,
                Method::POST,
                "/api/login",
                &headers,
                &body,
            )
            .await;
            assert!(
                matches!(answer.status.as_u16(), 200 | 503),
                "{}",
                answer.text
            );
            (answer.status == 200).then_some(())
        },
    )
    .await;
}

/// What the process holds of the machine's memory (proc(5), `VmRSS`).
fn resident_mib(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}
