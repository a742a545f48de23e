//! Who becomes whom: accounts, roles and groups.

use hyper::StatusCode;
use serde_json::json;
use sqlx::PgPool;

use super::{Browser, Written, assert_signed_in, idp::Idp, know, run, server, traces};
use crate::support::Answer;

fn assert_refused(answer: &Answer, sentence: &str) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    assert!(answer.text().contains(sentence), "{}", answer.text());
}

async fn role(pool: &PgPool, subject: &str) -> String {
    sqlx::query_scalar("select role::text from users where subject = $1")
        .bind(subject)
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn groups(pool: &PgPool, subject: &str) -> Vec<(String, String)> {
    sqlx::query_as(
        "select g.external_id, g.name from user_groups g join group_members m on m.group_id = g.id
         join users u on u.id = m.user_id where u.subject = $1 and g.provider_id is not null order by 1",
    )
    .bind(subject)
    .fetch_all(pool)
    .await
    .unwrap()
}

fn pairs(groups: &[(&str, &str)]) -> Vec<(String, String)> {
    groups
        .iter()
        .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
        .collect()
}

#[sqlx::test(migrations = "./migrations")]
async fn role_groups_and_names_are_read_anew_at_every_sign_in(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|script| {
        script.userinfo_claims = json!({
            "preferred_username": "ivo.serv", "name": "Ivo Serv",
            "groups": {"42": {"act": "klasse.10a", "name": "Klasse 10a"}, "77": {"act": "lehrer", "name": "Lehrer"}},
        });
    })
    .await;
    know(&pool, &idp, Written::Issuer).await;
    run(
        &pool,
        "update oidc_providers set admin_group = 'admins', teacher_group = 'lehrer'",
    )
    .await;
    let mut browser = Browser::new(&app);
    assert_signed_in(&browser.signs_in(&idp).await);
    assert_eq!(role(&pool, "0815").await, "teacher");
    assert_eq!(
        groups(&pool, "0815").await,
        pairs(&[("klasse.10a", "Klasse 10a"), ("lehrer", "Lehrer")])
    );

    idp.script().userinfo_claims = json!({
        "preferred_username": "ivo.neu", "name": "Ivo Neu", "email": "neu@school.test",
        "groups": [{"id": "klasse.10a", "name": "Klasse 11a"}, "admins"],
    });
    let mut elsewhere = Browser::new(&app);
    assert_signed_in(&elsewhere.signs_in(&idp).await);
    assert_eq!(role(&pool, "0815").await, "admin");
    assert_eq!(
        groups(&pool, "0815").await,
        pairs(&[("admins", "admins"), ("klasse.10a", "Klasse 11a")])
    );
    let (username, slug, email): (String, String, Option<String>) =
        sqlx::query_as("select username, slug, email from users where subject = '0815'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((username.as_str(), slug.as_str()), ("ivo.neu", "ivo-serv"));
    assert_eq!(email.as_deref(), Some("neu@school.test"));
    assert!(browser.is_signed_in().await, "more rights end nothing");

    // Less than before: what was opened with the old role ends.
    idp.script().userinfo_claims = json!({"preferred_username": "ivo.neu", "groups": []});
    let mut third = Browser::new(&app);
    assert_signed_in(&third.signs_in(&idp).await);
    assert_eq!(role(&pool, "0815").await, "user");
    assert!(third.is_signed_in().await);
    assert!(!browser.is_signed_in().await && !elsewhere.is_signed_in().await);
    assert_eq!(groups(&pool, "0815").await, []);
}

#[sqlx::test(migrations = "./migrations")]
async fn groups_of_our_own_and_of_others_are_not_touched(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    run(
        &pool,
        "insert into user_groups (id, name) values (gen_random_uuid(), 'dev')",
    )
    .await;
    run(
        &pool,
        "insert into group_members (group_id, user_id)
         select g.id, u.id from user_groups g, users u where g.name = 'dev' and g.provider_id is null and u.subject is not null",
    )
    .await;
    idp.script().userinfo_claims = json!({"preferred_username": "jana", "groups": ["new"]});
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    let names: Vec<String> = sqlx::query_scalar(
        "select g.name from user_groups g join group_members m on m.group_id = g.id order by 1",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(names, ["dev", "new"]);
}

#[sqlx::test(migrations = "./migrations")]
async fn a_local_account_and_another_person_of_the_same_name_are_never_touched(pool: PgPool) {
    let app = server(&pool).await;
    let local = app.account("jana", deskcast::people::Role::Admin).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    idp.script().subject = "0816".into();
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    // The same sub at another provider is another person.
    let other = Idp::start(|_| ()).await;
    know(&pool, &other, Written::Issuer).await;
    assert_signed_in(&Browser::new(&app).signs_in(&other).await);
    let people: Vec<(String, String, bool)> = sqlx::query_as(
        "select slug, role::text, issuer is null from users where username = 'jana' order by slug",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let expected = [
        ("jana", "admin", true),
        ("jana-2", "user", false),
        ("jana-3", "user", false),
        ("jana-4", "user", false),
    ];
    let people: Vec<(&str, &str, bool)> = people
        .iter()
        .map(|(slug, role, local)| (slug.as_str(), role.as_str(), *local))
        .collect();
    assert_eq!(people, expected);
    let untouched: Option<String> = sqlx::query_scalar("select email from users where id = $1")
        .bind(local)
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(untouched, None);
}

#[sqlx::test(migrations = "./migrations")]
async fn two_browsers_at_once_make_one_account(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    app.account("jana", deskcast::people::Role::User).await;
    let (app, idp) = (&app, &idp);
    let browsers = (0..6).map(|_| async move {
        assert_signed_in(&Browser::new(app).signs_in(idp).await);
    });
    futures_util::future::join_all(browsers).await;
    assert_eq!(traces(&pool).await, (6, 1));
}

#[sqlx::test(migrations = "./migrations")]
async fn whoever_may_not_come_in_hears_why_and_leaves_no_trace(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    let comes = async || Browser::new(&app).signs_in(&idp).await;

    run(&pool, "update oidc_providers set auto_provision = false").await;
    assert_refused(&comes().await, "You have no account on this server");
    assert_eq!(traces(&pool).await, (0, 0));

    run(
        &pool,
        "update oidc_providers set auto_provision = true, allowed_groups = '{staff,Dev}'",
    )
    .await;
    let answer = comes().await;
    assert_refused(
        &answer,
        "Your account may not use Deskcast. Ask the administrator to add you to a group.",
    );
    assert_eq!(traces(&pool).await, (0, 0));

    run(
        &pool,
        "update oidc_providers set allowed_groups = '{staff,dev}'",
    )
    .await;
    assert_signed_in(&comes().await);
    run(&pool, "update oidc_providers set auto_provision = false").await;
    assert_signed_in(&comes().await);

    run(&pool, "delete from login_sessions").await;
    run(
        &pool,
        "update users set disabled_at = now(), email = null where subject is not null",
    )
    .await;
    assert_refused(
        &comes().await,
        "Your account on this server is switched off",
    );
    let changed: Option<String> =
        sqlx::query_scalar("select email from users where subject is not null")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((traces(&pool).await, changed), ((0, 1), None));
}

#[sqlx::test(migrations = "./migrations")]
async fn a_role_an_administrator_gave_stays_where_no_group_gives_one(pool: PgPool) {
    let app = server(&pool).await;
    let idp = Idp::start(|_| ()).await;
    know(&pool, &idp, Written::Issuer).await;
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    run(
        &pool,
        "update users set role = 'teacher' where subject is not null",
    )
    .await;
    assert_signed_in(&Browser::new(&app).signs_in(&idp).await);
    assert_eq!(role(&pool, "0815").await, "teacher");
}
