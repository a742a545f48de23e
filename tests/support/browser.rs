//! A real Chromium, driven as a person would: pointer, keys, eyes.
//!
//! What it saw last is kept as pictures below `target/browser-shots`.

mod driver;

use std::{
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions, MouseActions, PointerAction},
    elements::Element,
    key::Key,
};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::eventually;
use driver::{ChromiumCommand, Driver};

/// For a page and what is on it.
const PAGE_LIMIT: Duration = Duration::from_secs(15);
/// For Chromium's end.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);
/// Nothing is left to the machine's own settings, and nothing calls home.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-US",
    "--window-size=1280,800",
];

/// What is said of a desktop's client and of the page around it, and is meant: their sandboxes are one of several walls
/// (`src/proxy/isolation.rs`), and noVNC, which is used unmodified, reads back what it has drawn.
const MEANT: [&str; 2] = [
    "both allow-scripts and allow-same-origin for its sandbox attribute",
    "Canvas2D: Multiple readback operations",
];

/// Each container that starts on this machine changes its network, and Chromium then drops what it was about to fetch.
/// People sit at other machines; the viewer loads its client again nevertheless, or a test would not see it connected.
const NETWORK_CHANGED: &str = "net::ERR_NETWORK_CHANGED";

/// A browser with one window.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    pictures: PathBuf,
    clicks: AtomicU32,
}

/// Gives `visit` a fresh browser. When it fails, a last picture is kept under `name`.
pub(crate) async fn with_browser(name: &str, visit: impl AsyncFnOnce(&Browser)) {
    let driver = Driver::start();
    let capabilities = json!({
        "goog:chromeOptions": { "args": FLAGS },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities.as_object().unwrap().clone())
        .connect(&format!("http://127.0.0.1:{}", driver.port))
        .await
        .expect("Chromium starts");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let browser = Browser {
        client,
        pictures: target.join("browser-shots").join(name),
        clicks: AtomicU32::new(0),
    };
    // Pictures of an earlier run would tell of faults that are gone.
    drop(std::fs::remove_dir_all(&browser.pictures));
    std::fs::create_dir_all(&browser.pictures).unwrap();
    let visited = AssertUnwindSafe(visit(&browser)).catch_unwind().await;
    if visited.is_err() {
        browser.keep_what_is_there().await;
    }
    // Ends Chromium, also after a failure: the driver alone would leave it behind.
    let closed = timeout(CLOSE_LIMIT, browser.client.close()).await;
    if let Err(failure) = visited {
        std::panic::resume_unwind(failure);
    }
    closed.expect("Chromium ends in time").unwrap();
}

impl Browser {
    /// Opens an address.
    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Loads the page again.
    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Closes the tab and opens a new one, as somebody who comes back later.
    pub(crate) async fn close_tab_and_open_another(&self) {
        let other = self.client.new_window(true).await.unwrap();
        self.client.close_window().await.unwrap();
        self.client.switch_to_window(other.handle).await.unwrap();
    }

    /// Opens one more tab beside the others and goes there.
    pub(crate) async fn opens_another_tab(&self) {
        let other = self.client.new_window(true).await.unwrap();
        self.client.switch_to_window(other.handle).await.unwrap();
    }

    /// Goes to the tab that was opened as this one, counted from nothing.
    pub(crate) async fn goes_to_tab(&self, number: usize) {
        let mut all = self.client.windows().await.unwrap();
        let tab = all.swap_remove(number);
        self.client.switch_to_window(tab).await.unwrap();
    }

    /// The element, as soon as it can be seen.
    pub(crate) async fn sees(&self, css: &str) -> Element {
        self.sees_within(css, PAGE_LIMIT).await
    }

    /// The element, as soon as it can be seen.
    pub(crate) async fn sees_within(&self, css: &str, limit: Duration) -> Element {
        eventually(&format!("{css} is seen"), limit, async || {
            // A page on its way out has neither.
            let element = self.client.find(Locator::Css(css)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// The words of an element as they are shown, in one line.
    pub(crate) async fn reads(&self, css: &str) -> String {
        let text = eventually(&format!("{css} is read"), PAGE_LIMIT, async || {
            // A card that changes takes the place of the one before.
            self.sees(css).await.text().await.ok()
        })
        .await;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Clicks an element; counted.
    pub(crate) async fn clicks(&self, css: &str) {
        self.clicks.fetch_add(1, Ordering::Relaxed);
        eventually(&format!("{css} is clicked"), PAGE_LIMIT, async || {
            match self.sees(css).await.click().await {
                // It was replaced in between: nothing was clicked.
                Err(error) if error.is_stale_element_reference() => None,
                done => {
                    done.unwrap();
                    Some(())
                }
            }
        })
        .await;
    }

    /// Clicks a place of the window; counted.
    pub(crate) async fn clicks_at(&self, (x, y): (u32, u32)) {
        self.clicks.fetch_add(1, Ordering::Relaxed);
        let button = fantoccini::actions::MOUSE_BUTTON_LEFT;
        let click = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo {
                duration: None,
                x: x.into(),
                y: y.into(),
            })
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        self.client.perform_actions(click).await.unwrap();
    }

    /// How many clicks it took so far.
    pub(crate) fn clicked(&self) -> u32 {
        self.clicks.load(Ordering::Relaxed)
    }

    /// Types into whatever has the focus.
    pub(crate) async fn types(&self, text: &str) {
        let mut keys = KeyActions::new("keys".to_owned());
        for value in text.chars() {
            keys = keys
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Presses one key.
    pub(crate) async fn presses(&self, key: Key) {
        self.types(&char::from(key).to_string()).await;
    }

    /// Presses a key while others are held.
    pub(crate) async fn presses_with(&self, held: &[Key], key: char) {
        let mut keys = KeyActions::new("keys".to_owned());
        for modifier in held {
            let value = char::from(*modifier);
            keys = keys.then(KeyAction::Down { value });
        }
        keys = keys
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        for modifier in held.iter().rev() {
            let value = char::from(*modifier);
            keys = keys.then(KeyAction::Up { value });
        }
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Runs a piece of script in the page and answers what it returns.
    pub(crate) async fn finds_out(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Looks into a frame of the page; [`Self::leaves_the_frame`] leads back.
    pub(crate) async fn looks_into(&self, css: &str) {
        self.sees(css).await.enter_frame().await.unwrap();
    }

    /// Back to the page around the frame.
    pub(crate) async fn leaves_the_frame(&self) {
        self.client.enter_parent_frame().await.unwrap();
    }

    /// A command to the browser itself.
    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let command = ChromiumCommand {
            path: "goog/cdp/execute",
            body: json!({ "cmd": command, "params": parameters }),
        };
        self.client.issue_cmd(command).await.unwrap()
    }

    /// From now on the window is this wide and high.
    pub(crate) async fn has_size(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// From now on the person prefers `dark` or `light` pages, and none that move: a picture taken while colours
    /// change shows neither.
    pub(crate) async fn prefers(&self, scheme: &str) {
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
        // What is on the screen meanwhile is still the frame before.
        self.finds_out("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(null))))")
            .await;
    }

    /// What the browser complained about since the last time, in its own words: violated policies, errors of scripts,
    /// missing files.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let command = ChromiumCommand {
            path: "se/log",
            body: json!({ "type": "browser" }),
        };
        let entries = self.client.issue_cmd(command).await.unwrap();
        let entries = entries.as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| {
                ["SEVERE", "WARNING"]
                    .iter()
                    .any(|level| entry["level"] == *level)
            })
            .filter_map(|entry| entry["message"].as_str())
            .filter(|said| {
                // The page around the client has a sandbox too.
                let of_client = said
                    .split_once(' ')
                    .is_some_and(|(of, _)| of.contains("/desktop/"));
                let meant = of_client && MEANT.iter().any(|meant| said.contains(meant));
                !meant && !said.ends_with(NETWORK_CHANGED)
            })
            .map(str::to_owned)
            .collect()
    }

    /// What can be seen now.
    pub(crate) async fn picture(&self) -> Picture {
        Picture::read(&self.client.screenshot().await.unwrap())
    }

    /// Keeps what can be seen now as `name`.
    pub(crate) async fn keeps_picture(&self, name: &str) {
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(self.pictures.join(format!("{name}.png")), picture).unwrap();
    }

    async fn keep_what_is_there(&self) {
        if let Ok(picture) = self.client.screenshot().await {
            let file = self.pictures.join("FAILED.png");
            drop(std::fs::write(&file, picture));
            eprintln!("the last picture: {}", file.display());
        }
        let url = self.client.current_url().await;
        eprintln!("the last address: {url:?}");
        if let Ok(said) = self.client.find(Locator::Css("body")).await {
            eprintln!("the last words: {:?}", said.text().await);
        }
    }
}

/// Pixels of the window.
#[derive(Debug)]
pub(crate) struct Picture {
    pixels: Vec<u8>,
    width: u32,
    height: u32,
    samples: usize,
}

impl Picture {
    fn read(png: &[u8]) -> Self {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        Self {
            pixels,
            width: info.width,
            height: info.height,
            samples: info.color_type.samples(),
        }
    }

    /// The middle.
    pub(crate) fn middle(&self) -> (u32, u32) {
        (self.width / 2, self.height / 2)
    }

    /// What the QR codes in it say.
    pub(crate) fn qr_codes(&self) -> Vec<String> {
        let size = |length: u32| usize::try_from(length).unwrap();
        let light = |x: usize, y: usize| {
            let at = (y * size(self.width) + x) * self.samples;
            let sum: u16 = self.pixels[at..at + 3]
                .iter()
                .map(|part| u16::from(*part))
                .sum();
            u8::try_from(sum / 3).unwrap()
        };
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(size(self.width), size(self.height), light);
        let codes = picture.detect_grids();
        codes.iter().map(|code| code.decode().unwrap().1).collect()
    }

    /// Whether a place has this colour, as far as a lossy picture on its way can keep it.
    pub(crate) fn shows(&self, (x, y): (u32, u32), colour: [u8; 3]) -> bool {
        const TOLERANCE: u8 = 8;
        let at = (y * self.width + x) as usize * self.samples;
        self.pixels[at..at + 3]
            .iter()
            .zip(colour)
            .all(|(is, should)| is.abs_diff(should) <= TOLERANCE)
    }
}
