//! A folder of client files in memory: read from an archive, compressed, found by path.

use std::{
    collections::HashMap,
    io::{Read, Write},
    sync::{Arc, OnceLock},
};

use axum::body::Bytes;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::kinds;

/// More files than any client has.
const MOST_FILES: usize = 8192;
/// More bytes than any client has.
const MOST_BYTES: usize = 128 << 20;
/// Smaller files gain nothing from compression.
const WORTH_COMPRESSING: usize = 256;
/// How many links may lead to a file.
const LONGEST_CHAIN: usize = 8;

/// Files by path, `/`-separated, without a leading slash.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    files: HashMap<String, Arc<File>>,
    bytes: usize,
}

/// One file, ready to be sent.
#[derive(Debug)]
pub(crate) struct File {
    /// As in the image.
    pub(super) bytes: Bytes,
    /// Half of its SHA-256 in hex.
    pub(super) digest: String,
    /// By its name.
    pub(super) content_type: &'static str,
    /// Filled in later, and only if smaller.
    pub(super) gzip: OnceLock<Option<Bytes>>,
    /// Filled in later, and only if smaller.
    pub(super) brotli: OnceLock<Option<Bytes>>,
}

/// Why an archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadArchive {
    /// Not a tar archive, or cut off.
    #[error("the archive of the client files cannot be read")]
    Unreadable(#[from] std::io::Error),
    /// More than is kept in memory.
    #[error("the client files are too many or too large")]
    TooLarge,
}

enum Entry {
    File(Vec<u8>),
    Link(String),
}

impl Folder {
    /// Reads a tar archive of `folder`; whether the paths in it begin with the folder's own name does not matter.
    /// Links within the folder are followed, everything that is neither file nor link is left out. Blocks for as
    /// long as the digests take.
    pub(super) fn read(archive: &[u8], folder: &str) -> Result<Self, BadArchive> {
        let mut entries = Vec::new();
        let mut bytes = 0;
        for entry in tar::Archive::new(archive).entries()? {
            let mut entry = entry?;
            let kind = entry.header().entry_type();
            let Some(path) = inside("", &String::from_utf8_lossy(&entry.path_bytes())) else {
                continue;
            };
            if kind.is_symlink() || kind.is_hard_link() {
                let to = entry.link_name_bytes().unwrap_or_default();
                let to = String::from_utf8_lossy(&to).into_owned();
                // A hard link names its target as the archive does, a symbolic one as seen from its own place.
                let to = if kind.is_hard_link() {
                    format!("/{to}")
                } else {
                    to
                };
                entries.push((path, Entry::Link(to)));
            } else if kind.is_file() {
                // What an entry says of its size may be anything.
                let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
                bytes = usize::saturating_add(bytes, size);
                if bytes > MOST_BYTES {
                    return Err(BadArchive::TooLarge);
                }
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                entries.push((path, Entry::File(content)));
            }
            if entries.len() > MOST_FILES {
                return Err(BadArchive::TooLarge);
            }
        }
        Ok(Self::of(entries, folder, bytes))
    }

    fn of(entries: Vec<(String, Entry)>, folder: &str, bytes: usize) -> Self {
        let own_name = format!(
            "{}/",
            folder
                .rsplit('/')
                .find(|name| !name.is_empty())
                .unwrap_or_default()
        );
        let prefixed = entries.iter().all(|(path, _)| path.starts_with(&own_name));
        let shorten = |path: &str| {
            let path = path
                .strip_prefix(&own_name)
                .filter(|_| prefixed)
                .unwrap_or(path);
            path.to_owned()
        };
        let mut files = HashMap::new();
        let mut links = HashMap::new();
        for (path, entry) in entries {
            let path = shorten(&path);
            match entry {
                Entry::File(content) => {
                    files.insert(path.clone(), Arc::new(File::new(&path, content)));
                }
                Entry::Link(to) => {
                    let to = to.strip_prefix(folder).map_or(to.as_str(), |rest| {
                        if rest.starts_with('/') { rest } else { &to }
                    });
                    if let Some(to) = inside(parent(&path), to) {
                        links.insert(path, shorten(&to));
                    }
                }
            }
        }
        let followed: Vec<_> = links
            .keys()
            .filter_map(|from| {
                let chain = std::iter::successors(Some(from), |at| links.get(*at));
                let found = chain.take(LONGEST_CHAIN).find_map(|at| files.get(at));
                Some((from.clone(), Arc::clone(found?)))
            })
            .collect();
        files.extend(followed);
        Self { files, bytes }
    }

    /// Whether there is nothing to serve.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Every file with its path.
    #[cfg(any(test, fuzzing))]
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        let files = self.files.iter();
        files.map(|(path, file)| (path.as_str(), &**file))
    }

    /// Bytes of all files, uncompressed.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The file at `path`; a folder means its page.
    pub(crate) fn find(&self, path: &str) -> Option<&Arc<File>> {
        let page = |name: &str| self.files.get(&format!("{path}{name}"));
        if path.is_empty() || path.ends_with('/') {
            page("index.html").or_else(|| page("vnc.html"))
        } else {
            self.files.get(path)
        }
    }

    /// Compresses what is worth it, until done or told to stop. Blocks; meanwhile files are served as they are.
    pub(super) fn compress(&self, stop: &CancellationToken) {
        for file in self.files.values() {
            if stop.is_cancelled() {
                return;
            }
            file.compress();
        }
    }
}

impl File {
    fn new(path: &str, content: Vec<u8>) -> Self {
        let digest = Sha256::digest(&content);
        Self {
            digest: hex::encode(&digest[..16]),
            content_type: kinds::content_type(path),
            bytes: content.into(),
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    fn compress(&self) {
        let smaller = |packed: std::io::Result<Vec<u8>>| {
            packed
                .ok()
                .filter(|packed| packed.len() < self.bytes.len())
                .map(Bytes::from)
        };
        if kinds::is_compressible(self.content_type) && self.bytes.len() >= WORTH_COMPRESSING {
            self.gzip.get_or_init(|| smaller(gzip(&self.bytes)));
            self.brotli.get_or_init(|| smaller(brotli(&self.bytes)));
        }
    }
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(8));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Level 9: within a few percent of the best one, in a tenth of its time.
fn brotli(mut bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 9,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut packed, &params)?;
    Ok(packed)
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// `path` as seen from the folder `from`, without dots; `None` when it leads out.
fn inside(from: &str, path: &str) -> Option<String> {
    let start = if path.starts_with('/') { "" } else { from };
    let mut segments: Vec<&str> = Vec::new();
    for segment in start.split('/').chain(path.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    (!segments.is_empty()).then(|| segments.join("/"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An archive of files, and of links as `(path, "-> target")`.
    pub(in super::super) fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            if let Some(target) = content.strip_prefix(b"-> ") {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                let target = std::str::from_utf8(target).unwrap();
                builder.append_link(&mut header, path, target).unwrap();
            } else {
                header.set_size(content.len() as u64);
                // Written by hand: the builder refuses the paths a hostile archive has.
                header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
                header.set_cksum();
                builder.append(&header, *content).unwrap();
            }
        }
        builder.into_inner().unwrap()
    }

    fn text<'f>(folder: &'f Folder, path: &str) -> Option<&'f str> {
        let file = folder.find(path)?;
        Some(std::str::from_utf8(&file.bytes).unwrap())
    }

    #[test]
    fn an_archive_with_and_without_the_folders_name() {
        for prefix in ["www/", "./www/", "", "./", "/"] {
            let entries = [
                ("index.html", "page"),
                ("app/ui.js", "script"),
                ("www.txt", "x"),
            ];
            let named: Vec<(String, &str)> = entries
                .map(|(path, text)| (format!("{prefix}{path}"), text))
                .into();
            let entries: Vec<(&str, &[u8])> = named
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_bytes()))
                .collect();
            let folder = Folder::read(&archive(&entries), "/usr/share/kasmvnc/www").unwrap();
            assert_eq!(text(&folder, ""), Some("page"), "{prefix}");
            assert_eq!(text(&folder, "index.html"), Some("page"), "{prefix}");
            assert_eq!(text(&folder, "app/ui.js"), Some("script"), "{prefix}");
            assert_eq!(text(&folder, "app/"), None);
            assert_eq!(text(&folder, "www/index.html"), None);
        }
    }

    #[test]
    fn links_within_the_folder_are_followed_and_others_are_not() {
        let folder = Folder::read(
            &archive(&[
                ("www/vnc.html", b"page"),
                ("www/index.html", b"-> vnc.html"),
                ("www/app/again.html", b"-> ../index.html"),
                ("www/app/full.html", b"-> /usr/share/novnc/www/vnc.html"),
                ("www/secret", b"-> ../../../../etc/shadow"),
                ("www/passwd", b"-> /etc/passwd"),
                ("www/round", b"-> about"),
                ("www/about", b"-> round"),
            ]),
            "/usr/share/novnc/www",
        )
        .unwrap();
        for path in [
            "",
            "vnc.html",
            "index.html",
            "app/again.html",
            "app/full.html",
        ] {
            assert_eq!(text(&folder, path), Some("page"), "{path}");
        }
        for path in ["secret", "passwd", "round", "about"] {
            assert_eq!(text(&folder, path), None, "{path}");
        }
    }

    #[test]
    fn vnc_html_is_the_page_when_there_is_no_index() {
        let folder =
            Folder::read(&archive(&[("novnc/vnc.html", b"vnc")]), "/usr/share/novnc/").unwrap();
        assert_eq!(text(&folder, ""), Some("vnc"));
    }

    #[test]
    fn paths_that_lead_out_are_left_out() {
        let folder = Folder::read(
            &archive(&[
                ("../../etc/passwd", b"x"),
                ("www/../../y", b"y"),
                ("www/a", b"a"),
            ]),
            "/www",
        )
        .unwrap();
        assert_eq!(text(&folder, "a"), Some("a"));
        assert_eq!(folder.files.len(), 1);
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        assert!(Folder::read(&[7; 2000], "/www").is_err());
        assert!(Folder::read(b"", "/www").unwrap().is_empty());
    }

    #[test]
    fn text_is_compressed_and_comes_back_the_same() {
        let script = "export function draw(frame) { return frame; }\n".repeat(100);
        let folder = Folder::read(
            &archive(&[
                ("a.js", script.as_bytes()),
                ("a.png", script.as_bytes()),
                ("b.js", b"x"),
            ]),
            "/www",
        )
        .unwrap();
        folder.compress(&CancellationToken::new());
        let file = folder.find("a.js").unwrap();
        let packed = file.gzip.get().unwrap().as_ref().unwrap();
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&packed[..])
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, script);
        let packed = file.brotli.get().unwrap().as_ref().unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, script.as_bytes());
        for left_alone in ["a.png", "b.js"] {
            assert!(
                folder.find(left_alone).unwrap().gzip.get().is_none(),
                "{left_alone}"
            );
        }
    }
}
