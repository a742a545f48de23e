//! The client page and the downloads folder: names, types and the listing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use crate::http::{Answer, Head, find, percent_decode, percent_encode};

const PAGE: &[(&str, &[u8])] = &[
    ("index.html", include_bytes!("../www/index.html")),
    ("vnc.html", include_bytes!("../www/vnc.html")),
    ("screen.html", include_bytes!("../www/screen.html")),
    ("main.bundle.js", include_bytes!("../www/main.bundle.js")),
    ("package.json", include_bytes!("../www/package.json")),
    ("assets/ui.css", include_bytes!("../www/assets/ui.css")),
    (
        "assets/decoder.wasm",
        include_bytes!("../www/assets/decoder.wasm"),
    ),
    (
        "assets/odd name & #1 ü.txt",
        include_bytes!("../www/assets/odd name & #1 ü.txt"),
    ),
];

/// `www/Downloads/Downloads` is a link to `~/Downloads`.
const DOWNLOADS: &str = "Downloads/Downloads/";

/// Where files come from.
#[derive(Debug)]
pub(crate) enum Files {
    /// Path without the first slash → content.
    Memory(BTreeMap<Vec<u8>, Vec<u8>>),
    /// A folder on disk.
    Folder(PathBuf),
}

enum Found {
    File(Vec<u8>),
    /// Names in order, and whether each is a folder.
    Folder(Vec<(Vec<u8>, bool)>),
    Nothing,
}

impl Files {
    pub(crate) fn in_memory(downloads: Vec<(String, Vec<u8>)>) -> Self {
        let page = PAGE
            .iter()
            .map(|(name, body)| (name.as_bytes().to_vec(), body.to_vec()));
        let downloads = downloads
            .into_iter()
            .map(|(name, body)| (format!("{DOWNLOADS}{name}").into_bytes(), body));
        // The folder exists also when it is empty.
        let folder = std::iter::once((DOWNLOADS.as_bytes().to_vec(), Vec::new()));
        Self::Memory(page.chain(folder).chain(downloads).collect())
    }

    fn find(&self, path: &[u8]) -> Found {
        let path = path.strip_prefix(b"/").unwrap_or(path);
        match self {
            Self::Memory(files) => in_memory(files, path),
            Self::Folder(folder) => on_disk(&folder.join(OsStr::from_bytes(path))),
        }
    }

    /// Names and sizes in `~/Downloads`, for the API.
    pub(crate) fn downloads(&self) -> Vec<(Vec<u8>, usize, bool)> {
        let Found::Folder(names) = self.find(DOWNLOADS.as_bytes()) else {
            return Vec::new();
        };
        let size = |name: &[u8]| match self.find(&[DOWNLOADS.as_bytes(), name].concat()) {
            Found::File(body) => body.len(),
            Found::Folder(_) | Found::Nothing => 0,
        };
        names
            .into_iter()
            .map(|(name, folder)| (name.clone(), size(&name), folder))
            .collect()
    }

    /// The answer of the file server.
    pub(crate) fn serve(&self, head: &Head) -> Answer {
        let after_method = head.all.get(4..).unwrap_or_default();
        let climbs = find(after_method, b"../").is_some();
        if head.method != "GET" || head.target.is_empty() || head.target.len() > 1024 || climbs {
            return not_found();
        }
        let path = if head.path() == "/" {
            "/index.html"
        } else {
            head.path()
        };
        let decoded = percent_decode(path, true);
        if find(&decoded, b"../").is_some() {
            return not_found();
        }
        match self.find(&decoded) {
            Found::File(body) => Answer::new("200 OK", mime(path)).isolated().sized(body),
            Found::Folder(_) if !decoded.ends_with(b"/") => {
                let location = String::from_utf8_lossy(&decoded).into_owned() + "/";
                Answer::new("301 Moved Permanently", "text/plain")
                    .header("Location", &location)
                    .isolated()
            }
            Found::Folder(names) => listing(&decoded, &names),
            Found::Nothing => not_found(),
        }
    }
}

fn in_memory(files: &BTreeMap<Vec<u8>, Vec<u8>>, path: &[u8]) -> Found {
    if let Some(body) = files.get(path).filter(|_| !path.ends_with(b"/")) {
        return Found::File(body.clone());
    }
    let mut folder = path.strip_suffix(b"/").unwrap_or(path).to_vec();
    folder.push(b'/');
    let inside: Vec<_> = files
        .keys()
        .filter_map(|key| key.strip_prefix(&folder[..]))
        .collect();
    if inside.is_empty() {
        return Found::Nothing;
    }
    let names: BTreeMap<_, _> = inside
        .into_iter()
        .filter_map(|rest| {
            let name = rest
                .split(|byte| *byte == b'/')
                .next()
                .filter(|name| !name.is_empty())?;
            Some((name.to_vec(), rest.contains(&b'/')))
        })
        .collect();
    Found::Folder(names.into_iter().collect())
}

fn on_disk(path: &std::path::Path) -> Found {
    if let Ok(entries) = fs::read_dir(path) {
        let mut names: Vec<_> = entries
            .flatten()
            .map(|entry| {
                (
                    entry.file_name().into_vec(),
                    entry.file_type().is_ok_and(|kind| kind.is_dir()),
                )
            })
            .collect();
        names.sort();
        return Found::Folder(names);
    }
    fs::read(path).map_or(Found::Nothing, Found::File)
}

/// Names go into the page as they are, unescaped: the real one does that, and it is why a proxy must not pass it on.
fn listing(path: &[u8], names: &[(Vec<u8>, bool)]) -> Answer {
    let mut page = b"<html><title>Directory Listing</title><body><h2>".to_vec();
    page.extend_from_slice(path);
    page.extend_from_slice(b"</h2><hr><ul>");
    for (name, folder) in names {
        let slash = if *folder { "/" } else { "" };
        page.extend_from_slice(
            format!("<li><a href=\"{}{slash}\">", percent_encode(name)).as_bytes(),
        );
        page.extend_from_slice(name);
        page.extend_from_slice(format!("{slash}</a></li>").as_bytes());
    }
    page.extend_from_slice(b"</ul></body></html>");
    Answer::new("200 OK", "text/html").isolated().body(page)
}

pub(crate) fn not_found() -> Answer {
    Answer::new("404 Not Found", "text/plain")
        .isolated()
        .body("404")
}

/// The type by the start of the extension, so `.json` is JavaScript; whatever is below `Downloads/` has none.
fn mime(path: &str) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("htm", "text/html"),
        ("txt", "text/plain"),
        ("css", "text/css"),
        ("js", "application/javascript"),
        ("gif", "image/gif"),
        ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"),
        ("png", "image/png"),
        ("svg", "image/svg+xml"),
    ];
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    let extension = extension.filter(|_| !path.to_ascii_lowercase().contains("downloads/"));
    let kind = extension
        .and_then(|extension| KINDS.iter().find(|(start, _)| extension.starts_with(start)));
    kind.map_or("application/octet-stream", |(_, kind)| kind)
}
