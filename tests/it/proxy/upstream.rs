//! The connection to a desktop, and the look whether it is ready.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deskcast::{
    lifecycle::Tasks,
    upstream::{Account, Endpoint, NotReady, Upstream, UpstreamError, UpstreamLimits},
};
use hyper::StatusCode;
use kasm_standin::{Fault, Flavour, Standin};
use rcgen::{CertificateParams, KeyPair, SanType};
use rustls::{RootCertStore, ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use sqlx::PgPool;
use tokio::{io::AsyncWriteExt, net::TcpListener, task::JoinSet};
use tokio_rustls::TlsAcceptor;

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

/// A desktop with a certificate for its own address, and the authorities that vouch for it: itself.
async fn certified() -> (Endpoint, RootCertStore, JoinSet<()>) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::default();
    parameters.subject_alt_names = vec![SanType::IpAddress([127, 0, 0, 1].into())];
    let certificate = parameters.self_signed(&key).unwrap();
    let mut authorities = RootCertStore::empty();
    authorities.add(certificate.der().clone()).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A caller who does not trust us leaves in the middle.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                stream.write_all(answer).await.ok();
                stream.shutdown().await.ok();
            }
        }
    });
    let endpoint = Endpoint {
        address,
        tls: true,
        account: None,
    };
    (endpoint, authorities, serving)
}

#[tokio::test]
async fn certificates_are_checked_when_somebody_wants_that() {
    let (endpoint, authorities, _serving) = certified().await;
    upstream().probe(&endpoint).await.unwrap();
    let trusting = upstream().trusting(authorities);
    trusting.probe(&endpoint).await.unwrap();
    let refused = upstream().checking_certificates().probe(&endpoint).await;
    assert!(
        refused.is_err(),
        "no authority of this machine vouches for it"
    );

    // The usual images make their own, and so does the stand-in.
    let standin = Standin::builder().password(PASSWORD).spawn();
    let refused = trusting.probe(&self::endpoint(&standin, PASSWORD)).await;
    assert!(refused.is_err());
    assert_eq!(standin.requests().len(), 0, "and it hears no password");
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
