//! What every page has around its own content.

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::error::AppError;

/// The request's nonce: made by `web::layers`, sent in the page's CSP, written on its scripts.
#[derive(Clone, Debug)]
pub struct Nonce(pub String);

/// Title, navigation, the person's name, the nonce: the field `chrome` of every template.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// `<title>` before "· Deskcast".
    pub title: String,
    /// Who is signed in, if anybody.
    pub person: Option<Person>,
    /// For `<script nonce>`.
    pub nonce: String,
    /// Where style sheets, scripts and icons are: `/static/<version>`.
    pub assets: &'static str,
}

/// Who is signed in, as the header of a page shows it.
#[derive(Clone, Debug)]
pub struct Person {
    /// Shown name.
    pub name: String,
    /// Up to two letters.
    pub initials: String,
    /// Whether to show what only administrators use.
    pub admin: bool,
}

/// Makes the [`Chrome`] of this request's page.
#[derive(Clone, Debug)]
pub struct Page {
    nonce: String,
}

impl Page {
    /// For a page that is made outside of a handler; without a nonce its scripts do not run.
    #[must_use]
    pub fn with_nonce(nonce: Option<Nonce>) -> Self {
        Self {
            nonce: nonce.map(|Nonce(text)| text).unwrap_or_default(),
        }
    }

    /// The chrome of a page with this title.
    pub fn chrome(self, title: impl Into<String>, person: Option<Person>) -> Chrome {
        Chrome {
            title: title.into(),
            person,
            nonce: self.nonce,
            assets: super::statics::base(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // Without the layer (a test of one handler) there is no nonce, and the page's scripts simply do not run.
        Ok(Self::with_nonce(parts.extensions.get().cloned()))
    }
}

/// Renders a page; it is never cached, it is somebody's own.
pub fn html(template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(text) => {
            let mut response = axum::response::Html(text).into_response();
            response.headers_mut().insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, no-store"),
            );
            response
        }
        Err(error) => AppError::internal(error).into_response(),
    }
}
