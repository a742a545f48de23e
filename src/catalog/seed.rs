//! The catalogue of a new installation.

use super::{ClientKind, DesktopTypeDraft};
use crate::config::CatalogConfig;

/// The original's three desktops (seed 003), and the two built from this project's own images, which need no pull.
pub(super) fn first_types(config: &CatalogConfig) -> Vec<DesktopTypeDraft> {
    let kasm = |position, slug: &str, title: &str, icon: &str, image: &str, description: &str| {
        DesktopTypeDraft {
            container_port: config.container_port,
            container_tls: config.container_tls,
            vnc_user: config.vnc_user.clone(),
            ..ours(position, slug, title, icon, image, description)
        }
    };
    vec![
        kasm(
            10,
            "ubuntu-vscode",
            "Ubuntu with VSCode",
            "code",
            "kasmweb/vs-code:1.15.0",
            "Visual Studio Code on Ubuntu.",
        ),
        kasm(
            20,
            "ubuntu-desktop",
            "Ubuntu Desktop",
            "desktop",
            &config.kasm_image,
            "A full Ubuntu desktop.",
        ),
        kasm(
            30,
            "ubuntu-chromium",
            "Ubuntu with Chromium",
            "browser",
            "kasmweb/chromium:1.15.0",
            "The Chromium browser on Ubuntu.",
        ),
        ours(
            40,
            "debian-desktop",
            "Debian Desktop",
            "desktop",
            "deskcast/desktop:latest",
            "A small desktop with terminal, editor and files.",
        ),
        ours(
            50,
            "debian-browser",
            "Debian Browser",
            "browser",
            "deskcast/browser:latest",
            "The Chromium browser, nothing else.",
        ),
    ]
}

fn ours(
    position: i32,
    slug: &str,
    title: &str,
    icon: &str,
    image: &str,
    description: &str,
) -> DesktopTypeDraft {
    DesktopTypeDraft {
        slug: slug.into(),
        title: title.into(),
        description: description.into(),
        icon: icon.into(),
        image: image.into(),
        client: ClientKind::Vnc,
        position,
        ..DesktopTypeDraft::default()
    }
}
