//! Fetching the image of a type, live.

use std::{convert::Infallible, pin::pin, time::Duration};

use axum::{
    extract::{FromRequestParts, State},
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::json;

use super::types::{known, publish};
use crate::{
    catalog::{Catalog, DesktopType},
    desktops::Desktops,
    error::Result,
    language::Language,
    lifecycle::Tasks,
    runtime::{PullNews, Pulls},
    sessions::{Sessions, guard::AdminUser},
    state::AppState,
    web::{
        caps::{Counted, UnderWay},
        extract::Path,
        page::Page,
    },
};

/// Keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The handles of a fetch.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
pub(super) struct Fetching {
    #[from_request(via(State))]
    catalog: Catalog,
    #[from_request(via(State))]
    pulls: Pulls,
    #[from_request(via(State))]
    desktops: Desktops,
    #[from_request(via(State))]
    sessions: Sessions,
    #[from_request(via(State))]
    tasks: Tasks,
}

/// Fetches the image of a type and tells how it goes, layer by layer. Whoever asks while it is being fetched watches
/// the same pull; it goes on when nobody watches.
#[utoipa::path(post, path = "/api/admin/desktop-types/{slug}/pull", tag = "admin", params(("slug" = String, Path)),
    responses((status = 200, content_type = "text/event-stream",
            description = "`progress` {layer, status, current, total}, at the end `done` {} or `failed` {error, words}"),
        (status = 404, description = "Desktop type not found"),
        (status = 429, description = "Too many streams of events are open already")))]
pub(super) async fn pull(
    AdminUser(admin): AdminUser,
    Fetching {
        catalog,
        pulls,
        desktops,
        sessions,
        tasks,
    }: Fetching,
    Path(slug): Path<String>,
    page: Page,
    under_way: UnderWay,
) -> Result<impl IntoResponse> {
    let kind = known(&catalog, &slug).await?;
    let held = under_way.becomes(Counted::Events, admin.user.id)?;
    let ended = sessions.ended_or_demoted(&admin);
    let language = page.taste().language;
    // Whether or not anybody watches it to the end.
    tasks.spawn(publish_fetched(
        pulls.clone(),
        catalog,
        desktops,
        kind.clone(),
    ));
    let news = pulls
        .fetch(&kind.image)
        .map(move |news| Ok::<_, Infallible>(event(&news, language)))
        .take_until(async move {
            let _held = held;
            ended.cancelled().await;
        });
    Ok(Sse::new(news).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// What an administrator fetched is what starts from then on.
async fn publish_fetched(pulls: Pulls, catalog: Catalog, desktops: Desktops, kind: DesktopType) {
    let mut news = pin!(pulls.fetch(&kind.image));
    while let Some(news) = news.next().await {
        if matches!(news, PullNews::Done) {
            let slug = kind.slug.clone();
            if let Err(error) = publish(&catalog, desktops.runtime().as_ref(), kind).await {
                tracing::warn!(%error, desktop_type = slug, "the image that was fetched for {slug} is not published yet");
            }
            return;
        }
    }
}

/// `error` is for programs; `words` the same for whoever reads them on a page.
fn event(news: &PullNews, language: Language) -> Event {
    match news {
        PullNews::Progress(progress) => named("progress", progress),
        PullNews::Done => named("done", &json!({})),
        PullNews::Failed(why) => named(
            "failed",
            &json!({ "error": why, "words": language.say(why) }),
        ),
    }
}

fn named(name: &str, data: &impl Serialize) -> Event {
    let event = Event::default().event(name);
    // Our own plain structures always serialise.
    event.json_data(data).unwrap_or_default()
}
