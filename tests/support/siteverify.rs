//! What stands in for Google: a real server that checks tokens of reCAPTCHA, and does it wrongly in every way. Its script
//! puts a frame with a checkbox into the page, as Google's does, and calls the page in the same way.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Form, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Json, Redirect, Response},
    routing::{get, post},
};
use deskcast::clock::Clock;
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Duration, format_description::well_known::Rfc3339};
use tokio::{net::TcpListener, task::JoinHandle};

/// The keys it knows.
pub(crate) const SITE_KEY: &str = "6Le-site_key";
pub(crate) const PRIVATE_KEY: &str = "6Le-private_key";

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// Each token was solved, so long ago, on this site. It does not remember them: that is for us to do.
    Solved(&'static str, Duration),
    /// This JSON, with 200.
    Json(Value),
    /// With this status and nothing.
    Status(StatusCode),
    /// A page.
    Page,
    /// That it is somewhere else.
    Elsewhere,
    /// More than anybody reads.
    Flood,
    /// Nothing, for as long as somebody waits.
    Nothing,
}

/// A fresh solution on our own site.
pub(crate) const FINE: Says = Says::Solved("127.0.0.1", Duration::seconds(5));

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Question {
    pub(crate) secret: String,
    pub(crate) response: String,
    pub(crate) remoteip: Option<String>,
}

#[derive(Clone)]
struct Shared {
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<Vec<Question>>>,
}

/// It answers until it is dropped.
pub(crate) struct Siteverify {
    address: SocketAddr,
    shared: Shared,
    task: JoinHandle<()>,
}

impl Siteverify {
    #[expect(clippy::disallowed_methods, reason = "it ends when it is dropped")]
    pub(crate) async fn start() -> Self {
        let shared = Shared {
            says: Arc::new(Mutex::new(FINE)),
            asked: Arc::default(),
        };
        let routes = Router::new()
            .route("/recaptcha/api/siteverify", post(answer))
            .route("/recaptcha/api.js", get(script))
            .route("/recaptcha/frame", get(async || Html(FRAME)))
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        Self {
            address,
            shared,
            task,
        }
    }

    /// For the settings.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/recaptcha", self.address)
    }

    pub(crate) fn says(&self, says: Says) {
        *self.shared.says.lock().unwrap() = says;
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Question> {
        self.shared.asked.lock().unwrap().clone()
    }
}

impl Drop for Siteverify {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a page loads.
const SCRIPT: &str = "
    const place = document.querySelector('.g-recaptcha');
    const frame = document.createElement('iframe');
    frame.src = new URL('frame', document.currentScript.src);
    frame.title = 'reCAPTCHA';
    frame.width = place.dataset.size === 'compact' ? 164 : 304;
    frame.height = 78;
    place.append(frame);
    addEventListener('message', (event) => {
        if (event.source === frame.contentWindow) window[place.dataset.callback](event.data);
    });";

/// What it puts into it.
const FRAME: &str = "<!doctype html><label><input type=checkbox id=human onclick=\"parent.postMessage('token-of-a-browser', '*')\"> not a robot</label>";

async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript")], SCRIPT).into_response()
}

async fn answer(State(shared): State<Shared>, Form(question): Form<Question>) -> Response {
    let wrong_key = question.secret != PRIVATE_KEY;
    shared.asked.lock().unwrap().push(question);
    let says = shared.says.lock().unwrap().clone();
    if wrong_key {
        let refused = json!({"success": false, "error-codes": ["invalid-input-secret"]});
        return Json(refused).into_response();
    }
    match says {
        Says::Solved(host, ago) => {
            let solved = (Clock::system().now() - ago).format(&Rfc3339).unwrap();
            let answer = json!({"success": true, "challenge_ts": solved, "hostname": host});
            Json(answer).into_response()
        }
        Says::Json(answer) => Json(answer).into_response(),
        Says::Status(status) => status.into_response(),
        Says::Page => Html("<h1>Sorry</h1>").into_response(),
        Says::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
        Says::Flood => " ".repeat(2 << 20).into_response(),
        Says::Nothing => std::future::pending().await,
    }
}
