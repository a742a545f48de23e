//! Settings in words, and why they apply: the same for the person themselves and for an administrator.

use super::{
    applied::{Applied, Source},
    settings::{Limit, Switch, amount},
};
use crate::{language::Sentence, say};

/// A setting that applies: what, how much, and why.
#[derive(Clone, Debug)]
pub struct AppliedLine {
    /// What the setting is about.
    pub label: Sentence,
    /// What applies.
    pub value: Sentence,
    /// Who says so.
    pub from: Sentence,
}

impl Applied {
    /// Everything that applies, limits first.
    #[must_use]
    pub fn lines(&self) -> Vec<AppliedLine> {
        let limits = Limit::ALL.map(|limit| {
            let said = self.limit(limit);
            AppliedLine {
                label: match limit {
                    Limit::IdleMinutes => say!("applies-idle"),
                    Limit::LifetimeMinutes => say!("applies-lifetime"),
                    other => other.label(),
                },
                value: limit.words(said.value),
                from: said.from.words(),
            }
        });
        let switches = Switch::ALL.map(|switch| {
            let said = self.switch(switch);
            AppliedLine {
                label: switch.label(),
                value: if said.value {
                    say!("setting-on")
                } else {
                    say!("setting-off")
                },
                from: said.from.words(),
            }
        });
        limits.into_iter().chain(switches).collect()
    }
}

impl Source {
    fn words(&self) -> Sentence {
        match self {
            Self::Group { name, .. } => say!("applies-from-group", name = name.as_str()),
            Self::Configuration => say!("applies-from-configuration"),
            Self::BuiltIn => say!("applies-built-in"),
        }
    }
}

impl Switch {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> Sentence {
        match self {
            Self::AllowAudio => say!("setting-allow-audio"),
            Self::AudioDefaultOn => say!("setting-audio-default-on"),
            Self::AllowDownloads => say!("setting-allow-downloads"),
            Self::AllowUploads => say!("setting-allow-uploads"),
            Self::AllowClipboardDown => say!("setting-allow-clipboard-down"),
            Self::AllowClipboardUp => say!("setting-allow-clipboard-up"),
            Self::AllowMicrophone => say!("setting-allow-microphone"),
            Self::AllowGamepads => say!("setting-allow-gamepads"),
            Self::AllowSharing => say!("setting-allow-sharing"),
            Self::ImeDefaultOn => say!("setting-ime-default-on"),
        }
    }
}

impl Limit {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> Sentence {
        match self {
            Self::DesktopsAtOnce => say!("setting-desktops-at-once"),
            Self::DesktopsPerType => say!("setting-desktops-per-type"),
            Self::HoursPerDay => say!("setting-hours-per-day"),
            Self::IdleMinutes => say!("setting-idle-minutes"),
            Self::LifetimeMinutes => say!("setting-lifetime-minutes"),
        }
    }

    fn words(self, value: Option<f64>) -> Sentence {
        let Some(value) = value else {
            return say!("limit-none");
        };
        match self {
            Self::DesktopsAtOnce | Self::DesktopsPerType => {
                say!("limit-desktops", count = amount(value))
            }
            Self::HoursPerDay => say!("limit-hours", count = amount(value)),
            Self::IdleMinutes | Self::LifetimeMinutes if value % 60.0 == 0.0 => {
                say!("limit-hours", count = amount(value / 60.0))
            }
            Self::IdleMinutes | Self::LifetimeMinutes => {
                say!("limit-minutes", count = amount(value))
            }
        }
    }
}
