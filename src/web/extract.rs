//! axum's extractors with our refusals: a clear sentence, the field named where it is known, one form of error.

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{FormRejection, JsonRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use crate::{
    error::{AppError, FieldProblem},
    language::Sentence,
    say,
};

/// A secret field of a body is wrapped as soon as it is read: `#[serde(deserialize_with = "secret")]`.
pub fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

/// A JSON body, or a JSON answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

/// A JSON body that may be left out, and whose type may be left unsaid, as the original's clients send it.
#[derive(Clone, Copy, Debug, Default)]
pub struct JsonIfAny<T>(pub Option<T>);

/// The fields of a form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Form<T>(pub T);

/// The parameters after `?`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<T>(pub T);

/// The parameters in the path. One that cannot be read names nothing that exists: 404.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(json_refusal(&rejection)),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> axum::extract::OptionalFromRequest<S> for Json<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, AppError> {
        let body =
            <axum::Json<T> as axum::extract::OptionalFromRequest<S>>::from_request(request, state)
                .await;
        match body {
            Ok(value) => Ok(value.map(|axum::Json(value)| Self(value))),
            Err(rejection) => Err(json_refusal(&rejection)),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonIfAny<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| body_refusal(rejection.status()))?;
        if body.is_empty() {
            return Ok(Self(None));
        }
        match axum::Json::from_bytes(&body) {
            Ok(axum::Json(value)) => Ok(Self(Some(value))),
            Err(rejection) => Err(json_refusal(&rejection)),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        match axum::Form::from_request(request, state).await {
            Ok(axum::Form(value)) => Ok(Self(value)),
            Err(rejection) => Err(form_refusal(&rejection)),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(AppError::Invalid(vec![field_problem(&cause(&error))]))
            }
            Err(_) => Err(AppError::bad_request("bad_query", say!("error-bad-query"))),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::MissingPathParams(error)) => Err(AppError::internal(error)),
            Err(_) => Err(AppError::not_found(say!("error-nothing-at-address"))),
        }
    }
}

fn json_refusal(rejection: &JsonRejection) -> AppError {
    match rejection {
        JsonRejection::JsonDataError(error) => {
            AppError::Invalid(vec![field_problem(&cause(error))])
        }
        JsonRejection::JsonSyntaxError(error) => {
            AppError::bad_request("bad_json", say!("error-bad-json", cause = cause(error)))
        }
        JsonRejection::MissingJsonContentType(_) => AppError::BadRequest {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code: "not_json",
            sentence: say!("error-not-json"),
        },
        other => body_refusal(other.status()),
    }
}

fn form_refusal(rejection: &FormRejection) -> AppError {
    match rejection {
        FormRejection::FailedToDeserializeForm(error) => {
            AppError::Invalid(vec![field_problem(&cause(error))])
        }
        FormRejection::FailedToDeserializeFormBody(error) => {
            AppError::Invalid(vec![field_problem(&cause(error))])
        }
        FormRejection::InvalidFormContentType(_) => AppError::BadRequest {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code: "not_a_form",
            sentence: say!("error-not-a-form"),
        },
        other => body_refusal(other.status()),
    }
}

/// A body that could not be read at all.
fn body_refusal(status: StatusCode) -> AppError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        AppError::bad_request("bad_body", say!("error-bad-body"))
    }
}

/// 413.
pub(super) fn too_large() -> AppError {
    AppError::BadRequest {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: "too_large",
        sentence: say!("error-too-large"),
    }
}

/// The innermost reason: the outer ones only say that something could not be read.
fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    // What a stranger wrote may be in there, of any length.
    inner.to_string().chars().take(200).collect()
}

/// serde names the field at the front (`limits.memory: invalid type …`) or between back-ticks (``missing field `x` ``).
fn field_problem(cause: &str) -> FieldProblem {
    // The words of serde: a program's own, in no language of ours.
    let problem = |words: &str| Sentence::plain(format!("{words}."));
    let is_path = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "_.[]".contains(letter))
    };
    let cause = cause.split(" at line ").next().unwrap_or_default();
    if let Some((path, words)) = cause.split_once(": ")
        && is_path(path)
    {
        return FieldProblem::new(path, problem(words));
    }
    let quoted = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|words| cause.strip_prefix(words)?.split_once('`'));
    match quoted {
        Some((field, _)) => FieldProblem::new(field, problem(cause)),
        None => FieldProblem::new("body", problem(cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read in")]
    struct Draft {
        title: String,
        memory: u32,
    }

    async fn json(kind: &'static str, body: &'static str) -> AppError {
        let request = Request::post("/")
            .header("content-type", kind)
            .body(body.into())
            .unwrap();
        <Json<Draft> as FromRequest<()>>::from_request(request, &())
            .await
            .unwrap_err()
    }

    #[tokio::test]
    async fn a_wrong_field_is_named() {
        let table = [
            (r#"{"title":"a","memory":"much"}"#, "memory"),
            (r#"{"title":"a"}"#, "memory"),
            (r#"{"title":"a","memory":1,"extra":1}"#, "extra"),
            ("[]", "body"),
        ];
        for (body, field) in table {
            let AppError::Invalid(problems) = json("application/json", body).await else {
                panic!("{body} is taken");
            };
            assert_eq!(problems[0].field, field, "{body}: {problems:?}");
        }
    }

    #[tokio::test]
    async fn what_is_not_json_is_said() {
        for (kind, body, status) in [
            ("application/json", "{", 400),
            ("text/plain", "{}", 415),
            ("application/x-www-form-urlencoded", "title=a", 415),
        ] {
            let status_of = json(kind, body).await.into_response().status();
            assert_eq!(status_of.as_u16(), status, "{kind} {body}");
        }
    }

    #[tokio::test]
    async fn a_body_that_may_be_left_out_is_refused_like_others() {
        let read = async |body: &'static str| {
            let request = Request::post("/").body(body.into()).unwrap();
            <JsonIfAny<Draft> as FromRequest<()>>::from_request(request, &()).await
        };
        assert!(read("").await.unwrap().0.is_none());
        assert!(
            read(r#"{"title":"a","memory":1}"#)
                .await
                .unwrap()
                .0
                .is_some()
        );
        for (body, status) in [("{", 400), ("title=a", 400), ("[]", 422)] {
            let refusal = read(body).await.unwrap_err();
            assert_eq!(refusal.into_response().status().as_u16(), status, "{body}");
        }
    }

    #[tokio::test]
    async fn a_wrong_parameter_of_the_query_is_named() {
        let mut parts = Request::get("/?title=a&memory=much")
            .body(())
            .unwrap()
            .into_parts()
            .0;
        let refusal = Query::<Draft>::from_request_parts(&mut parts, &())
            .await
            .unwrap_err();
        assert!(
            matches!(&refusal, AppError::Invalid(problems) if problems[0].field == "memory"),
            "{refusal:?}"
        );
    }
}
