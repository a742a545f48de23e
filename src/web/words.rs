//! Times, amounts and numbers as people read them (pure).

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    language::{Argument, Sentence},
    say,
};

/// A moment: exact for the browser, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For `<time datetime>`.
    pub exact: String,
    /// "2 minutes ago".
    pub words: Sentence,
}

impl Moment {
    /// `then`, seen from `now`.
    #[must_use]
    pub fn new(then: OffsetDateTime, now: OffsetDateTime) -> Self {
        Self {
            exact: exact(then),
            words: ago(then, now),
        }
    }
}

/// RFC 3339 to the second, as `<time datetime>` wants it.
#[must_use]
pub fn exact(moment: OffsetDateTime) -> String {
    moment
        .replace_nanosecond(0)
        .unwrap_or(moment)
        .format(&Rfc3339)
        .unwrap_or_default()
}

/// How long ago `then` was: "just now", "2 minutes ago", "yesterday", and after a month the date.
#[must_use]
pub fn ago(then: OffsetDateTime, now: OffsetDateTime) -> Sentence {
    let passed = now - then;
    match (
        passed.whole_minutes(),
        passed.whole_hours(),
        passed.whole_days(),
    ) {
        (minutes, ..) if minutes < 1 => say!("just-now"),
        (minutes, 0, _) => say!("minutes-ago", count = minutes),
        (_, hours, 0) => say!("hours-ago", count = hours),
        (_, _, 1) => say!("yesterday"),
        (_, _, days) if days <= 30 => say!("days-ago", count = days),
        _ => on_date(then),
    }
}

/// "on 2 March 2026".
fn on_date(moment: OffsetDateTime) -> Sentence {
    say!(
        "on-date",
        day = i32::from(moment.day()),
        month = i32::from(u8::from(moment.month())),
        year = moment.year()
    )
}

/// A measured time beside a step: "1.4 s", "12 s", "2 min 5 s".
#[must_use]
pub fn took(duration: Duration) -> Sentence {
    match duration.as_secs() {
        0..10 => say!("took-seconds", seconds = tenths_of_seconds(duration)),
        seconds @ 10..60 => say!("took-seconds", seconds = seconds),
        seconds => say!(
            "took-minutes",
            minutes = seconds / 60,
            seconds = seconds % 60
        ),
    }
}

/// A time in a sentence: "4 seconds", "1 minute". Never less than one second.
#[must_use]
pub fn about(duration: Duration) -> Sentence {
    match duration.as_secs_f64().round() {
        seconds if seconds < 90.0 => say!("about-seconds", count = whole(seconds.max(1.0))),
        seconds => say!("about-minutes", count = whole((seconds / 60.0).round())),
    }
}

/// An amount of data: "12 kB", "2.9 GB".
#[must_use]
pub fn size(bytes: u64) -> Sentence {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return say!("size-bytes", count = bytes);
    }
    let mut tens = bytes / 100;
    let mut unit = 0;
    while tens >= 9_995 && unit + 1 < UNITS.len() {
        tens = (tens + 500) / 1_000;
        unit += 1;
    }
    let amount = match i64::try_from(tens) {
        Ok(tenths @ 0..100) if tenths % 10 != 0 => Argument::Tenths(tenths),
        _ => ((tens + 5) / 10).into(),
    };
    say!("size", amount = amount, unit = UNITS[unit])
}

/// A small number at the beginning of a sentence: "Two", and from ten on in digits.
#[must_use]
pub fn number(count: usize) -> Sentence {
    say!("number-at-start", count = count)
}

/// Seconds to one place, never rounded up to what has not passed yet.
#[must_use]
pub fn tenths(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10.0).floor() / 10.0
}

fn tenths_of_seconds(duration: Duration) -> Argument {
    Argument::Tenths(i64::try_from(duration.as_millis() / 100).unwrap_or(i64::MAX))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded before, and the time of a start is far from the edge of i64"
)]
fn whole(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::language::Language;

    #[test]
    fn moments_are_as_near_as_people_think_of_them() {
        let now = datetime!(2026-11-22 16:32:07 UTC);
        let table = [
            (now + Duration::from_secs(5), "just now"),
            (now, "just now"),
            (now - Duration::from_secs(59), "just now"),
            (now - Duration::from_mins(1), "1 minute ago"),
            (now - Duration::from_secs(150), "2 minutes ago"),
            (now - Duration::from_hours(1), "1 hour ago"),
            (now - Duration::from_secs(5 * 3_600 + 1), "5 hours ago"),
            (now - Duration::from_hours(24), "yesterday"),
            (now - Duration::from_hours(30 * 24), "30 days ago"),
            (datetime!(2026-03-02 08:00 UTC), "on 2 March 2026"),
        ];
        for (then, words) in table {
            assert_eq!(ago(then, now).to_string(), words, "{then}");
        }
        assert_eq!(
            exact(datetime!(2026-11-22 16:32:07.123 UTC)),
            "2026-11-22T16:32:07Z"
        );
    }

    #[test]
    fn measured_times() {
        let table = [
            (0, "0.0 s", "1 second"),
            (99, "0.0 s", "1 second"),
            (1_449, "1.4 s", "1 second"),
            (3_600, "3.6 s", "4 seconds"),
            (9_999, "9.9 s", "10 seconds"),
            (10_000, "10 s", "10 seconds"),
            (59_999, "59 s", "60 seconds"),
            (125_000, "2 min 5 s", "2 minutes"),
        ];
        for (millis, beside, in_a_sentence) in table {
            let duration = Duration::from_millis(millis);
            assert_eq!(took(duration).to_string(), beside, "{millis}");
            assert_eq!(about(duration).to_string(), in_a_sentence, "{millis}");
        }
    }

    #[test]
    fn amounts_of_data() {
        let table = [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (1_234, "1.2 kB"),
            (12_345, "12 kB"),
            (999_949, "1 MB"),
            (2_911_000_000, "2.9 GB"),
            (64_000_000_000, "64 GB"),
            (9_000_000_000_000_000, "9000 TB"),
        ];
        for (bytes, words) in table {
            assert_eq!(size(bytes).to_string(), words, "{bytes}");
        }
    }

    #[test]
    fn numbers_that_begin_a_sentence() {
        for (count, word) in [(0, "None"), (2, "Two"), (10, "10")] {
            assert_eq!(number(count).to_string(), word);
        }
    }

    #[test]
    fn german_has_its_own_commas_dates_and_forms() {
        let now = datetime!(2026-11-22 16:32:07 UTC);
        let table = [
            (took(Duration::from_millis(620)), "0,6 s"),
            (took(Duration::from_secs(125)), "2 min 5 s"),
            (about(Duration::from_secs(1)), "1 Sekunde"),
            (about(Duration::from_mins(5)), "5 Minuten"),
            (size(2_911_000_000), "2,9 GB"),
            (size(64_000_000_000), "64 GB"),
            (ago(now, now), "gerade eben"),
            (ago(now - Duration::from_hours(1), now), "vor 1 Stunde"),
            (ago(now - Duration::from_hours(30), now), "gestern"),
            (ago(datetime!(2026-03-02 08:00 UTC), now), "am 2. März 2026"),
            (number(3), "Drei"),
        ];
        for (said, words) in table {
            assert_eq!(Language::De.say(&said), words);
        }
    }
}
