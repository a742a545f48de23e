//! Every page in German: nothing of the English file is left on it.

use hyper::{Method, StatusCode, header};
use kasm_standin::Flavour;
use sqlx::PgPool;

use super::messages;
use crate::{
    proxy::Scene,
    support::{Answer, Client, TestApp},
};

/// Further lines of a request.
type Headers<'h> = &'h [(&'h str, &'h str)];

/// Looks for English on pages that should be German.
struct Reader {
    /// The fixed texts of the English file that no German message has too.
    english: Vec<String>,
}

impl Reader {
    fn new() -> Self {
        let german: Vec<_> = messages("de")
            .into_values()
            .flat_map(|message| message.texts)
            .collect();
        let english = messages("en")
            .into_values()
            .flat_map(|message| message.texts)
            .map(|text| text.trim().to_owned())
            .filter(|text| text.chars().count() > 12)
            .filter(|text| !german.iter().any(|german| german.contains(text.as_str())))
            .collect();
        Self { english }
    }

    /// Fails when the answer is no German page.
    fn reads(&self, what: &str, answer: &Answer) -> String {
        let kind = answer.header("content-type");
        assert!(
            kind.starts_with("text/html"),
            "{what} is {kind:?}: {}",
            answer.text()
        );
        let text = unescaped(answer.text());
        // A part of a page has no language of its own.
        if text.contains("<html") {
            assert!(text.contains("<html lang=\"de\""), "{what}: {text}");
        }
        for english in &self.english {
            assert!(!text.contains(english), "{what} says {english:?}:\n{text}");
        }
        text
    }
}

fn unescaped(text: &str) -> String {
    [
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&#38;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// As a German browser sends it.
async fn sends(client: &Client, method: Method, path: &str, more: Headers<'_>) -> Answer {
    let mut request = client.request(method, path);
    let usual = [
        ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("accept-language", "de-DE,de;q=0.9,en;q=0.8"),
    ];
    for (name, value) in usual.iter().chain(more) {
        let name: header::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    client.send(request).await
}

async fn opens(client: &Client, path: &str) -> Answer {
    sends(client, Method::GET, path, &[]).await
}

/// Sends the sign-in form with a wrong password.
async fn fails_to_sign_in(app: &TestApp) -> Answer {
    let client = app.stranger();
    let mut request = client.request(Method::POST, "/login");
    for (name, value) in [
        (header::ACCEPT, "text/html"),
        (header::ACCEPT_LANGUAGE, "de"),
        (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    *request.body_mut() = "username=nobody&password=wrong".into();
    client.send(request).await
}

#[sqlx::test(migrations = "./migrations")]
async fn signing_in_and_out_speaks_german(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let reader = Reader::new();
    for path in ["/", "/login"] {
        let page = reader.reads(path, &opens(&app.stranger(), path).await);
        assert!(page.contains("Was Sie offen gelassen haben, ist noch da."));
    }
    let wrong = fails_to_sign_in(&app).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let page = reader.reads("wrong password", &wrong);
    assert!(
        page.contains("Benutzername oder Passwort stimmt nicht."),
        "{page}"
    );
    let slowed = loop {
        let answer = fails_to_sign_in(&app).await;
        if answer.status != StatusCode::UNAUTHORIZED {
            break answer;
        }
    };
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    let page = reader.reads("too many tries", &slowed);
    assert!(page.contains("Zu viele Versuche."), "{page}");
    let jane = app.user("jane").await;
    let page = reader.reads("sign-out", &opens(&jane, "/logout").await);
    assert!(page.contains("Ihre Desktops laufen weiter."), "{page}");
}

#[sqlx::test(migrations = "./migrations")]
async fn the_dashboard_speaks_german_before_anything_was_started(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.engine.add_image("deskcast/desktop:latest");
    let reader = Reader::new();
    let jane = app.user("jane").await;
    let page = reader.reads("first look", &opens(&jane, "/").await);
    assert!(page.contains("Nichts ist offen."), "{page}");
    assert!(page.contains("Ein kleiner Desktop mit Terminal, Editor und Dateien."));
    assert!(page.contains("Nur die Administration kann es holen."));
    let admin = app.admin().await;
    let page = reader.reads("missing images", &opens(&admin, "/").await);
    assert!(page.contains("Abbild holen"), "{page}");
    let page = reader.reads("search", &opens(&jane, "/?q=nothing").await);
    assert!(page.contains("Kein Desktop heißt so"), "{page}");
    app.engine.set_away(true);
    // What the engine said is remembered for five seconds: another image is asked for.
    sqlx::query("update desktop_types set image = image || '-2'")
        .execute(&app.pool)
        .await
        .unwrap();
    let page = reader.reads("engine away", &opens(&jane, "/").await);
    assert!(
        page.contains("Zurzeit können keine Desktops starten."),
        "{page}"
    );
    sqlx::query("update desktop_types set enabled = false")
        .execute(&app.pool)
        .await
        .unwrap();
    for (who, words) in [
        (&jane, "Fragen Sie die Administration."),
        (&admin, "Desktop-Art hinzu."),
    ] {
        let page = reader.reads("nothing set up", &opens(who, "/").await);
        assert!(page.contains(words), "{page}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_description_somebody_wrote_is_shown_as_it_is(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.engine.add_image("deskcast/desktop:latest");
    sqlx::query(
        "update desktop_types set description = 'For Ms Krüger.' where slug = 'debian-desktop'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let page = opens(&app.user("jane").await, "/").await;
    assert!(page.text().contains("For Ms Krüger."), "{}", page.text());
    assert!(!page.text().contains("Ein kleiner Desktop mit Terminal"));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_running_desktop_speaks_german_to_its_owner_and_to_who_looks_on(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let reader = Reader::new();
    let jane = &scene.jane;
    for (path, words) in [
        ("/".to_owned(), "Einer läuft."),
        (
            "/desktops/debian-desktop/card".to_owned(),
            "Zuletzt geöffnet",
        ),
        (
            "/desktops/debian-desktop/remove".to_owned(),
            "Debian Desktop entfernen?",
        ),
        (scene.at(""), "Debian Desktop beenden?"),
    ] {
        let page = reader.reads(&path, &opens(jane, &path).await);
        assert!(page.contains(words), "{path}: {page}");
    }
    let admin = scene.app.admin().await;
    let page = reader.reads("looking on", &opens(&admin, &scene.at("")).await);
    assert!(page.contains("Nicht Ihr Desktop"), "{page}");
}

#[sqlx::test(migrations = "./migrations")]
async fn sharing_speaks_german_to_owner_and_visitor(pool: PgPool) {
    let scene = crate::sharing::scene(pool).await;
    let reader = Reader::new();
    let (jane, malte) = (&scene.jane, scene.app.user("malte").await);
    let page = "/desktops/debian-desktop/share";
    let text = reader.reads(page, &opens(jane, page).await);
    assert!(
        text.contains("Dieser Desktop wird nicht geteilt."),
        "{text}"
    );
    for (access, asks, bar) in [
        (
            "view",
            "Sie können zusehen, aber nicht tippen oder klicken.",
            "nur zusehen",
        ),
        (
            "control",
            "Sie können zusehen, tippen und klicken.",
            "mit Steuerung",
        ),
    ] {
        let (_, link) = crate::sharing::link(&scene, access).await;
        let text = reader.reads(&link, &opens(&malte, &link).await);
        assert!(text.contains(asks), "{text}");
        malte.post(&link).await;
        let text = reader.reads("a visitor's desktop", &opens(&malte, &scene.at("")).await);
        assert!(
            text.contains("Geteilt von jane") && text.contains(bar),
            "{text}"
        );
    }
    let text = reader.reads(page, &opens(jane, &format!("{page}?done=ended")).await);
    for words in [
        "Der Link ist beendet",
        "Dabei: malte",
        "Nur zusehen",
        "Zusehen und steuern",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let over = reader.reads("an old link", &opens(&malte, "/share/x").await);
    assert!(
        over.contains("Dieser Link führt zu keinem Desktop mehr"),
        "{over}"
    );
    scene.stop().await;
    let stopped = reader.reads("a stopped desktop", &opens(jane, page).await);
    assert!(stopped.contains("Dieser Desktop läuft nicht."), "{stopped}");
}

#[sqlx::test(migrations = "./migrations")]
async fn a_desktop_speaks_german_in_each_of_its_states(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let reader = Reader::new();
    let told = [
        ("starting", None, false, "Warten auf den Desktop"),
        ("stopping", None, true, "Programme werden geschlossen."),
        (
            "stopped",
            Some("stopped_by_user"),
            true,
            "Sie haben ihn beendet.",
        ),
        (
            "stopped",
            Some("stopped_by_admin"),
            true,
            "Die Administration hat ihn beendet.",
        ),
        (
            "failed",
            Some("too_slow"),
            false,
            "60 Sekunden lang nicht geantwortet.",
        ),
        (
            "failed",
            Some("out_of_memory"),
            false,
            "Beim Start war der Speicher voll.",
        ),
        (
            "failed",
            Some("out_of_memory"),
            true,
            "Der Speicher war voll.",
        ),
        (
            "failed",
            Some("ended_by_itself"),
            false,
            "gleich nach dem Start beendet.",
        ),
        (
            "failed",
            Some("ended_by_itself"),
            true,
            "von selbst beendet.",
        ),
        ("failed", Some("no_capacity"), false, "sind belegt."),
        (
            "failed",
            Some("docker_unavailable"),
            false,
            "antwortet nicht.",
        ),
        (
            "failed",
            Some("start_failed"),
            false,
            "konnte nicht gestartet werden.",
        ),
        ("failed", None, false, "Er ist nicht gestartet."),
    ];
    for (state, code, ready, words) in told {
        becomes(&scene, state, code, ready).await;
        let page = reader.reads(state, &opens(&scene.jane, &scene.at("")).await);
        assert!(page.contains(words), "{state} {code:?} {ready}: {page}");
        reader.reads(state, &opens(&scene.jane, "/").await);
        reader.reads(
            state,
            &opens(&scene.jane, "/desktops/debian-desktop/card").await,
        );
    }
}

/// Writes a state into the row, held by somebody else for an hour.
async fn becomes(scene: &Scene, state: &str, code: Option<&str>, ready: bool) {
    scene.app.state.desktops.live().forget(scene.desktop.id);
    let moving = matches!(state, "starting" | "stopping");
    sqlx::query(
        "update desktops set state = $2::desktop_state, end_code = $3, end_reason = $3,
             ended_at = case when $4 then null else now() end, ready_at = case when $5 then now() end,
             waiting_at = now(), lease_holder = case when $4 then id end,
             lease_until = case when $4 then now() + interval '1 hour' end
         where id = $1",
    )
    .bind(scene.desktop.id)
    .bind(state)
    .bind(code)
    .bind(moving)
    .bind(ready)
    .execute(&scene.app.pool)
    .await
    .unwrap();
}

#[sqlx::test(migrations = "./migrations")]
async fn refusals_speak_german_on_pages_and_english_to_programs(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let (app, jane) = (&scene.app, &scene.jane);
    let reader = Reader::new();
    let long = format!("/{}", "a".repeat(9_000));
    let foreign = [("origin", "http://evil.test")];
    let host = [("host", "evil.test")];
    let table: [(Method, &str, Headers<'_>, u16); 7] = [
        (Method::GET, "/no/such/page", &[], 404),
        (Method::GET, "/desktop/nobody-nothing/", &[], 404),
        (Method::POST, "/", &[], 405),
        (Method::POST, "/desktops/debian-desktop/stop", &foreign, 403),
        (Method::GET, &long, &[], 414),
        (Method::GET, "/", &host, 421),
        (Method::POST, "/desktops/nothing/start", &[], 404),
    ];
    for (method, path, headers, status) in table {
        let answer = sends(jane, method, path, headers).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        let page = reader.reads(&status.to_string(), &answer);
        assert!(page.contains("Referenz"), "{page}");
    }
    // A program may send the languages of its machine along.
    let german = [("accept-language", "de")];
    let nobody = sends(&app.stranger(), Method::GET, "/session", &german).await;
    assert_eq!(nobody.json()["error"], "No session ID provided");
    scene.stop().await;
    let list = sends(jane, Method::GET, "/api/container/list", &german).await;
    let reason = list.json()["containers"][0]["reason"].clone();
    assert_eq!(
        reason,
        "You stopped it. Your files are kept; open programs were closed."
    );
    app.pool.close().await;
    let away = opens(jane, "/").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    let page = reader.reads("database away", &away);
    assert!(
        page.contains("Diese Seite versucht es alle 10 Sekunden wieder."),
        "{page}"
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_failed_pull_is_told_in_the_language_of_the_page(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.engine.set_away(true);
    let admin = app.admin().await;
    let path = "/api/admin/desktop-types/ubuntu-vscode/pull";
    let failed = sends(&admin, Method::POST, path, &[]).await;
    let text = failed.text();
    assert!(
        text.contains("\"error\":\"The container engine does not answer (pull).\""),
        "{text}"
    );
    assert!(
        text.contains("\"words\":\"Der Dienst für Container antwortet nicht (pull).\""),
        "{text}"
    );
}

/// The reader must see what it is to forbid.
#[test]
fn english_on_a_german_page_is_seen() {
    let reader = Reader::new();
    assert!(reader.english.len() > 100);
    assert!(
        reader
            .english
            .iter()
            .any(|text| text == "Whatever you left running is still there.")
    );
}
