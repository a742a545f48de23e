//! `/admin/openid`: the list, the form, trying a provider, removing it. Everything works as plain forms.

use std::sync::Arc;

use super::{
    super::pages::Section,
    form::{FormView, Typed},
    known,
};
use crate::{
    config::{CALLBACKS, Config},
    error::Result,
    ids::OidcProviderId,
    language::Sentence,
    oidc::OidcClient,
    people::User,
    providers::{ProviderError, Providers, SecretState, StoredProvider, check::Report},
    say,
    sessions::{Sessions, guard::AdminUser},
    sign_in::SignIn,
    state::AppState,
    web::{
        extract::{Form, Path, Query},
        page::{Chrome, Page, html},
        routes::Routes,
        urls,
    },
};
use askama::Template;
use axum::{
    extract::{FromRequestParts, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

/// Where the list is.
const LIST: &str = "/admin/openid";

/// The pages.
pub(in crate::admin) fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/admin/openid", list)
        .post("/admin/openid", create)
        .get("/admin/openid/new", new)
        .get("/admin/openid/{id}", edit)
        .post("/admin/openid/{id}", save)
        .get("/admin/openid/{id}/check", back)
        .post("/admin/openid/{id}/check", check)
        .get("/admin/openid/{id}/delete", confirm)
        .post("/admin/openid/{id}/delete", delete)
}

fn address(id: OidcProviderId) -> String {
    format!("{LIST}/{id}")
}

/// A line of the list.
#[derive(Debug)]
struct Line {
    name: String,
    address: String,
    sign_in: String,
    /// Where people are sent, without the path.
    place: String,
    state: &'static str,
    icon: &'static str,
    state_words: Sentence,
    is_default: bool,
    auto_login: bool,
}

impl From<StoredProvider> for Line {
    fn from(stored: StoredProvider) -> Self {
        let broken = matches!(stored.secret, SecretState::Unreadable(_));
        let provider = stored.provider;
        let (state, icon, state_words) = match (broken, provider.enabled) {
            (true, _) => ("error", "cross-circle", say!("openid-state-secret")),
            (false, true) => ("running", "check-circle", say!("openid-state-on")),
            (false, false) => ("stopped", "power", say!("openid-state-off")),
        };
        let authorization = provider.authorization_url.as_ref();
        let place = authorization.map(|url| url.origin().ascii_serialization());
        Self {
            address: address(provider.id),
            sign_in: urls::login_with(&provider.name, "/"),
            place: provider.issuer.or(place).unwrap_or_default(),
            name: provider.name,
            state,
            icon,
            state_words,
            is_default: provider.is_default,
            auto_login: provider.auto_login,
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/openid.html")]
struct ListPage {
    chrome: Chrome,
    section: Section,
    lines: Vec<Line>,
    /// What has just been removed.
    removed: bool,
    /// Why secrets cannot be kept.
    no_key: Option<Sentence>,
}

/// What an administrator enters at the provider.
#[derive(Debug)]
struct Ours {
    /// The one that is used stands first.
    redirect_uris: Vec<String>,
    backchannel: String,
    signed_out: String,
}

impl Ours {
    fn new(config: &Config) -> Self {
        let url = |path: &str| format!("{}{path}", config.http.origin());
        let used = config.oidc.redirect_uri.path();
        let mut paths = CALLBACKS;
        paths.sort_by_key(|path| *path != used);
        Self {
            redirect_uris: paths.map(url).into(),
            backchannel: url("/api/oidc_backchannel_logout"),
            signed_out: url(urls::SIGNED_OUT),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/openid_form.html")]
struct FormPage {
    chrome: Chrome,
    section: Section,
    form: FormView,
    ours: Ours,
    /// A provider that is there already.
    there: Option<There>,
    saved: bool,
    report: Option<Report>,
}

#[derive(Debug)]
struct There {
    address: String,
    sign_in: String,
    question: Sentence,
    consequence: Sentence,
    /// Why its secret cannot be used.
    locked: Option<Sentence>,
}

#[derive(Debug, Template)]
#[template(path = "admin/openid_delete.html")]
struct DeletePage {
    chrome: Chrome,
    there: There,
}

/// The handles these pages ask.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
struct Desk {
    #[from_request(via(State))]
    providers: Providers,
    #[from_request(via(State))]
    sessions: Sessions,
    #[from_request(via(State))]
    sign_in: SignIn,
    #[from_request(via(State))]
    oidc: OidcClient,
    #[from_request(via(State))]
    config: Arc<Config>,
}

impl Desk {
    async fn there(&self, stored: &StoredProvider) -> Result<There> {
        let provider = &stored.provider;
        let people = self.sessions.count_of_provider(provider.id).await?;
        Ok(There {
            address: address(provider.id),
            sign_in: urls::login_with(&provider.name, "/"),
            question: say!("openid-delete-question", name = provider.name.as_str()),
            consequence: say!("openid-delete-consequence", count = people),
            locked: match stored.secret {
                SecretState::Unreadable(cause) => Some(cause.sentence()),
                SecretState::Missing | SecretState::Kept => None,
            },
        })
    }

    /// The form of a provider that is there, as it is stored.
    async fn stored(&self, page: Page, admin: &User, id: OidcProviderId) -> Result<FormPage> {
        let stored = known(&self.providers, id).await?;
        let form = FormView::new(address(id), Typed::from(&stored), stored.secret);
        let title = Sentence::plain(stored.provider.name.clone());
        Ok(FormPage {
            chrome: page.chrome(title, Some(admin.into())),
            section: Section::OpenId,
            form,
            ours: Ours::new(&self.config),
            there: Some(self.there(&stored).await?),
            saved: false,
            report: None,
        })
    }

    /// The empty form.
    fn empty(&self, page: Page, admin: &User, typed: Typed) -> FormPage {
        FormPage {
            chrome: page.chrome(say!("openid-new"), Some(admin.into())),
            section: Section::OpenId,
            form: FormView::new(LIST.into(), typed, SecretState::Missing),
            ours: Ours::new(&self.config),
            there: None,
            saved: false,
            report: None,
        }
    }
}

/// What has just happened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Happened {
    saved: String,
    removed: String,
}

const YES: &str = "1";

async fn list(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Query(happened): Query<Happened>,
    page: Page,
) -> Result<Response> {
    let providers = &desk.providers;
    let all = providers.all().await?;
    Ok(html(&ListPage {
        chrome: page.chrome(say!("openid-title"), Some((&*admin.user).into())),
        section: Section::OpenId,
        lines: all.into_iter().map(Line::from).collect(),
        removed: happened.removed == YES,
        no_key: providers.cannot_keep_secrets(),
    }))
}

async fn new(AdminUser(admin): AdminUser, desk: Desk, page: Page) -> Response {
    html(&desk.empty(page, &admin.user, Typed::new()))
}

async fn create(
    AdminUser(admin): AdminUser,
    desk: Desk,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    match desk.providers.create(typed.clone().into()).await {
        Ok(made) => {
            let id = made.provider.id;
            tracing::info!(user.id = %admin.user.id, provider.id = %id, "an OpenID provider was added");
            Ok(saved(id))
        }
        Err(refusal) => {
            let empty = desk.empty(page, &admin.user, typed);
            refused(empty, refusal)
        }
    }
}

async fn edit(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<OidcProviderId>,
    Query(happened): Query<Happened>,
    page: Page,
) -> Result<Response> {
    let stored = desk.stored(page, &admin.user, id).await?;
    Ok(html(&FormPage {
        saved: happened.saved == YES,
        ..stored
    }))
}

async fn save(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<OidcProviderId>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    match desk.providers.update(id, typed.clone().into()).await {
        Ok(_) => {
            tracing::info!(user.id = %admin.user.id, provider.id = %id, "an OpenID provider was changed");
            Ok(saved(id))
        }
        Err(refusal) => {
            let mut stored = desk.stored(page, &admin.user, id).await?;
            stored.form.typed = typed;
            refused(stored, refusal)
        }
    }
}

/// The page again with what was typed and what is wrong with it.
fn refused(page: FormPage, refusal: ProviderError) -> Result<Response> {
    let form = page.form.refused(refusal)?;
    let page = html(&FormPage { form, ..page });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn saved(id: OidcProviderId) -> Response {
    Redirect::to(&format!("{}?saved=1", address(id))).into_response()
}

/// Tries what is stored and shows the result on the page.
async fn check(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<OidcProviderId>,
    page: Page,
) -> Result<Response> {
    let tried = known(&desk.providers, id).await?;
    let report = desk.oidc.check(&tried).await;
    let stored = desk.stored(page, &admin.user, id).await?;
    Ok(html(&FormPage {
        report: Some(report),
        ..stored
    }))
}

/// Somebody loads the page of a result again.
async fn back(_: AdminUser, Path(id): Path<OidcProviderId>) -> Redirect {
    Redirect::to(&address(id))
}

async fn confirm(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<OidcProviderId>,
    page: Page,
) -> Result<Response> {
    let stored = known(&desk.providers, id).await?;
    Ok(html(&DeletePage {
        chrome: page.chrome(say!("openid-delete"), Some((&*admin.user).into())),
        there: desk.there(&stored).await?,
    }))
}

async fn delete(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<OidcProviderId>,
) -> Result<Response> {
    desk.sign_in.delete_provider(id).await?;
    tracing::info!(user.id = %admin.user.id, provider.id = %id, "an OpenID provider was removed");
    Ok(Redirect::to(&format!("{LIST}?removed=1")).into_response())
}
