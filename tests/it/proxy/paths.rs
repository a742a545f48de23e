//! More than a thousand ways to write an address: none reaches another place than it names (T27).

use std::time::Duration;

use kasm_standin::Standin;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Scene, start};

/// Sends requests on one connection, raw: a client library would clean the address up.
struct Line(TcpStream, std::net::SocketAddr, String);

impl Line {
    async fn new(scene: &Scene) -> Self {
        let cookie = scene.jane.request(hyper::Method::GET, "/").headers()["cookie"]
            .to_str()
            .unwrap()
            .to_owned();
        let address = scene.app.address;
        Self(TcpStream::connect(address).await.unwrap(), address, cookie)
    }

    async fn ask(&mut self, target: &str) -> u16 {
        let Self(stream, address, cookie) = self;
        *stream = TcpStream::connect(*address).await.unwrap();
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ =
            tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
        let text = String::from_utf8_lossy(&answer);
        text.get(9..12)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0)
    }
}

/// Ways to write a step up.
const STEPS: [&str; 20] = [
    "..",
    ".",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%2e.",
    "%252e%252e",
    "%25%32%65%25%32%65",
    "..;",
    "..;a=b",
    "%2e%2e;",
    "..%3b",
    "..%20",
    "%20..",
    "..%00",
    "..%09",
    "%c0%ae%c0%ae",
    "%u002e%u002e",
    "..%c0%af",
    "..%ef%bc%8f/..",
];
const SEPARATORS: [&str; 14] = [
    "/", "//", "\\", "%2f", "%2F", "%5c", "%255c", "%252f", ";/", "/;/", "/./", "%00/", "#/", "?/",
];

/// Every kind of step up, separator and control character, in every place.
fn corpus(own: &str, other: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for step in STEPS {
        for separator in SEPARATORS {
            for target in [
                "",
                "api/admin/containers",
                &format!("desktop/{other}/"),
                other,
            ] {
                targets.push(format!("/desktop/{own}/{step}{separator}{target}"));
                targets.push(format!(
                    "/desktop/{own}/a{separator}{step}{separator}{step}{separator}{target}"
                ));
            }
        }
    }
    for byte in (1..=32_u8).chain([127, 128, 255]) {
        targets.push(format!("/desktop/{own}/a%{byte:02x}b"));
        targets.push(format!("/desktop/{own}%{byte:02x}/"));
    }
    let upper = own.to_uppercase();
    let dashed = own.replace('-', "%2d");
    targets.extend([
        format!("/desktop/{upper}/"),
        format!("/desktop/{dashed}/"),
        format!("/DESKTOP/{own}/"),
        format!("/desktop//{own}/"),
        format!("//desktop/{own}/"),
        format!("/desktop/{own};x/"),
        format!("/desktop/{own}%2f"),
        format!("/desktop/./{own}/"),
        format!("/desktop/x/../{own}/"),
        format!("/%64esktop/{own}/"),
        format!("/desktop/{own}/%"),
        format!("/desktop/{own}/%g0"),
    ]);
    targets
}

#[sqlx::test(migrations = "./migrations")]
async fn no_spelling_reaches_another_place(pool: PgPool) {
    let scene = Scene::plain(pool).await;
    // Somebody else's container, with its own stand-in: nothing of jane's may reach it.
    let other = Standin::builder().plain().spawn();
    scene.app.engine.set_address(other.addr());
    scene.app.user("kim").await;
    let kims = start(&scene.app, "kim", &scene.kind).await;
    let before = other.requests().len();
    let mut line = Line::new(&scene).await;
    assert_eq!(
        line.ask(&scene.at("echo")).await,
        200,
        "the corpus is asked by somebody who may"
    );
    let targets = corpus(&scene.desktop.name, &kims.name);
    assert!(targets.len() > 1_000, "{}", targets.len());
    for target in &targets {
        let reached = scene.reached();
        let status = line.ask(target).await;
        let passed = &scene.standin.requests()[reached..];
        match passed {
            [] => assert!((300..500).contains(&status), "{target} gives {status}"),
            [request] => {
                let rest = target.strip_prefix(&format!("/desktop/{}", scene.desktop.name));
                // A fragment is never part of a request; what stands before it went on byte for byte.
                let rest = rest.map(|rest| rest.split('#').next().unwrap());
                assert_eq!(Some(request.path.as_str()), rest, "{target}");
                let path = request.path.split('?').next().unwrap();
                for bad in ["..", "%2e", "%2E", "\\", "%2f", "%5c", "%00", "//", "%25"] {
                    assert!(!path.contains(bad), "{target} passed");
                }
            }
            more => panic!("{target} became {} requests", more.len()),
        }
    }
    assert_eq!(
        other.requests().len(),
        before,
        "kim's container was left alone"
    );
}
