//! What holds for every address that somebody is sent to, or comes back with, while signing in.

use url::Url;

use super::{
    next::{safe_back, safe_next},
    oidc::fuzzing::callback,
};

/// Whatever stands in `next`, nobody is led to another server; an answer in the browser is short and unambiguous.
///
/// # Panics
///
/// The promise is broken.
pub fn addresses(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let ours: Url = "https://desk.example".parse().expect("an address");
    for followed in [safe_next(text, &ours), safe_back(text, &ours)] {
        assert!(followed == "/" || followed == text);
        assert!(
            followed
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        );
        let there = ours.join(followed).expect("an address");
        assert_eq!(there.origin(), ours.origin());
        // Once more, as whoever tidies it up would read it.
        let tidied = ours.join(there.path()).expect("an address");
        assert_eq!(tidied.origin(), ours.origin());
    }
    callback(text);
}
