//! `/account` and its forms. A form that is taken leads back to the page; one that is refused shows the page again
//! with what was typed.

use axum::{
    extract::{FromRequestParts, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::view::{
    AccountPage, LIFETIMES, Made, PasswordForm, Problems, SignInLine, TokenForm, TokenLine,
    group_names, languages, password_help, themes, who,
};
use crate::{
    clock::Clock,
    error::{AppError, FieldProblem, Result},
    groups::Groups,
    ids::{ApiTokenId, SignInId},
    language::Sentence,
    say,
    sessions::{Caller, Sessions, Tokens, guard::CurrentUser, tokens::TokenError},
    sign_in::{PasswordError, SignIn, SignInError, not_there},
    state::AppState,
    web::{
        cookies::with_cookie,
        extract::{Form, Path, Query, secret},
        page::{Page, Person, html},
    },
};

/// What every answer of this page needs.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
pub(super) struct Account {
    current: CurrentUser,
    #[from_request(via(State))]
    sessions: Sessions,
    #[from_request(via(State))]
    tokens: Tokens,
    #[from_request(via(State))]
    sign_in: SignIn,
    #[from_request(via(State))]
    groups: Groups,
    #[from_request(via(State))]
    clock: Clock,
    page: Page,
}

/// What was just done, by a word in the address: the page after a form that was taken.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    fn sentence(&self) -> Option<Sentence> {
        match self.done.as_str() {
            "signed-out" => Some(say!("account-done-signed-out")),
            "revoked" => Some(say!("account-done-revoked")),
            "password" => Some(say!("account-done-password")),
            "look" => Some(say!("account-done-look")),
            _ => None,
        }
    }
}

/// What a form leaves on the page.
#[derive(Debug, Default)]
struct Forms {
    done: Option<Sentence>,
    token: TokenForm,
    password: Vec<FieldProblem>,
}

impl Account {
    fn caller(&self) -> &Caller {
        &self.current.0
    }

    async fn render(self, forms: Forms) -> Result<Response> {
        let caller = &self.current.0;
        let user = &caller.user;
        let sign_ins = self.sessions.sign_ins(caller).await?;
        let tokens = self.tokens.list(user.id).await?;
        let password = self.sign_in.has_password(user.id).await?;
        let groups = self.groups.of_user(user.id).await?;
        let now = self.clock.now();
        let taste = self.page.taste();
        let person = Person::from(user.as_ref());
        let mut chrome = self.page.chrome(say!("account-title"), Some(person));
        // The answer of a form has the form's address, which is none to come back to.
        if chrome.here.starts_with("/account/") {
            chrome.here = "/account".into();
        }
        Ok(html(&AccountPage {
            chrome,
            who: who(user, &sign_ins),
            done: forms.done,
            sign_ins: sign_ins.into_iter().map(SignInLine::from).collect(),
            tokens: tokens
                .into_iter()
                .map(|token| TokenLine::new(token, now))
                .collect(),
            token: forms.token,
            password: password.then(|| PasswordForm {
                username: user.username.clone(),
                problems: Problems(forms.password),
            }),
            password_help: password_help(),
            groups: group_names(&groups),
            applied: self.groups.applied(groups).lines(),
            themes: themes(taste.theme),
            languages: languages(taste.language),
        }))
    }
}

pub(super) async fn show(account: Account, Query(done): Query<Done>) -> Result<Response> {
    let forms = Forms {
        done: done.sentence(),
        ..Forms::default()
    };
    account.render(forms).await
}

pub(super) async fn end_sign_in(account: Account, Path(id): Path<SignInId>) -> Result<Response> {
    let caller = account.caller();
    if !account.sessions.end_sign_in(caller, id).await? {
        return Err(not_there());
    }
    Ok(Redirect::to("/account?done=signed-out").into_response())
}

/// Which sign-ins end.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    Others,
    All,
}

/// The buttons below the list.
#[derive(Debug, Deserialize)]
pub(super) struct Everywhere {
    which: Which,
}

pub(super) async fn end_sign_ins(
    account: Account,
    Form(Everywhere { which }): Form<Everywhere>,
) -> Result<Response> {
    let (sessions, caller) = (&account.sessions, account.caller());
    match which {
        Which::Others => {
            sessions.sign_out_elsewhere(caller).await?;
            Ok(Redirect::to("/account?done=signed-out").into_response())
        }
        Which::All => {
            sessions.sign_out_everywhere(caller.user.id).await?;
            Ok(with_cookie(Redirect::to("/login"), sessions.no_cookie()))
        }
    }
}

/// The form for a new token.
#[derive(Debug, Deserialize)]
pub(super) struct NewToken {
    name: String,
    days: i64,
}

/// The answer shows the token: it stands in no address, and nobody sees it twice.
pub(super) async fn create_token(
    account: Account,
    Form(NewToken { name, days }): Form<NewToken>,
) -> Result<Response> {
    let seconds = LIFETIMES
        .contains(&days)
        .then(|| time::Duration::days(days).whole_seconds());
    let user = account.caller().user.id;
    // A lifetime nobody can choose on the page is refused by the same rule as one of a program.
    let made = account.tokens.create(user, &name, seconds.or(Some(0)));
    let problems = match made.await {
        Ok(made) => {
            let token = TokenForm {
                made: Some(Made(made.secret)),
                ..TokenForm::default()
            };
            let forms = Forms {
                token,
                ..Forms::default()
            };
            return account.render(forms).await;
        }
        Err(TokenError::Database(error)) => return Err(error.into()),
        Err(TokenError::Invalid(problems)) => problems,
        Err(error @ TokenError::TooMany) => {
            vec![FieldProblem::new("name", sentence_of(error.into()))]
        }
    };
    let forms = Forms {
        token: TokenForm {
            name,
            days,
            problems: Problems(problems),
            made: None,
        },
        ..Forms::default()
    };
    refused(
        account.render(forms).await?,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
}

pub(super) async fn revoke_token(account: Account, Path(id): Path<ApiTokenId>) -> Result<Redirect> {
    let user = account.caller().user.id;
    if !account.tokens.delete(user, id).await? {
        return Err(AppError::not_found(say!("account-no-such-token")));
    }
    Ok(Redirect::to("/account?done=revoked#tokens"))
}

/// The form for a new password.
#[derive(Debug, Deserialize)]
pub(super) struct NewPassword {
    #[serde(deserialize_with = "secret")]
    old: SecretString,
    #[serde(deserialize_with = "secret")]
    new: SecretString,
    #[serde(deserialize_with = "secret")]
    again: SecretString,
}

pub(super) async fn change_password(
    account: Account,
    Form(NewPassword { old, new, again }): Form<NewPassword>,
) -> Result<Response> {
    let (field, problem, wait) = if new.expose_secret() == again.expose_secret() {
        let (sign_in, caller) = (&account.sign_in, account.caller());
        let changed = sign_in.change_password(caller, &old, &new);
        match changed.await {
            Ok(()) => {
                return Ok(Redirect::to("/account?done=password#password").into_response());
            }
            Err(PasswordError::NotHere) => {
                return Err(AppError::not_found(say!("account-no-password")));
            }
            Err(PasswordError::NewOne(problem)) => ("new", problem, None),
            Err(PasswordError::Old(SignInError::Wrong)) => {
                ("old", say!("account-password-wrong"), None)
            }
            Err(PasswordError::Old(error @ SignInError::TooMany(wait))) => {
                ("old", sentence_of(error.into()), Some(wait))
            }
            Err(PasswordError::Old(error)) => return Err(error.into()),
        }
    } else {
        ("again", say!("account-password-differs"), None)
    };
    let forms = Forms {
        password: vec![FieldProblem::new(field, problem)],
        ..Forms::default()
    };
    let page = account.render(forms).await?;
    let Some(wait) = wait else {
        return refused(page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let retry = [(header::RETRY_AFTER, wait.as_secs().to_string())];
    refused((retry, page).into_response(), StatusCode::TOO_MANY_REQUESTS)
}

#[expect(clippy::unnecessary_wraps, reason = "the last word of handlers")]
fn refused(mut page: Response, status: StatusCode) -> Result<Response> {
    *page.status_mut() = status;
    Ok(page)
}

/// What the API says to the same refusal.
fn sentence_of(error: AppError) -> Sentence {
    match error {
        AppError::Conflict { sentence, .. } | AppError::SlowDown { sentence, .. } => sentence,
        _ => say!("error-internal"),
    }
}
