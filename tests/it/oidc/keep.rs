//! A guest of a link who signs in with a provider finds their desktop again.

use hyper::StatusCode;
use sqlx::PgPool;

use super::{Browser, SECRET_KEY, Written, back, idp::Idp, know};
use crate::{
    cast_links::{Place, Visitor},
    support::{Client, Credential},
};

#[sqlx::test(migrations = "./migrations")]
async fn a_guest_keeps_their_desktop_by_signing_in_with_a_provider(pool: PgPool) {
    let place = Place::new_with(pool.clone(), &[("SECRET_KEY", SECRET_KEY)]).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    place.open_cast().await;
    let (guest, name, _) = place.guest().await;
    let keep = format!("/keep/{name}");
    let Credential::Cookie(id) = guest.client.credential() else {
        panic!("a browser")
    };
    let mut browser = Browser {
        session: Some(id.clone()),
        ..Browser::new(&place.app)
    };
    let asked = browser.open(&keep).await;
    let page = browser.open(asked.header("location")).await;
    let button = format!("/login/oidc/default?next=%2Fkeep%2F{name}");
    assert!(page.text().contains(&button), "{}", page.text());
    let there = browser.open(&button).await;
    let there = there.header("location").parse().unwrap();
    let code = idp.consent(&there);
    let arrived = browser
        .open(&back(&there, &[("code", &code), ("iss", idp.issuer())]))
        .await;
    assert_eq!(arrived.status, StatusCode::SEE_OTHER, "{}", arrived.text());
    assert_eq!(arrived.header("location"), keep);
    let session = browser.session.clone().unwrap();
    assert_ne!(&session, id, "an id from before is never somebody's");
    let jana = Visitor::new(Client::new(place.app.address, Credential::Cookie(session)));
    assert!(jana.open(&keep).await.text().contains("Keep it"));
    let kept = jana.client.post(&keep).await;
    assert_eq!(kept.header("location"), format!("/desktop/{name}/"));
    let page = jana.open(&format!("/desktop/{name}/")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let owner = "select count(*) from desktops d join users u on u.id = d.owner_id where u.issuer is not null";
    assert_eq!(place.number(owner).await, 1);
    let guests = "select count(*) from users where role = 'guest'";
    assert_eq!(place.number(guests).await, 0);
}
