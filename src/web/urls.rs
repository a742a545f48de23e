//! Every path once.

/// A desktop's page, with the closing slash its relative addresses need.
#[must_use]
pub fn desktop(name: &str) -> String {
    format!("/desktop/{name}/")
}

/// The sign-in page, leading back to `next` afterwards.
#[must_use]
pub fn login(next: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .finish();
    format!("/login?{query}")
}
