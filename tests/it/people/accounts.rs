//! The API of accounts: found, made, changed, and which groups they are in.

use super::*;

#[sqlx::test]
async fn the_list_is_searched_filtered_and_turned_page_by_page(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    sqlx::query(
        "insert into users (id, slug, username, display_name, email, role, disabled_at)
         select gen_random_uuid(), 'p-' || n, 'p-' || n, 'Person ' || to_char(n, 'FM000'), 'p' || n || '@schule.test',
             (case when n % 10 = 0 then 'teacher' else 'user' end)::user_role, case when n % 20 = 0 then now() end
         from generate_series(1, 120) n",
    )
    .execute(&pool)
    .await
    .unwrap();
    let admin = app.admin().await;
    let list = async |query: &str| {
        let answer = admin.get(&format!("/api/admin/users{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    };
    let names = |list: &Value| -> Vec<String> {
        let users = list["users"].as_array().unwrap().iter();
        users
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut all = Vec::new();
    let mut next = String::new();
    for (count, goes_on) in [(50, true), (50, true), (21, false)] {
        let list = list(&format!("?after={next}")).await;
        assert_eq!(
            list["total"],
            if next.is_empty() {
                json!(121)
            } else {
                Value::Null
            }
        );
        assert_eq!(names(&list).len(), count);
        assert_eq!(list["next"].is_string(), goes_on);
        next = list["next"].as_str().unwrap_or_default().to_owned();
        all.extend(names(&list));
    }
    assert_eq!(
        names(&list("?limit=200").await),
        all,
        "the same order in one page"
    );
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 121, "everybody once");

    assert_eq!(names(&list("?q=PERSON%20042").await), ["p-42"]);
    assert_eq!(names(&list("?q=p42%40").await), ["p-42"]);
    assert_eq!(
        names(&list("?q=%25").await).len(),
        0,
        "a percent sign is a percent sign"
    );
    assert_eq!(list("?role=teacher").await["total"], 12);
    assert_eq!(list("?role=teacher&state=disabled").await["total"], 6);
    assert_eq!(list("?state=enabled").await["total"], 115);
    assert_eq!(names(&list("?role=admin").await), ["admin"]);
    let refused = admin.get("/api/admin/users?role=king&state=asleep").await;
    assert_eq!(wrong(&refused), ["role", "state"]);
    let refused = admin.get("/api/admin/users?after=x&limit=201").await;
    assert_eq!(wrong(&refused), ["after", "limit"]);
}

#[sqlx::test]
async fn an_account_that_was_made_can_sign_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({"username": " jana ", "password": "tree-house", "role": "teacher", "email": "j@schule.test"});
    let made = admin.post_json("/api/admin/users", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let user = made.json()["user"].clone();
    assert_eq!(user["username"], "jana");
    assert_eq!(user["role"], "teacher");
    assert_eq!(user["email"], "j@schule.test");
    assert_eq!(user["disabled"], false);
    assert_eq!(user["provider"], Value::Null);
    assert!(!made.text().contains("tree-house"));
    assert_eq!(
        sign_in(&app, "jana", "tree-house").await.status,
        StatusCode::OK
    );

    let again = json!({"username": "JANA", "password": "tree-house"});
    assert_eq!(
        wrong(&admin.post_json("/api/admin/users", &again).await),
        ["username"]
    );
}

#[sqlx::test]
async fn every_wrong_field_of_an_account_is_named_and_nothing_is_made(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let body = json!({
        "username": "", "password": "1234567", "display_name": 7, "email": "nobody", "role": "king",
        "disabled": "yes", "shoe_size": 43,
    });
    let refused = admin.post_json("/api/admin/users", &body).await;
    assert_eq!(
        wrong(&refused),
        [
            "disabled",
            "display_name",
            "email",
            "password",
            "role",
            "shoe_size",
            "username"
        ]
    );
    let no_such_group =
        json!({"username": "jana", "password": "12345678", "groups": [GroupId::new()]});
    let refused = admin.post_json("/api/admin/users", &no_such_group).await;
    assert_eq!(wrong(&refused), ["groups"]);
    let count: i64 = sqlx::query_scalar("select count(*) from users")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(count, 1, "nothing is saved half");
}

#[sqlx::test]
async fn what_is_changed_changes_and_the_rest_stays(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({"username": "jana", "password": "tree-house", "display_name": "Jana", "email": "j@x.test"});
    let made = admin.post_json("/api/admin/users", &body).await.json();
    let path = of(made["user"]["id"].as_str().unwrap());

    let changed = put(&admin, &path, &json!({"display_name": "Jana Petersen"})).await;
    let user = changed.json()["user"].clone();
    assert_eq!(user["display_name"], "Jana Petersen");
    assert_eq!(user["email"], "j@x.test");
    // As it was read, back again: nothing is unknown, nothing changes.
    let read = admin.get(&path).await.json()["user"].clone();
    let same = put(&admin, &path, &read).await;
    assert_eq!(same.json()["user"], read, "{}", same.text());
    let no_mail = put(&admin, &path, &json!({"email": null})).await;
    assert_eq!(no_mail.json()["user"]["email"], Value::Null);

    assert_eq!(
        wrong(&put(&admin, &path, &json!({"username": "other"})).await),
        ["username"]
    );
    assert_eq!(
        wrong(&put(&admin, &path, &json!({"password": "short"})).await),
        ["password"]
    );
    let unknown = put(&admin, &of(UserId::new()), &json!({})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn a_new_password_or_role_signs_out_and_a_new_name_does_not(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let body = json!({"username": "jana", "password": "tree-house"});
    let made = admin.post_json("/api/admin/users", &body).await.json();
    let path = of(made["user"]["id"].as_str().unwrap());
    let session = async |password: &str| {
        let answer = sign_in(&app, "jana", password).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let id = answer.json()["session"]["id"].as_str().unwrap().to_owned();
        Client::new(app.address, Credential::Header(id))
    };
    let jana = session("tree-house").await;
    put(&admin, &path, &json!({"display_name": "J"})).await;
    assert_eq!(jana.get("/session").await.status, StatusCode::OK);
    put(&admin, &path, &json!({"role": "teacher"})).await;
    assert_eq!(jana.get("/session").await.status, StatusCode::UNAUTHORIZED);
    let jana = session("tree-house").await;
    assert_eq!(jana.get("/session").await.json()["user"]["role"], "teacher");
    put(&admin, &path, &json!({"password": "another-tree"})).await;
    assert_eq!(jana.get("/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        sign_in(&app, "jana", "tree-house").await.status,
        StatusCode::UNAUTHORIZED
    );
    session("another-tree").await;
}

#[sqlx::test]
async fn a_person_of_a_provider_has_no_password_here_and_keeps_the_providers_groups(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let jana = app.account("jana", Role::User).await;
    let (theirs, other) = provided_groups(&pool, jana).await;
    let ours = admin
        .post_json("/api/admin/groups", &json!({"name": "Robotics"}))
        .await
        .json();
    let ours = ours["group"]["id"].as_str().unwrap().to_owned();

    assert_eq!(
        wrong(&put(&admin, &of(jana), &json!({"password": "12345678"})).await),
        ["password"]
    );
    let into = put(&admin, &of(jana), &json!({"groups": [ours, theirs]})).await;
    let names = |answer: &Answer| -> Vec<String> {
        let groups = answer.json()["user"]["groups"].clone();
        let groups = groups.as_array().unwrap().iter();
        groups
            .map(|group| group["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&into), ["Class 10b", "Robotics"]);
    // Only those made here can be left or entered by hand.
    let out = put(&admin, &of(jana), &json!({"groups": []})).await;
    assert_eq!(names(&out), ["Class 10b"]);
    assert_eq!(
        wrong(&put(&admin, &of(jana), &json!({"groups": [other]})).await),
        ["groups"]
    );
    assert_eq!(
        admin.get(&of(jana)).await.json()["user"]["provider"],
        "IServ"
    );
}

#[sqlx::test]
async fn programs_hear_a_persons_groups(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    let body = json!({"username": "jana", "password": "tree-house"});
    let made = admin.post_json("/api/admin/users", &body).await.json();
    let jana: UserId = made["user"]["id"].as_str().unwrap().parse().unwrap();
    let signed_in = sign_in(&app, "jana", "tree-house").await.json();
    assert_eq!(signed_in["user"]["groups"], json!([]));
    let ours = admin
        .post_json(
            "/api/admin/groups",
            &json!({"name": "Robotics", "priority": 5, "members": [jana]}),
        )
        .await
        .json();
    let ours = ours["group"]["id"].clone();
    let expected = json!([{"id": ours, "name": "Robotics"}]);
    let signed_in = sign_in(&app, "jana", "tree-house").await.json();
    assert_eq!(signed_in["user"]["groups"], expected);

    provided_groups(&pool, jana).await;
    let session = app.script("jana").await.get("/session").await.json();
    assert_eq!(
        session["user"]["groups"],
        json!([{"id": ours, "name": "Robotics"}, {"id": "klasse.10b", "name": "Class 10b"}])
    );
}
