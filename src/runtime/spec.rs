//! From a desktop type, its owner and options to what the engine is asked for (pure).

use std::collections::{BTreeMap, HashMap};

use crate::{
    catalog::{ClientKind, DesktopType},
    config::Egress,
    groups::{ClientSettings, Switch},
    ids::{DesktopId, InstallationId, UserId},
};

/// What every container of ours carries, so that a restarted server adopts what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Which installation made it.
    pub installation: InstallationId,
    /// Which desktop it is.
    pub desktop: DesktopId,
    /// Which start of that desktop.
    pub generation: i32,
    /// Whose it is.
    pub owner: UserId,
}

const INSTALLATION: &str = "deskcast.installation";
const DESKTOP: &str = "deskcast.desktop";
const GENERATION: &str = "deskcast.generation";
const OWNER: &str = "deskcast.owner";
/// What something of ours is for. Always set: an image may have labels with our names.
pub(super) const PURPOSE: &str = "deskcast.purpose";
/// A desktop.
pub(super) const PURPOSE_DESKTOP: &str = "desktop";
/// The volume of a person's files.
pub(super) const PURPOSE_HOME: &str = "home";
/// A container only made to read the client's files from its image.
pub(super) const PURPOSE_CLIENT_FILES: &str = "client-files";

impl Labels {
    /// The filter that finds every container of `installation`.
    #[must_use]
    pub fn filter(installation: InstallationId) -> String {
        format!("{INSTALLATION}={installation}")
    }

    /// The mark of what belongs to `installation`, desktop or not.
    #[must_use]
    pub fn of_installation(installation: InstallationId) -> (String, String) {
        (INSTALLATION.into(), installation.to_string())
    }

    /// As the engine stores them.
    #[must_use]
    pub fn to_map(self) -> HashMap<String, String> {
        HashMap::from([
            (INSTALLATION.into(), self.installation.to_string()),
            (DESKTOP.into(), self.desktop.to_string()),
            (GENERATION.into(), self.generation.to_string()),
            (OWNER.into(), self.owner.to_string()),
        ])
    }

    /// What a container has that is no desktop: the names of a desktop's labels with nothing in them, so that those of
    /// its image do not count.
    #[must_use]
    pub fn none() -> HashMap<String, String> {
        [DESKTOP, GENERATION, OWNER]
            .map(|name| (name.into(), String::new()))
            .into()
    }

    /// Read back; `None` for a container that is not (wholly) ours.
    #[must_use]
    pub fn from_map(map: &HashMap<String, String>) -> Option<Self> {
        Some(Self {
            installation: map.get(INSTALLATION)?.parse().ok()?,
            desktop: map.get(DESKTOP)?.parse().ok()?,
            generation: map.get(GENERATION)?.parse().ok()?,
            owner: map.get(OWNER)?.parse().ok()?,
        })
    }
}

/// What the engine is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerSpec {
    /// Who it belongs to.
    pub labels: Labels,
    /// Image reference.
    pub image: String,
    /// Variables, the VNC password among them; never logged.
    pub env: BTreeMap<String, String>,
    /// Port in the container.
    pub container_port: u16,
    /// Published on 127.0.0.1; `None`: reached by the container's address.
    pub host_port: Option<u16>,
    /// The bridge network.
    pub network: String,
    /// What that network lets its containers reach.
    pub egress: Egress,
    /// Named volume and where it is mounted.
    pub home: Option<(String, String)>,
    /// In bytes; swap is the same.
    pub memory: i64,
    /// In billionths of a core.
    pub nano_cpus: i64,
    /// In bytes.
    pub shm: i64,
    /// Processes and threads.
    pub pids: i64,
    /// In bytes, besides the home. Without effect where the engine cannot limit it.
    pub disk: i64,
    /// Given back after all were dropped.
    pub cap_add: Vec<String>,
}

impl ContainerSpec {
    /// The container's name: one per desktop, so that the engine itself refuses a second one.
    #[must_use]
    pub fn name(&self) -> String {
        container_name(self.labels.desktop)
    }
}

/// The name of a desktop's container.
#[must_use]
pub fn container_name(desktop: DesktopId) -> String {
    format!("deskcast-{desktop}")
}

/// What a start decides beyond the type.
#[derive(Clone, Debug)]
pub struct SpecInput<'a> {
    /// Who it belongs to.
    pub labels: Labels,
    /// The proxy's password inside the container.
    pub vnc_password: &'a str,
    /// Reserved for it, when published.
    pub host_port: Option<u16>,
    /// The bridge network.
    pub network: &'a str,
    /// What that network lets its containers reach.
    pub egress: Egress,
    /// MiB it may write besides its home.
    pub disk_mb: i64,
    /// Opened at the start; already checked.
    pub start_url: Option<&'a str>,
    /// What its person may do with it.
    pub settings: ClientSettings,
    /// Whether its files outlive the container.
    pub keeps_home: bool,
}

impl ContainerSpec {
    /// What the engine is asked for to start a desktop of `kind`.
    #[must_use]
    pub fn for_desktop(kind: &DesktopType, input: &SpecInput<'_>) -> Self {
        let mut env = kind.env.clone();
        if kind.client == ClientKind::Vnc {
            env.insert("VNC_PW".into(), input.vnc_password.into());
            allow(&mut env, input.settings);
        }
        if let Some(url) = input.start_url.or(kind.start_url.as_deref()) {
            env.insert("KASM_URL".into(), url.into());
        }
        let home = (input.keeps_home && !kind.home_path.is_empty())
            .then(|| (home_volume(input.labels, kind), kind.home_path.clone()));
        Self {
            labels: input.labels,
            image: kind.starts_from().to_owned(),
            env,
            container_port: kind.container_port,
            host_port: input.host_port,
            network: input.network.into(),
            egress: input.egress,
            home,
            memory: kind.memory_mb << 20,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the database keeps cpus between 0.1 and 256"
            )]
            nano_cpus: (kind.cpus * 1e9) as i64,
            shm: kind.shm_mb << 20,
            pids: kind.pids_limit,
            disk: input.disk_mb << 20,
            cap_add: kind.cap_add.clone(),
        }
    }
}

/// No text leaves the desktop, and no program in it can tell the server otherwise while it runs: of all it may change
/// only what is named remains (kasm-image 10).
const NO_CLIPBOARD_DOWN: &str = "-SendCutText 0 -AllowOverride AcceptPointerEvents";

/// Tells the image what the person may do (kasm-image 1.3 and 6). A refusal goes before what the type says; what is
/// allowed may still be switched off by the type. The clipboard's options are in the form with a space: the image's
/// own defaults override the other one (rule R6).
fn allow(env: &mut BTreeMap<String, String>, settings: ClientSettings) {
    let services = [
        ("KASM_SVC_AUDIO", Switch::AllowAudio),
        ("KASM_SVC_AUDIO_INPUT", Switch::AllowMicrophone),
        ("KASM_SVC_UPLOADS", Switch::AllowUploads),
        // It hands any file to the browser.
        ("KASM_SVC_PRINTER", Switch::AllowDownloads),
        ("KASM_SVC_GAMEPAD", Switch::AllowGamepads),
    ];
    for (variable, switch) in services {
        if settings.is_on(switch) {
            env.entry(variable.into()).or_insert_with(|| "1".into());
        } else {
            env.insert(variable.into(), "0".into());
        }
    }
    let clipboard = [
        (
            "KASM_SVC_SEND_CUT_TEXT",
            NO_CLIPBOARD_DOWN,
            Switch::AllowClipboardDown,
        ),
        (
            "KASM_SVC_ACCEPT_CUT_TEXT",
            "-AcceptCutText 0",
            Switch::AllowClipboardUp,
        ),
    ];
    for (variable, off, switch) in clipboard {
        if !settings.is_on(switch) {
            env.insert(variable.into(), off.into());
        }
    }
}

/// One home per person and type: two running images must not share one (kasm-image R5). No text of a person is in it.
fn home_volume(labels: Labels, kind: &DesktopType) -> String {
    format!(
        "deskcast-home-{}-{}",
        labels.owner.0.simple(),
        kind.id.0.simple()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the image hears when these are switched off (or on, after a plus) and the type says `own`.
    fn heard(changes: &[&str], own: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut settings = ClientSettings::default();
        for change in changes {
            let (key, on) = match change.strip_prefix('+') {
                Some(key) => (key, true),
                None => (*change, false),
            };
            let switch = Switch::ALL.into_iter().find(|switch| switch.key() == key);
            settings = settings.with(switch.unwrap(), on);
        }
        let mut env = own
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        allow(&mut env, settings);
        env
    }

    #[test]
    fn each_setting_reaches_the_image_both_ways() {
        let table = [
            (
                "allow_audio",
                "+allow_audio",
                "KASM_SVC_AUDIO",
                "0",
                Some("1"),
            ),
            (
                "allow_microphone",
                "+allow_microphone",
                "KASM_SVC_AUDIO_INPUT",
                "0",
                Some("1"),
            ),
            (
                "allow_uploads",
                "+allow_uploads",
                "KASM_SVC_UPLOADS",
                "0",
                Some("1"),
            ),
            (
                "allow_downloads",
                "+allow_downloads",
                "KASM_SVC_PRINTER",
                "0",
                Some("1"),
            ),
            (
                "allow_gamepads",
                "+allow_gamepads",
                "KASM_SVC_GAMEPAD",
                "0",
                Some("1"),
            ),
            (
                "allow_clipboard_down",
                "+allow_clipboard_down",
                "KASM_SVC_SEND_CUT_TEXT",
                NO_CLIPBOARD_DOWN,
                None,
            ),
            (
                "allow_clipboard_up",
                "+allow_clipboard_up",
                "KASM_SVC_ACCEPT_CUT_TEXT",
                "-AcceptCutText 0",
                None,
            ),
        ];
        for (off, on, variable, refused, allowed) in table {
            let value = |change| heard(&[change], &[]).get(variable).cloned();
            assert_eq!(value(off).as_deref(), Some(refused), "{variable}");
            assert_eq!(value(on).as_deref(), allowed, "{variable}");
        }
    }

    #[test]
    fn a_type_may_refuse_more_and_never_less() {
        let own = [
            ("KASM_SVC_AUDIO", "1"),
            ("KASM_SVC_UPLOADS", "0"),
            ("KASM_SVC_SEND_CUT_TEXT", "-SendCutText 1"),
            ("LANG", "de_DE.UTF-8"),
        ];
        let env = heard(&["allow_audio", "allow_clipboard_down"], &own);
        assert_eq!(env["KASM_SVC_AUDIO"], "0");
        assert_eq!(env["KASM_SVC_UPLOADS"], "0");
        assert_eq!(env["KASM_SVC_SEND_CUT_TEXT"], NO_CLIPBOARD_DOWN);
        assert_eq!(env["LANG"], "de_DE.UTF-8");
    }
}
