//! What comes of several groups, and why (pure).
//!
//! Of a person's groups the one with the smallest number counts, of two with the same number the one whose name comes
//! first; *All Users* comes after every other group, then what the server's configuration says, and last what is built
//! in. Each setting is looked for by itself.

use serde::Serialize;

use super::settings::{ClientSettings, Limit, Settings, Switch};
use crate::ids::GroupId;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Source {
    /// One of the person's groups.
    Group {
        /// Its id.
        #[serde(rename = "group_id")]
        id: GroupId,
        /// Its name.
        #[serde(rename = "group_name")]
        name: String,
    },
    /// The server's configuration.
    Configuration,
    /// Nobody says anything.
    BuiltIn,
}

/// A value, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Said<T> {
    /// What applies.
    pub value: T,
    /// Why.
    pub from: Source,
}

/// A group as far as it matters for what applies.
#[derive(Clone, Debug)]
pub struct Voice {
    /// Its id.
    pub id: GroupId,
    /// Its name; settles two groups with the same number.
    pub name: String,
    /// Small goes first.
    pub priority: i32,
    /// *All Users*: after every other group.
    pub everybody: bool,
    /// What it says.
    pub settings: Settings,
}

/// What applies to a person, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    switches: Vec<Said<bool>>,
    limits: Vec<Said<Option<f64>>>,
}

impl Applied {
    /// What comes of `groups` and of `configured`, the server-wide values below them.
    #[must_use]
    pub fn of(mut groups: Vec<Voice>, configured: &Settings) -> Self {
        groups.sort_by(|one, other| {
            let rank = |group: &Voice| (group.everybody, group.priority);
            rank(one)
                .cmp(&rank(other))
                .then_with(|| one.name.to_lowercase().cmp(&other.name.to_lowercase()))
                .then_with(|| one.id.cmp(&other.id))
        });
        let switches = Switch::ALL.map(|switch| {
            first(&groups, configured, |settings| settings.switch(switch)).unwrap_or(Said {
                value: switch.built_in(),
                from: Source::BuiltIn,
            })
        });
        let limits = Limit::ALL.map(|limit| {
            let said = first(&groups, configured, |settings| settings.limit(limit));
            match said {
                Some(Said { value, from }) => Said {
                    value: Some(value),
                    from,
                },
                None => Said {
                    value: None,
                    from: Source::BuiltIn,
                },
            }
        });
        Self {
            switches: switches.into(),
            limits: limits.into(),
        }
    }

    /// What applies of `switch`, and why.
    #[must_use]
    pub fn switch(&self, switch: Switch) -> &Said<bool> {
        &self.switches[switch as usize]
    }

    /// What applies of `limit`, and why.
    #[must_use]
    pub fn limit(&self, limit: Limit) -> &Said<Option<f64>> {
        &self.limits[limit as usize]
    }

    /// The switches alone, for a desktop that is started now.
    #[must_use]
    pub fn client_settings(&self) -> ClientSettings {
        ClientSettings::each(|switch| self.switch(switch).value)
    }
}

fn first<T>(
    groups: &[Voice],
    configured: &Settings,
    says: impl Fn(&Settings) -> Option<T>,
) -> Option<Said<T>> {
    let of_group = groups.iter().find_map(|group| {
        says(&group.settings).map(|value| Said {
            value,
            from: Source::Group {
                id: group.id,
                name: group.name.clone(),
            },
        })
    });
    of_group.or_else(|| {
        says(configured).map(|value| Said {
            value,
            from: Source::Configuration,
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    type Groups = &'static [(&'static str, i32, bool)];

    fn group(name: &str, priority: i32, settings: Value) -> Voice {
        Voice {
            id: GroupId::new(),
            name: name.into(),
            priority,
            everybody: name == "All Users",
            settings: serde_json::from_value(settings).unwrap(),
        }
    }

    fn source<T>(said: &Said<T>) -> &str {
        match &said.from {
            Source::Group { name, .. } => name,
            Source::Configuration => "(configuration)",
            Source::BuiltIn => "(built in)",
        }
    }

    #[test]
    fn without_groups_everything_is_as_the_contract_says() {
        let applied = Applied::of(Vec::new(), &Settings::default());
        for switch in Switch::ALL {
            let off = [
                "audio_default_on",
                "allow_microphone",
                "allow_gamepads",
                "allow_sharing",
                "ime_default_on",
            ]
            .contains(&switch.key());
            let said = applied.switch(switch);
            assert_eq!(
                (said.value, source(said)),
                (!off, "(built in)"),
                "{switch:?}"
            );
        }
        for limit in Limit::ALL {
            let said = applied.limit(limit);
            assert_eq!(
                (said.value, source(said)),
                (None, "(built in)"),
                "{limit:?}"
            );
        }
        assert_eq!(applied.client_settings(), ClientSettings::default());
    }

    #[test]
    fn the_smaller_number_counts_then_the_name_then_all_users() {
        let audio = |on: bool| json!({"allow_audio": on});
        let table: &[(Groups, bool, &str)] = &[
            (&[("B", 10, true), ("A", 20, false)], true, "B"),
            (&[("B", 10, true), ("a", 10, false)], false, "a"),
            (
                &[("All Users", 0, true), ("Late", 9999, false)],
                false,
                "Late",
            ),
            (&[("All Users", 0, false)], false, "All Users"),
        ];
        for (groups, on, from) in table {
            let voices: Vec<Voice> = groups
                .iter()
                .map(|(name, priority, on)| group(name, *priority, audio(*on)))
                .collect();
            for voices in [voices.clone(), voices.into_iter().rev().collect()] {
                let applied = Applied::of(voices, &Settings::default());
                let said = applied.switch(Switch::AllowAudio);
                assert_eq!((said.value, source(said)), (*on, *from), "{groups:?}");
            }
        }
    }

    #[test]
    fn each_setting_is_looked_for_by_itself() {
        let voices = vec![
            group("Class", 10, json!({"desktops_at_once": 1})),
            group(
                "All Users",
                0,
                json!({"desktops_at_once": 5, "hours_per_day": 2, "allow_uploads": false}),
            ),
        ];
        let configured = Settings::default()
            .with_limit(Limit::HoursPerDay, Some(9.0))
            .with_limit(Limit::IdleMinutes, Some(30.0));
        let applied = Applied::of(voices, &configured);
        let limit = |limit| {
            let said = applied.limit(limit);
            (said.value, source(said).to_owned())
        };
        assert_eq!(limit(Limit::DesktopsAtOnce), (Some(1.0), "Class".into()));
        assert_eq!(limit(Limit::HoursPerDay), (Some(2.0), "All Users".into()));
        assert_eq!(
            limit(Limit::IdleMinutes),
            (Some(30.0), "(configuration)".into())
        );
        assert_eq!(limit(Limit::LifetimeMinutes), (None, "(built in)".into()));
        assert!(!applied.client_settings().is_on(Switch::AllowUploads));
        assert!(applied.client_settings().is_on(Switch::AllowDownloads));
    }
}
