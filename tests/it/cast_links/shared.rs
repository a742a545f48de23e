//! *Enable Sharing* and *Allow Sharing*: whose desktop is shared, by whom, and with whom.

use deskcast::{
    groups::{ClientSettings, Switch},
    ids::GroupId,
};
use serde_json::json;

use super::*;
use crate::support::{Logs, Statements};

/// A cast for everybody whose desktops may be shared by their visitors, or may not.
fn anonymous(may_share: bool) -> CastFields {
    CastFields {
        allow_anonymous: true,
        enforce_client_settings: true,
        client_settings: ClientSettings::default().with(Switch::AllowSharing, may_share),
        ..CastFields::default()
    }
}

/// The link that the page of a desktop is told, as a path.
fn told(viewer: &Answer) -> Option<String> {
    let (_, rest) = viewer.text().split_once("data-share-link=\"")?;
    let link: url::Url = rest.split_once('"').unwrap().0.parse().unwrap();
    Some(link.path().to_owned())
}

impl Place {
    async fn viewer(&self, browser: &Visitor, name: &str) -> Answer {
        let viewer = browser.open(&format!("/desktop/{name}/")).await;
        assert_eq!(viewer.status, StatusCode::OK, "{}", viewer.text());
        viewer
    }

    /// A guest of the cast with this key, with a desktop that runs.
    async fn guest_of(&self, key: &str) -> (Visitor, String) {
        let served = self.stranger().launch(&format!("/cast/{key}")).await;
        let name = desktop_of(&served);
        let desktop = self.settled(&name).await;
        assert_eq!(desktop.state, DesktopState::Running, "{:?}", desktop.end);
        (self.let_in(&served), name)
    }
}

#[sqlx::test]
async fn a_desktop_is_shared_from_its_start_on_where_the_cast_says_so(pool: PgPool) {
    Logs::capture();
    let place = Place::new(pool).await;
    let links = "select count(*) from share_links";
    place.cast(anonymous(false)).await;
    let (alone, name) = place.guest_of("k").await;
    let viewer = place.viewer(&alone, &name).await;
    assert_eq!(told(&viewer), None);
    assert!(!viewer.text().contains("/share\""), "nothing to share");
    assert!(viewer.text().contains("data-shared-size=\"1280x720\""));
    assert_eq!(place.number(links).await, 0);
    let page = alone.open(&format!("/desktops/~{name}/share")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text());

    place
        .cast(CastFields {
            name: "Shared".into(),
            key: "s".into(),
            enable_sharing: true,
            disable_shared_fixed_resolution: true,
            ..anonymous(false)
        })
        .await;
    let served = place.stranger().launch("/cast/s").await;
    let (guest, name) = (place.let_in(&served), desktop_of(&served));
    assert_eq!(place.number(links).await, 1, "before it runs");
    place.settled(&name).await;
    let viewer = place.viewer(&guest, &name).await;
    let link = told(&viewer).expect("the page is told");
    assert!(viewer.text().contains("data-shared-size=\"window\""));
    let again = place.viewer(&guest, &name).await;
    Statements::of(&again).await.at_most(2);
    assert_eq!(
        told(&again),
        Some(link.clone()),
        "the same whenever it is asked"
    );

    // Whoever gets it watches, and is not told it.
    let jana = place.person("jana").await;
    assert_eq!(
        jana.open(&format!("/desktop/{name}/")).await.status,
        StatusCode::NOT_FOUND
    );
    let asked = jana.open(&link).await;
    assert!(
        asked.text().contains("neither type nor click"),
        "{}",
        asked.text()
    );
    let joined = jana.client.post(&link).await;
    assert_eq!(joined.header("location"), format!("/desktop/{name}/"));
    let watched = place.viewer(&jana, &name).await;
    assert!(watched.text().contains("view_only=true"));
    assert_eq!(told(&watched), None);

    // Its owner finds it on the page of sharing, may make no others, and can end it.
    let page = format!("/desktops/~{name}/share");
    let shown = guest.open(&page).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    assert!(shown.text().contains(&link) && shown.text().contains("Joined: jana"));
    assert!(!shown.text().contains("name=\"access\""));
    let form = [("access", "control"), ("hours", "8")];
    let made = guest.client.submit(&page, &form).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN, "{}", made.text());
    let (_, end) = shown
        .text()
        .split_once(&format!("action=\"{page}/"))
        .unwrap();
    let end = format!("{page}/{}", end.split_once('"').unwrap().0);
    assert_eq!(guest.client.post(&end).await.status, StatusCode::SEE_OTHER);
    assert_eq!(told(&place.viewer(&guest, &name).await), None);
    assert_eq!(guest.open(&page).await.status, StatusCode::OK);
    assert_eq!(jana.open(&link).await.status, StatusCode::GONE);
    let plain: i64 = sqlx::query_scalar(
        "select count(*) from share_links where position(convert_to($1, 'UTF8') in key_hash) > 0",
    )
    .bind(link.trim_start_matches("/share/"))
    .fetch_one(&place.app.pool)
    .await
    .unwrap();
    assert_eq!(plain, 0, "the key stands nowhere");
}

#[sqlx::test]
async fn a_guest_shares_and_opens_links_where_the_settings_allow_it(pool: PgPool) {
    let place = Place::new(pool).await;
    place.cast(anonymous(true)).await;
    place
        .cast(CastFields {
            name: "Closed".into(),
            key: "closed".into(),
            ..anonymous(false)
        })
        .await;
    // The same by the settings of a group, not of the cast.
    let group: GroupId = sqlx::query_scalar(
        "insert into user_groups (id, name, settings) values (gen_random_uuid(), 'Open day', $1) returning id",
    )
    .bind(json!({"allow_sharing": true}))
    .fetch_one(&place.app.pool)
    .await
    .unwrap();
    place
        .cast(CastFields {
            name: "Group".into(),
            key: "group".into(),
            allow_anonymous: true,
            anonymous_group: Some(group),
            ..CastFields::default()
        })
        .await;
    let (mia, name) = place.guest_of("k").await;
    let page = format!("/desktops/~{name}/share");
    let bar = format!("href=\"{page}\"");
    assert!(place.viewer(&mia, &name).await.text().contains(&bar));
    let form = [("access", "view"), ("hours", "1")];
    let made = mia.client.submit(&page, &form).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let (_, link) = made.text().split_once("id=\"made\">").unwrap();
    let link: url::Url = link.split_once('<').unwrap().0.parse().unwrap();
    for (key, status) in [
        ("k", StatusCode::OK),
        ("group", StatusCode::OK),
        ("closed", StatusCode::FORBIDDEN),
    ] {
        let (noah, own) = place.guest_of(key).await;
        let asked = noah.open(link.path()).await;
        assert_eq!(asked.status, status, "{key}: {}", asked.text());
        let joined = noah.client.post(link.path()).await;
        let there = noah.open(&format!("/desktop/{name}/")).await;
        if status == StatusCode::OK {
            assert_eq!(joined.status, StatusCode::SEE_OTHER, "{key}");
            assert_eq!(there.status, StatusCode::OK, "{key}: {}", there.text());
            assert!(!there.text().contains("href=\"/\""), "{key}: no dashboard");
        } else {
            assert_eq!(joined.status, StatusCode::FORBIDDEN, "{key}");
            assert_eq!(there.status, StatusCode::NOT_FOUND, "{key}");
        }
        // Nobody else's page of sharing, and the own one follows the same settings.
        assert_eq!(noah.open(&page).await.status, StatusCode::NOT_FOUND);
        let own = noah.open(&format!("/desktops/~{own}/share")).await;
        assert_eq!(own.status, status, "{key}: {}", own.text());
    }
    // Whoever came by a link and has no desktop any more is a guest as before.
    let head = axum::http::Request::new(()).into_parts().0;
    let admitted = place
        .app
        .state
        .sign_in
        .admit_guest(Some(group), &head)
        .await;
    let id = secrecy::ExposeSecret::expose_secret(&admitted.unwrap().1.id).to_owned();
    let idle = Visitor::new(Client::new(place.app.address, Credential::Cookie(id)));
    assert_eq!(idle.open(link.path()).await.status, StatusCode::FORBIDDEN);
}
