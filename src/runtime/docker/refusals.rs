//! What the engine's refusals mean, by status and words (pure).

use super::link::CallError;
use crate::{language::Sentence, runtime::RuntimeError, say};

/// Longest text of the engine that is passed on.
const LONGEST: usize = 300;

/// What a call was about, as far as a 404 depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    Container,
    Image(&'a str),
    Other,
}

impl CallError {
    /// The error for the caller.
    pub(super) fn about(self, about: About<'_>) -> RuntimeError {
        match self {
            Self::Away(error) => error,
            Self::Refused { status, message } => refusal(status, &message, about),
        }
    }

    /// Whether the engine refused with this status.
    pub(super) fn is(&self, wanted: u16) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == wanted)
    }

    /// Whether the engine refused because it cannot limit what a container writes.
    pub(super) fn is_about_storage(&self) -> bool {
        matches!(self, Self::Refused { message, .. } if message.contains("storage-opt") || message.contains("storage opt"))
    }
}

fn refusal(status: u16, message: &str, about: About<'_>) -> RuntimeError {
    if let Some(port) = taken_port(message) {
        return RuntimeError::PortTaken(port);
    }
    match about {
        About::Image(reference) if status == 404 && message.contains("image") => {
            RuntimeError::ImageMissing(reference.to_owned())
        }
        About::Container if status == 404 && message.contains("container") => RuntimeError::Gone,
        _ => RuntimeError::Refused(short(message)),
    }
}

/// The host port, when a start failed because it is in use: by another container ("Bind for 127.0.0.1:7000 failed:
/// port is already allocated") or by another program ("listen tcp4 127.0.0.1:7000: bind: address already in use").
/// The words around it change from engine to engine; our address in front of it does not.
fn taken_port(message: &str) -> Option<u16> {
    if !message.contains("port is already allocated") && !message.contains("address already in use")
    {
        return None;
    }
    let (_, rest) = message.split_once("127.0.0.1:")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The first line, cut.
pub(super) fn short(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().trim();
    let mut end = line.len().min(LONGEST);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line[..end].to_owned()
}

/// Why a pull failed, as a sentence that says what to do.
pub(super) fn pull_failure(image: &str, message: &str) -> Sentence {
    let lower = message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["no matching manifest"]) {
        say!("pull-processor", image = image)
    } else if has(&[
        "manifest unknown",
        "manifest for",
        "not found",
        "name unknown",
    ]) {
        say!("pull-unknown", image = image)
    } else if has(&[
        "access denied",
        "denied:",
        "unauthorized",
        "authentication required",
        "no basic auth",
    ]) {
        say!("pull-sign-in", image = image)
    } else if has(&["no space left", "disk quota"]) {
        say!("pull-disk-full", image = image)
    } else if has(&["toomanyrequests", "rate limit", "too many requests"]) {
        say!("pull-slow-down", image = image)
    } else if has(&[
        "no such host",
        "server misbehaving",
        "connection refused",
        "i/o timeout",
        "timeout",
        "network is unreachable",
        "request canceled",
        "connection reset",
        "no route to host",
        "temporary failure",
        "eof",
        "proxyconnect",
    ]) {
        say!("pull-unreachable", image = image, words = short(message))
    } else if has(&["certificate", "x509", "http response to https"]) {
        say!("pull-untrusted", image = image, words = short(message))
    } else {
        say!("pull-failed", image = image, words = short(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_in_use_are_recognised() {
        let table = [
            (
                "driver failed programming external connectivity on endpoint deskcast-1 (3e): Bind for 127.0.0.1:7000 failed: port is already allocated",
                Some(7000),
            ),
            (
                "driver failed programming external connectivity on endpoint x (a): Error starting userland proxy: listen tcp4 127.0.0.1:7001: bind: address already in use",
                Some(7001),
            ),
            (
                "failed to set up container networking: driver failed programming external connectivity on endpoint x (a): failed to bind host port for 127.0.0.1:7002:172.18.0.2:6901/tcp: address already in use",
                Some(7002),
            ),
            (
                "failed to bind host port 127.0.0.1:7003/tcp: address already in use",
                Some(7003),
            ),
            ("OCI runtime create failed", None),
            ("port is already allocated", None),
        ];
        for (message, port) in table {
            assert_eq!(taken_port(message), port, "{message}");
        }
    }

    #[test]
    fn refusals_are_named() {
        let named = |status, message, about| refusal(status, message, about).to_string();
        assert_eq!(
            named(404, "No such image: a/b:1", About::Image("a/b:1")),
            "the image a/b:1 is not on this server"
        );
        assert_eq!(
            named(404, "No such container: 12", About::Container),
            "the container does not exist"
        );
        assert_eq!(
            named(404, "network x not found", About::Container),
            "the container engine refused: network x not found"
        );
        assert!(named(500, &"ö".repeat(500), About::Other).len() < 400);
    }

    #[test]
    fn failed_pulls_say_what_to_do() {
        let table = [
            (
                "manifest for a/b:9 not found: manifest unknown: manifest unknown",
                "does not exist in its registry",
            ),
            (
                "pull access denied for a/b, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
                "wants a sign-in",
            ),
            (
                "Head \"https://r.example/v2/\": unauthorized: authentication required",
                "wants a sign-in",
            ),
            (
                "write /var/lib/docker/tmp/GetImageBlob1: no space left on device",
                "is full",
            ),
            (
                "toomanyrequests: You have reached your pull rate limit",
                "no more downloads",
            ),
            (
                "Get \"https://r.example/v2/\": dial tcp: lookup r.example: no such host",
                "cannot be reached",
            ),
            (
                "Get \"https://r.example/v2/\": dial tcp 10.0.0.1:443: connect: connection refused",
                "cannot be reached",
            ),
            (
                "Get \"https://r.example/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
                "cannot be reached",
            ),
            (
                "Get \"https://r.example/v2/\": x509: certificate signed by unknown authority",
                "cannot be trusted",
            ),
            (
                "no matching manifest for linux/arm64/v8 in the manifest list entries",
                "processor",
            ),
            ("something new", "could not be fetched: something new"),
        ];
        for (message, part) in table {
            let sentence = pull_failure("a/b:9", message).to_string();
            assert!(sentence.contains(part), "{message} → {sentence}");
        }
    }
}
