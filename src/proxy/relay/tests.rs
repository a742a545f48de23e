//! Every ending of a stream, on pipes.

use tokio::io::{DuplexStream, duplex};

use super::*;

/// A relay between two pipes, seen from both far ends.
struct Bench {
    browser: DuplexStream,
    desktop: DuplexStream,
    cuts: Cuts,
    relay: tokio::task::JoinHandle<Outcome>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the relay of a test ends with the test"
)]
fn bench_with(pipe: usize, from_browser: &[u8], from_desktop: &[u8]) -> Bench {
    let (browser, ours) = duplex(pipe);
    let (desktop, theirs) = duplex(pipe);
    let cuts = Cuts {
        stopped: CancellationToken::new(),
        signed_out: CancellationToken::new(),
        share_over: CancellationToken::new(),
        look_changed: CancellationToken::new(),
        server: CancellationToken::new(),
    };
    let side = |stream, early: &[u8]| Side {
        stream,
        early: Bytes::copy_from_slice(early),
    };
    let (one, other, watched) = (
        side(ours, from_browser),
        side(theirs, from_desktop),
        cuts.clone(),
    );
    let relay = tokio::spawn(async move { run(one, other, &watched, None).await });
    Bench {
        browser,
        desktop,
        cuts,
        relay,
    }
}

fn bench() -> Bench {
    bench_with(64, b"", b"")
}

fn binary(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[0x82, 126], &length[..], payload].concat()
}

fn masked_close(code: u16) -> Vec<u8> {
    let payload = code.to_be_bytes();
    [&[0x88, 0x82, 0, 0, 0, 0], &payload[..]].concat()
}

async fn read_exactly(stream: &mut DuplexStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

async fn rest(stream: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    bytes
}

#[tokio::test]
async fn bytes_pass_unchanged_both_ways_and_are_counted() {
    let frame = binary(
        &(0..60_000_u32)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect::<Vec<_>>(),
    );
    let Bench {
        browser,
        desktop,
        relay,
        ..
    } = bench_with(700, b"early ", &frame[..10]);
    let (mut browser_in, mut browser_out) = tokio::io::split(browser);
    let (mut desktop_in, mut desktop_out) = tokio::io::split(desktop);
    let up = vec![7; 100_000];
    let sending = async {
        browser_out.write_all(&up).await.unwrap();
        browser_out.shutdown().await.unwrap();
    };
    let answering = async {
        desktop_out.write_all(&frame[10..]).await.unwrap();
    };
    let receiving = async {
        let mut got = Vec::new();
        desktop_in.read_to_end(&mut got).await.unwrap();
        got
    };
    let watching = async {
        let mut got = vec![0; frame.len()];
        browser_in.read_exact(&mut got).await.unwrap();
        got
    };
    let ((), (), got_up, got_down) = tokio::join!(sending, answering, receiving, watching);
    assert!(
        got_up.starts_with(b"early ") && got_up[6..] == up,
        "browser → desktop"
    );
    assert!(got_down == frame, "desktop → browser");
    drop((desktop_in, desktop_out));
    let mut last = Vec::new();
    browser_in.read_to_end(&mut last).await.unwrap();
    assert_eq!(last, close_frame(Some(1001), "desktop ended"));
    let outcome = relay.await.unwrap();
    assert_eq!(outcome.ending, Ending::DesktopEnded);
    assert_eq!(outcome.to_desktop, 100_006);
    assert_eq!(outcome.to_browser, frame.len() as u64);
}

#[tokio::test]
async fn every_cut_says_why() {
    type Cut = fn(&Cuts) -> &CancellationToken;
    let table: [(Cut, Ending, u16, &str); 4] = [
        (
            |cuts| &cuts.stopped,
            Ending::Stopped,
            4000,
            "desktop stopped",
        ),
        (
            |cuts| &cuts.signed_out,
            Ending::SignedOut,
            4001,
            "signed out",
        ),
        (
            |cuts| &cuts.share_over,
            Ending::ShareOver,
            4002,
            "sharing ended",
        ),
        (
            |cuts| &cuts.server,
            Ending::ServerStopping,
            1012,
            "server restarting",
        ),
    ];
    for (which, ending, code, words) in table {
        let Bench {
            mut browser,
            mut desktop,
            cuts,
            relay,
        } = bench();
        desktop.write_all(&binary(b"hello")).await.unwrap();
        read_exactly(&mut browser, binary(b"hello").len()).await;
        which(&cuts).cancel();
        assert_eq!(rest(&mut browser).await, close_frame(Some(code), words));
        drop(browser);
        assert_eq!(relay.await.unwrap().ending, ending);
        assert_eq!(rest(&mut desktop).await, b"", "the desktop is let go");
    }
}

#[tokio::test]
async fn no_close_frame_stands_inside_another_frame() {
    let Bench {
        mut browser,
        mut desktop,
        relay,
        ..
    } = bench();
    let frame = binary(&[1; 100]);
    desktop.write_all(&frame[..50]).await.unwrap();
    drop(desktop);
    assert_eq!(rest(&mut browser).await, frame[..50]);
    drop(browser);
    assert_eq!(relay.await.unwrap().ending, Ending::DesktopEnded);
}

#[tokio::test]
async fn a_cut_in_a_stream_that_never_pauses_still_ends_between_frames() {
    let frame = binary(&[3; 400]);
    let stream = frame.repeat(20);
    let Bench {
        mut browser,
        mut desktop,
        cuts,
        relay,
    } = bench_with(50, b"", b"");
    let flood = async {
        // Goes on until the relay lets go.
        while desktop.write_all(&stream).await.is_ok() {}
    };
    let look = async {
        let start = read_exactly(&mut browser, 1_000).await;
        cuts.stopped.cancel();
        let rest = rest(&mut browser).await;
        drop(browser);
        [start, rest].concat()
    };
    let ((), seen) = tokio::join!(flood, look);
    let close = close_frame(Some(4000), "desktop stopped");
    let frames = seen
        .strip_suffix(&close[..])
        .expect("a Close frame at the end");
    assert_eq!(frames.len() % frame.len(), 0, "whole frames before it");
    assert_eq!(relay.await.unwrap().ending, Ending::Stopped);
}

#[tokio::test]
async fn the_browsers_close_is_answered_when_the_desktop_hangs_up_without_a_word() {
    let Bench {
        mut browser,
        mut desktop,
        relay,
        ..
    } = bench();
    browser.write_all(&masked_close(1000)).await.unwrap();
    assert_eq!(read_exactly(&mut desktop, 8).await, masked_close(1000));
    drop(desktop);
    assert_eq!(rest(&mut browser).await, close_frame(Some(1000), ""));
    drop(browser);
    assert_eq!(relay.await.unwrap().ending, Ending::BrowserClosed);
}

#[tokio::test(start_paused = true)]
async fn the_browsers_close_is_answered_also_when_the_desktop_ignores_it() {
    let Bench {
        mut browser,
        desktop,
        relay,
        ..
    } = bench();
    browser.write_all(&masked_close(4321)).await.unwrap();
    assert_eq!(rest(&mut browser).await, close_frame(Some(4321), ""));
    drop(browser);
    assert_eq!(relay.await.unwrap().ending, Ending::BrowserClosed);
    drop(desktop);
}

#[tokio::test]
async fn a_close_of_the_desktop_itself_is_the_only_one() {
    let Bench {
        mut browser,
        mut desktop,
        relay,
        ..
    } = bench();
    let own = close_frame(Some(3000), "application says so");
    desktop.write_all(&own).await.unwrap();
    drop(desktop);
    assert_eq!(rest(&mut browser).await, own);
    drop(browser);
    relay.await.unwrap();
}

#[tokio::test]
async fn a_browser_that_sends_no_more_may_still_listen() {
    let Bench {
        mut browser,
        mut desktop,
        relay,
        ..
    } = bench();
    browser.write_all(b"last words").await.unwrap();
    browser.shutdown().await.unwrap();
    assert_eq!(rest(&mut desktop).await, b"last words");
    let answer = binary(b"answer");
    desktop.write_all(&answer).await.unwrap();
    assert_eq!(read_exactly(&mut browser, answer.len()).await, answer);
    drop(desktop);
    assert_eq!(
        rest(&mut browser).await,
        close_frame(Some(1001), "desktop ended")
    );
    drop(browser);
    assert_eq!(relay.await.unwrap().ending, Ending::DesktopEnded);
}

#[tokio::test(start_paused = true)]
async fn a_half_closed_stream_does_not_stay_for_ever() {
    let Bench {
        mut browser,
        desktop,
        relay,
        ..
    } = bench();
    browser.shutdown().await.unwrap();
    assert_eq!(relay.await.unwrap().ending, Ending::BrowserGone);
    drop((browser, desktop));
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_does_not_read_stops_the_desktop_and_not_the_goodbye() {
    let Bench {
        browser,
        mut desktop,
        cuts,
        relay,
    } = bench();
    let mut sent = 0;
    let chunk = binary(&[0; 1000]);
    while let Ok(wrote) = tokio::time::timeout(Duration::from_secs(1), desktop.write(&chunk)).await
    {
        sent += wrote.unwrap();
    }
    assert!(
        sent < lent::SIZE + 3 * 64 + chunk.len(),
        "{sent} bytes are held for a browser that reads none"
    );
    cuts.stopped.cancel();
    assert_eq!(relay.await.unwrap().ending, Ending::Stopped);
    drop(browser);
}
