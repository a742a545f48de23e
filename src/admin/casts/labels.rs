//! The words beside each field of the form.

use crate::{groups::Switch, language::Sentence, say};

/// Above the field.
pub(super) fn label(field: &str) -> Sentence {
    match field {
        "name" => say!("cast-name"),
        "key" => say!("cast-key"),
        "desktop_type" => say!("cast-desktop-type"),
        "enabled" => say!("cast-enabled"),
        "valid_until" => say!("cast-valid-until"),
        "allow_anonymous" => say!("cast-allow-anonymous"),
        "require_captcha" => say!("cast-require-captcha"),
        "anonymous_group" => say!("cast-anonymous-group"),
        "allow_resume" => say!("cast-allow-resume"),
        "restrict_to_referrers" => say!("cast-restrict-to-referrers"),
        "limit_total_sessions" => say!("cast-limit-total-sessions"),
        "sessions_remaining" => say!("cast-sessions-remaining"),
        "limit_requests_per_ip" => say!("cast-limit-requests-per-ip"),
        "sessions_allowed" => say!("cast-sessions-allowed"),
        "within_seconds" => say!("cast-within-seconds"),
        "kasm_url" => say!("cast-kasm-url"),
        "allow_dynamic_kasm_url" => say!("cast-allow-dynamic-kasm-url"),
        "allow_dynamic_docker_network" => say!("cast-allow-dynamic-docker-network"),
        "remote_app" => say!("cast-remote-app"),
        "error_url" => say!("cast-error-url"),
        "disable_control_panel" => say!("cast-disable-control-panel"),
        "disable_tips" => say!("cast-disable-tips"),
        "enable_sharing" => say!("cast-enable-sharing"),
        "disable_shared_fixed_resolution" => say!("cast-disable-shared-fixed-resolution"),
        "enforce_client_settings" => say!("cast-enforce-client-settings"),
        // What a visitor is tried with.
        "address" => say!("cast-try-address"),
        other => Switch::ALL
            .into_iter()
            .find(|switch| switch.key() == other)
            .map_or_else(|| Sentence::plain(other.to_owned()), Switch::label),
    }
}

/// Below the field.
pub(super) fn help(field: &str) -> Sentence {
    match field {
        "name" => say!("cast-name-help"),
        "key" => say!("cast-key-help"),
        "desktop_type" => say!("cast-desktop-type-help"),
        "enabled" => say!("cast-enabled-help"),
        "valid_until" => say!("cast-valid-until-help"),
        "allow_anonymous" => say!("cast-allow-anonymous-help"),
        "require_captcha" => say!("cast-require-captcha-help"),
        "anonymous_group" => say!("cast-anonymous-group-help"),
        "allow_resume" => say!("cast-allow-resume-help"),
        "restrict_to_referrers" => say!("cast-restrict-to-referrers-help"),
        "limit_total_sessions" => say!("cast-limit-total-sessions-help"),
        "sessions_remaining" => say!("cast-sessions-remaining-help"),
        "limit_requests_per_ip" => say!("cast-limit-requests-per-ip-help"),
        "sessions_allowed" => say!("cast-sessions-allowed-help"),
        "within_seconds" => say!("cast-within-seconds-help"),
        "kasm_url" => say!("cast-kasm-url-help"),
        "allow_dynamic_kasm_url" => say!("cast-allow-dynamic-kasm-url-help"),
        "allow_dynamic_docker_network" => say!("cast-allow-dynamic-docker-network-help"),
        "remote_app" => say!("cast-remote-app-help"),
        "error_url" => say!("cast-error-url-help"),
        "disable_control_panel" => say!("cast-disable-control-panel-help"),
        "disable_tips" => say!("cast-disable-tips-help"),
        "enable_sharing" => say!("cast-enable-sharing-help"),
        "disable_shared_fixed_resolution" => say!("cast-disable-shared-fixed-resolution-help"),
        "enforce_client_settings" => say!("cast-enforce-client-settings-help"),
        _ => Sentence::default(),
    }
}
