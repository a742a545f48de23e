//! Pulling an image: everybody watches the same pull, and a failed one says why.

use deskcast::{language::Sentence, runtime::PullProgress};

use super::*;
use crate::support::eventually;

fn step(layer: &str, status: &str, bytes: Option<(u64, u64)>) -> PullProgress {
    PullProgress {
        layer: Some(layer.into()),
        status: status.into(),
        current: bytes.map(|(current, _)| current),
        total: bytes.map(|(_, total)| total),
    }
}

/// The events of a stream that ended: name and data.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let blocks = answer
        .text()
        .split("\n\n")
        .filter(|block| block.starts_with("event:"));
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').unwrap();
            let name = name.trim_start_matches("event:").trim();
            let data = data.trim_start_matches("data:");
            (name.to_owned(), serde_json::from_str(data).unwrap())
        })
        .collect()
}

#[sqlx::test(migrations = "./migrations")]
async fn two_administrators_watch_one_pull(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    app.engine.delay(Call::Pull, Duration::from_millis(400));
    app.engine.set_pull(vec![
        Ok(step("1.15.0", "Pulling from kasmweb/vs-code", None)),
        Ok(step("a", "Downloading", Some((5, 10)))),
    ]);
    let path = "/api/admin/desktop-types/ubuntu-vscode";
    let pull = format!("{path}/pull");
    let (first, (second, meanwhile)) = tokio::join!(admin.post(&pull), async {
        eventually("the first pull", Duration::from_secs(5), async || {
            (app.engine.count(Call::Pull) == 1).then_some(())
        })
        .await;
        tokio::join!(admin.post(&pull), admin.get(path))
    });
    let expected = [
        (
            "progress".to_owned(),
            json!({"layer": "1.15.0", "status": "Pulling from kasmweb/vs-code", "current": null, "total": null}),
        ),
        (
            "progress".to_owned(),
            json!({"layer": "a", "status": "Downloading", "current": 5, "total": 10}),
        ),
        ("done".to_owned(), json!({})),
    ];
    assert_eq!(events(&first), expected);
    assert_eq!(events(&second), expected);
    assert_eq!(app.engine.count(Call::Pull), 1);
    assert_eq!(meanwhile.json()["desktop_type"]["pull"]["percent"], 0);
    let after = admin.get(path).await.json()["desktop_type"].clone();
    assert_eq!(
        (&after["image_present"], &after["pull"]),
        (&json!(true), &Value::Null)
    );
}

#[sqlx::test(migrations = "./migrations")]
async fn a_failed_pull_says_why(pool: PgPool) {
    let (app, _standin) = place(pool).await;
    let admin = app.admin().await;
    let why =
        "The image kasmweb/vs-code:1.15.0 does not exist in its registry. Check its name and tag.";
    app.engine.set_pull(vec![
        Ok(step("a", "Waiting", None)),
        Err(RuntimeError::PullFailed(Sentence::plain(why))),
    ]);
    let failed = admin
        .post("/api/admin/desktop-types/ubuntu-vscode/pull")
        .await;
    assert_eq!(
        events(&failed).last(),
        Some(&("failed".to_owned(), json!({ "error": why, "words": why })))
    );
    let unknown = admin.post("/api/admin/desktop-types/nothing/pull").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
