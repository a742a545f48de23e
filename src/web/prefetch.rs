//! Nobody fetches a page of ours ahead of a visit (T29).
//!
//! A page of a desktop may ask the browser to fetch addresses of its origin before anybody goes there, with the cookies
//! of whoever looks at it. We never ask for that ourselves, and a visit that was not made must not count as one.

use axum::{
    extract::Request,
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::branch::Branch;
use crate::{error::AppError, say};

/// Layer: what a browser fetches ahead is refused, but for our files, which are nobody's own.
pub async fn refuse(request: Request, next: Next) -> Response {
    let personal = !matches!(
        Branch::of(request.extensions()),
        Branch::Files | Branch::Machine
    );
    if personal && is_ahead(request.headers()) {
        return AppError::Forbidden(say!("error-prefetch")).into_response();
    }
    next.run(request).await
}

/// Whether the browser says that nobody goes there yet: `prefetch` alone or with more (`prefetch;prerender`).
fn is_ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"]
        .iter()
        .flat_map(|name| headers.get_all(*name))
        .flat_map(|value| value.as_bytes().split(|byte| b";, ".contains(byte)))
        .any(|word| {
            word.eq_ignore_ascii_case(b"prefetch") || word.eq_ignore_ascii_case(b"prerender")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_say_that_they_fetch_ahead() {
        let table = [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("sec-purpose", "prefetch;anonymous-client-ip", true),
            ("purpose", "prefetch", true),
            ("purpose", "Prefetch", true),
            ("x-moz", "prefetch", true),
            ("sec-purpose", "", false),
            ("sec-purpose", "prefetched", false),
            ("sec-fetch-mode", "prefetch", false),
        ];
        for (name, value, ahead) in table {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(is_ahead(&headers), ahead, "{name}: {value}");
        }
    }
}
