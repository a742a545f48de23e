//! The API of groups: made, changed, removed, what is wrong with one, and which setting applies to whom.

use super::*;
use crate::people::of;

#[sqlx::test]
async fn a_group_is_made_changed_and_removed(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let body = json!({
        "name": " Class 10b ", "description": "Ms Krüger", "priority": 20, "members": [jana],
        "settings": {"allow_audio": false, "desktops_at_once": 3, "hours_per_day": 1.5},
        "desktop_types": ["debian-desktop"],
    });
    let id = make(&admin, &body).await;
    let read = admin.get(&at(&id)).await.json()["group"].clone();
    assert_eq!(read["name"], "Class 10b");
    assert_eq!(read["settings"], body["settings"]);
    assert_eq!(read["members"][0]["username"], "jana");
    assert_eq!(read["member_count"], 1);
    assert_eq!(read["desktop_types"], json!(["debian-desktop"]));

    // What was read can be sent back; what is left out stays; settings are written as a whole.
    let same = put(&admin, &at(&id), &read).await;
    assert_eq!(same.json()["group"], read, "{}", same.text());
    let changed = put(
        &admin,
        &at(&id),
        &json!({"settings": {"allow_audio": true, "hours_per_day": null}}),
    )
    .await;
    let changed = changed.json()["group"].clone();
    assert_eq!(changed["settings"], json!({"allow_audio": true}));
    assert_eq!(
        (&changed["name"], &changed["priority"]),
        (&json!("Class 10b"), &json!(20))
    );
    assert_eq!(changed["member_count"], 1);
    let emptied = put(
        &admin,
        &at(&id),
        &json!({"members": [], "desktop_types": []}),
    )
    .await;
    let emptied = emptied.json()["group"].clone();
    assert_eq!(
        (&emptied["members"], &emptied["desktop_types"]),
        (&json!([]), &json!([]))
    );

    let listed = admin.get("/api/admin/groups").await.json();
    let names: Vec<_> = listed["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["name"].clone())
        .collect();
    assert_eq!(names, ["Class 10b", "All Users"], "All Users comes last");
    assert_eq!(admin.delete(&at(&id)).await.status, StatusCode::OK);
    for answer in [admin.get(&at(&id)).await, admin.delete(&at(&id)).await] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[sqlx::test]
async fn every_wrong_field_of_a_group_is_named_and_nothing_is_saved(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({
        "name": "", "description": 3, "priority": -1, "members": "jana", "desktop_types": ["nothing"], "colour": "red",
        "settings": {"allow_audio": "yes", "hours_per_day": 25, "allow_everything": true},
    });
    let refused = admin.post_json("/api/admin/groups", &body).await;
    assert_eq!(
        wrong(&refused),
        [
            "colour",
            "description",
            "desktop_types",
            "members",
            "name",
            "priority",
            "settings.allow_audio",
            "settings.allow_everything",
            "settings.hours_per_day"
        ]
    );
    let nobody = json!({"name": "A", "members": [UserId::new()]});
    assert_eq!(
        wrong(&admin.post_json("/api/admin/groups", &nobody).await),
        ["members"]
    );
    let id = make(&admin, &json!({"name": "A"})).await;
    assert_eq!(
        wrong(
            &admin
                .post_json("/api/admin/groups", &json!({"name": "a"}))
                .await
        ),
        ["name"]
    );
    assert_eq!(
        wrong(&put(&admin, &at(&id), &json!({"settings": []})).await),
        ["settings"]
    );
    assert_eq!(
        admin.get("/api/admin/groups").await.json()["groups"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[sqlx::test]
async fn all_users_stays_and_a_providers_group_keeps_name_and_members(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let all = everybody(&app).await;
    let refused = admin.delete(&at(&all)).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::CONFLICT, &json!("everybody"))
    );

    let jana = app.account("jana", Role::User).await;
    let (theirs, _) = provided_groups(&pool, jana).await;
    for id in [all, theirs.to_string()] {
        let fixed = json!({"name": "Other", "members": [app.account("ivo", Role::User).await]});
        assert_eq!(
            wrong(&put(&admin, &at(&id), &fixed).await),
            ["members", "name"]
        );
        let allowed =
            json!({"description": "d", "priority": 7, "settings": {"allow_uploads": false}});
        let saved = put(&admin, &at(&id), &allowed).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
        // As it was read, back again.
        let read = saved.json()["group"].clone();
        assert_eq!(put(&admin, &at(&id), &read).await.json()["group"], read);
        assert_eq!(
            (&read["priority"], &read["settings"]),
            (&json!(7), &json!({"allow_uploads": false}))
        );
    }
    assert_eq!(
        admin.get(&at(theirs)).await.json()["group"]["members"][0]["username"],
        "jana"
    );
}

#[sqlx::test]
async fn what_applies_is_told_with_its_reason(pool: PgPool) {
    let app = TestApp::start_with(pool, &[("MAX_LIFETIME", "8h"), ("IDLE_LIMIT", "30m")]).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let class = make(
        &admin,
        &json!({"name": "Class", "priority": 10, "members": [jana],
        "settings": {"allow_uploads": false, "desktops_at_once": 1, "idle_minutes": 5}}),
    )
    .await;
    put(
        &admin,
        &at(everybody(&app).await),
        &json!({"settings": {"allow_uploads": true, "allow_sharing": true}}),
    )
    .await;
    let applied = admin.get(&of(jana)).await.json()["applied"].clone();
    assert_eq!(applied.as_object().unwrap().len(), 15);
    let group = |value: Value| json!({"value": value, "source": "group", "group_id": class, "group_name": "Class"});
    assert_eq!(applied["allow_uploads"], group(json!(false)));
    assert_eq!(applied["desktops_at_once"], group(json!(1.0)));
    assert_eq!(applied["idle_minutes"], group(json!(5.0)));
    assert_eq!(
        applied["lifetime_minutes"],
        json!({"value": 480.0, "source": "configuration"})
    );
    assert_eq!(
        applied["hours_per_day"],
        json!({"value": null, "source": "built_in"})
    );
    assert_eq!(
        applied["allow_audio"],
        json!({"value": true, "source": "built_in"})
    );
    assert_eq!(applied["allow_sharing"]["group_name"], "All Users");
}
