//! The catalogue of desktop types: which images are there, types added, changed and removed.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn the_catalogue_says_which_images_are_there(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let list = admin.get("/api/admin/desktop-types").await.json();
    let all = list["desktop_types"].as_array().unwrap();
    assert_eq!(all.len(), 5);
    let of = |slug: &str| all.iter().find(|kind| kind["slug"] == slug).unwrap();
    assert_eq!(of("debian-desktop")["image_present"], true);
    assert_eq!(of("debian-desktop")["image_size"], 1 << 20);
    assert_eq!(of("ubuntu-vscode")["image_present"], false);
    assert_eq!(of("ubuntu-vscode")["image_size"], Value::Null);
    app.engine.set_away(true);
    let one = admin
        .get("/api/admin/desktop-types/debian-desktop")
        .await
        .json();
    assert_eq!(one["desktop_type"]["image_present"], Value::Null);
    let unknown = admin.get("/api/admin/desktop-types/nothing").await;
    assert_eq!(
        (unknown.status, &unknown.json()["error"]),
        (StatusCode::NOT_FOUND, &json!("Desktop type not found"))
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_type_is_added_changed_and_removed(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let draft = json!({
        "slug": "gimp", "title": "GIMP", "image": "kasmweb/gimp:1.15.0", "env": {"LANG": "de_DE.UTF-8"},
        "cap_add": ["SYS_CHROOT"], "cpus": 1.5,
    });
    let made = admin.post_json("/api/admin/desktop-types", &draft).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let mut read = made.json()["desktop_type"].clone();
    assert_eq!(
        (&read["memory_mb"], &read["cpus"]),
        (&json!(2048), &json!(1.5))
    );

    let twice = admin.post_json("/api/admin/desktop-types", &draft).await;
    assert_eq!(
        (twice.status, &twice.json()["code"]),
        (StatusCode::CONFLICT, &json!("slug_taken"))
    );

    // What was read can be sent back changed.
    read["title"] = json!("GIMP 2");
    read["start_url"] = json!("https://example.org/");
    let path = "/api/admin/desktop-types/gimp";
    let changed = put(&admin, path, &read).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let read = admin.get(path).await.json()["desktop_type"].clone();
    assert_eq!(read["title"], "GIMP 2");
    assert_eq!(
        (&read["env"]["LANG"], &read["cap_add"][0]),
        (&json!("de_DE.UTF-8"), &json!("SYS_CHROOT"))
    );
    let cleared = put(&admin, path, &json!({"start_url": null, "enabled": false}))
        .await
        .json();
    assert_eq!(
        (
            &cleared["desktop_type"]["start_url"],
            &cleared["desktop_type"]["title"]
        ),
        (&Value::Null, &json!("GIMP 2"))
    );

    assert_eq!(
        admin.delete(path).await.json(),
        json!({"success": true, "message": "Desktop type removed"})
    );
    assert_eq!(admin.delete(path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        put(&admin, path, &json!({})).await.status,
        StatusCode::NOT_FOUND
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn wrong_fields_are_named_all_at_once_and_change_nothing(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let before = app.state.catalog.all().await.unwrap();
    let wrong = json!({
        "slug": "A B", "title": 7, "image": "--privileged", "privileged": true, "cap_add": ["SYS_ADMIN"],
        "start_url": "https://example.org --proxy-server=evil", "memory_mb": 1,
    });
    let expected = [
        "cap_add",
        "image",
        "memory_mb",
        "privileged",
        "slug",
        "start_url",
        "title",
    ];
    let refused = admin.post_json("/api/admin/desktop-types", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&refused), expected);
    let path = "/api/admin/desktop-types/debian-desktop";
    assert_eq!(fields(&put(&admin, path, &wrong).await), expected);
    let renamed = put(&admin, path, &json!({"slug": "other"})).await;
    assert_eq!(fields(&renamed), ["slug"]);
    let no_object = put(&admin, path, &json!([1])).await;
    assert_eq!(no_object.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.state.catalog.all().await.unwrap(), before);
}

fn fields(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let fields = body["fields"]
        .as_array()
        .unwrap_or_else(|| panic!("{body}"));
    let mut names: Vec<_> = fields
        .iter()
        .map(|field| field["field"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[sqlx::test(migrations = "./migrations")]
async fn a_type_with_desktops_stays(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let jane = running(&app, "jane").await;
    let admin = app.admin().await;
    let path = "/api/admin/desktop-types/debian-desktop";
    let refused = admin.delete(path).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::CONFLICT, &json!("in_use"))
    );
    admin
        .delete(&format!("/api/admin/container/{}/remove", jane.id))
        .await;
    assert_eq!(admin.delete(path).await.status, StatusCode::OK);
}

/// Whoever can give an image's name to other contents does not choose what people start.
#[sqlx::test]
async fn what_starts_is_the_image_an_administrator_published(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    app.account("jana", Role::User).await;
    let admin = app.admin().await;
    let first = app.engine.add_image("example/pinned:1");
    let body = json!({"slug": "pinned", "title": "Pinned", "image": "example/pinned:1"});
    let made = admin.post_json("/api/admin/desktop-types", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(made.json()["desktop_type"]["image_id"], first);

    // The name stands for something else now, and the published image is still there under its id.
    let kind = app
        .state
        .catalog
        .find_by_slug("pinned")
        .await
        .unwrap()
        .unwrap();
    let second = app.engine.retag_image("example/pinned:1");
    assert_ne!(first, second);
    assert_eq!(kind.starts_from(), first);
    let desktop = crate::proxy::start(&app, "jana", &kind).await;
    let container = app.engine.container_of(desktop.id).unwrap();
    assert_eq!(container.spec.image, first);

    // Saving it again is what publishes the new one.
    let saved = put(&admin, "/api/admin/desktop-types/pinned", &json!({})).await;
    assert_eq!(saved.json()["desktop_type"]["image_id"], second);
    // Another name is another image.
    let other = json!({"image": "example/missing:1"});
    let saved = put(&admin, "/api/admin/desktop-types/pinned", &other).await;
    assert_eq!(
        saved.json()["desktop_type"]["image_id"],
        serde_json::Value::Null
    );
}
