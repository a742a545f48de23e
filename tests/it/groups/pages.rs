//! The pages on which administrators make, change and remove groups.

use super::*;
use crate::support::Answer;

fn id_in(answer: &Answer) -> String {
    let location = answer.header("location");
    let rest = location
        .strip_prefix("/admin/groups/")
        .unwrap_or_else(|| panic!("{}", answer.text()));
    rest.split('?').next().unwrap().to_owned()
}

#[sqlx::test]
async fn a_group_is_made_changed_and_removed_on_pages(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let debian = kind(&app, "debian-desktop").await.id.to_string();
    let jana = app.account("jana", Role::User).await.to_string();
    app.account("ivo", Role::User).await;
    let fields = [
        ("name", "Class 10b"),
        ("description", "<b>Ms Krüger"),
        ("priority", "low"),
        ("desktops_at_once", "many"),
        ("idle_minutes", "30"),
        ("allow_audio", "off"),
        ("allow_uploads", "on"),
        ("allow_sharing", ""),
        ("desktop_types", debian.as_str()),
        ("add", "jana\r\n nobody \r\n"),
    ];
    let refused = admin.submit("/admin/groups", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Not saved: 3 fields need a change.",
        "id=\"priority-error\"",
        "href=\"#settings.desktops_at_once\"",
        "value=\"many\"",
        "id=\"add-error\"",
        "value=\"&#60;b&#62;Ms Krüger\"",
        "name=\"allow_audio\" value=\"off\" checked",
        "name=\"allow_uploads\" value=\"on\" checked",
        "name=\"allow_sharing\" value=\"\" checked",
    ] {
        assert!(
            refused.text().contains(words),
            "{words}: {}",
            refused.text()
        );
    }
    assert!(
        refused
            .text()
            .contains(&format!("value=\"{debian}\" checked"))
    );

    let fields = fields.map(|(name, value)| match name {
        "priority" => (name, "20"),
        "desktops_at_once" => (name, "3"),
        "add" => (name, "Jana\r\n"),
        _ => (name, value),
    });
    let made = admin.submit("/admin/groups", &fields).await;
    let id = id_in(&made);
    let group = admin.get(&at(&id)).await.json()["group"].clone();
    assert_eq!(
        group["settings"],
        json!({"allow_audio": false, "allow_uploads": true, "desktops_at_once": 3, "idle_minutes": 30})
    );
    assert_eq!(
        (&group["priority"], &group["member_count"]),
        (&json!(20), &json!(1))
    );
    assert_eq!(group["desktop_types"], json!(["debian-desktop"]));
    let page = admin.open(made.header("location")).await;
    for words in ["Created.", "Only for Class 10b", "For everybody", "jana"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }

    let path = format!("/admin/groups/{id}");
    let fields = [
        ("name", "Class 10c"),
        ("description", ""),
        ("priority", "20"),
        ("remove", jana.as_str()),
        ("add", "ivo"),
    ];
    assert_eq!(
        admin.submit(&path, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let group = admin.get(&at(&id)).await.json()["group"].clone();
    assert_eq!(group["name"], "Class 10c");
    assert_eq!(group["settings"], json!({}));
    assert_eq!(group["members"][0]["username"], "ivo");
    assert_eq!(group["desktop_types"], json!([]));
    let page = admin.open(&path).await;
    assert!(
        page.text().contains("For no group: only administrators"),
        "{}",
        page.text()
    );

    let question = admin.open(&format!("{path}/remove")).await;
    assert!(question.text().contains("Remove the group Class 10c?"));
    let removed = admin.submit(&format!("{path}/remove"), &[]).await;
    assert_eq!(removed.header("location"), "/admin/groups?done=removed");
    assert_eq!(admin.open(&path).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn the_page_of_all_users_and_of_a_providers_group_ask_only_what_can_be_written(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let (theirs, _) = provided_groups(&pool, jana).await;
    let all = everybody(&app).await;
    let page = async |id: &str| {
        admin
            .open(&format!("/admin/groups/{id}"))
            .await
            .text()
            .to_owned()
    };
    let (of_all, of_provider) = (page(&all).await, page(&theirs.to_string()).await);
    for (html, priority) in [(&of_all, false), (&of_provider, true)] {
        assert!(!html.contains("name=\"name\"") && !html.contains("name=\"add\""));
        assert!(html.contains("name=\"allow_audio\""));
        assert_eq!(html.contains("name=\"priority\""), priority);
    }
    assert!(!of_all.contains("/remove\""));
    assert!(of_provider.contains("Comes from IServ"));
    for (id, priority) in [(all, ""), (theirs.to_string(), "7")] {
        let fields = [
            ("description", "d"),
            ("priority", priority),
            ("allow_audio", "off"),
        ];
        let saved = admin.submit(&format!("/admin/groups/{id}"), &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        let group = admin.get(&at(&id)).await.json()["group"].clone();
        assert_eq!(group["settings"], json!({"allow_audio": false}));
        if !priority.is_empty() {
            assert_eq!(
                (&group["name"], &group["member_count"]),
                (&json!("Class 10b"), &json!(1))
            );
        }
    }
    assert_eq!(
        admin
            .open(&format!("/admin/groups/{}/remove", everybody(&app).await))
            .await
            .status,
        StatusCode::CONFLICT
    );
}
