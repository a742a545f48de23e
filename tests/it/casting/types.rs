//! What desktop types say for casts: whether they take an address, their networks, and servers.

use super::*;

const TYPES: &str = "/api/admin/desktop-types";

#[sqlx::test]
async fn a_type_says_what_a_cast_may_ask_of_it(pool: PgPool) {
    let (_app, admin, _) = saving::place(pool).await;
    let read = async |slug: &str| {
        admin.get(&format!("{TYPES}/{slug}")).await.json()["desktop_type"].clone()
    };
    assert_eq!(read("debian-browser").await["takes_address"], true);
    assert_eq!(read("debian-desktop").await["takes_address"], false);
    let desktop = read("debian-desktop").await;
    assert_eq!(desktop["networks"], json!(["class-net", "internet"]));
    assert_eq!(
        (&desktop["kind"], &desktop["allow_network_selection"]),
        (&json!("container"), &json!(true))
    );
    for names in [
        json!(["host"]),
        json!(["container:x"]),
        json!(["a b"]),
        json!([]),
        json!(["d2f1c0ffee00"]),
    ] {
        let answer = put(
            &admin,
            &format!("{TYPES}/debian-desktop"),
            &json!({"networks": names}),
        )
        .await;
        assert_eq!(wrong(&answer), ["networks"], "{names}");
    }
    let off = json!({"networks": [], "allow_network_selection": false, "takes_address": true});
    assert_eq!(
        put(&admin, &format!("{TYPES}/debian-desktop"), &off)
            .await
            .status,
        200
    );
    assert_eq!(read("debian-desktop").await["takes_address"], true);
}

#[sqlx::test]
async fn a_server_is_stored_and_not_started_yet(pool: PgPool) {
    let (app, admin, _) = saving::place(pool).await;
    let server = admin.get(&format!("{TYPES}/excel")).await.json()["desktop_type"].clone();
    assert_eq!(
        (&server["server_host"], &server["server_port"]),
        (&json!("10.0.0.7"), &json!(3389))
    );
    assert_eq!(
        (&server["kind"], &server["server_protocol"]),
        (&json!("server"), &json!("rdp"))
    );
    let incomplete = json!({"slug": "x", "title": "X", "kind": "server"});
    let named = ["server_host", "server_port", "server_protocol"];
    assert_eq!(wrong(&admin.post_json(TYPES, &incomplete).await), named);
    let jana = app.user("jana").await;
    let started = jana
        .post_json("/api/container/start", &json!({"desktop_type": "excel"}))
        .await;
    assert_eq!(started.status, 409);
    assert_eq!(started.json()["code"], "not_offered");
    assert!(
        started.text().contains("not offered yet"),
        "{}",
        started.text()
    );
    let desktops: i64 = sqlx::query_scalar("select count(*) from desktops")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(desktops, 0);
    assert_eq!(jana.open("/").await.status, 200);
}
