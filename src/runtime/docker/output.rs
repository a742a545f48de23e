//! The last words of a container, fit to be shown to people.

use bollard::{
    Docker, errors::Error, models::ContainerInspectResponse, query_parameters::LogsOptionsBuilder,
};
use futures_util::TryStreamExt;

/// Longest answer.
const LONGEST: usize = 4 << 10;

/// How much is kept while reading: lines may be longer than any answer.
const KEPT: usize = 64 << 10;

/// Both streams, in the order the engine tells them.
pub(super) async fn tail(docker: &Docker, id: &str, lines: usize) -> Result<Vec<u8>, Error> {
    let options = LogsOptionsBuilder::new()
        .stdout(true)
        .stderr(true)
        .tail(&lines.to_string())
        .build();
    let mut stream = std::pin::pin!(docker.logs(id, Some(options)));
    let mut text = Vec::new();
    while let Some(part) = stream.try_next().await? {
        text.extend_from_slice(&part.into_bytes());
        if text.len() > 2 * KEPT {
            text.drain(..text.len() - KEPT);
        }
    }
    Ok(text)
}

/// The password the container was given, which must not be shown to anybody.
pub(super) fn password(answer: &ContainerInspectResponse) -> Option<String> {
    let env = answer.config.as_ref()?.env.as_ref()?;
    env.iter()
        .find_map(|variable| variable.strip_prefix("VNC_PW="))
        .filter(|password| !password.is_empty())
        .map(str::to_owned)
}

/// Plain text without the password, without colours and other control characters, at most 4 KiB from its end.
pub(super) fn presentable(raw: &[u8], password: Option<&str>) -> String {
    // First what nobody sees: it may stand in the middle of the password.
    let mut text = without_controls(&String::from_utf8_lossy(raw));
    if let Some(password) = password {
        text = text.replace(password, "(password)");
    }
    let text = text.trim_end();
    let mut from = text.len().saturating_sub(LONGEST);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text[from..].to_owned()
}

/// Drops escape sequences whole, so that "[31m" does not stay behind.
fn without_controls(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                if letters.next_if_eq(&'[').is_some() {
                    while letters
                        .next()
                        .is_some_and(|part| !('@'..='~').contains(&part))
                    {}
                }
            }
            '\n' | '\t' => plain.push(letter),
            letter if letter.is_control() => {}
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        let raw = b"starting with VNC_PW=abcDEF123\nkasm_user:abcDEF123\n";
        let text = presentable(raw, Some("abcDEF123"));
        assert_eq!(
            text,
            "starting with VNC_PW=(password)\nkasm_user:(password)"
        );
    }

    #[test]
    fn colours_and_controls_go() {
        assert_eq!(
            presentable(b"\x1b[1;31mred\x1b[0m\r\x00 \xff ok\n", None),
            "red \u{fffd} ok"
        );
    }

    #[test]
    fn only_the_end_is_kept() {
        let raw = "ä".repeat(10_000);
        let text = presentable(raw.as_bytes(), None);
        assert!(text.len() <= LONGEST && text.len() > LONGEST - 4);
        assert!(text.chars().all(|letter| letter == 'ä'));
    }
}
