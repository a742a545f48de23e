//! What `/readyz` asks.

use std::{sync::Arc, time::Duration};

use crate::{db, runtime::RuntimeError, state::AppState, web::health};

/// Whether the database and the engine answer, and whether this server is being stopped.
pub(super) fn needs(state: &AppState) -> Vec<health::Part> {
    let (db, desktops, tasks) = (
        state.db.clone(),
        state.desktops.clone(),
        state.tasks.clone(),
    );
    let part = |name, limit, ask| health::Part { name, limit, ask };
    vec![
        part(
            "database",
            health::DATABASE_LIMIT,
            Arc::new(move || {
                let db = db.clone();
                Box::pin(async move {
                    db::answers(&db)
                        .await
                        .map_err(|_| "the database does not answer".to_owned())
                })
            }),
        ),
        part(
            "runtime",
            health::RUNTIME_LIMIT,
            Arc::new(move || {
                let runtime = Arc::clone(desktops.runtime());
                Box::pin(async move {
                    runtime
                        .ping()
                        .await
                        .map_err(|error| match error {
                            RuntimeError::NotPermitted(_) => {
                                "the container engine's socket refuses this server: permission denied"
                            }
                            _ => "the container engine does not answer",
                        })
                        .map_err(str::to_owned)
                })
            }),
        ),
        part(
            "draining",
            Duration::ZERO,
            Arc::new(move || {
                let draining = tasks.draining();
                Box::pin(std::future::ready(if draining {
                    Err("this server is being stopped".to_owned())
                } else {
                    Ok(())
                }))
            }),
        ),
    ]
}
