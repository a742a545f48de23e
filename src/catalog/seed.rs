//! The catalogue of a new installation.

use super::{ClientKind, DesktopTypeDraft};
use crate::{config::CatalogConfig, language::Sentence, say};

/// The original's three desktops (seed 003), and the two built from this project's own images, which need no pull.
pub(super) fn first_types(config: &CatalogConfig) -> Vec<DesktopTypeDraft> {
    let kasm = |position, slug: &str, title: &str, icon: &str, image: &str| DesktopTypeDraft {
        container_port: config.container_port,
        container_tls: config.container_tls,
        vnc_user: config.vnc_user.clone(),
        ..ours(position, slug, title, icon, image)
    };
    vec![
        kasm(
            10,
            "ubuntu-vscode",
            "Ubuntu with VSCode",
            "code",
            "kasmweb/vs-code:1.15.0",
        ),
        kasm(
            20,
            "ubuntu-desktop",
            "Ubuntu Desktop",
            "desktop",
            &config.kasm_image,
        ),
        kasm(
            30,
            "ubuntu-chromium",
            "Ubuntu with Chromium",
            "browser",
            "kasmweb/chromium:1.15.0",
        ),
        ours(
            40,
            "debian-desktop",
            "Debian Desktop",
            "desktop",
            "deskcast/desktop:latest",
        ),
        ours(
            50,
            "debian-browser",
            "Debian Browser",
            "browser",
            "deskcast/browser:latest",
        ),
    ]
}

fn ours(position: i32, slug: &str, title: &str, icon: &str, image: &str) -> DesktopTypeDraft {
    DesktopTypeDraft {
        slug: slug.into(),
        title: title.into(),
        description: description(slug)
            .map(|words| words.to_string())
            .unwrap_or_default(),
        icon: icon.into(),
        image: image.into(),
        client: ClientKind::Vnc,
        takes_address: icon == "browser",
        position,
        ..DesktopTypeDraft::default()
    }
}

/// What a new installation says of its type `slug`; written down in English, see [`super::DesktopType::described`].
pub(super) fn description(slug: &str) -> Option<Sentence> {
    Some(match slug {
        "ubuntu-vscode" => say!("seed-ubuntu-vscode"),
        "ubuntu-desktop" => say!("seed-ubuntu-desktop"),
        "ubuntu-chromium" => say!("seed-ubuntu-chromium"),
        "debian-desktop" => say!("seed-debian-desktop"),
        "debian-browser" => say!("seed-debian-browser"),
        _ => return None,
    })
}
