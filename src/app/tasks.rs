//! What runs besides requests. The server stops when one of these ends by itself.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    desktops,
    hints::Hints,
    sessions, settings,
    state::{AppState, Handles},
};

/// How often what no longer matters is forgotten.
const SWEEP: Duration = Duration::from_mins(1);

/// Starts them on the tasks of `state`.
pub(super) fn start(state: &AppState) {
    let Handles {
        oidc_sign_in,
        desktops,
        sharing,
        egress,
        db,
        clock,
        tasks,
        ..
    } = &**state;
    // Whoever wants to hear of something says so before listening begins.
    let mut hints = Hints::new();
    desktops::feed::spawn(desktops, &mut hints, clock, tasks);
    desktops::looks::spawn(desktops, &mut hints, tasks);
    let ended = hints.on(sessions::ENDED);
    let set = hints.on(settings::CHANGED);
    tasks.spawn_critical("settings", state.settings.clone().follow(set, tasks.soft()));
    tasks.spawn_critical(
        "sign-outs",
        state.sessions.clone().listen(ended, tasks.soft()),
    );
    tasks.spawn_critical("hints", hints.listen(db.clone(), tasks.soft()));
    desktops::upkeep::spawn(desktops, tasks);
    tasks.spawn_critical("renewals", oidc_sign_in.clone().keep_fresh(tasks.soft()));
    tasks.spawn_critical("egress", egress.clone().keep(tasks.soft()));
    tasks.spawn_critical("shares", sharing.clone().watch(tasks.soft()));
    tasks.spawn_critical("sweep", sweep(state.clone(), tasks.soft()));
}

async fn sweep(state: AppState, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(SWEEP))
        .await
        .is_some()
    {
        state.sign_in.sweep();
        if let Err(error) = state.sessions.sweep().await {
            tracing::debug!(%error, "old sessions stay for another minute");
        }
        if let Err(error) = state.oidc_sign_in.sweep().await {
            tracing::debug!(%error, "old sign-ins stay for another minute");
        }
        if let Err(error) = state.sharing.sweep().await {
            tracing::debug!(%error, "old shares stay for another minute");
        }
        if let Err(error) = state.launcher.sweep().await {
            tracing::debug!(%error, "solutions of checks are remembered for another minute");
        }
        let days = state.config.runtime.history_days;
        if let Err(error) = state.casting.tidy_log(days).await {
            tracing::debug!(%error, "the log of casts stays as it is for another minute");
        }
    }
}
