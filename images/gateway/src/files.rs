//! The web client's files, read once at start.
//!
//! Serving from memory leaves no path to walk: what is not a known name does not exist.

use std::{collections::HashMap, fs, io, path::Path};

use bytes::Bytes;

/// One file as it is sent.
#[derive(Clone, Debug)]
pub struct ClientFile {
    /// Value of `Content-Type`.
    pub mime: &'static str,
    /// The content.
    pub body: Bytes,
}

/// All files of the client, by the path they are asked for.
#[derive(Debug, Default)]
pub struct ClientFiles {
    by_path: HashMap<String, ClientFile>,
}

impl ClientFiles {
    /// Reads everything below the folder.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        files.add_folder(folder, "/")?;
        Ok(files)
    }

    /// The file for a request target; the query plays no part, and `/` is the page itself.
    #[must_use]
    pub fn find(&self, target: &str) -> Option<&ClientFile> {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        self.by_path
            .get(if path == "/" { "/index.html" } else { path })
    }

    fn add_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let target = format!("{prefix}{name}");
            if path.is_dir() {
                self.add_folder(&path, &format!("{target}/"))?;
            } else {
                let file = ClientFile {
                    mime: mime(&target),
                    body: fs::read(&path)?.into(),
                };
                self.by_path.insert(target, file);
            }
        }
        Ok(())
    }
}

fn mime(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_are_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("core/util")).unwrap();
        fs::write(folder.path().join("index.html"), "page").unwrap();
        fs::write(folder.path().join("core/util/log.js"), "script").unwrap();
        let files = ClientFiles::load(folder.path()).unwrap();
        let table = [
            ("/", Some("text/html; charset=utf-8")),
            ("/?path=websockify", Some("text/html; charset=utf-8")),
            ("/index.html", Some("text/html; charset=utf-8")),
            (
                "/core/util/log.js?v=1",
                Some("text/javascript; charset=utf-8"),
            ),
            ("/core", None),
            ("/core/", None),
            ("/core/../index.html", None),
            ("/../../../etc/passwd", None),
            ("/%2e%2e/index.html", None),
            ("//index.html", None),
            ("index.html", None),
            ("", None),
        ];
        for (target, expected) in table {
            assert_eq!(
                files.find(target).map(|file| file.mime),
                expected,
                "{target}"
            );
        }
    }
}
