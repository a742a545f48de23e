//! Which state of a person's desktops a page shows: the page carries a stamp, a stream begins with the present one, and
//! a script asks again only when they differ (pure).

use std::collections::BTreeMap;

use axum::body::Bytes;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Desktop, DesktopState, frames};

/// `event: now`, the first of each stream.
#[derive(Debug, Serialize)]
struct Now<'a> {
    stamp: String,
    desktops: BTreeMap<&'a str, Shown>,
}

/// What the page of one desktop shows of it.
#[derive(Debug, Serialize)]
struct Shown {
    state: DesktopState,
    start: i32,
}

/// Equal for equal desktops, on every replica and in whatever order; different as soon as a card would show something
/// else.
#[must_use]
pub fn of(desktops: &[Desktop]) -> String {
    let mut in_order: Vec<_> = desktops.iter().collect();
    in_order.sort_by_key(|desktop| desktop.id);
    let mut hash = Sha256::new();
    for desktop in in_order {
        let Desktop {
            id,
            name,
            type_id,
            state,
            generation,
            phases,
            last_accessed_at,
            ended_at,
            end,
            ..
        } = desktop;
        let shown = format!(
            "{id} {name} {type_id} {state:?} {generation} {phases:?} {last_accessed_at} {ended_at:?} {end:?}\n"
        );
        hash.update(shown);
    }
    // As long as needed to tell two states of one page apart.
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..9])
}

/// The first event of a stream of the owner of `desktops`.
#[must_use]
pub fn first_event(desktops: &[Desktop]) -> Bytes {
    let now = Now {
        stamp: of(desktops),
        desktops: desktops
            .iter()
            .map(|desktop| {
                let shown = Shown {
                    state: desktop.state,
                    start: desktop.generation,
                };
                (desktop.name.as_str(), shown)
            })
            .collect(),
    };
    frames::frame("now", &now).into()
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime, macros::datetime};

    use super::*;
    use crate::dashboard::samples;

    const NOW: OffsetDateTime = datetime!(2026-11-22 14:32:07 UTC);

    #[test]
    fn whatever_a_card_shows_changes_the_stamp() {
        let before = samples::desktop(DesktopState::Running, NOW);
        let stamp = of(std::slice::from_ref(&before));
        let changes: [fn(&mut Desktop); 6] = [
            |desktop| desktop.state = DesktopState::Stopping,
            |desktop| desktop.generation += 1,
            |desktop| desktop.phases.waiting = Some(NOW),
            |desktop| desktop.last_accessed_at += Duration::SECOND,
            |desktop| desktop.ended_at = Some(NOW),
            |desktop| desktop.end = Some(samples::end("out_of_memory", "")),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut after = before.clone();
            change(&mut after);
            assert_ne!(of(&[after]), stamp, "change {at}");
        }
        let other = samples::desktop(DesktopState::Stopped, NOW);
        let [one, two] = [[before.clone(), other.clone()], [other, before]].map(|all| of(&all));
        assert_eq!(one, two, "the order does not count");
        assert_ne!(one, stamp, "one more does");
        assert_ne!(of(&[]), stamp);
    }

    #[test]
    fn a_stream_begins_with_the_stamp_and_the_state_of_each_desktop() {
        let desktop = samples::desktop(DesktopState::Starting, NOW);
        let event = first_event(std::slice::from_ref(&desktop));
        let expected = format!(
            "event: now\ndata: {{\"stamp\":\"{}\",\"desktops\":{{\"{}\":{{\"state\":\"starting\",\"start\":{}}}}}}}\n\n",
            of(std::slice::from_ref(&desktop)),
            desktop.name,
            desktop.generation
        );
        assert_eq!(event, expected);
    }
}
