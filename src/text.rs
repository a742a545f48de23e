//! Rules for text that somebody typed, for every room.

/// Whether `text` is one line of at most `most` characters.
#[must_use]
pub fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (text, is) in [
            ("", true),
            ("äöü", true),
            ("🦀🦀🦀", true),
            ("four", false),
            ("a\nb", false),
            ("a\tb", false),
            ("\0", false),
        ] {
            assert_eq!(is_line(text, 3), is, "{text:?}");
        }
    }
}
