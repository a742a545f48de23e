//! How often one address is served (pure): at most so many sessions in any stretch of so many seconds.

use time::{Duration, OffsetDateTime};

/// How long an address waits that was served at these times, `None` when it is served now. The times are those within
/// the stretch or older, in any order; `now` is by the same clock.
#[must_use]
pub fn wait(
    served: &[OffsetDateTime],
    allowed: usize,
    within: Duration,
    now: OffsetDateTime,
) -> Option<std::time::Duration> {
    let mut open: Vec<_> = served
        .iter()
        .copied()
        .filter(|at| *at > now - within)
        .collect();
    if open.len() < allowed {
        return None;
    }
    // There is room as soon as only one less than allowed is left: when this one is over.
    open.sort_unstable();
    let last = open.len().checked_sub(allowed.max(1))?;
    let wait = open[last] + within - now;
    // A clock that was set back must not make anybody wait for longer than the stretch.
    std::time::Duration::try_from(wait.min(within)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_served_again_when_the_oldest_session_leaves_the_stretch() {
        type Line = (&'static [i64], usize, i64, i64, Option<u64>);
        let start = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let at = |seconds: &i64| start + Duration::seconds(*seconds);
        // Times served, allowed, within, now, the wait.
        let table: [Line; 13] = [
            (&[], 1, 60, 0, None),
            (&[0], 2, 60, 0, None),
            (&[0], 1, 60, 0, Some(60)),
            (&[0], 1, 60, 59, Some(1)),
            (&[0], 1, 60, 60, None),
            (&[0], 1, 60, 61, None),
            (&[0, 30], 2, 60, 40, Some(20)),
            (&[0, 30], 2, 60, 60, None),
            (&[30, 0], 2, 60, 59, Some(1)),
            // More than allowed, because the number was made smaller: two must be over.
            (&[0, 10, 20], 2, 60, 30, Some(40)),
            (&[0, 10, 20], 2, 60, 69, Some(1)),
            (&[0, 10, 20], 2, 60, 70, None),
            // A time in the future: the clock was set back.
            (&[1_000], 1, 60, 0, Some(60)),
        ];
        for (served, allowed, within, now, expected) in table {
            let served: Vec<_> = served.iter().map(at).collect();
            let found = wait(&served, allowed, Duration::seconds(within), at(&now));
            assert_eq!(
                found.map(|wait| wait.as_secs()),
                expected,
                "{served:?} at {now}"
            );
        }
    }

    proptest::proptest! {
        /// Whoever comes back after the wait is served, and nobody is served more often than allowed.
        #[test]
        fn never_more_than_allowed_in_any_stretch(
            steps in proptest::collection::vec(0_i64..50, 1..60), allowed in 1_usize..5, within in 1_i64..100
        ) {
            let (within, mut now) = (Duration::seconds(within), OffsetDateTime::UNIX_EPOCH + Duration::days(1));
            let mut served: Vec<OffsetDateTime> = Vec::new();
            for step in steps {
                now += Duration::seconds(step);
                match wait(&served, allowed, within, now) {
                    None => served.push(now),
                    Some(wait) => proptest::prop_assert!(
                        super::wait(&served, allowed, within, now + wait).is_none()
                    ),
                }
                let last = served.iter().filter(|at| **at > now - within).count();
                proptest::prop_assert!(last <= allowed);
            }
        }
    }
}
