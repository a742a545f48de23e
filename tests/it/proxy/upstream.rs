//! The connection to a desktop, and the look whether it is ready.

use std::time::{Duration, Instant};

use deskcast::{
    lifecycle::Tasks,
    upstream::{Account, Endpoint, NotReady, Upstream, UpstreamError, UpstreamLimits},
};
use hyper::StatusCode;
use kasm_standin::{Fault, Flavour, Standin};
use sqlx::PgPool;

use super::{PASSWORD, Scene, Socket};

fn endpoint(standin: &Standin, password: &str) -> Endpoint {
    Endpoint {
        address: standin.addr(),
        tls: true,
        account: Some(Account {
            user: "kasm_user".into(),
            password: password.into(),
        }),
    }
}

fn upstream() -> Upstream {
    let limits = UpstreamLimits {
        connect: Duration::from_millis(500),
        handshake: Duration::from_millis(500),
        head: Duration::from_millis(500),
    };
    Upstream::new(limits, Tasks::new())
}

#[tokio::test]
async fn both_kinds_of_server_are_ready_when_they_answer() {
    for flavour in [Flavour::Old, Flavour::New] {
        let standin = Standin::builder()
            .flavour(flavour)
            .password(PASSWORD)
            .spawn();
        upstream()
            .probe(&endpoint(&standin, PASSWORD))
            .await
            .unwrap();
        assert_eq!(standin.auth_failures(), 0, "{flavour:?}");
        assert_eq!(standin.requests()[0].method, "GET");
    }
    let application = Standin::builder().plain().spawn();
    let plain = Endpoint {
        tls: false,
        account: None,
        ..endpoint(&application, PASSWORD)
    };
    upstream().probe(&plain).await.unwrap();
    application.set_route("/", 404, &[], b"not here");
    upstream().probe(&plain).await.unwrap();
    application.set_route("/", 503, &[], b"not yet");
    assert!(matches!(
        upstream().probe(&plain).await,
        Err(NotReady::NotYet)
    ));
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_in_ten_seconds() {
    let standin = Standin::builder().password(PASSWORD).spawn();
    let upstream = upstream();
    for _ in 0..20 {
        let refused = upstream.probe(&endpoint(&standin, "another")).await;
        assert!(matches!(refused, Err(NotReady::WrongPassword)));
    }
    assert_eq!((standin.auth_failures(), standin.banned_answers()), (1, 0));
    upstream.probe(&endpoint(&standin, PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn every_fault_ends_within_its_limit() {
    let standin = Standin::builder().password(PASSWORD).spawn();
    let upstream = upstream();
    let faults = [
        Fault::HangBeforeTls,
        Fault::Hang,
        Fault::CloseAtOnce,
        Fault::CloseAfterRequest,
        Fault::Reset,
        Fault::Raw(b"\0\0\0\0not http at all\r\n\r\n".to_vec()),
        Fault::Raw(vec![b'x'; 200_000]),
        Fault::Redirect("/x".into()),
    ];
    for fault in faults {
        standin.fault_once(fault.clone());
        let began = Instant::now();
        let looked = upstream.probe(&endpoint(&standin, PASSWORD)).await;
        assert!(matches!(looked, Err(NotReady::NotYet)), "{fault:?}");
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "{fault:?} took {:?}",
            began.elapsed()
        );
    }
    upstream.probe(&endpoint(&standin, PASSWORD)).await.unwrap();
    let away = Endpoint {
        address: ([127, 0, 0, 1], 1).into(),
        ..endpoint(&standin, PASSWORD)
    };
    let request = hyper::Request::new(axum::body::Body::empty());
    let refused = upstream.send(&away, request).await.map(drop);
    assert!(matches!(refused, Err(UpstreamError::Refused(_))));
}

#[tokio::test]
async fn giving_up_closes_the_connection() {
    let standin = Standin::builder()
        .password(PASSWORD)
        .fault(Fault::Hang)
        .spawn();
    let tasks = Tasks::new();
    let limits = UpstreamLimits {
        head: Duration::from_millis(50),
        ..UpstreamLimits::default()
    };
    let upstream = Upstream::new(limits, tasks.clone());
    assert!(upstream.probe(&endpoint(&standin, PASSWORD)).await.is_err());
    let all_ended = tasks
        .finish(
            Duration::from_secs(5),
            std::future::pending(),
            Duration::ZERO,
        )
        .await;
    assert!(all_ended, "the connection's task is over");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_desktop_that_forgot_its_password_is_not_asked_again_and_again(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    scene
        .standin
        .set_password("kasm_user", "changed-by-another-start");
    for _ in 0..5 {
        let request = scene.handshake(&scene.jane, "websockify");
        let refused = Socket::open(&scene.app, request).await.map(drop);
        let (status, text) = refused.unwrap_err();
        assert_eq!(status, StatusCode::BAD_GATEWAY);
        assert!(!text.to_lowercase().contains("authenticate"), "{text}");
    }
    assert_eq!(scene.standin.auth_failures(), 1);
    assert_eq!(scene.standin.banned_answers(), 0);
}
