//! reCAPTCHA v2 with its checkbox: what Google says of a token is asked of Google
//! (<https://developers.google.com/recaptcha/docs/verify>), and believed only as a whole.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{sync::Semaphore, time::timeout};
use url::{Url, form_urlencoded};

use super::CaptchaFault;
use crate::calls::{CallFault, HttpClient, PlainHttp};

/// How long an answer may take, the turn that a call waits for included. Nobody waits longer for a refusal.
pub(super) const ANSWER: Duration = Duration::from_secs(5);
/// Calls at the same time: a flood of invented tokens takes no more connections than these.
const AT_ONCE: usize = 32;
/// How old a solution may be; Google's own tokens are good for two minutes.
const GOOD_FOR: time::Duration = time::Duration::minutes(2);
/// How far the clocks of Google and of this server may differ.
const CLOCKS: time::Duration = time::Duration::minutes(1);
/// Longest token that is asked about.
const LONGEST: usize = 8_192;

/// Asks Google, or whoever stands at the address of the settings.
#[derive(Debug)]
pub(super) struct Recaptcha {
    http: HttpClient,
    turns: Semaphore,
}

/// What `siteverify` answers.
#[derive(Debug, Deserialize)]
struct Answer {
    success: bool,
    challenge_ts: Option<String>,
    hostname: Option<String>,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

/// With what, and where, it is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account<'a> {
    /// Absolute, without a slash at its end.
    pub(super) url: &'a str,
    pub(super) private_key: &'a SecretString,
}

impl Recaptcha {
    pub(super) fn new() -> Self {
        Self {
            http: HttpClient::new(),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// What makes `token` one of a kind, if it is a fresh solution on a page of `hosts`. Whatever goes wrong refuses.
    pub(super) async fn solved(
        &self,
        account: Account<'_>,
        token: &str,
        hosts: &[String],
        now: OffsetDateTime,
    ) -> Result<Vec<u8>, CaptchaFault> {
        if !is_token(token) {
            return Err(wrong("not a token"));
        }
        let answer = timeout(ANSWER, self.ask(account, token)).await;
        let answer = answer.unwrap_or_else(|_| {
            let limit = ANSWER.as_secs();
            Err(CallFault::Away(format!("no answer within {limit} s")))
        });
        let answer = answer.map_err(|fault| CaptchaFault::Away(fault.to_string()))?;
        judged(&answer, hosts, now)?;
        Ok(Sha256::digest(format!("recaptcha {token}")).to_vec())
    }

    async fn ask(&self, account: Account<'_>, token: &str) -> Result<Answer, CallFault> {
        let address = format!("{}/api/siteverify", account.url);
        let url = Url::parse(&address)
            .map_err(|error| CallFault::Unusable(format!("{address}: {error}")))?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("secret", account.private_key.expose_secret())
            .append_pair("response", token)
            .finish();
        let turn = self.turns.acquire().await;
        let _turn = turn.map_err(|error| CallFault::Away(error.to_string()))?;
        let plain = PlainHttp::ThisMachine;
        let reply = self.http.post_form(&url, form, None, plain).await?;
        reply.must_be_ok("siteverify")?;
        reply.json("siteverify")
    }
}

/// Tokens are base64 for addresses. Others are not worth a call, and no token can be written in two ways.
fn is_token(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

fn wrong(why: &str) -> CaptchaFault {
    let shown: String = why.chars().filter(|letter| !letter.is_control()).collect();
    CaptchaFault::Wrong(format!(
        "reCAPTCHA: {}",
        shown.chars().take(200).collect::<String>()
    ))
}

fn judged(answer: &Answer, hosts: &[String], now: OffsetDateTime) -> Result<(), CaptchaFault> {
    if !answer.success {
        let codes = answer.error_codes.join(", ");
        // The visitor cannot mend these.
        if answer
            .error_codes
            .iter()
            .any(|code| code.ends_with("-input-secret"))
        {
            return Err(CaptchaFault::Refused(codes));
        }
        return Err(wrong(&format!("refused ({codes})")));
    }
    let host = answer.hostname.as_deref().unwrap_or_default();
    if !hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host)) {
        return Err(wrong(&format!("solved on another site, {host:?}")));
    }
    let solved = answer
        .challenge_ts
        .as_deref()
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
        .ok_or_else(|| wrong("no time"))?;
    let age = now - solved;
    if age > GOOD_FOR + CLOCKS || age < -CLOCKS {
        return Err(wrong(&format!("solved at another time, {solved}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers, and whether they are believed.
    const ANSWERS: [(&str, bool); 14] = [
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T09:59:30Z","hostname":"desk.example"}"#,
            true,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T10:59:30+01:00","hostname":"DESK.example"}"#,
            true,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T10:00:30Z","hostname":"desk.example"}"#,
            true,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T09:57:10Z","hostname":"desk.example"}"#,
            true,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T09:56:50Z","hostname":"desk.example"}"#,
            false,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T10:02:00Z","hostname":"desk.example"}"#,
            false,
        ),
        (
            r#"{"success":true,"challenge_ts":"yesterday","hostname":"desk.example"}"#,
            false,
        ),
        (r#"{"success":true,"hostname":"desk.example"}"#, false),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T09:59:30Z","hostname":"evil.example"}"#,
            false,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T09:59:30Z","hostname":"desk.example.evil"}"#,
            false,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T09:59:30Z","hostname":""}"#,
            false,
        ),
        (
            r#"{"success":true,"challenge_ts":"2026-03-01T09:59:30Z"}"#,
            false,
        ),
        (
            r#"{"success":false,"challenge_ts":"2026-03-01T09:59:30Z","hostname":"desk.example"}"#,
            false,
        ),
        (
            r#"{"success":false,"error-codes":["timeout-or-duplicate"]}"#,
            false,
        ),
    ];

    #[test]
    fn an_answer_is_believed_as_a_whole_or_not_at_all() {
        let now = OffsetDateTime::parse("2026-03-01T10:00:00Z", &Rfc3339).unwrap();
        for (json, fine) in ANSWERS {
            let answer: Answer = serde_json::from_str(json).unwrap();
            let judged = judged(&answer, &["desk.example".into()], now);
            assert_eq!(judged.is_ok(), fine, "{json}");
        }
        for json in [
            r#"{"success":"true"}"#,
            r#"{"success":1}"#,
            "{}",
            "[]",
            "true",
            "",
        ] {
            assert!(serde_json::from_str::<Answer>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_wrong_private_key_is_no_fault_of_the_visitor() {
        let answer = r#"{"success":false,"error-codes":["invalid-input-secret"]}"#;
        let answer: Answer = serde_json::from_str(answer).unwrap();
        let fault = judged(&answer, &[], OffsetDateTime::UNIX_EPOCH).unwrap_err();
        assert!(matches!(fault, CaptchaFault::Refused(_)), "{fault}");
    }

    #[test]
    fn only_what_may_be_a_token_is_asked_about() {
        for (text, may) in [
            ("03AFcWeA5-x_Y", true),
            ("", false),
            ("a b", false),
            ("a&secret=x", false),
            ("a\n", false),
            ("ä", false),
        ] {
            assert_eq!(is_token(text), may, "{text:?}");
        }
        assert!(!is_token(&"x".repeat(LONGEST + 1)));
    }
}
