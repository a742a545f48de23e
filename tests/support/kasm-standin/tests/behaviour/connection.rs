//! TLS, the end of a connection, sizes and spelling.

use std::io::{Read, Write};

use kasm_standin::{Flavour, Standin};

use crate::client::{PASSWORD, exchange, get, owner, tcp, tls, upgrade};

fn standin(flavour: Flavour) -> Standin {
    Standin::builder()
        .flavour(flavour)
        .password(PASSWORD)
        .spawn()
}

#[test]
fn plain_text_is_closed_without_a_byte() {
    let standin = standin(Flavour::New);
    let mut sock = tcp(standin.addr());
    sock.write_all(b"GET / HTTP/1.1\r\nHost: desktop\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    assert_eq!(sock.read_to_end(&mut answer).unwrap(), 0);
    assert!(standin.requests().is_empty());
}

#[test]
fn a_page_ends_the_connection_without_close_notify_and_alpn_is_not_answered() {
    let standin = standin(Flavour::New);
    let mut wire = tls(standin.addr());
    let request = format!("GET / HTTP/1.1\r\nHost: desktop\r\n{}\r\n", owner());
    wire.write_all(request.as_bytes()).unwrap();
    let answer = crate::client::to_the_end(&mut wire);
    assert_eq!(wire.conn.alpn_protocol(), None);
    assert_eq!(answer.status(), "HTTP/1.1 200 OK");
    assert!(answer.has("Connection: close") && answer.has("Server: KasmVNC/4.0"));
    assert!(answer.has("Cross-Origin-Embedder-Policy: require-corp"));
    assert!(answer.has("Cross-Origin-Opener-Policy: same-origin"));
    assert!(answer.unannounced);
}

#[test]
fn the_certificate_is_the_one_in_the_home() {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    let standin = standin(Flavour::New);
    let mut wire = tls(standin.addr());
    wire.write_all(format!("GET / HTTP/1.1\r\n{}\r\n", owner()).as_bytes())
        .unwrap();
    crate::client::to_the_end(&mut wire);
    let pem = kasm_standin::CERTIFICATE_AND_KEY_PEM;
    let own = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    assert_eq!(wire.conn.peer_certificates(), Some(&[own][..]));
}

#[test]
fn requests_are_recorded_as_they_came() {
    let standin = standin(Flavour::New);
    let request = format!(
        "GET /?a=b HTTP/1.1\r\nhOsT: desktop\r\nX-Twice: 1\r\nx-twice: 2\r\n{}\r\n",
        owner()
    );
    exchange(standin.addr(), &request);
    let recorded = standin.requests().remove(0);
    assert_eq!(recorded.head, request.as_bytes());
    assert_eq!(
        (recorded.method.as_str(), recorded.path.as_str()),
        ("GET", "/?a=b")
    );
    let names: Vec<_> = recorded
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["hOsT", "X-Twice", "x-twice", "Authorization"]);
    assert_eq!(recorded.header("host"), Some("desktop"));
    assert_eq!(
        (recorded.user.as_deref(), recorded.upgrade),
        (Some("kasm_user"), false)
    );
    assert!(recorded.contains("X-Twice") && !recorded.contains("Cookie"));
}

#[test]
fn old_needs_exact_spelling_and_new_does_not() {
    for header in ["Host", "Connection"] {
        let request = upgrade("kasm_user").replace(
            &format!("\r\n{header}:"),
            &format!("\r\n{}:", header.to_lowercase()),
        );
        let old = standin(Flavour::Old);
        assert_eq!(
            exchange(old.addr(), &request).status(),
            "HTTP/1.1 404 Not Found",
            "{header}"
        );
        assert!(!old.requests()[0].upgrade);
        let new = standin(Flavour::New);
        let mut wire = tls(new.addr());
        wire.write_all(request.as_bytes()).unwrap();
        let mut start = [0; 12];
        wire.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 101", "{header}");
    }
    let lower = owner().replace("Authorization", "authorization");
    let request = format!("GET / HTTP/1.1\r\nHost: desktop\r\n{lower}\r\n");
    let new = standin(Flavour::New);
    assert_eq!(exchange(new.addr(), &request).status(), "HTTP/1.1 200 OK");
    let old = standin(Flavour::Old);
    assert_eq!(
        exchange(old.addr(), &request).status(),
        "HTTP/1.1 401 Unauthorized"
    );
    assert_eq!(old.auth_failures(), 1);
}

#[test]
fn an_upgrade_needs_origin_and_protocol_in_both_flavours() {
    for flavour in [Flavour::Old, Flavour::New] {
        let standin = standin(flavour);
        for missing in ["Origin", "Sec-WebSocket-Protocol"] {
            let request =
                upgrade("kasm_user").replace(&format!("\r\n{missing}:"), "\r\nX-Nothing:");
            let answer = exchange(standin.addr(), &request);
            assert_eq!(answer.status(), "HTTP/1.1 404 Not Found", "{missing}");
        }
    }
}

#[test]
fn too_much_head_closes_the_old_one_and_gets_400_from_the_new_one() {
    let request = |length: usize| {
        let filling = "x".repeat(length);
        format!(
            "GET / HTTP/1.1\r\nHost: desktop\r\nX-Filling: {filling}\r\n{}\r\n",
            owner()
        )
    };
    let old = standin(Flavour::Old);
    assert!(exchange(old.addr(), &request(5000)).text.is_empty());
    assert!(exchange(old.addr(), &request(3000)).has("HTTP/1.1 200 OK"));
    let new = standin(Flavour::New);
    assert!(exchange(new.addr(), &request(5000)).has("HTTP/1.1 200 OK"));
    assert_eq!(
        exchange(new.addr(), &request(17_000)).status(),
        "HTTP/1.1 400 Bad Request"
    );
}

#[test]
fn other_methods_long_targets_and_climbing_are_not_found() {
    let standin = standin(Flavour::New);
    for method in ["HEAD", "OPTIONS", "POST", "DELETE"] {
        let request = format!("{method} / HTTP/1.1\r\nHost: desktop\r\n{}\r\n", owner());
        assert_eq!(
            exchange(standin.addr(), &request).status(),
            "HTTP/1.1 404 Not Found",
            "{method}"
        );
    }
    let long = get(standin.addr(), &format!("/?{}", "q".repeat(1100)));
    assert_eq!(
        (long.status(), long.body()),
        ("HTTP/1.1 404 Not Found", "404")
    );
    assert!(!long.text.to_lowercase().contains("content-length"));
    let referer = format!(
        "GET / HTTP/1.1\r\nHost: desktop\r\nReferer: https://x/a/../b\r\n{}\r\n",
        owner()
    );
    assert_eq!(
        exchange(standin.addr(), &referer).status(),
        "HTTP/1.1 404 Not Found"
    );
    assert_eq!(
        get(standin.addr(), "/assets/%2e%2e/index.html").status(),
        "HTTP/1.1 404 Not Found"
    );
}
