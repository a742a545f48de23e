//! `POST /look`: the language and the theme of pages, for a visitor and for an account.

use axum::{
    extract::State,
    response::{Redirect, Response},
};
use serde::Deserialize;

use crate::{
    error::AppError,
    language::Language,
    sessions::guard::MaybeUser,
    sign_in::{SignIn, next::safe_back},
    web::{
        cookies::with_cookies,
        extract::Form,
        page::{Theme, look_cookies},
    },
};

/// What was chosen; the rest stays as it is.
#[derive(Debug, Deserialize)]
pub(in crate::sign_in) struct Choice {
    language: Option<Language>,
    theme: Option<Theme>,
    #[serde(default)]
    next: String,
}

/// Works signed in or not. The cookies are for the next page, the account for the next browser.
pub(in crate::sign_in) async fn choose(
    MaybeUser(caller): MaybeUser,
    State(sign_in): State<SignIn>,
    Form(choice): Form<Choice>,
) -> Result<Response, AppError> {
    let Choice {
        language,
        theme,
        next,
    } = choice;
    if let Some(caller) = caller {
        let people = sign_in.people();
        people.set_look(caller.user.id, language, theme).await?;
    }
    let back = Redirect::to(safe_back(&next, sign_in.public_url()));
    let cookies = look_cookies(language, theme, sign_in.is_secure());
    Ok(with_cookies(back, cookies))
}
