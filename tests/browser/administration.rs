//! The administration's pages, and one's own account with something in it: in both languages, on phones and a desk,
//! light and dark, with names as long as schools have them, and with forms that were refused.

use hyper::Method;
use serde_json::{Value, json};

use crate::{
    DESKTOP,
    browser::{Browser, with_browser},
    looks::{LANGUAGES, looks_well, looks_well_as_it_is, speaks},
    sign_in,
    support::{
        http::{self, By},
        installation::{Installation, Kind},
        server::Server,
    },
    url,
};

const KEY: (&str, &str) = ("SECRET_KEY", "a secret key of thirty-two characters");
/// What a browser says of a form that was refused.
const REFUSED: &str = "the server responded with a status of 422";

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_and_the_pages_of_accounts_look_well() {
    let server = Server::start().await;
    with_browser("administration-people", async |browser| {
        sign_in(browser, &server).await;
        let school = School::fill(&server).await;
        school.starts_desktops(&server).await;
        let person = format!("/admin/users/{}", school.person);
        for (path, name, sign) in [
            ("/admin", "overview", "[data-state='running']"),
            ("/admin/users", "users", ".admin-table"),
            ("/admin/users/new", "user-new", ".form-card"),
            (&person, "user", ".applies-list"),
            (&format!("{person}/remove"), "user-removal", "main h1"),
        ] {
            browser.goto(&url(&server, path)).await;
            looks_well(browser, name, sign).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_groups_look_well_also_when_a_form_is_refused() {
    let server = Server::start().await;
    with_browser("administration-groups", async |browser| {
        sign_in(browser, &server).await;
        let school = School::fill(&server).await;
        let group = format!("/admin/groups/{}", school.group);
        for (path, name, sign) in [
            ("/admin/groups", "groups", ".admin-table"),
            (&format!("{group}/remove"), "group-removal", "main h1"),
        ] {
            browser.goto(&url(&server, path)).await;
            looks_well(browser, name, sign).await;
        }
        let wrong = [
            ("name", ""),
            ("priority", "first"),
            ("hours_per_day", "25"),
            ("idle_minutes", "soon"),
            ("add", "nobody.of.this.name@gymnasium-musterstadt.test"),
        ];
        refused_looks_well(browser, "group-refused", &url(&server, &group), &wrong).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_providers_and_an_account_with_tokens_look_well() {
    let server = Server::start_on(&Installation::new().await, &[KEY]).await;
    with_browser("administration-openid", async |browser| {
        sign_in(browser, &server).await;
        let school = School::fill(&server).await;
        let provider = json!({
            "name": "IServ (Gymnasium Musterstadt)", "issuer": "https://gymnasium-musterstadt.test",
            "client_id": "1_4bz5xk2m", "client_secret": "insecure_secret", "is_default": true,
        });
        school
            .has(&server, "/api/admin/oidc-providers", &provider)
            .await;
        browser.goto(&url(&server, "/admin/openid")).await;
        looks_well(browser, "openid", ".admin-table").await;
        let wrong = [
            ("name", ""),
            ("issuer", "gymnasium-musterstadt"),
            ("client_id", "deskcast"),
            (
                "token_url",
                "http://gymnasium-musterstadt.test/iserv/oauth/v2/token",
            ),
        ];
        let new = url(&server, "/admin/openid/new");
        refused_looks_well(browser, "openid-refused", &new, &wrong).await;

        for (name, days) in [
            ("Laptop, terminal", 6),
            ("Morning script of the computer room", 90),
        ] {
            let token = json!({ "name": name, "expires_in": days * 86_400 + 60 });
            school.has(&server, "/api/tokens", &token).await;
        }
        browser.goto(&url(&server, "/account")).await;
        looks_well(browser, "account", ".applies-list").await;
    })
    .await;
}

/// Sends the form of a page with `fields` as they are in each language, and looks at the answer.
async fn refused_looks_well(browser: &Browser, name: &str, page: &str, fields: &[(&str, &str)]) {
    for language in LANGUAGES {
        speaks(browser, language).await;
        browser.goto(page).await;
        browser
            .sees(&format!("html[lang='{language}'] .form-card"))
            .await;
        browser
            .finds_out(&format!("const fields = {};{SENDS}", json!(fields)))
            .await;
        browser.sees(".banner[data-kind='error'] a").await;
        browser.sees("[aria-invalid='true']").await;
        let complaints = browser.complaints().await;
        assert!(
            complaints.iter().all(|one| one.contains(REFUSED)),
            "{complaints:?}"
        );
        looks_well_as_it_is(browser, &format!("{name}-{language}")).await;
    }
    speaks(browser, "en").await;
}

/// Whatever a browser would check itself, the server is asked.
const SENDS: &str = r#"
    const form = document.querySelector("form.form-card");
    form.noValidate = true;
    for (const [name, value] of fields) form.elements[name].value = value;
    form.querySelector(".button.primary").click();"#;

/// People and a group, as a school has them.
struct School {
    session: String,
    person: String,
    group: String,
}

impl School {
    async fn fill(server: &Server) -> Self {
        let mut school = Self {
            session: server.sign_in().await,
            person: String::new(),
            group: String::new(),
        };
        let person = json!({
            "username": "wolfeschlegelsteinhausenbergerdorff@gymnasium-musterstadt.test", "role": "teacher",
            "display_name": "Hubert Wolfeschlegelsteinhausenbergerdorff", "password": "a long enough password",
            "email": "hubert.wolfeschlegelsteinhausenbergerdorff@gymnasium-musterstadt.test",
        });
        let person = school.has(server, "/api/admin/users", &person).await;
        school.person = id_of(&person["user"]);
        let away = json!({ "username": "jana", "display_name": "Jana Petersen", "password": "a long enough password", "disabled": true });
        school.has(server, "/api/admin/users", &away).await;
        let everybody: Vec<String> = sqlx::query_scalar("select id::text from users")
            .fetch_all(&server.installation.database)
            .await
            .unwrap();
        let class = json!({
            "name": "Klasse 10b", "priority": 20, "members": everybody,
            "settings": { "desktops_at_once": 3, "hours_per_day": 2.5, "allow_sharing": true },
        });
        school.has(server, "/api/admin/groups", &class).await;
        let club = json!({
            "name": "Arbeitsgemeinschaft Veranstaltungstechnik", "priority": 10, "members": everybody,
            "description": "Bühne, Licht und Ton bei Schulveranstaltungen; donnerstags in der Aula.",
            "settings": { "idle_minutes": 90, "allow_uploads": false, "allow_microphone": true },
        });
        let club = school.has(server, "/api/admin/groups", &club).await;
        school.group = id_of(&club["group"]);
        school
    }

    /// One that runs, one that failed.
    async fn starts_desktops(&self, server: &Server) {
        let dies = Kind::with_fault("dies", "exit-at-start");
        server.installation.add(&dies).await;
        let failed = server.start_desktop(&self.session, "dies").await;
        assert_eq!(failed.status, 503, "{}", failed.text);
        let running = server.start_desktop(&self.session, DESKTOP).await;
        assert_eq!(running.status, 201, "{}", running.text);
    }

    /// Makes something by the API.
    async fn has(&self, server: &Server, path: &str, body: &Value) -> Value {
        let by = By::Program(&self.session);
        let headers = [("Content-Type", "application/json")];
        let body = body.to_string();
        let made = http::send(server.address, by, Method::POST, path, &headers, &body).await;
        made.json_with(201)
    }
}

fn id_of(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}
