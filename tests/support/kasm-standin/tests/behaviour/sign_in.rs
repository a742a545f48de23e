//! Refusals, the ban and who counts as whom.

use std::time::Duration;

use kasm_standin::{Flavour, Standin};

use crate::client::{PASSWORD, Response, credentials, exchange, get};

fn ask(standin: &Standin, headers: &str) -> Response {
    exchange(
        standin.addr(),
        &format!("GET / HTTP/1.1\r\nHost: desktop\r\n{headers}\r\n"),
    )
}

#[test]
fn the_three_refusals_differ_and_have_no_length() {
    let standin = Standin::builder()
        .flavour(Flavour::Old)
        .password(PASSWORD)
        .spawn();
    let missing = ask(&standin, "");
    assert_eq!(missing.status(), "HTTP/1.1 401 Unauthorized");
    assert!(missing.has("WWW-Authenticate: Basic realm=\"Websockify\""));
    for (user, password) in [
        ("kasm_user", "wrong-1"),
        ("nobody", PASSWORD),
        ("kasm_user", ""),
    ] {
        let wrong = ask(&standin, &credentials(user, password));
        assert_eq!(wrong.status(), "HTTP/1.1 401 Forbidden");
        assert!(!wrong.text.contains("WWW-Authenticate"));
        assert!(wrong.unannounced && !wrong.text.to_lowercase().contains("content-length"));
        standin.forgive();
    }
    let long = ask(&standin, &credentials("kasm_user", &"p".repeat(300)));
    assert_eq!(long.status(), "HTTP/1.1 403 Forbidden");
    assert_eq!(standin.auth_failures(), 5);
}

#[test]
fn five_failures_shut_the_caller_out_and_every_attempt_renews_it() {
    let ban = Duration::from_mins(1);
    let standin = Standin::builder().password(PASSWORD).ban_time(ban).spawn();
    for _ in 0..5 {
        // A success in between changes nothing.
        assert_eq!(
            ask(&standin, &credentials("kasm_user", "wrong-1")).status(),
            "HTTP/1.1 401 Forbidden"
        );
        if standin.auth_failures() < 5 {
            assert_eq!(get(standin.addr(), "/").status(), "HTTP/1.1 200 OK");
        }
    }
    for _ in 0..5 {
        standin.pass_ban_time(ban / 4);
        assert_eq!(
            get(standin.addr(), "/").text,
            "HTTP/1.1 401 Forbidden\r\n\r\n"
        );
    }
    assert_eq!((standin.auth_failures(), standin.banned_answers()), (5, 5));
    standin.pass_ban_time(ban + ban / 4);
    assert_eq!(get(standin.addr(), "/").status(), "HTTP/1.1 200 OK");
}

#[test]
fn the_ban_is_for_the_first_forwarded_address() {
    let standin = Standin::builder().password(PASSWORD).spawn();
    let from = |address: &str, password: &str| {
        let credentials = credentials("kasm_user", password);
        let headers = format!("X-Forwarded-For: {address}, 10.0.0.1\r\n{credentials}");
        ask(&standin, &headers).status().to_owned()
    };
    for _ in 0..5 {
        from("192.0.2.7", "wrong-1");
    }
    assert_eq!(from("192.0.2.7", PASSWORD), "HTTP/1.1 401 Forbidden");
    assert_eq!(from("192.0.2.8", PASSWORD), "HTTP/1.1 200 OK");
    // What cannot be an address is ignored: then it is the peer.
    for _ in 0..5 {
        from("not an address", "wrong-1");
    }
    assert_eq!(get(standin.addr(), "/").status(), "HTTP/1.1 401 Forbidden");
}

#[test]
fn an_earlier_proxy_authorization_is_taken_for_the_real_one() {
    let standin = Standin::builder().password(PASSWORD).spawn();
    let right = credentials("kasm_user", PASSWORD);
    let headers = format!("Proxy-{}{right}", credentials("kasm_user", "wrong-1"));
    assert_eq!(ask(&standin, &headers).status(), "HTTP/1.1 401 Forbidden");
}

#[test]
fn the_viewer_has_the_same_password_unless_given_another() {
    let same = Standin::builder().password(PASSWORD).spawn();
    assert_eq!(
        ask(&same, &credentials("kasm_viewer", PASSWORD)).status(),
        "HTTP/1.1 200 OK"
    );
    let own = Standin::builder()
        .password(PASSWORD)
        .viewer_password("viewer-1")
        .spawn();
    assert_eq!(
        ask(&own, &credentials("kasm_viewer", PASSWORD)).status(),
        "HTTP/1.1 401 Forbidden"
    );
    assert_eq!(
        ask(&own, &credentials("kasm_viewer", "viewer-1")).status(),
        "HTTP/1.1 200 OK"
    );
}

#[test]
fn a_second_start_with_the_same_home_changes_the_password_of_the_first() {
    let file = std::env::temp_dir().join(format!("kasm-standin-{}", std::process::id()));
    let first = Standin::builder()
        .password(PASSWORD)
        .password_file(&file)
        .spawn();
    assert_eq!(get(first.addr(), "/").status(), "HTTP/1.1 200 OK");
    let _second = Standin::builder()
        .password("another-1")
        .password_file(&file)
        .spawn();
    assert_eq!(get(first.addr(), "/").status(), "HTTP/1.1 401 Forbidden");
    std::fs::remove_file(&file).unwrap();
}
