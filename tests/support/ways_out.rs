//! Values of `next` that an attacker would try: what changes how an address is read, in every combination
//! (threat T6). Made, not listed: the same values in every run.

/// Where the server of these tests is.
pub(crate) const OURS: &str = "https://desk.test";

/// Hosts that are not ours, also as numbers, look-alikes and names that lower to another one.
const HOSTS: [&str; 12] = [
    "evil.test",
    "desk.test.evil.test",
    "desk.test@evil.test",
    "desk.test:443@evil.test",
    "xn--dsk-test-4fg.test",
    "dеsk.test",
    "ｅｖｉｌ.test",
    "evil。test",
    "ⓔvil.test",
    "[::1]",
    "0x7f.1",
    "2130706433",
];

/// What may stand between the page and a host.
const BEGINNINGS: [&str; 48] = [
    "",
    "/",
    "//",
    "///",
    "////",
    "\\",
    "\\\\",
    "/\\",
    "\\/",
    "//\\",
    "/\\/",
    "\\//",
    "/.",
    "/./",
    "/.//",
    "/..//",
    "/../",
    "/a/..//",
    "/%2e//",
    "/%2E%2e//",
    "/%2e%2e//",
    "/%2f",
    "/%2f/",
    "/%2F%2f",
    "/%5c",
    "/%5C/",
    "%2f%2f",
    "/%09/",
    "/%0a/",
    "/%0d%0a/",
    "/%00/",
    "/%252f/",
    "/;/",
    "/;//",
    "/@",
    "//@",
    "/:",
    "//:80@",
    "/?",
    "/?//",
    "/#",
    "/#//",
    "?//",
    "#//",
    ".//",
    "..//",
    "/ /",
    " //",
];

/// Schemes, as browsers read them and as they do not.
const SCHEMES: [&str; 22] = [
    "http:",
    "https:",
    "HTTPS:",
    "hTTp:",
    "ftp:",
    "file:",
    "ws:",
    "wss:",
    "javascript:",
    "JaVaScRiPt:",
    "data:",
    "vbscript:",
    "blob:",
    "mailto:",
    "about:",
    "view-source:",
    "filesystem:",
    "intent:",
    "x:",
    "https;",
    "https%3a",
    "http\u{ff1a}",
];

/// Letters that browsers drop, trim or read as others.
const ODD: [char; 30] = [
    '\0', '\u{1}', '\u{8}', '\t', '\n', '\u{b}', '\u{c}', '\r', '\u{e}', '\u{1b}', '\u{1f}', ' ',
    '\u{7f}', '\u{80}', '\u{85}', '\u{a0}', '\u{ad}', '\u{200b}', '\u{200d}', '\u{202e}',
    '\u{2028}', '\u{2029}', '\u{2044}', '\u{2215}', '\u{29f8}', '\u{3002}', '\u{feff}', '\u{ff0f}',
    '\u{ff3c}', '\u{fffd}',
];

/// What stands before and after such a letter.
const AROUND: [(&str, &str); 15] = [
    ("", "//evil.test"),
    ("/", "/evil.test"),
    ("//", "evil.test"),
    ("/", "\\evil.test"),
    ("\\", "/evil.test"),
    ("/a", "/evil.test"),
    ("https:", "//evil.test"),
    ("java", "script:alert(1)"),
    ("//evil.test", ""),
    ("/", ""),
    ("https://desk.test", ".evil.test"),
    ("/.", "//evil.test"),
    ("/desk", ""),
    ("/?", ""),
    ("/#", ""),
];

/// Names before an `@`.
const USERINFO: [&str; 6] = [
    "desk.test",
    "desk.test:443",
    "desk.test%2f",
    "desk.test%5c",
    "https%3a%2f%2fdesk.test",
    ":",
];

/// Ends of a line, that a header would end at.
const LINE_ENDS: [&str; 7] = [
    "\r\n",
    "\n",
    "\r",
    "%0d%0a",
    "%0a",
    "%E5%98%8A%E5%98%8D",
    "\u{560a}\u{560d}",
];

const INJECTED: [&str; 3] = [
    "Location: //evil.test",
    "Set-Cookie: deskcast=x",
    "\r\n<script>alert(1)</script>",
];

/// All of them, each once.
pub(crate) fn ways_out() -> Vec<String> {
    let mut values: Vec<String> = HOSTS.into_iter().flat_map(to_host).collect();
    for odd in ODD {
        for (before, after) in AROUND {
            values.push(format!("{before}{odd}{after}"));
            values.push(format!("{before}{odd}{odd}{after}"));
        }
    }
    for line in LINE_ENDS {
        for injected in INJECTED {
            values.push(format!("/{line}{injected}"));
            values.push(format!("//evil.test/{line}{injected}"));
        }
    }
    for length in [2_047, 2_048, 2_049, 7_000] {
        values.push(format!("/{}", "a".repeat(length - 1)));
        values.push(format!("//evil.test/{}", "a".repeat(length)));
    }
    values.sort();
    values.dedup();
    values
}

fn to_host(host: &str) -> Vec<String> {
    let mut values = Vec::new();
    for beginning in BEGINNINGS {
        values.push(format!("{beginning}{host}"));
        values.push(format!("{beginning}{host}/login?next=/"));
    }
    for scheme in SCHEMES {
        for slashes in ["", "/", "//", "///", "\\\\", "/\\"] {
            values.push(format!("{scheme}{slashes}{host}"));
        }
    }
    for userinfo in USERINFO {
        values.push(format!("//{userinfo}@{host}"));
        values.push(format!("{OURS}@{host}/{userinfo}"));
    }
    values
}
