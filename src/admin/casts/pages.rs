//! `/admin/casts/…`: the form of a cast, trying it, its QR code, copying and deleting it. Everything works as plain
//! forms.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    LIST,
    body::{address, visit},
    desk::{CastPage, Desk, Trial},
    form, known, page_of,
    qr::Drawing,
};
use crate::{
    admin::form::{Sent, refused, see},
    casting::{CastError, CastFields, Casting, key},
    config::Config,
    error::{AppError, FieldProblem, Result},
    ids::CastId,
    language::Sentence,
    say,
    sessions::guard::AdminUser,
    web::{
        extract::{Form, Path, Query},
        page::{Chrome, Page, html},
    },
};

#[derive(Debug, Template)]
#[template(path = "admin/cast_delete.html")]
struct DeletePage {
    chrome: Chrome,
    question: Sentence,
    page: String,
}

/// What a refused form shows at its fields. Everything else is an error page.
fn of_fields(error: AppError) -> Result<Vec<FieldProblem>> {
    match error {
        AppError::Invalid(problems) => Ok(problems),
        other => Err(other),
    }
}

/// Whether the button for a random key was pressed: the form comes again with one, and nothing is saved.
fn with_random_key(pairs: &[(String, String)]) -> Option<Sent> {
    let pressed = pairs
        .iter()
        .any(|(name, value)| name == "do" && value == "random-key");
    pressed.then(|| {
        let others = pairs
            .iter()
            .filter(|(name, _)| name != "key" && name != "do");
        let key = ("key".to_owned(), key::random());
        Sent::from(others.cloned().chain([key]).collect::<Vec<_>>())
    })
}

/// What has just happened.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct After {
    #[serde(default)]
    done: String,
}

pub(super) async fn new(AdminUser(admin): AdminUser, desk: Desk, page: Page) -> Result<Response> {
    let fields = CastFields {
        key: key::random(),
        ..CastFields::default()
    };
    let form = desk
        .fresh(page, &admin.user, form::typed(&fields), Vec::new())
        .await?;
    Ok(html(&form))
}

pub(super) async fn create(
    AdminUser(admin): AdminUser,
    desk: Desk,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    if let Some(sent) = with_random_key(&pairs) {
        return Ok(html(
            &desk.fresh(page, &admin.user, sent, Vec::new()).await?,
        ));
    }
    let sent = Sent::from(pairs);
    let made = match desk.checked(&sent, None).await {
        Ok(fields) => desk
            .casting
            .create(&fields, admin.user.id)
            .await
            .map_err(AppError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(cast) => {
            tracing::info!(user.id = %admin.user.id, cast.id = %cast.id, "a cast was made");
            Ok(see(&format!("{}?done=made", page_of(cast.id))))
        }
        Err(error) => {
            let problems = of_fields(error)?;
            Ok(refused(
                &desk.fresh(page, &admin.user, sent, problems).await?,
            ))
        }
    }
}

pub(super) async fn edit(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<CastId>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
    let cast = known(&desk.casting, id).await?;
    let stored = desk
        .stored(page, &admin.user, &cast, Trial::default())
        .await?;
    let done = match after.done.as_str() {
        "made" => Some(say!("cast-made")),
        "saved" => Some(say!("form-saved")),
        "copied" => Some(say!("cast-duplicated")),
        _ => None,
    };
    Ok(html(&CastPage { done, ..stored }))
}

pub(super) async fn save(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<CastId>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let cast = known(&desk.casting, id).await?;
    if let Some(sent) = with_random_key(&pairs) {
        let again = desk.typed(page, &admin.user, &cast, sent, Vec::new(), Trial::default());
        return Ok(html(&again.await?));
    }
    let sent = Sent::from(pairs);
    let saved = match desk.checked(&sent, Some(id)).await {
        Ok(fields) => {
            let written = desk
                .casting
                .replace(id, &fields, form::seen(&sent), admin.user.id);
            written.await.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => {
            tracing::info!(user.id = %admin.user.id, cast.id = %id, "a cast was changed");
            Ok(see(&format!("{}?done=saved", page_of(id))))
        }
        Err(error) => {
            let problems = of_fields(error)?;
            let again = desk.typed(page, &admin.user, &cast, sent, problems, Trial::default());
            Ok(refused(&again.await?))
        }
    }
}

/// Tries what is stored on a visitor and shows the result on the page.
pub(super) async fn check(
    AdminUser(admin): AdminUser,
    desk: Desk,
    Path(id): Path<CastId>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let cast = known(&desk.casting, id).await?;
    let mut trial = Trial::typed(&Sent::from(pairs));
    let (visit, problem) = visit(&trial.address, &trial.referrer, &trial.parameters);
    if let Some(problem) = problem {
        trial.problem = Some(problem.problem);
        let again = desk.stored(page, &admin.user, &cast, trial).await?;
        return Ok(refused(&again));
    }
    trial.tried = Some(desk.casting.try_out(id, &visit).await?);
    Ok(html(&desk.stored(page, &admin.user, &cast, trial).await?))
}

/// Somebody loads the page of a result again.
pub(super) async fn back(_: AdminUser, Path(id): Path<CastId>) -> Redirect {
    Redirect::to(&page_of(id))
}

/// The QR code as a file.
pub(super) async fn qr(
    _: AdminUser,
    State(casting): State<Casting>,
    State(config): State<Arc<Config>>,
    Path(id): Path<CastId>,
) -> Result<Response> {
    let cast = known(&casting, id).await?;
    let drawing = Drawing::of(&address(&cast, &config.http.origin()));
    let svg = drawing.ok_or(CastError::Unknown)?.svg();
    let name = format!("attachment; filename=\"cast-{}.svg\"", cast.fields.key);
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, svg).into_response())
}

pub(super) async fn copy(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
) -> Result<Response> {
    let cast = casting.copy(id, admin.user.id).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %cast.id, "a cast was copied");
    Ok(see(&format!("{}?done=copied", page_of(cast.id))))
}

pub(super) async fn confirm(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
    page: Page,
) -> Result<Response> {
    let cast = known(&casting, id).await?;
    Ok(html(&DeletePage {
        question: say!("cast-delete-question", name = cast.fields.name.as_str()),
        page: page_of(id),
        chrome: page.chrome(say!("cast-delete"), Some(admin.user.as_ref().into())),
    }))
}

pub(super) async fn delete(
    AdminUser(admin): AdminUser,
    State(casting): State<Casting>,
    Path(id): Path<CastId>,
) -> Result<Response> {
    casting.delete(id).await?;
    tracing::info!(user.id = %admin.user.id, cast.id = %id, "a cast was removed");
    Ok(see(&format!("{LIST}?done=deleted")))
}
