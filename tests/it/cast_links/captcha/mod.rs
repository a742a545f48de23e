//! Visitors without an account prove that they are people: by ALTCHA, and by reCAPTCHA.

mod altcha;
mod recaptcha;

use deskcast::settings::{Change, SettingsDraft};

use super::*;

/// A cast that asks for a check.
fn checked() -> CastFields {
    CastFields {
        allow_anonymous: true,
        require_captcha: true,
        ..CastFields::default()
    }
}

impl Visitor {
    /// Sends a page with a solution.
    async fn proves(&self, path: &str, ticket: &str, solution: &str) -> Answer {
        let mut request = self.request(Method::POST, path);
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert("content-type", kind);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("ticket", ticket)
            .append_pair("captcha", solution)
            .finish();
        *request.body_mut() = Body::from(body);
        self.client.send(request).await
    }
}

impl Place {
    async fn set(&self, draft: SettingsDraft) {
        let admin: UserId = sqlx::query_scalar("select id from users where role = 'admin'")
            .fetch_one(&self.app.pool)
            .await
            .unwrap();
        self.app
            .state
            .settings
            .save(draft, (admin, "admin"))
            .await
            .unwrap();
    }
}

/// The value of an attribute of the page, as a browser reads it.
fn attribute(page: &Answer, name: &str) -> Option<String> {
    let (_, rest) = page.text().split_once(&format!(" {name}=\""))?;
    let value = rest.split_once('"')?.0;
    Some(value.replace("&#34;", "\"").replace("&#38;", "&"))
}

/// Refused, and nothing was made of it.
#[track_caller]
fn is_refused(answer: &Answer, what: &str) {
    assert_eq!(
        (answer.status, reason_of(answer).as_str()),
        (StatusCode::FORBIDDEN, "captcha_failed"),
        "{what}: {}",
        answer.text()
    );
}
