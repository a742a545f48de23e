//! Types and desktops for tests of what is shown.

use std::{collections::BTreeMap, time::Duration};

use secrecy::SecretString;
use time::OffsetDateTime;

use super::card::{Facts, ImageFacts};
use crate::{
    catalog::{ClientKind, DesktopType, TypeKind},
    desktops::{
        Desktop, DesktopState, EndReason,
        desktop::{OfCast, PhaseTimes},
    },
    groups::ClientSettings,
    ids::{DesktopId, DesktopTypeId, UserId},
};

pub(crate) fn kind(slug: &str, title: &str, icon: &str) -> DesktopType {
    DesktopType {
        id: DesktopTypeId::new(),
        slug: slug.into(),
        title: title.into(),
        description: "A small desktop with terminal, editor and files.".into(),
        icon: icon.into(),
        image: format!("example/{slug}:1"),
        image_id: None,
        client: ClientKind::Vnc,
        container_port: 6901,
        container_tls: true,
        vnc_user: "kasm_user".into(),
        client_folder: "/usr/share/kasmvnc/www".into(),
        memory_mb: 2048,
        cpus: 2.0,
        shm_mb: 512,
        pids_limit: 1024,
        disk_mb: None,
        egress: None,
        cap_add: vec![],
        env: BTreeMap::new(),
        home_path: "/home/kasm-user".into(),
        start_url: None,
        kind: TypeKind::Container,
        server_host: None,
        server_port: None,
        server_protocol: None,
        takes_address: false,
        allow_network_selection: false,
        networks: Vec::new(),
        enabled: true,
        position: 10,
        groups: vec![],
        for_everybody: true,
    }
}

/// A desktop whose newest start began at `begin`.
pub(crate) fn desktop(state: DesktopState, begin: OffsetDateTime) -> Desktop {
    Desktop {
        id: DesktopId::new(),
        name: "jane-debian-desktop".into(),
        owner: UserId::new(),
        of_guest: false,
        type_id: DesktopTypeId::new(),
        type_slug: "debian-desktop".into(),
        state,
        generation: 3,
        vnc_password: SecretString::from("never shown"),
        container_id: None,
        image_id: None,
        host_port: None,
        endpoint: None,
        start_url: None,
        network: None,
        with_home: true,
        kept: false,
        cast: None,
        client_settings: ClientSettings::default(),
        phases: PhaseTimes {
            preparing: begin,
            creating: None,
            starting: None,
            waiting: None,
            ready: None,
        },
        created_at: begin,
        last_accessed_at: begin,
        ended_at: None,
        end: None,
    }
}

/// What a desktop knows of a cast with this title.
pub(crate) fn of_cast(title: &str) -> OfCast {
    OfCast {
        id: crate::ids::CastId::new(),
        title: title.into(),
        options: crate::desktops::CastOptions::default(),
    }
}

/// The desktop of `kind`.
pub(crate) fn desktop_of(
    kind: &DesktopType,
    state: DesktopState,
    begin: OffsetDateTime,
) -> Desktop {
    Desktop {
        name: format!("jane-{}", kind.slug),
        type_id: kind.id,
        type_slug: kind.slug.clone(),
        ..desktop(state, begin)
    }
}

pub(crate) fn end(code: &str, sentence: &str) -> EndReason {
    EndReason {
        code: code.to_owned().into(),
        sentence: sentence.into(),
    }
}

pub(crate) fn facts(now: OffsetDateTime) -> Facts {
    Facts {
        image: ImageFacts::Present,
        usual_start: Some(Duration::from_millis(3_800)),
        now,
        admin: false,
        engine_away: false,
    }
}
