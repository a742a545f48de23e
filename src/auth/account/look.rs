//! `POST /look`: the language and the theme of pages, for a visitor and for an account.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    super::{Login, guard::MaybeUser, next::safe_back},
    store,
};
use crate::{
    error::AppError,
    ids::UserId,
    language::Language,
    web::{
        extract::Form,
        page::{Taste, Theme},
    },
};

/// What was chosen; the rest stays as it is.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    language: Option<Language>,
    theme: Option<Theme>,
    #[serde(default)]
    next: String,
}

/// Works signed in or not. The cookies are for the next page, the account for the next browser.
pub(super) async fn choose(
    MaybeUser(caller): MaybeUser,
    State(login): State<Login>,
    Form(choice): Form<Choice>,
) -> Result<Response, AppError> {
    let Choice {
        language,
        theme,
        next,
    } = choice;
    if let Some(caller) = caller {
        login.keep_look(caller.user.id, language, theme).await?;
    }
    let mut response = Redirect::to(safe_back(&next, login.public_url())).into_response();
    for cookie in login.look_cookies(language, theme) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

impl Login {
    async fn keep_look(
        &self,
        user: UserId,
        language: Option<Language>,
        theme: Option<Theme>,
    ) -> Result<(), sqlx::Error> {
        let mut db = self.inner.db.acquire().await?;
        store::set_look(&mut db, user, language, theme).await
    }

    /// `Set-Cookie` values for what is chosen. What is not leaves the browser as it is.
    pub(in crate::auth) fn look_cookies(
        &self,
        language: Option<Language>,
        theme: Option<Theme>,
    ) -> Vec<HeaderValue> {
        let taste = Taste {
            language: language.unwrap_or_default(),
            theme: theme.unwrap_or_default(),
        };
        let [of_language, of_theme] = taste.cookies(self.inner.http.secure());
        language
            .map(|_| of_language)
            .into_iter()
            .chain(theme.map(|_| of_theme))
            .collect()
    }
}
