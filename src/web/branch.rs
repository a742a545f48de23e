//! How an address speaks. Which address speaks how is said by the router alone (`app::branches`); the layers and the
//! guards read the mark that [`mark`] puts on every request.

use axum::{
    extract::{Request, State},
    http::{Extensions, Uri},
    middleware::Next,
    response::Response,
};

/// Who asks at an address, and so how it answers and what it accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Branch {
    /// A person, with a browser.
    #[default]
    Page,
    /// A person, with an address that holds a key or may lead on to one: no `Referer` and no log tells it.
    KeyPage,
    /// A program; it may show its id in a header or in the query.
    Api,
    /// A person's form or a program: the `Accept` header tells.
    Either,
    /// A client in a desktop's page, or a desktop itself.
    Desktop,
    /// A machine that looks whether we are well.
    Machine,
    /// A file of ours.
    Files,
}

impl Branch {
    /// The mark of a request.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or_default()
    }

    /// Asked every few seconds or with every page, and never news.
    #[must_use]
    pub fn is_routine(self) -> bool {
        matches!(self, Self::Machine | Self::Files)
    }
}

/// Which branch an address is on.
pub type BranchOf = fn(&Uri) -> Branch;

/// Layer: marks the request, outside of everything that reads the mark.
pub async fn mark(State(branch): State<BranchOf>, mut request: Request, next: Next) -> Response {
    let branch = branch(request.uri());
    request.extensions_mut().insert(branch);
    next.run(request).await
}
