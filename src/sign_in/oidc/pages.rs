//! What people see of a sign-in with a provider that did not lead straight to their desktops.

use std::fmt::Write;

use askama::Template;
use axum::{
    http::{StatusCode, header, request::Parts},
    response::Response,
};
use url::form_urlencoded;

use super::{
    accounts,
    flow::{Answer, Arrived, readable},
    logout::ProviderSignOut,
    problem::{Kind, Problem},
    switch::Question,
};
use crate::{
    language::Sentence,
    oidc::claims,
    people::User,
    providers::Provider,
    say,
    web::{
        log::Reference,
        page::{Chrome, Page, html},
        urls,
    },
};

/// Nobody was signed in.
#[derive(Debug, Template)]
#[template(path = "oidc/refused.html")]
struct RefusedPage {
    chrome: Chrome,
    kind: Kind,
    sentence: Sentence,
    reference: String,
    /// Where to try it again.
    again: String,
    /// Where to sign in otherwise.
    otherwise: String,
    /// For an administrator who tries a provider.
    cause: Option<String>,
}

/// What an administrator's trial of a provider brought.
#[derive(Debug, Template)]
#[template(path = "oidc/tested.html")]
struct TestedPage {
    chrome: Chrome,
    lead: Sentence,
    /// What would become of it: names and values.
    outcome: Vec<(Sentence, Sentence)>,
    id_claims: String,
    userinfo: String,
    again: String,
}

/// Somebody else is signed in: who do they want to be?
#[derive(Debug, Template)]
#[template(path = "oidc/switch.html")]
struct SwitchPage {
    chrome: Chrome,
    lead: Sentence,
    here: String,
    there: String,
    secret: String,
    /// On the buttons.
    stay: Sentence,
    switch: Sentence,
}

/// Signed out here, and still signed in at the provider.
#[derive(Debug, Template)]
#[template(path = "oidc/signed_out.html")]
struct SignedOutPage {
    chrome: Chrome,
    /// That they are still signed in there.
    there: Sentence,
    /// On the button.
    go_there: Sentence,
    url: String,
}

/// Where a refused sign-in may go on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Context<'c> {
    pub provider: Option<&'c Provider>,
    pub next: &'c str,
    /// An administrator tries the provider: they see the cause.
    pub tested: bool,
}

/// Why nobody was signed in, and what to do. The cause goes into the log.
pub(super) fn refused(head: &Parts, problem: &Problem, context: Context<'_>) -> Response {
    let name = context.provider.map(|provider| provider.name.as_str());
    match problem.kind() {
        Kind::Again | Kind::NotYou | Kind::Slowly => {
            tracing::info!(provider = name, cause = %problem, "nobody was signed in with a provider");
        }
        Kind::Away | Kind::Broken | Kind::Ours => {
            tracing::warn!(provider = name, cause = %problem, "signing in with a provider failed");
        }
    }
    let mut response = html(&RefusedPage {
        chrome: chrome(head, problem.title()),
        kind: problem.kind(),
        sentence: problem.sentence(name),
        reference: head
            .extensions
            .get()
            .map(Reference::to_string)
            .unwrap_or_default(),
        again: match name {
            Some(name) => begin(name, context.next, context.tested),
            None => format!("/login?{}", next(context.next)),
        },
        otherwise: format!("/login?local=1&{}", next(context.next)),
        cause: context.tested.then(|| problem.to_string()),
    });
    *response.status_mut() = match problem.kind() {
        // Nothing is wrong there: it is this server that cannot ask now.
        _ if matches!(problem, Problem::Secret { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Again => StatusCode::BAD_REQUEST,
        Kind::NotYou => StatusCode::FORBIDDEN,
        Kind::Slowly => StatusCode::TOO_MANY_REQUESTS,
        Kind::Away => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Broken => StatusCode::BAD_GATEWAY,
        Kind::Ours => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if matches!(problem.kind(), Kind::Slowly | Kind::Away) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, 60.into());
    }
    response
}

/// What a trial brought: claims, and what would become of them.
pub(super) fn tested(head: &Parts, arrived: &Arrived, answer: &Answer) -> Response {
    let provider = &arrived.provider;
    html(&TestedPage {
        chrome: chrome(head, say!("oidc-tested-title")),
        lead: say!("oidc-tested-lead", provider = provider.name.as_str()),
        outcome: outcome(provider, answer),
        id_claims: readable(&answer.id_claims),
        userinfo: readable(&answer.userinfo),
        again: begin(&provider.name, "", true),
    })
}

fn outcome(provider: &Provider, answer: &Answer) -> Vec<(Sentence, Sentence)> {
    let plain = |text: &str| Sentence::plain(text.to_owned());
    let identity = &answer.identity;
    let mut rows = vec![
        (say!("oidc-tested-issuer"), plain(&identity.issuer)),
        (say!("oidc-tested-subject"), plain(&identity.subject)),
    ];
    let person = match &answer.person {
        Ok(person) => person,
        Err(problem) => {
            rows.push((say!("oidc-tested-refused"), problem.sentence()));
            return rows;
        }
    };
    let none = || say!("oidc-tested-none");
    let groups = person.groups.iter().map(|group| {
        if group.id == group.name {
            group.id.clone()
        } else {
            format!("{} ({})", group.name, group.id)
        }
    });
    let groups = groups.collect::<Vec<_>>().join(", ");
    let may = claims::may_sign_in(&person.groups, &provider.allowed_groups);
    rows.extend([
        (say!("oidc-tested-username"), plain(&person.username)),
        (
            say!("oidc-tested-display-name"),
            plain(&person.display_name),
        ),
        (
            say!("oidc-tested-email"),
            person.email.as_deref().map_or_else(none, plain),
        ),
        (
            say!("oidc-tested-role"),
            match accounts::role(provider, person) {
                Some(role) => plain(&format!("{role:?}").to_lowercase()),
                None => say!("oidc-tested-role-kept"),
            },
        ),
        (
            say!("oidc-tested-groups"),
            if groups.is_empty() {
                none()
            } else {
                plain(&groups)
            },
        ),
        (
            say!("oidc-tested-may"),
            if may {
                say!("oidc-tested-yes")
            } else {
                say!("oidc-not-allowed")
            },
        ),
    ]);
    rows
}

/// Asks who somebody wants to be; nothing was changed so far.
pub(super) fn asks(head: &Parts, question: Question) -> Response {
    tracing::info!(
        user.id = %question.here.id,
        "a sign-in of somebody else came back where this person is signed in; they are asked"
    );
    let name = |user: &User| {
        if user.display_name == user.username {
            user.username.clone()
        } else {
            format!("{} ({})", user.display_name, user.username)
        }
    };
    let (here, there) = (name(&question.here), name(&question.there));
    html(&SwitchPage {
        chrome: chrome(head, say!("oidc-switch-title")),
        lead: say!("oidc-switch-lead", provider = question.provider.as_str()),
        stay: say!("oidc-switch-stay", name = here.as_str()),
        switch: say!("oidc-switch-go", name = there.as_str()),
        here,
        there,
        secret: question.secret,
    })
}

/// Signed out here; the page goes on to the provider, which a form's answer must not (the policy of our pages).
pub(in crate::sign_in) fn signed_out(
    head: &Parts,
    provider_sign_out: &ProviderSignOut,
) -> Response {
    let provider = provider_sign_out.provider.as_str();
    html(&SignedOutPage {
        chrome: chrome(head, say!("oidc-signed-out-title")),
        there: say!("oidc-signed-out-there", provider = provider),
        go_there: say!("oidc-sign-out-there", provider = provider),
        url: provider_sign_out.url.to_string(),
    })
}

/// Where a sign-in with the provider `name` begins.
fn begin(name: &str, to: &str, tested: bool) -> String {
    let mut path = "/login/oidc/".to_owned();
    // Names have no characters that a path cannot carry once they are encoded.
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    if tested {
        path + "?test=1"
    } else {
        format!("{path}?{}", next(to))
    }
}

fn next(to: &str) -> String {
    let to = if to.is_empty() { "/" } else { to };
    form_urlencoded::Serializer::new(String::new())
        .append_pair("next", to)
        .finish()
}

/// The chrome of these pages. Their addresses hold what a provider sent, and that must not stand in a page: the switch
/// of the language leads to the sign-in page.
fn chrome(head: &Parts, title: Sentence) -> Chrome {
    let mut chrome = Page::of(head).chrome(title, None);
    chrome.here = urls::login("/");
    chrome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_to_a_provider_is_an_address() {
        assert_eq!(begin("default", "/", false), "/login/oidc/default?next=%2F");
        assert_eq!(
            begin("Schule Süd", "/a?b=c", false),
            "/login/oidc/Schule%20S%C3%BCd?next=%2Fa%3Fb%3Dc"
        );
        assert_eq!(begin("x", "/a", true), "/login/oidc/x?test=1");
    }
}
