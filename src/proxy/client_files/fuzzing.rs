//! What holds for every archive that an image may hold.

use super::Folder;

const FOLDER: &str = "/usr/share/kasmvnc/www";

/// No file of an archive lies outside its folder, and reading makes nothing larger. The bytes are an archive themselves,
/// and a list of entries from which one is made: archives have checksums, which chance does not hit.
///
/// # Panics
///
/// The promise is broken.
pub fn archives(bytes: &[u8]) {
    check(bytes);
    check(&made_of(bytes));
}

fn check(archive: &[u8]) {
    let Ok(folder) = Folder::read(archive, FOLDER) else {
        return;
    };
    assert!(folder.bytes() <= archive.len());
    let mut plain: usize = 0;
    for (path, file) in folder.files() {
        let steps = path.split('/').all(|step| !matches!(step, "" | "." | ".."));
        assert!(steps, "{path:?}");
        assert!(file.bytes.len() <= archive.len());
        if !path.ends_with('/') {
            assert!(folder.find(path).is_some(), "{path:?}");
        }
        plain += 1;
    }
    // A block for each at least.
    assert!(plain <= archive.len() / 512);
    for out in [
        "..",
        "../etc/passwd",
        "/etc/passwd",
        "./index.html",
        "app//ui.js",
    ] {
        assert!(folder.find(out).is_none(), "{out}");
    }
}

/// Lines of `kind path content`; for a link the content is where it leads.
fn made_of(bytes: &[u8]) -> Vec<u8> {
    let mut archive = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(3, |byte| *byte == b' ');
        let kind = parts.next().and_then(|kind| kind.first()).unwrap_or(&b'0');
        let path = parts.next().unwrap_or_default();
        let content = parts.next().unwrap_or_default();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_mode(0o644);
        put(&mut header.as_mut_bytes()[..100], path);
        let is_link = matches!(kind, b'1' | b'2');
        if is_link {
            put(&mut header.as_mut_bytes()[157..257], content);
        }
        // What an entry says of its size need not be true.
        let said = match (is_link, content.split_first()) {
            (true, _) => 0,
            (false, Some((b'!', size))) => size
                .iter()
                .fold(0_u64, |size, byte| size.wrapping_shl(8) | u64::from(*byte)),
            _ => content.len() as u64,
        };
        header.set_size(said);
        header.set_cksum();
        archive.extend_from_slice(header.as_bytes());
        if !is_link {
            archive.extend_from_slice(content);
            archive.resize(archive.len().next_multiple_of(512), 0);
        }
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

fn put(field: &mut [u8], bytes: &[u8]) {
    let length = bytes.len().min(field.len());
    field[..length].copy_from_slice(&bytes[..length]);
}
