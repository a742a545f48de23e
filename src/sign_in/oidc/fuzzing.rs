//! What holds for every answer that a provider sends through the browser.

use super::flow::Callback;

/// A parameter is there once, and short, or there is no answer.
pub(in crate::sign_in) fn callback(query: &str) {
    let read = Callback::read(query);
    for name in ["state", "code", "error", "error_description", "iss"] {
        let values = url::form_urlencoded::parse(query.as_bytes());
        let values = values
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        let values: Vec<_> = values.collect();
        let right = values.len() <= 1 && values.iter().all(|value| value.len() <= 4_096);
        assert!(right || read.is_err(), "{name}");
    }
}
