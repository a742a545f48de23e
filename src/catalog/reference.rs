//! The grammar of image references (pure): `[registry[:port]/]path[:tag][@digest]`.

/// Longest name without tag and digest.
const LONGEST: usize = 255;

/// Whether `text` names an image the way engines and registries do. Everything else, options and paths among it, is
/// refused before it reaches one (threat T46).
#[must_use]
pub fn is_image_reference(text: &str) -> bool {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = match rest.rsplit_once(':') {
        // A colon before a slash belongs to the registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    name.len() <= LONGEST && is_name(name) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest)
}

fn is_name(name: &str) -> bool {
    match name.split_once('/') {
        Some((first, path)) if is_registry(first) => path.split('/').all(is_part),
        _ => name.split('/').all(is_part),
    }
}

/// Told from the first part of a path by a dot, a port or the word localhost.
fn is_registry(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (port.is_some() || host.contains('.') || host == "localhost")
        && host.split('.').all(label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Lower-case letters and digits, parted by one dot, one or two underscores, or dashes.
fn is_part(part: &str) -> bool {
    let alone = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = part.as_bytes();
    alone(bytes.first())
        && alone(bytes.last())
        && bytes
            .split(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            .all(|between| {
                matches!(between, [] | [b'.' | b'_'] | [b'_', b'_'])
                    || between.iter().all(|byte| *byte == b'-')
            })
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = tag.as_bytes();
    (1..=128).contains(&bytes.len())
        && word(&bytes[0])
        && bytes
            .iter()
            .all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64
            && hex
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for good in [
            "debian",
            "kasmweb/vs-code:1.15.0",
            "kasmweb/ubuntu-noble-desktop:1.18.0-rolling-daily",
            "registry.example.org/team/app:2",
            "registry.example.org:5000/app",
            "localhost/app",
            "localhost:5000/a/b/c:T_1.x-y",
            "a.b/c__d/e--f.g_h",
            "Registry.Example.org/app",
            &format!("deskcast/desktop@{digest}"),
            &format!("deskcast/desktop:latest@{digest}"),
            "x:5000/y",
        ] {
            assert!(is_image_reference(good), "{good}");
        }
        for bad in [
            "",
            " ",
            "--privileged",
            "-v",
            "Debian",
            "a//b",
            "/a",
            "a/",
            "a:",
            "a:b:c",
            "a:-b",
            "a b",
            "a/../b",
            "x:5000/../",
            "../etc",
            "a@sha256:bad",
            "a@md5:00",
            &format!("a@{digest}@{digest}"),
            "@sha256:bad",
            "a.b.",
            "a._b",
            "a___b",
            "http://a/b",
            "a?b",
            "a#b",
            "a%2e",
            "ä",
            "registry.example.org:0/a",
            "registry.example.org:99999/a",
            "-a.b/c",
            "a\n",
            "a\0",
            &format!("a:{}", "t".repeat(129)),
            &"a".repeat(256),
        ] {
            assert!(!is_image_reference(bad), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_reference_leaves_its_path(text in "[ -~]{0,40}") {
            if is_image_reference(&text) {
                proptest::prop_assert!(!text.contains("..") && !text.contains(['?', '#', '%', ' ', '\\']));
                proptest::prop_assert!(!text.starts_with(['-', '/', '.']));
            }
        }
    }
}
