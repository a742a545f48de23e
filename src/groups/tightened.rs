//! What becomes of a desktop that runs when other settings are wanted for it (pure).
//!
//! A desktop keeps the settings it was started with. Some of them are kept by us for as long as it runs: the proxy
//! leaves out what is pasted, no other service of the container is passed on, sharing is ours. Those can be switched off
//! at any time. The clipboard out of the desktop is switched off at the start of its server and cannot be later; and
//! what a container was started without is not there.

use super::{ClientSettings, Switch};

/// The settings of a desktop that was tightened, and how they still differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tightened {
    /// What holds from now on. Nothing is allowed that was not before.
    pub settings: ClientSettings,
    /// What only a fresh desktop would have as it is wanted, each as it stays: on or off.
    pub left: Vec<(Switch, bool)>,
}

impl Switch {
    /// Whether it allows something, and does not only say how something begins.
    fn allows(self) -> bool {
        !matches!(self, Self::AudioDefaultOn | Self::ImeDefaultOn)
    }

    /// Whether it can be switched off while a desktop runs.
    fn ends_at_once(self) -> bool {
        self != Self::AllowClipboardDown
    }
}

impl ClientSettings {
    /// These settings of a desktop that runs, as near to `wanted` as they can be made now.
    #[must_use]
    pub fn tightened_to(self, wanted: Self) -> Tightened {
        let settings = Self::each(|switch| {
            let (is, wanted) = (self.is_on(switch), wanted.is_on(switch));
            if !switch.allows() {
                wanted
            } else if switch.ends_at_once() {
                is && wanted
            } else {
                is
            }
        });
        let differs = |switch: &Switch| settings.is_on(*switch) != wanted.is_on(*switch);
        let left = Switch::ALL.into_iter().filter(differs);
        let left = left.map(|switch| (switch, settings.is_on(switch)));
        Tightened {
            left: left.collect(),
            settings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_allowed_that_was_not_and_everything_that_can_end_ends() {
        for switch in Switch::ALL {
            for (is, wanted) in [(false, false), (true, true), (true, false), (false, true)] {
                let off = ClientSettings::each(|_| false);
                let was = off.with(switch, is);
                let now = was.tightened_to(off.with(switch, wanted));
                let (holds, left) = match switch {
                    Switch::AudioDefaultOn | Switch::ImeDefaultOn => (wanted, None),
                    Switch::AllowClipboardDown => (is, (is != wanted).then_some(is)),
                    _ => (is && wanted, (!is && wanted).then_some(false)),
                };
                let expected = Tightened {
                    settings: off.with(switch, holds),
                    left: left.map(|stays| (switch, stays)).into_iter().collect(),
                };
                assert_eq!(now, expected, "{switch:?} {is} {wanted}");
            }
        }
    }
}
