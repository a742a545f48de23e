//! What applies to a person, on their own account page.

use deskcast::{ids::UserId, people::Role};
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    people::put,
    support::{Client, TestApp},
};

/// Everything from the heading of the section to its end, as one reads it.
async fn applies_to(person: &Client, language: &str) -> String {
    let mut request = person.request(Method::GET, "/account");
    let headers = request.headers_mut();
    headers.insert("accept-language", language.parse().unwrap());
    let page = person.send(request).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    section(page.text())
}

/// What the section of a page says, without its marks.
fn section(page: &str) -> String {
    let (_, from) = page
        .split_once("id=\"applies\">")
        .unwrap_or_else(|| panic!("nothing applies in {page}"));
    let (section, _) = from.split_once("</section>").unwrap();
    let words = section.split('<').map(|part| match part.split_once('>') {
        Some((_, words)) => words,
        None => part,
    });
    let words: Vec<_> = words.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

/// A group with one member.
async fn group(app: &TestApp, name: &str, priority: i32, member: UserId, settings: &Value) {
    let body =
        json!({"name": name, "priority": priority, "members": [member], "settings": settings});
    let made = app
        .admin()
        .await
        .post_json("/api/admin/groups", &body)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
}

fn assert_says(section: &str, expected: &[&str]) {
    for words in expected {
        assert!(section.contains(words), "no {words:?} in {section}");
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_person_sees_what_applies_to_them_and_which_group_says_so(pool: PgPool) {
    let app = TestApp::start_with(pool.clone(), &[("MAX_LIFETIME", "8h")]).await;
    let jana = app.account("jana", Role::User).await;
    let ivo = app.account("ivo", Role::User).await;
    let class = json!({"allow_uploads": false, "desktops_at_once": 2, "hours_per_day": 1.5});
    group(&app, "Class <10b>", 10, jana, &class).await;
    let choir = json!({"allow_uploads": true, "desktops_at_once": 9, "idle_minutes": 90});
    group(&app, "Choir", 20, jana, &choir).await;
    group(
        &app,
        "Secret circle",
        5,
        ivo,
        &json!({"desktops_at_once": 7}),
    )
    .await;
    let everybody: uuid::Uuid = sqlx::query_scalar("select id from user_groups where everybody")
        .fetch_one(&pool)
        .await
        .unwrap();
    let all = json!({"settings": {"allow_sharing": true, "idle_minutes": 5}});
    put(
        &app.admin().await,
        &format!("/api/admin/groups/{everybody}"),
        &all,
    )
    .await;

    let own = app.user("jana").await;
    let english = applies_to(&own, "en").await;
    assert_says(
        &english,
        &[
            "What applies to you, and why Desktops at once 2 desktops from Class &#60;10b&#62; At once per type no limit by default",
            "Hours a day 1.5 hours from Class &#60;10b&#62;",
            "Stops without input after 90 minutes from Choir",
            "Stops in any case after 8 hours from the server’s configuration",
            "Uploads Off from Class &#60;10b&#62;",
            "Sharing On from All Users",
            "Downloads On by default",
            "Your groups: Class &#60;10b&#62;, Choir, All Users.",
        ],
    );
    assert!(
        !english.contains("Secret circle") && !english.contains("7 desktops"),
        "{english}"
    );
    assert_says(
        &applies_to(&own, "de").await,
        &[
            "Was für Sie gilt und warum Desktops zugleich 2 Desktops aus Class &#60;10b&#62; Zugleich je Art unbegrenzt voreingestellt",
            "Stunden am Tag 1,5 Stunden aus Class &#60;10b&#62;",
            "Endet in jedem Fall nach 8 Stunden aus der Konfiguration des Servers",
            "Hochladen Aus aus Class &#60;10b&#62;",
            "Ihre Gruppen: Class &#60;10b&#62;, Choir, All Users.",
        ],
    );

    // Line by line the same as an administrator reads on the person's page.
    let page = app
        .admin()
        .await
        .open(&format!("/admin/users/{jana}"))
        .await;
    let theirs = section(page.text());
    let lines = |section: &str, end: &str| {
        let (from, to) = (section.find("Desktops at once"), section.find(end));
        section[from.unwrap()..to.unwrap()].to_owned()
    };
    assert_eq!(
        lines(&theirs, "Of several groups"),
        lines(&english, "Your groups")
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn what_applies_stands_beside_a_refused_form_and_is_the_readers_own(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let jana = app.account("jana", Role::User).await;
    group(&app, "Class", 10, jana, &json!({"desktops_at_once": 2})).await;

    // Neither an administrator's own page nor somebody else's tells of her groups, whatever the address asks.
    for (name, path) in [("admin", "/account"), ("ivo", "/account?user=jana")] {
        let reader = if name == "admin" {
            app.admin().await
        } else {
            app.user(name).await
        };
        let page = reader.open(path).await;
        let says = section(page.text());
        assert!(
            says.contains("Desktops at once no limit by default"),
            "{name}: {says}"
        );
        assert!(says.contains("Your groups: All Users."), "{name}: {says}");
    }

    let refused = app
        .user("jana")
        .await
        .submit("/account/tokens", &[("name", ""), ("days", "90")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(section(refused.text()).contains("2 desktops from Class"));
}
