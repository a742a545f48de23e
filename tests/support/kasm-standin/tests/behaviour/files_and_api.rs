//! The client page, the downloads folder and the owner's API.

use kasm_standin::{Standin, messages};

use crate::client::{PASSWORD, Socket, credentials, exchange, get, owner};

#[test]
fn types_go_by_the_start_of_the_extension() {
    let standin = Standin::builder()
        .password(PASSWORD)
        .download("page.html", b"<p>")
        .spawn();
    for (path, kind) in [
        ("/", "text/html"),
        ("/main.bundle.js", "application/javascript"),
        ("/package.json", "application/javascript"),
        ("/assets/ui.css", "text/css"),
        ("/assets/decoder.wasm", "application/octet-stream"),
        ("/assets/odd%20name%20&%20%231%20%C3%BC.txt", "text/plain"),
        ("/Downloads/Downloads/page.html", "application/octet-stream"),
    ] {
        let answer = get(standin.addr(), path);
        assert_eq!(answer.status(), "HTTP/1.1 200 OK", "{path}");
        assert!(
            answer.has(&format!("Content-type: {kind}")),
            "{path}: {}",
            answer.text
        );
    }
}

#[test]
fn a_folder_redirects_from_the_root_and_lists_names_raw() {
    let name = "<img src=x onerror=alert(1)>.txt";
    let standin = Standin::builder()
        .password(PASSWORD)
        .download(name, b"1")
        .spawn();
    let moved = get(standin.addr(), "/Downloads");
    assert_eq!(moved.status(), "HTTP/1.1 301 Moved Permanently");
    assert!(moved.has("Location: /Downloads/"));
    let listing = get(standin.addr(), "/Downloads/Downloads/");
    assert!(listing.body().contains(&format!(">{name}</a>")));
    assert!(
        listing
            .body()
            .contains("href=\"%3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E.txt\"")
    );
    assert!(!listing.text.to_lowercase().contains("content-length"));
    assert_eq!(
        get(standin.addr(), "/Downloads%2FDownloads/").status(),
        "HTTP/1.1 404 Not Found"
    );
}

#[test]
fn the_api_is_for_the_owner_also_when_only_a_referer_names_it() {
    let standin = Standin::builder().password(PASSWORD).spawn();
    let viewer = credentials("kasm_viewer", PASSWORD);
    let request = format!("GET /api/get_users HTTP/1.1\r\nHost: desktop\r\n{viewer}\r\n");
    assert_eq!(
        exchange(standin.addr(), &request).status(),
        "HTTP/1.1 401 Unauthorized"
    );
    let request =
        format!("GET / HTTP/1.1\r\nHost: desktop\r\nReferer: https://x/api/\r\n{viewer}\r\n");
    assert_eq!(
        exchange(standin.addr(), &request).status(),
        "HTTP/1.1 401 Unauthorized"
    );
    let users = get(standin.addr(), "/api/get_users");
    assert!(users.body().contains(
        "{\"user\": \"kasm_viewer\", \"read\": true, \"write\": false, \"owner\": false}"
    ));
    assert_eq!(standin.auth_failures(), 0);
}

#[test]
fn a_screenshot_exists_after_the_first_look() {
    let standin = Standin::builder().password(PASSWORD).spawn();
    assert_eq!(
        get(standin.addr(), "/api/get_screenshot?width=100").status(),
        "HTTP/1.1 400 Bad Request"
    );
    let mut socket = Socket::desktop(standin.addr(), "kasm_user");
    socket.send(2, &messages::update_request());
    assert_eq!(socket.take(messages::UPDATE_LENGTH)[..4], [0, 0, 0, 1]);
    let answer = get(standin.addr(), "/api/get_screenshot?width=100");
    assert!(answer.has("Content-type: image/jpeg") && answer.has("HTTP/1.1 200 OK"));
}

#[test]
fn users_are_made_changed_and_removed() {
    let standin = Standin::builder().password(PASSWORD).spawn();
    let status = |target: &str| get(standin.addr(), target).status().to_owned();
    assert_eq!(
        status("/api/create_user?name=guest&password=guest%2D1&read=true"),
        "HTTP/1.1 200 OK"
    );
    assert_eq!(
        status("/api/create_user?name=guest&password=guest-1"),
        "HTTP/1.1 400 Bad Request"
    );
    let page = |password: &str| {
        let request = format!(
            "GET / HTTP/1.1\r\nHost: desktop\r\n{}\r\n",
            credentials("guest", password)
        );
        exchange(standin.addr(), &request).status().to_owned()
    };
    assert_eq!(page("guest-1"), "HTTP/1.1 200 OK");
    let post = |path: &str, body: &str| {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: desktop\r\n{}Content-Length: {length}\r\n\r\n{body}",
            owner()
        );
        exchange(standin.addr(), &request).status().to_owned()
    };
    let body = r#"[{"user": "guest", "password": "guest-2", "read": true, "write": true}]"#;
    assert_eq!(post("/api/update_user", body), "HTTP/1.1 200 OK");
    assert_eq!(page("guest-2"), "HTTP/1.1 200 OK");
    assert_eq!(
        post("/api/remove_user", r#"[{"user":"guest"}]"#),
        "HTTP/1.1 200 OK"
    );
    assert_eq!(page("guest-2"), "HTTP/1.1 401 Forbidden");
    assert_eq!(
        post("/api/create_user", "nonsense"),
        "HTTP/1.1 400 Bad Request"
    );
}

#[test]
fn downloads_are_listed_as_json() {
    let standin = Standin::builder()
        .password(PASSWORD)
        .download("a \"b\".txt", b"12345")
        .spawn();
    let answer = get(standin.addr(), "/api/downloads?path=/");
    assert!(
        answer.body().contains(r#""filename": "a \"b\".txt""#)
            && answer.body().contains("\"size\": 5")
    );
}
