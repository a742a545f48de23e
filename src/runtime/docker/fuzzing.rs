//! What holds for whatever a container wrote before it ended.

use super::output::presentable;

/// As a start makes them: nothing a container writes by chance.
const PASSWORD: &str = "k8Xv2mQ9dT4w";

/// The last words of a container are short and plain, and never say its password.
///
/// # Panics
///
/// The promise is broken.
pub fn last_words(bytes: &[u8]) {
    // Where the password would stand, and cut into pieces by whatever follows.
    let words = String::from_utf8_lossy(bytes).replace('@', PASSWORD);
    let (before, after) = PASSWORD.split_at(5);
    let split = [before.as_bytes(), bytes, after.as_bytes()].concat();
    for raw in [bytes, words.as_bytes(), &split] {
        let shown = presentable(raw, Some(PASSWORD));
        assert!(shown.len() <= 4 << 10);
        assert!(!shown.contains(PASSWORD), "{shown:?}");
        assert!(
            !shown.contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t'))
        );
    }
}
