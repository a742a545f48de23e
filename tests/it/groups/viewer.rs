//! What a group's settings do in the container and in the viewer.

use deskcast::groups::Switch;

use super::*;

#[sqlx::test]
async fn what_a_group_refuses_reaches_the_container_and_the_viewer(pool: PgPool) {
    let scene = Scene::vnc(pool, Flavour::New).await;
    let app = &scene.app;
    let admin = app.admin().await;
    let env = || app.engine.container_of(scene.desktop.id).unwrap().spec.env;
    let viewer = async || {
        scene
            .jane
            .open(&scene.at(""))
            .await
            .text()
            .replace("&#38;", "&")
    };
    let defaults = env();
    for (variable, value) in [
        ("KASM_SVC_AUDIO", Some("1")),
        ("KASM_SVC_UPLOADS", Some("1")),
        ("KASM_SVC_AUDIO_INPUT", Some("0")),
        ("KASM_SVC_GAMEPAD", Some("0")),
        ("KASM_SVC_SEND_CUT_TEXT", None),
        ("KASM_SVC_ACCEPT_CUT_TEXT", None),
    ] {
        assert_eq!(
            defaults.get(variable).map(String::as_str),
            value,
            "{variable}"
        );
    }
    let page = viewer().await;
    assert!(
        page.contains("clipboard_up=true&clipboard_down=true"),
        "{page}"
    );
    assert!(page.contains("enable_ime=false"));

    let settings = json!({"allow_audio": false, "allow_uploads": false, "allow_microphone": true, "allow_gamepads": true,
        "allow_clipboard_down": false, "allow_clipboard_up": false, "ime_default_on": true});
    put(
        &admin,
        &at(everybody(app).await),
        &json!({"settings": settings}),
    )
    .await;
    // What runs keeps what it was started with: the container was made so, and the viewer tells no other story.
    assert_eq!(env(), defaults);
    let page = viewer().await;
    assert!(
        page.contains("clipboard_up=true&clipboard_down=true"),
        "{page}"
    );

    // A type of its own mind does not get past a refusal.
    let own = json!({"env": {"KASM_SVC_AUDIO": "1", "KASM_SVC_SEND_CUT_TEXT": "-SendCutText 1"}});
    put(&admin, "/api/admin/desktop-types/debian-desktop", &own).await;
    scene.stop().await;
    let jane = app
        .state
        .people
        .user(scene.desktop.owner)
        .await
        .unwrap()
        .unwrap();
    let desktop = running(app, &jane, "debian-desktop").await;
    let now = env();
    for (variable, value) in [
        ("KASM_SVC_AUDIO", "0"),
        ("KASM_SVC_UPLOADS", "0"),
        ("KASM_SVC_AUDIO_INPUT", "1"),
        ("KASM_SVC_GAMEPAD", "1"),
        (
            "KASM_SVC_SEND_CUT_TEXT",
            "-SendCutText 0 -AllowOverride AcceptPointerEvents",
        ),
        ("KASM_SVC_ACCEPT_CUT_TEXT", "-AcceptCutText 0"),
    ] {
        assert_eq!(now[variable], value, "{variable}");
    }
    assert!(!desktop.client_settings.is_on(Switch::AllowAudio));
    assert!(desktop.client_settings.is_on(Switch::AllowDownloads));
    let page = viewer().await;
    assert!(
        page.contains(
            "clipboard_up=false&clipboard_down=false&clipboard_seamless=false&enable_ime=true"
        ),
        "{page}"
    );
}
