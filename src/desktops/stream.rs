//! `GET /api/events`: live changes as Server-Sent Events.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
};
use futures_util::{Stream, StreamExt, stream};

use super::{
    Desktops,
    feed::{Audience, Subscription},
    frames, looks, stamp,
};
use crate::{
    error::Result,
    lifecycle::Tasks,
    sessions::{Caller, Sessions, guard::UserOrGuest},
    web::caps::{Counted, UnderWay},
};

/// After this much silence a stream says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Live changes of the caller's desktops, and of everybody's for administrators: first `now` with a stamp and the state
/// of the caller's desktops, `lookers` with everybody who looks at one of them, then `desktop` events with `container`,
/// `progress` events of starts with phase and percent, and `look-again` when changes may have been missed.
#[utoipa::path(get, path = "/api/events", tag = "events",
    responses((status = 200, description = "Server-Sent Events: now, lookers, desktop, progress, look-again", content_type = "text/event-stream"),
        (status = 429, description = "Too many of them are open already, of the caller or from their address")))]
pub(super) async fn events(
    UserOrGuest(caller): UserOrGuest,
    State(desktops): State<Desktops>,
    State(sessions): State<Sessions>,
    State(tasks): State<Tasks>,
    under_way: UnderWay,
) -> Result<impl IntoResponse> {
    let held = under_way.becomes(Counted::Events, caller.user.id)?;
    let ended = sessions.ended_or_demoted(&caller);
    let soft = tasks.soft();
    let over = async move {
        let _held = held;
        tokio::select! {
            () = ended.cancelled() => {}
            () = soft.cancelled() => {}
        }
    };
    let audience = if caller.user.is_admin() {
        Audience::All
    } else {
        Audience::Owner(caller.user.id)
    };
    // Listening first: what changes while the present state is looked up must not be missed.
    let changes = desktops.events().feed().subscribe(audience);
    let first = present(&desktops, &caller).await;
    let frames = stream::once(async { first })
        .chain(frames_of(changes))
        .take_until(over)
        .map(Ok::<_, Infallible>);
    Ok((
        [
            (CONTENT_TYPE, "text/event-stream"),
            (CACHE_CONTROL, "no-cache"),
        ],
        Body::from_stream(frames),
    ))
}

/// How the caller's desktops stand now.
async fn present(desktops: &Desktops, caller: &Caller) -> Bytes {
    match desktops.list_of(caller.user.id).await {
        Ok(own) => match looks::first_frames(desktops, &own).await {
            Ok(lookers) => [stamp::first_event(&own), lookers].concat().into(),
            Err(_) => frames::all_look_again(),
        },
        // Nobody knows; the page asks when the database is back.
        Err(_) => frames::all_look_again(),
    }
}

fn frames_of(changes: Subscription) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(changes, |mut changes| async move {
        let next = tokio::time::timeout(KEEP_ALIVE, changes.next()).await;
        let frame = next.unwrap_or_else(|_| Some(frames::keep_alive()))?;
        Some((frame, changes))
    })
}
