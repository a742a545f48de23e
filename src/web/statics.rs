//! Style sheets, scripts and icons, served from the binary with a version in the path.

use std::sync::LazyLock;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use tower_http::compression::CompressionLayer;

use super::{extract::Path, routes::Routes};
use crate::{error::AppError, say};

/// The files of `static/`, in the binary.
#[derive(rust_embed::RustEmbed)]
#[folder = "static/"]
struct Files;

/// Where they are: `/static/<version>`. The version follows from the content, so a browser may keep a file for
/// ever and still sees the next one.
#[must_use]
pub fn base() -> &'static str {
    static BASE: LazyLock<String> = LazyLock::new(|| format!("/static/{}", version()));
    &BASE
}

fn version() -> String {
    let mut all = Sha256::new();
    for name in Files::iter() {
        if let Some(file) = Files::get(&name) {
            all.update(name.as_bytes());
            all.update(file.metadata.sha256_hash());
        }
    }
    hex::encode(&all.finalize()[..6])
}

/// `/static/<version>/<file>` and `/favicon.ico`.
#[must_use]
pub fn routes<S: Clone + Send + Sync + 'static>() -> Routes<S> {
    Routes::new()
        .get("/static/{version}/{*file}", file)
        .get("/favicon.ico", favicon)
        .layer(CompressionLayer::new())
}

async fn file(Path((version, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    // While replicas of two versions run, one may be asked for the other's: right for now, not to be kept.
    let kept = if base().strip_prefix("/static/") == Some(version.as_str()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    serve(&name, kept, &headers)
}

async fn favicon(headers: HeaderMap) -> Response {
    serve("favicon.svg", "public, max-age=86400", &headers)
}

fn serve(name: &str, kept: &'static str, asked: &HeaderMap) -> Response {
    let Some(file) = Files::get(name) else {
        return AppError::not_found(say!("error-no-such-file")).into_response();
    };
    // Weak: the compressed form is the same file in other bytes.
    let tag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..8]));
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|one| one.trim() == tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(file.data));
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(media_type(name)),
        );
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_the_browser_has_is_not_sent_again() {
        let first = serve("favicon.svg", "no-cache", &HeaderMap::new());
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "image/svg+xml");
        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        let second = serve("favicon.svg", "no-cache", &asked);
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(
            second.headers()[header::ETAG],
            first.headers()[header::ETAG]
        );
    }

    #[test]
    fn every_file_has_a_type_browsers_take() {
        for name in Files::iter() {
            assert_ne!(media_type(&name), "application/octet-stream", "{name}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        for name in ["../Cargo.toml", "/etc/passwd", "..%2fCargo.toml", "", "."] {
            let response = serve(name, "no-cache", &HeaderMap::new());
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}
