//! Who may use which desktop type.

use super::*;

#[sqlx::test]
async fn a_type_for_a_group_is_there_for_its_members_and_unknown_to_others(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let (jana, ivo) = (app.user("jana").await, app.user("ivo").await);
    let class = make(
        &admin,
        &json!({"name": "Class", "members": [user(&app, "jana").await.id]}),
    )
    .await;
    let path = "/api/admin/desktop-types/debian-desktop";
    assert_eq!(
        admin.get(path).await.json()["desktop_type"]["groups"],
        json!([])
    );
    let limited = put(&admin, path, &json!({"groups": [class]})).await;
    let limited = limited.json()["desktop_type"].clone();
    assert_eq!(
        (&limited["groups"], &limited["for_everybody"]),
        (&json!([class]), &json!(false))
    );
    assert_eq!(
        put(&admin, path, &limited).await.status,
        StatusCode::OK,
        "as it was read"
    );
    assert_eq!(
        wrong(&put(&admin, path, &json!({"groups": [GroupId::new()]})).await),
        ["groups"]
    );

    let shows = async |client: &Client| client.open("/").await.text().contains("Debian Desktop");
    assert!(shows(&jana).await && shows(&admin).await);
    assert!(!shows(&ivo).await);
    let start = "/api/container/start?desktop_type=";
    let refused = ivo.post(&format!("{start}debian-desktop")).await;
    let unknown = ivo.post(&format!("{start}nothing")).await;
    assert_eq!(
        (refused.status, refused.json()),
        (StatusCode::NOT_FOUND, unknown.json())
    );
    let form = ivo.submit("/desktops/debian-desktop/start", &[]).await;
    assert_eq!(form.status, StatusCode::NOT_FOUND);
    let started = jana.post(&format!("{start}debian-desktop")).await;
    assert_eq!(started.status, StatusCode::CREATED, "{}", started.text());

    // Who loses it keeps what runs, and only that.
    put(&admin, &at(&class), &json!({"members": []})).await;
    assert!(shows(&jana).await, "it runs");
    jana.post("/api/container/stop?desktop_type=debian-desktop")
        .await;
    assert!(!shows(&jana).await);
    assert_eq!(
        jana.post(&format!("{start}debian-desktop")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[sqlx::test]
async fn a_type_whose_last_group_is_gone_is_not_opened_to_everybody(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let ivo = app.user("ivo").await;
    let class = make(
        &admin,
        &json!({"name": "Class", "desktop_types": ["debian-desktop"]}),
    )
    .await;
    let path = "/api/admin/desktop-types/debian-desktop";
    assert_eq!(
        admin.get(path).await.json()["desktop_type"]["groups"],
        json!([class])
    );
    assert_eq!(admin.delete(&at(&class)).await.status, StatusCode::OK);
    let kind = admin.get(path).await.json()["desktop_type"].clone();
    assert_eq!(
        (&kind["groups"], &kind["for_everybody"]),
        (&json!([]), &json!(false))
    );
    let start = "/api/container/start?desktop_type=debian-desktop";
    assert_eq!(ivo.post(start).await.status, StatusCode::NOT_FOUND);
    put(&admin, path, &json!({"title": "Debian", "groups": []})).await;
    assert_eq!(
        ivo.post(start).await.status,
        StatusCode::NOT_FOUND,
        "the list did not change"
    );
    put(&admin, path, &json!({"groups": [everybody(&app).await]})).await;
    assert_eq!(ivo.post(start).await.status, StatusCode::CREATED);
}
