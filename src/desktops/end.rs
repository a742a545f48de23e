//! Why a desktop is not running: a stable word and a sentence (pure).

use std::{fmt, time::Duration};

use crate::{language::Sentence, say};

/// From the container's start until the desktop answers.
pub(super) const READY_LIMIT: Duration = Duration::from_mins(1);

/// The word that is stored, and that the API tells; it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndCode {
    /// Its owner stopped it.
    StoppedByUser,
    /// An administrator stopped it.
    StoppedByAdmin,
    /// The image is not on this host.
    ImageMissing,
    /// It did not start, for a reason that nobody but the log can name.
    StartFailed,
    /// Its container ended.
    EndedByItself,
    /// Its container was gone when a server looked again.
    EndedMeanwhile,
    /// Its programs needed more memory than it may have.
    OutOfMemory,
    /// It did not answer in time.
    TooSlow,
    /// The engine did not answer.
    DockerUnavailable,
    /// All ports are taken.
    NoCapacity,
    /// Nobody used it for as long as it may stand idle.
    IdleLimit,
    /// It ran as long as it may.
    LifetimeLimit,
    /// It wrote more than it may besides its home.
    DiskLimit,
    /// A word that another version of the server wrote down.
    Other(String),
}

impl EndCode {
    /// All that this version writes.
    pub const ALL: [Self; 13] = [
        Self::StoppedByUser,
        Self::StoppedByAdmin,
        Self::ImageMissing,
        Self::StartFailed,
        Self::EndedByItself,
        Self::EndedMeanwhile,
        Self::OutOfMemory,
        Self::TooSlow,
        Self::DockerUnavailable,
        Self::NoCapacity,
        Self::IdleLimit,
        Self::LifetimeLimit,
        Self::DiskLimit,
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::StoppedByUser => "stopped_by_user",
            Self::StoppedByAdmin => "stopped_by_admin",
            Self::ImageMissing => "image_missing",
            Self::StartFailed => "start_failed",
            Self::EndedByItself => "ended_by_itself",
            Self::EndedMeanwhile => "ended_meanwhile",
            Self::OutOfMemory => "out_of_memory",
            Self::TooSlow => "too_slow",
            Self::DockerUnavailable => "docker_unavailable",
            Self::NoCapacity => "no_capacity",
            Self::IdleLimit => "idle_limit",
            Self::LifetimeLimit => "lifetime_limit",
            Self::DiskLimit => "disk_limit",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for EndCode {
    fn from(word: String) -> Self {
        let known = Self::ALL.into_iter().find(|code| code.as_str() == word);
        known.unwrap_or(Self::Other(word))
    }
}

impl fmt::Display for EndCode {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

/// Why a desktop is not running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndReason {
    /// For programs.
    pub code: EndCode,
    /// For people, in English: what the API tells, and what pages show of a code they do not know.
    pub sentence: String,
}

impl EndReason {
    /// The end that `code` names, of a start or (`ready`) of a desktop that could be used.
    #[must_use]
    pub(super) fn new(code: EndCode, ready: bool) -> Self {
        let words = end_words(&code, ready).unwrap_or_else(|| say!("end-unknown"));
        Self {
            code,
            sentence: words.to_string(),
        }
    }

    /// For people. What another version wrote down under a code of its own stays in its words.
    #[must_use]
    pub fn words(&self, ready: bool) -> Sentence {
        end_words(&self.code, ready).unwrap_or_else(|| Sentence::plain(self.sentence.clone()))
    }
}

/// What each code means. Two of them mean something else before the desktop was ready.
fn end_words(code: &EndCode, ready: bool) -> Option<Sentence> {
    Some(match (code, ready) {
        (EndCode::StoppedByUser, _) => say!("end-stopped-by-user"),
        (EndCode::StoppedByAdmin, _) => say!("end-stopped-by-admin"),
        (EndCode::LifetimeLimit, _) => say!("end-lifetime-limit"),
        (EndCode::DiskLimit, _) => say!("end-disk-limit"),
        (EndCode::IdleLimit, _) => say!("end-idle-limit"),
        (EndCode::ImageMissing, _) => say!("image-missing"),
        (EndCode::DockerUnavailable, _) => say!("end-engine-away"),
        (EndCode::NoCapacity, _) => say!("end-no-capacity"),
        (EndCode::OutOfMemory, false) => say!("end-out-of-memory-early"),
        (EndCode::OutOfMemory, true) => say!("end-out-of-memory"),
        (EndCode::EndedMeanwhile, _) => say!("end-meanwhile"),
        (EndCode::EndedByItself, false) => say!("end-by-itself-early"),
        (EndCode::EndedByItself, true) => say!("end-by-itself"),
        (EndCode::TooSlow, _) => say!("end-too-slow", seconds = READY_LIMIT.as_secs()),
        (EndCode::StartFailed, _) => say!("end-start-failed"),
        (EndCode::Other(_), _) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn every_end_is_told_as_it_was_written_down_and_in_german_too() {
        for code in EndCode::ALL {
            for ready in [false, true] {
                let end = EndReason::new(code.clone(), ready);
                let told = end.words(ready);
                assert_eq!(told.to_string(), end.sentence, "{code}");
                assert_ne!(told, say!("end-unknown"), "{code}");
                assert_ne!(Language::De.say(&told), end.sentence, "{code}");
            }
        }
        let early = EndReason::new(EndCode::OutOfMemory, false).sentence;
        assert!(early.contains("while starting"), "{early}");
    }

    /// Rows and programs know these words.
    #[test]
    fn the_words_stay_and_are_read_back() {
        let words = [
            "stopped_by_user",
            "stopped_by_admin",
            "image_missing",
            "start_failed",
            "ended_by_itself",
            "ended_meanwhile",
            "out_of_memory",
            "too_slow",
            "docker_unavailable",
            "no_capacity",
            "idle_limit",
            "lifetime_limit",
            "disk_limit",
        ];
        for (code, word) in EndCode::ALL.into_iter().zip(words) {
            assert_eq!(code.as_str(), word);
            assert_eq!(EndCode::from(word.to_owned()), code);
        }
    }

    #[test]
    fn the_end_another_version_wrote_down_keeps_its_words() {
        let end = EndReason {
            code: "struck_by_lightning".to_owned().into(),
            sentence: "It was struck by lightning.".into(),
        };
        assert_eq!(end.code.as_str(), "struck_by_lightning");
        assert_eq!(
            Language::De.say(&end.words(true)),
            "It was struck by lightning."
        );
    }
}
