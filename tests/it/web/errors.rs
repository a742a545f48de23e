//! How an error is told: to programs in JSON, to people on a page or by a way to sign in.

use super::*;

#[sqlx::test(migrations = "./migrations")]
async fn programs_hear_of_errors_in_json(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (stranger, jane) = (app.stranger(), app.user("jane").await);
    let expired = Client::new(app.address, Credential::Header("unknown".into()));
    let table = [
        (
            stranger.open("/api/container/list").await,
            400,
            "No session ID provided",
        ),
        (
            stranger.open("/session").await,
            400,
            "No session ID provided",
        ),
        (
            expired.get("/api/container/list").await,
            401,
            "Invalid session",
        ),
        (
            jane.get("/api/admin/containers").await,
            403,
            "Admin access required",
        ),
    ];
    for (answer, status, sentence) in table {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json");
        let body = answer.json();
        assert_eq!(body["error"], sentence);
        assert_eq!(body["success"], false);
        assert!(body["code"].is_string());
        assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    }
    for (answer, status, code) in [
        (stranger.open("/api").await, 404, "not_found"),
        (stranger.open("/api/nowhere").await, 404, "not_found"),
        (
            jane.get("/api/container/stop").await,
            405,
            "method_not_allowed",
        ),
    ] {
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.json()["code"], code);
    }
    let wrong = jane.get("/api/container/stop").await;
    assert!(
        wrong.header("allow").contains("POST"),
        "{:?}",
        wrong.headers
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn people_hear_of_errors_on_a_page(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let stranger = app.stranger();
    let nowhere = "/nowhere/%3Csvg%20onload=alert(1)%3E?a=%22%3E%3Csvg%20onload=alert(2)%3E";
    let page = stranger.open(nowhere).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("There is nothing here"));
    assert!(page.text().contains(page.header("x-request-id")));
    assert!(
        !page.text().contains("onload"),
        "the address is not repeated"
    );
    assert!(page.header("content-security-policy").contains("'nonce-"));
}

#[sqlx::test(migrations = "./migrations")]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let stranger = app.stranger();
    let page = stranger
        .open("/desktops/debian-desktop/remove?a=b&x=%26")
        .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
    assert_eq!(
        page.header("location"),
        "/login?next=%2Fdesktops%2Fdebian-desktop%2Fremove%3Fa%3Db%26x%3D%2526"
    );
    // What was to be changed is not repeated after signing in.
    let change = stranger
        .submit("/desktops/debian-desktop/remove", &[])
        .await;
    assert_eq!(change.header("location"), "/login?next=%2F");

    let desktop = stranger.open("/desktop/jane-debian-desktop/").await;
    assert_eq!(desktop.status, StatusCode::SEE_OTHER, "{}", desktop.text());
    let file = stranger
        .get("/desktop/jane-debian-desktop/client/ui.js")
        .await;
    assert_eq!(file.status, StatusCode::UNAUTHORIZED);
    assert!(file.header("content-type").starts_with("text/plain"));
    assert!(
        file.header("content-security-policy")
            .contains("default-src 'none'")
    );
}

#[tokio::test]
async fn a_panic_is_an_error_page_and_a_line_and_the_server_goes_on() {
    let logs = Logs::capture();
    let router = Router::new()
        .route("/api/breaks", get(async || -> String { panic!("teapot") }))
        .route("/breaks", get(async || -> String { panic!("kettle") }))
        .route("/works", get(async || "works"));
    let small = Small::start(router).await;
    let client = small.client();
    let answer = client.get("/api/breaks").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.json()["code"], "internal");
    let page = client.open("/breaks").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    for answer in [&answer, &page] {
        assert!(!answer.text().contains("teapot") && !answer.text().contains("kettle"));
    }
    assert_eq!(client.get("/works").await.text(), "works");
    let line = &logs.requests("/api/breaks").await[0];
    assert_eq!(line["error.cause"], "panic: teapot");
    assert_eq!(line["level"], "WARN");
}
