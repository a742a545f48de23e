//! `GET /api/events`: live changes as Server-Sent Events.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use time::OffsetDateTime;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

use super::{
    Desktop, DesktopChange, DesktopState, Desktops, Phase,
    body::{ContainerBody, url},
};
use crate::{
    clock::Clock,
    language::Sentence,
    lifecycle::Tasks,
    sessions::{Caller, Sessions, guard::UserOrGuest},
};

/// Keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// `event: desktop`.
#[derive(Debug, Serialize)]
struct DesktopEvent {
    desktop_type: String,
    proxy_path: String,
    status: &'static str,
    state: DesktopState,
    gone: bool,
    url: String,
    container: ContainerBody,
}

/// `event: progress`.
#[derive(Debug, Serialize)]
struct ProgressEvent {
    desktop_type: String,
    proxy_path: String,
    phase: Phase,
    percent: u8,
    usual_seconds: Option<f64>,
    phases: Vec<PhaseShown>,
}

/// One phase of a start, as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseShown {
    /// Which.
    pub phase: Phase,
    /// What people read.
    pub words: Sentence,
    /// `done`, `now`, `next` or `failed`.
    pub state: &'static str,
    /// How long it took or has taken.
    pub seconds: Option<f64>,
}

/// The four phases of the newest start of `desktop` at `now` (pure).
#[must_use]
pub fn phases_shown(desktop: &Desktop, now: OffsetDateTime) -> Vec<PhaseShown> {
    let times = &desktop.phases;
    // A failed or cancelled start ended in its last phase.
    let now = desktop.ended_at.unwrap_or(now);
    Phase::ALL
        .into_iter()
        .map(|phase| PhaseShown {
            phase,
            words: phase.words(),
            state: match phase.cmp(&times.phase()) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Greater => "next",
                std::cmp::Ordering::Equal if times.ready.is_some() => "done",
                std::cmp::Ordering::Equal if desktop.state == DesktopState::Failed => "failed",
                std::cmp::Ordering::Equal => "now",
            },
            seconds: times.took(phase, now).map(|took| took.as_secs_f64()),
        })
        .collect()
}

/// Live changes of the caller's desktops, and of everybody's for administrators: `desktop` events with `container`,
/// `progress` events of starts with phase and percent, and `look-again` when changes may have been missed.
#[utoipa::path(get, path = "/api/events", tag = "events",
    responses((status = 200, description = "Server-Sent Events: desktop, progress, look-again", content_type = "text/event-stream")))]
pub(super) async fn events(
    UserOrGuest(caller): UserOrGuest,
    State(desktops): State<Desktops>,
    State(sessions): State<Sessions>,
    State(clock): State<Clock>,
    State(tasks): State<Tasks>,
) -> impl IntoResponse {
    let ended = sessions.ended_or_demoted(&caller);
    let soft = tasks.soft();
    let over = async move {
        tokio::select! {
            () = ended.cancelled() => {}
            () = soft.cancelled() => {}
        }
    };
    let changes = changes(desktops, caller, clock).take_until(over);
    Sse::new(changes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn changes(
    desktops: Desktops,
    caller: Caller,
    clock: Clock,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    BroadcastStream::new(desktops.events().subscribe())
        .then(move |change| {
            let (desktops, caller, clock) = (desktops.clone(), caller.clone(), clock.clone());
            async move {
                stream::iter(
                    told(&desktops, &caller, &clock, change)
                        .await
                        .into_iter()
                        .map(Ok),
                )
            }
        })
        .flatten()
}

async fn told(
    desktops: &Desktops,
    caller: &Caller,
    clock: &Clock,
    change: Result<DesktopChange, BroadcastStreamRecvError>,
) -> Vec<Event> {
    let look_again = || vec![Event::default().event("look-again").data("{}")];
    let (id, gone) = match change {
        Ok(DesktopChange::Changed { owner, .. })
            if owner != caller.user.id && !caller.user.is_admin() =>
        {
            return vec![];
        }
        Ok(DesktopChange::Changed { desktop, gone, .. }) => (desktop, gone),
        Ok(DesktopChange::LookAgain) | Err(BroadcastStreamRecvError::Lagged(_)) => {
            return look_again();
        }
    };
    if gone {
        return look_again();
    }
    match desktops.find(id).await {
        Ok(Some(desktop)) => about(desktops, &desktop, clock.now()).await,
        // Removed since; its own hint comes next.
        Ok(None) => vec![],
        Err(_) => look_again(),
    }
}

async fn about(desktops: &Desktops, desktop: &Desktop, now: OffsetDateTime) -> Vec<Event> {
    let mut told = Vec::with_capacity(2);
    if desktop.state == DesktopState::Starting {
        let usual = desktops
            .usual_start_times()
            .await
            .ok()
            .and_then(|times| times.get(&desktop.type_id).copied());
        let phase = desktop.phases.phase();
        told.push(event(
            "progress",
            &ProgressEvent {
                desktop_type: desktop.type_slug.clone(),
                proxy_path: desktop.name.clone(),
                phase,
                percent: phase.percent(),
                usual_seconds: usual.map(|usual| usual.as_secs_f64()),
                phases: phases_shown(desktop, now),
            },
        ));
    }
    told.push(event(
        "desktop",
        &DesktopEvent {
            desktop_type: desktop.type_slug.clone(),
            proxy_path: desktop.name.clone(),
            status: desktop.state.api_word(),
            state: desktop.state,
            gone: false,
            url: url(desktops, desktop),
            container: desktop.into(),
        },
    ));
    told
}

fn event(name: &str, data: &impl Serialize) -> Event {
    let event = Event::default().event(name);
    // Our own plain structures always serialise.
    event
        .json_data(data)
        .unwrap_or_else(|_| Event::default().event("look-again").data("{}"))
}
