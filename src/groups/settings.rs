//! What a group may say about its members: switches and limits (pure).
//!
//! A group says something about each of them or nothing; what comes of several groups is in [`super::applied`].

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

use crate::{error::FieldProblem, language::Argument, say};

/// What a person may do with their desktops: the ten client settings of a cast (contract casting 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Sound of the desktop.
    AllowAudio,
    /// It is on from the beginning.
    AudioDefaultOn,
    /// Files from the desktop.
    AllowDownloads,
    /// Files into the desktop.
    AllowUploads,
    /// Text copied in the desktop.
    AllowClipboardDown,
    /// Text pasted into the desktop.
    AllowClipboardUp,
    /// The person's microphone.
    AllowMicrophone,
    /// Game controllers.
    AllowGamepads,
    /// Showing the desktop to others.
    AllowSharing,
    /// Help for typing other scripts, from the beginning.
    ImeDefaultOn,
}

impl Switch {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 10] = [
        Self::AllowAudio,
        Self::AudioDefaultOn,
        Self::AllowDownloads,
        Self::AllowUploads,
        Self::AllowClipboardDown,
        Self::AllowClipboardUp,
        Self::AllowMicrophone,
        Self::AllowGamepads,
        Self::AllowSharing,
        Self::ImeDefaultOn,
    ];

    /// Its name in JSON and in forms.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::AllowAudio => "allow_audio",
            Self::AudioDefaultOn => "audio_default_on",
            Self::AllowDownloads => "allow_downloads",
            Self::AllowUploads => "allow_uploads",
            Self::AllowClipboardDown => "allow_clipboard_down",
            Self::AllowClipboardUp => "allow_clipboard_up",
            Self::AllowMicrophone => "allow_microphone",
            Self::AllowGamepads => "allow_gamepads",
            Self::AllowSharing => "allow_sharing",
            Self::ImeDefaultOn => "ime_default_on",
        }
    }

    /// What holds when nobody says anything.
    #[must_use]
    pub fn built_in(self) -> bool {
        matches!(
            self,
            Self::AllowAudio
                | Self::AllowDownloads
                | Self::AllowUploads
                | Self::AllowClipboardDown
                | Self::AllowClipboardUp
        )
    }
}

/// How much of the server a person may use. Without one there is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Desktops that are open at the same time.
    DesktopsAtOnce,
    /// The same, of one type.
    DesktopsPerType,
    /// Hours of desktops running, from midnight to midnight.
    HoursPerDay,
    /// Minutes without a key, a pointer or the clipboard until a desktop is stopped.
    IdleMinutes,
    /// Minutes after which a desktop is stopped in any case.
    LifetimeMinutes,
}

impl Limit {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 5] = [
        Self::DesktopsAtOnce,
        Self::DesktopsPerType,
        Self::HoursPerDay,
        Self::IdleMinutes,
        Self::LifetimeMinutes,
    ];

    /// Its name in JSON and in forms.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::DesktopsAtOnce => "desktops_at_once",
            Self::DesktopsPerType => "desktops_per_type",
            Self::HoursPerDay => "hours_per_day",
            Self::IdleMinutes => "idle_minutes",
            Self::LifetimeMinutes => "lifetime_minutes",
        }
    }

    /// Smallest and largest value. No desktops and no hours at all can be meant; a desktop that ends at once cannot.
    #[must_use]
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::DesktopsAtOnce | Self::DesktopsPerType => (0.0, 1_000.0),
            Self::HoursPerDay => (0.0, 24.0),
            Self::IdleMinutes | Self::LifetimeMinutes => (1.0, 525_600.0),
        }
    }

    /// Whether a part of one means something.
    fn takes_fractions(self) -> bool {
        self == Self::HoursPerDay
    }

    /// What is wrong with `value`, if anything.
    #[must_use]
    pub fn problem(self, value: f64) -> Option<FieldProblem> {
        let (least, most) = self.range();
        let whole = self.takes_fractions() || value.fract() == 0.0;
        if (least..=most).contains(&value) && whole {
            return None;
        }
        let (least, most) = (amount(least), amount(most));
        let sentence = if self.takes_fractions() {
            say!("setting-range", least = least, most = most)
        } else {
            say!("setting-range-whole", least = least, most = most)
        };
        Some(FieldProblem::new(field(self.key()), sentence))
    }
}

/// A number as people of each language write it, at most two places.
#[must_use]
pub fn amount(number: f64) -> Argument {
    #[expect(clippy::cast_possible_truncation, reason = "limits are far below 2^53")]
    let whole = number.trunc() as i64;
    let text = format!("{number:.2}");
    let part = text.split_once('.').map_or("", |(_, part)| part);
    match part.trim_end_matches('0') {
        "" => whole.into(),
        part => say!("decimal", whole = whole, part = part).into(),
    }
}

/// As a wrong setting is named.
fn field(key: &str) -> String {
    format!("settings.{key}")
}

/// What one group says. In JSON a setting it says nothing about is missing, or `null`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    switches: [Option<bool>; Switch::ALL.len()],
    limits: [Option<f64>; Limit::ALL.len()],
}

impl Settings {
    /// What it says about `switch`.
    #[must_use]
    pub fn switch(&self, switch: Switch) -> Option<bool> {
        self.switches[switch as usize]
    }

    /// What it says about `limit`.
    #[must_use]
    pub fn limit(&self, limit: Limit) -> Option<f64> {
        self.limits[limit as usize]
    }

    /// The same with something else about `switch`.
    #[must_use]
    pub fn with_switch(mut self, switch: Switch, says: Option<bool>) -> Self {
        self.switches[switch as usize] = says;
        self
    }

    /// The same with something else about `limit`.
    #[must_use]
    pub fn with_limit(mut self, limit: Limit, says: Option<f64>) -> Self {
        self.limits[limit as usize] = says;
        self
    }

    /// How many settings it says something about.
    #[must_use]
    pub fn count(&self) -> usize {
        self.switches.iter().flatten().count() + self.limits.iter().flatten().count()
    }

    /// Read from JSON; every wrong field is named at once.
    pub fn read(fields: &Map<String, Value>) -> Result<Self, Vec<FieldProblem>> {
        let mut settings = Self::default();
        let mut problems = Vec::new();
        for (key, value) in fields {
            let switch = Switch::ALL.into_iter().find(|switch| switch.key() == key);
            let limit = Limit::ALL.into_iter().find(|limit| limit.key() == key);
            match (switch, limit, value) {
                (Some(_), ..) | (_, Some(_), _) if value.is_null() => {}
                (Some(switch), ..) => match value.as_bool() {
                    Some(on) => settings = settings.with_switch(switch, Some(on)),
                    None => {
                        problems.push(FieldProblem::new(field(key), say!("setting-true-or-false")));
                    }
                },
                (_, Some(limit), _) => match value.as_f64() {
                    Some(amount) => {
                        problems.extend(limit.problem(amount));
                        settings = settings.with_limit(limit, Some(amount));
                    }
                    None => problems.push(FieldProblem::new(field(key), say!("setting-number"))),
                },
                (None, None, _) => {
                    let shown: String = key.chars().take(60).collect();
                    problems.push(FieldProblem::new(field(&shown), say!("setting-unknown")));
                }
            }
        }
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(problems)
        }
    }
}

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.count()))?;
        for switch in Switch::ALL {
            if let Some(on) = self.switch(switch) {
                map.serialize_entry(switch.key(), &on)?;
            }
        }
        for limit in Limit::ALL {
            if let Some(amount) = self.limit(limit) {
                map.serialize_entry(limit.key(), &Amount(amount))?;
            }
        }
        map.end()
    }
}

/// A number without `.0` when it is whole.
struct Amount(f64);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "far below 2^53")]
        if self.0.fract() == 0.0 {
            to.serialize_i64(self.0 as i64)
        } else {
            to.serialize_f64(self.0)
        }
    }
}

/// As the database keeps it. What another version wrote and this one does not know is left out.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Map::<String, Value>::deserialize(from)?;
        let mut settings = Self::default();
        for switch in Switch::ALL {
            let on = fields.get(switch.key()).and_then(Value::as_bool);
            settings = settings.with_switch(switch, on);
        }
        for limit in Limit::ALL {
            let amount = fields.get(limit.key()).and_then(Value::as_f64);
            let amount = amount.filter(|amount| limit.problem(*amount).is_none());
            settings = settings.with_limit(limit, amount);
        }
        Ok(settings)
    }
}

impl utoipa::ToSchema for Settings {}

impl utoipa::PartialSchema for Settings {
    fn schema() -> RefOr<Schema> {
        let mut object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("What is missing or null is not set."));
        for switch in Switch::ALL {
            let boolean = ObjectBuilder::new().schema_type(Type::Boolean);
            object = object.property(switch.key(), boolean);
        }
        for limit in Limit::ALL {
            let (least, most) = limit.range();
            let number = ObjectBuilder::new()
                .schema_type(Type::Number)
                .minimum(Some(least))
                .maximum(Some(most));
            object = object.property(limit.key(), number);
        }
        object.into()
    }
}

/// What a person may do with a desktop: every switch on or off. A desktop keeps those it was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    on: [bool; Switch::ALL.len()],
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            on: Switch::ALL.map(Switch::built_in),
        }
    }
}

impl ClientSettings {
    /// Whether `switch` is on.
    #[must_use]
    pub fn is_on(&self, switch: Switch) -> bool {
        self.on[switch as usize]
    }

    /// Each switch as `on` says.
    #[must_use]
    pub fn each(on: impl FnMut(Switch) -> bool) -> Self {
        Self {
            on: Switch::ALL.map(on),
        }
    }

    /// The same with `switch` on or off.
    #[must_use]
    pub fn with(mut self, switch: Switch, on: bool) -> Self {
        self.on[switch as usize] = on;
        self
    }
}

impl Serialize for ClientSettings {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(Switch::ALL.map(|switch| (switch.key(), self.is_on(switch))))
    }
}

impl utoipa::ToSchema for ClientSettings {}

impl utoipa::PartialSchema for ClientSettings {
    fn schema() -> RefOr<Schema> {
        let mut object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("Ten switches, each on or off."));
        for switch in Switch::ALL {
            let boolean = ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .default(Some(switch.built_in().into()));
            object = object.property(switch.key(), boolean);
        }
        object.into()
    }
}

/// What is missing is as it is built in.
impl<'de> Deserialize<'de> for ClientSettings {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Map::<String, Value>::deserialize(from)?;
        let on = |switch: Switch| fields.get(switch.key()).and_then(Value::as_bool);
        Ok(Self {
            on: Switch::ALL.map(|switch| on(switch).unwrap_or(switch.built_in())),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Settings, Vec<String>> {
        let Value::Object(fields) = value else {
            panic!("an object")
        };
        Settings::read(&fields).map_err(|problems| {
            let mut fields: Vec<_> = problems.into_iter().map(|problem| problem.field).collect();
            fields.sort();
            fields
        })
    }

    #[test]
    fn every_value_in_its_range_is_read_and_written_the_same() {
        let table = [
            (json!({}), 0),
            (
                json!({"allow_audio": false, "allow_gamepads": true, "ime_default_on": true}),
                3,
            ),
            (json!({"desktops_at_once": 0, "desktops_per_type": 1000}), 2),
            (json!({"hours_per_day": 1.5}), 1),
            (json!({"idle_minutes": 1, "lifetime_minutes": 525_600}), 2),
        ];
        for (value, count) in table {
            let settings = read(value.clone()).unwrap();
            assert_eq!(settings.count(), count, "{value}");
            let written = serde_json::to_value(&settings).unwrap();
            assert_eq!(written, value);
            let again: Settings = serde_json::from_value(written).unwrap();
            assert_eq!(again, settings);
        }
        let nothing = read(json!({"allow_audio": null, "hours_per_day": null})).unwrap();
        assert_eq!(nothing, Settings::default(), "null says nothing");
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let wrong = read(json!({
            "allow_audio": "yes", "allow_uploads": 1, "desktops_at_once": -1, "desktops_per_type": 2.5,
            "hours_per_day": 24.5, "idle_minutes": 0, "lifetime_minutes": "long", "colour": true, "allow_sharing": true,
        }));
        assert_eq!(
            wrong.unwrap_err(),
            [
                "settings.allow_audio",
                "settings.allow_uploads",
                "settings.colour",
                "settings.desktops_at_once",
                "settings.desktops_per_type",
                "settings.hours_per_day",
                "settings.idle_minutes",
                "settings.lifetime_minutes"
            ]
        );
    }

    #[test]
    fn what_a_desktop_keeps_is_read_back_and_missing_parts_are_built_in() {
        let kept = ClientSettings::default()
            .with(Switch::AllowAudio, false)
            .with(Switch::ImeDefaultOn, true);
        let written = serde_json::to_value(kept).unwrap();
        assert_eq!(written.as_object().unwrap().len(), 10);
        assert_eq!(
            serde_json::from_value::<ClientSettings>(written).unwrap(),
            kept
        );
        let empty: ClientSettings = serde_json::from_value(json!({})).unwrap();
        assert_eq!(empty, ClientSettings::default());
    }
}
