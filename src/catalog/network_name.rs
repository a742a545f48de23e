//! Names of networks of the engine (pure).

/// Names that mean something else to an engine than a network of its own.
const SPECIAL: [&str; 5] = ["host", "none", "default", "bridge", "nat"];

/// Longest name.
const LONGEST: usize = 63;

/// Whether `text` names a network the way people do. What an engine would take for the host's own network, for that of
/// another container or for an id is none: a container must not get out of its network by it.
#[must_use]
pub fn is_network_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    (2..=LONGEST).contains(&bytes.len())
        && plain(bytes[0])
        && bytes
            .iter()
            .all(|byte| plain(*byte) || matches!(byte, b'.' | b'-' | b'_'))
        && !SPECIAL.contains(&text.to_ascii_lowercase().as_str())
        && !is_like_an_id(text)
}

/// Engines find a network also by the beginning of its id, which is a hexadecimal number: names like that are left out
/// from the length on that engines show.
fn is_like_an_id(text: &str) -> bool {
    text.len() >= 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_nothing_else() {
        for good in [
            "class-net",
            "internet",
            "a1",
            "Net_1.2",
            "hosts",
            "facade",
            "0",
            "deadbeef-net-12",
        ] {
            assert_eq!(is_network_name(good), good.len() > 1, "{good}");
        }
        for bad in [
            "",
            "host",
            "HOST",
            "none",
            "default",
            "bridge",
            "container:deskcast",
            "container:",
            "-net",
            ".net",
            "a b",
            "a/b",
            "net\n",
            "n\u{e4}t",
            "d2f1c0ffee00",
            "7fca4eb8c647e57e9d46c32714271e0c3f8bf8d17d346629e2820547b2d90039",
        ] {
            assert!(!is_network_name(bad), "{bad:?}");
        }
        assert!(is_network_name(&"n".repeat(LONGEST)));
        assert!(!is_network_name(&"n".repeat(LONGEST + 1)));
    }
}
