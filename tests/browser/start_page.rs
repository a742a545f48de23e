//! A desktop that opens an address: the page's colour arrives in the person's browser.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    thread,
    time::Duration,
};

use crate::{
    browser::with_browser,
    sign_in,
    support::{docker::try_docker, eventually, server::Server},
};

/// From a server that is ready to the network of its desktops.
const NETWORK_WITHIN: Duration = Duration::from_secs(10);
/// For two browsers in a row, one of them in a container.
const COLOUR_WITHIN: Duration = Duration::from_mins(1);
const GREEN: [u8; 3] = [0x00, 0xc8, 0x53];
const PAGE: &str = "<!doctype html><title>green</title><body style='background:#00c853'>";

#[tokio::test(flavor = "multi_thread")]
async fn debian_browser_shows_the_colour_of_its_start_page() {
    let server = Server::start().await;
    let address = serve_green_page(&server.installation.name).await;
    sqlx::query("update desktop_types set start_url = $1 where slug = 'debian-browser'")
        .bind(address)
        .execute(&server.installation.database)
        .await
        .unwrap();
    with_browser("start-page", async |browser| {
        sign_in(browser, &server).await;
        browser
            .clicks("#card-debian-browser [data-action='main']")
            .await;
        browser
            .sees_within("[data-connection='connected']", COLOUR_WITHIN)
            .await;
        eventually("the page's colour", COLOUR_WITHIN, async || {
            let picture = browser.picture().await;
            picture.shows(picture.middle(), GREEN).then_some(())
        })
        .await;
        browser.keeps_picture("green").await;
        assert_eq!(browser.complaints().await, [""; 0]);
    })
    .await;
}

/// A page on the desktops' side of their network, where their containers reach it. The server makes the network as soon
/// as it looks for its way to desktops.
async fn serve_green_page(network: &str) -> String {
    let gateway = eventually("the network is there", NETWORK_WITHIN, async || {
        let format = "{{(index .IPAM.Config 0).Gateway}}";
        try_docker(&["network", "inspect", "--format", format, network]).ok()
    })
    .await;
    let gateway: Ipv4Addr = gateway.parse().unwrap();
    let listener = TcpListener::bind((gateway, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // A browser opens connections it does not use: each has a thread of its own.
            thread::spawn(move || {
                let mut request = [0; 4096];
                if stream.read(&mut request).is_ok_and(|read| read > 0) {
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
                        PAGE.len()
                    );
                    drop(stream.write_all(answer.as_bytes()));
                }
            });
        }
    });
    format!("http://{address}/")
}
