//! What an ID token and a logout token must say (pure).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::CoreJwsSigningAlgorithm as Algorithm;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};
use url::Url;

use super::jwt::Claims;

/// How far a provider's clock may be off, in seconds.
pub(crate) const LEEWAY: i64 = 60;

/// How old a logout token may be, in seconds: as long as its number is remembered.
pub(crate) const LOGOUT_AGE: i64 = 300;

/// The longest `sub` there is (OpenID Connect Core 2), and of anything like it.
const LONGEST_ID: usize = 255;

/// The claim `events` of a logout token has this.
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Who must have made a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// Exactly this one.
    Named(String),
    /// Nobody said who; then somebody at the origin of the token endpoint.
    At(Url),
}

impl Issuer {
    /// Whether `text` is this issuer.
    pub(crate) fn is(&self, text: &str) -> bool {
        match self {
            Self::Named(name) => name == text,
            Self::At(place) => Url::parse(text).is_ok_and(|url| {
                url.origin().is_tuple()
                    && url.origin() == place.origin()
                    && url.query().is_none()
                    && url.fragment().is_none()
                    && url.username().is_empty()
                    && url.password().is_none()
            }),
        }
    }
}

/// What a token is checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'e> {
    pub issuer: &'e Issuer,
    pub client_id: &'e str,
    /// Seconds since 1970.
    pub now: i64,
}

/// Who a token is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub issuer: String,
    pub subject: String,
    /// The provider's own name of the session.
    pub sid: Option<String>,
}

/// What an ID token says, when everything in it is right. `nonce` is the one that was sent, if one was.
pub(crate) fn identity(
    claims: &Claims,
    expected: Expected<'_>,
    nonce: Option<&str>,
) -> Result<Identity, String> {
    let issuer = from_us(claims, expected)?;
    let expires = number(claims, "exp")?.ok_or("no exp")?;
    if expires <= expected.now - LEEWAY {
        return Err(format!("expired {} s ago", expected.now - expires));
    }
    let made_at = number(claims, "iat")?.ok_or("no iat")?;
    not_in_the_future(made_at, "iat", expected.now)?;
    if let Some(not_before) = number(claims, "nbf")? {
        not_in_the_future(not_before, "nbf", expected.now)?;
    }
    if let Some(nonce) = nonce {
        let told = text(claims, "nonce")?.ok_or("no nonce")?;
        if !same(told, nonce) {
            return Err("another nonce".into());
        }
    }
    let subject = text(claims, "sub")?.ok_or("no sub")?;
    Ok(Identity {
        issuer,
        subject: id(subject, "sub")?,
        sid: text(claims, "sid")?.map(|sid| id(sid, "sid")).transpose()?,
    })
}

/// Whose sessions a logout token ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Goodbye {
    pub issuer: String,
    pub subject: Option<String>,
    pub sid: Option<String>,
    /// Names the token, which counts once.
    pub number: String,
}

/// What a logout token says (OpenID Connect Back-Channel Logout 2.6), when everything in it is right.
pub(crate) fn goodbye(claims: &Claims, expected: Expected<'_>) -> Result<Goodbye, String> {
    let issuer = from_us(claims, expected)?;
    let made_at = number(claims, "iat")?.ok_or("no iat")?;
    not_in_the_future(made_at, "iat", expected.now)?;
    if made_at < expected.now - LOGOUT_AGE {
        return Err("an old logout token".into());
    }
    if number(claims, "exp")?.is_some_and(|expires| expires <= expected.now - LEEWAY) {
        return Err("an expired logout token".into());
    }
    if claims.contains_key("nonce") {
        return Err("a nonce, which a logout token never has".into());
    }
    let events = claims.get("events").and_then(Value::as_object);
    if !events.is_some_and(|events| events.get(LOGOUT_EVENT).is_some_and(Value::is_object)) {
        return Err("no logout among the events".into());
    }
    let optional = |name| text(claims, name)?.map(|text| id(text, name)).transpose();
    let (subject, sid) = (optional("sub")?, optional("sid")?);
    if subject.is_none() && sid.is_none() {
        return Err("neither sub nor sid".into());
    }
    Ok(Goodbye {
        issuer,
        subject,
        sid,
        number: optional("jti")?.ok_or("no jti")?,
    })
}

/// Whether a signed userinfo answer is meant for us.
pub(crate) fn userinfo_is_for_us(claims: &Claims, expected: Expected<'_>) -> Result<(), String> {
    from_us(claims, expected).map(drop)
}

/// Whether `at_hash`, where there is one, belongs to `access_token`.
pub(crate) fn belongs_to(
    claims: &Claims,
    algorithm: &Algorithm,
    access_token: &str,
) -> Result<(), String> {
    let Some(told) = text(claims, "at_hash")? else {
        return Ok(());
    };
    let hash = match algorithm {
        Algorithm::RsaSsaPkcs1V15Sha256
        | Algorithm::RsaSsaPssSha256
        | Algorithm::EcdsaP256Sha256 => Sha256::digest(access_token).to_vec(),
        Algorithm::RsaSsaPkcs1V15Sha384
        | Algorithm::RsaSsaPssSha384
        | Algorithm::EcdsaP384Sha384 => Sha384::digest(access_token).to_vec(),
        Algorithm::RsaSsaPkcs1V15Sha512 | Algorithm::RsaSsaPssSha512 => {
            Sha512::digest(access_token).to_vec()
        }
        // Which hash goes with EdDSA was never settled.
        _ => return Ok(()),
    };
    if same(told, &URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])) {
        Ok(())
    } else {
        Err("an access token of somebody else (at_hash)".into())
    }
}

/// Issuer, audience and authorised party.
fn from_us(claims: &Claims, expected: Expected<'_>) -> Result<String, String> {
    let issuer = text(claims, "iss")?.ok_or("no iss")?;
    if issuer.len() > 1_000 || !expected.issuer.is(issuer) {
        return Err(format!("another issuer than {:?}", expected.issuer));
    }
    let audience = audience(claims)?;
    if !audience.contains(&expected.client_id) {
        return Err("made for another client (aud)".into());
    }
    match text(claims, "azp")? {
        Some(party) if party != expected.client_id => Err("given to another client (azp)".into()),
        None if audience.len() > 1 => Err("several aud without azp".into()),
        _ => Ok(issuer.to_owned()),
    }
}

fn audience(claims: &Claims) -> Result<Vec<&str>, String> {
    match claims.get("aud") {
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(many)) => many
            .iter()
            .map(|one| one.as_str().ok_or_else(|| "aud is no text".to_owned()))
            .collect(),
        _ => Err("no aud".into()),
    }
}

fn not_in_the_future(moment: i64, name: &str, now: i64) -> Result<(), String> {
    if moment > now.saturating_add(LEEWAY) {
        return Err(format!(
            "{name} is {} s in the future",
            moment.saturating_sub(now)
        ));
    }
    Ok(())
}

fn text<'c>(claims: &'c Claims, name: &str) -> Result<Option<&'c str>, String> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("{name} is no text")),
    }
}

/// Seconds; some providers write fractions.
fn number(claims: &Claims, name: &str) -> Result<Option<i64>, String> {
    let wrong = || format!("{name} is no moment");
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a number too large for the type becomes its largest"
            )]
            let whole = number
                .as_i64()
                .or_else(|| number.as_f64().map(|fraction| fraction as i64));
            // Ten thousand years are enough.
            whole
                .filter(|seconds| (0..=253_402_300_800).contains(seconds))
                .map(Some)
                .ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}

fn id(text: &str, name: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > LONGEST_ID || text.chars().any(char::is_control) {
        return Err(format!(
            "{name} is empty, longer than {LONGEST_ID} or no text"
        ));
    }
    Ok(text.to_owned())
}

/// Compared without telling by the time how much of it is right.
fn same(one: &str, two: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(two)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn expected(issuer: &Issuer) -> Expected<'_> {
        Expected {
            issuer,
            client_id: "kasm",
            now: NOW,
        }
    }

    fn named() -> Issuer {
        Issuer::Named("https://auth.example.org".into())
    }

    /// A good ID token with `changes`; `null` takes a claim away.
    fn changed(changes: &Value) -> Claims {
        let mut claims = json!({
            "iss": "https://auth.example.org", "sub": "0815", "aud": "kasm", "exp": NOW + 300, "iat": NOW,
            "nonce": "n0nce", "sid": "s1",
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object().unwrap().clone()
    }

    #[test]
    fn an_id_token_that_says_everything_names_a_person() {
        let found = identity(&changed(&json!({})), expected(&named()), Some("n0nce")).unwrap();
        assert_eq!(found.subject, "0815");
        assert_eq!(found.issuer, "https://auth.example.org");
        assert_eq!(found.sid.as_deref(), Some("s1"));
        for good in [
            json!({"aud": ["kasm"]}),
            json!({"azp": "kasm"}),
            json!({"aud": ["other", "kasm"], "azp": "kasm"}),
            json!({"exp": NOW - LEEWAY + 1}),
            json!({"iat": NOW + LEEWAY, "nbf": NOW + LEEWAY}),
            json!({"exp": f64::from(i32::MAX) + 0.5}),
            json!({"sid": null}),
            json!({"sub": "ä".repeat(127)}),
        ] {
            identity(&changed(&good), expected(&named()), Some("n0nce")).unwrap();
        }
    }

    #[test]
    fn an_id_token_with_anything_wrong_names_nobody() {
        let table = [
            (json!({"iss": null}), "no iss"),
            (
                json!({"iss": "https://auth.example.org/"}),
                "another issuer",
            ),
            (json!({"iss": "https://evil.example.org"}), "another issuer"),
            (json!({"iss": ["https://auth.example.org"]}), "no text"),
            (json!({"aud": null}), "no aud"),
            (json!({"aud": []}), "another client"),
            (json!({"aud": "kasm2"}), "another client"),
            (json!({"aud": ["kasm", 7]}), "no text"),
            (json!({"aud": ["kasm", "other"]}), "without azp"),
            (json!({"aud": ["kasm", "other"], "azp": "other"}), "(azp)"),
            (json!({"azp": "other"}), "(azp)"),
            (json!({"exp": null}), "no exp"),
            (json!({"exp": NOW - LEEWAY}), "expired"),
            (json!({"exp": "never"}), "no moment"),
            (json!({"exp": 1e300}), "no moment"),
            (json!({"exp": -1}), "no moment"),
            (json!({"iat": null}), "no iat"),
            (json!({"iat": NOW + LEEWAY + 1}), "future"),
            (json!({"nbf": NOW + LEEWAY + 1}), "future"),
            (json!({"nonce": null}), "no nonce"),
            (json!({"nonce": "other"}), "another nonce"),
            (json!({"nonce": ["n0nce"]}), "no text"),
            (json!({"sub": null}), "no sub"),
            (json!({"sub": ""}), "sub is empty"),
            (json!({"sub": 4711}), "no text"),
            (json!({"sub": "a".repeat(256)}), "sub is empty"),
            (json!({"sub": "a\u{0}"}), "sub is empty"),
            (json!({"sid": {}}), "no text"),
        ];
        for (change, why) in table {
            let error = identity(&changed(&change), expected(&named()), Some("n0nce")).unwrap_err();
            assert!(error.contains(why), "{change}: {error}");
        }
    }

    #[test]
    fn without_a_name_the_issuer_is_at_the_token_endpoint() {
        let at = Issuer::At("https://auth.example.org/api/oidc/token".parse().unwrap());
        for (issuer, good) in [
            ("https://auth.example.org", true),
            ("https://auth.example.org/", true),
            ("https://auth.example.org/realm", true),
            ("https://auth.example.org:443", true),
            ("http://auth.example.org", false),
            ("https://auth.example.org:8443", false),
            ("https://evil.auth.example.org", false),
            ("https://auth.example.org.evil.test", false),
            ("https://auth.example.org@evil.test", false),
            ("https://me@auth.example.org", false),
            ("https://auth.example.org/?a", false),
            ("auth.example.org", false),
            ("", false),
        ] {
            assert_eq!(at.is(issuer), good, "{issuer}");
        }
        let nowhere = Issuer::At("data:x".parse().unwrap());
        assert!(!nowhere.is("data:x"), "an opaque origin is nobody");
    }

    #[test]
    fn an_access_token_belongs_to_its_id_token() {
        // The example of OpenID Connect Core A.3 and the same with another token.
        let claims = changed(&json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}));
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        belongs_to(&claims, &Algorithm::RsaSsaPkcs1V15Sha256, token).unwrap();
        belongs_to(&claims, &Algorithm::RsaSsaPkcs1V15Sha256, "other").unwrap_err();
        belongs_to(&claims, &Algorithm::EcdsaP384Sha384, token).unwrap_err();
        belongs_to(&changed(&json!({})), &Algorithm::EcdsaP256Sha256, "other").unwrap();
    }

    #[test]
    fn a_logout_token_ends_what_it_names_and_nothing_else_is_one() {
        let logout = json!({
            "nonce": null, "jti": "j1", "events": {LOGOUT_EVENT: {}}, "exp": null,
        });
        let with = |changes: Value| {
            let mut claims = changed(&logout);
            claims.remove("nonce");
            for (name, value) in changes.as_object().unwrap() {
                claims.insert(name.clone(), value.clone());
            }
            claims
        };
        let found = goodbye(&with(json!({})), expected(&named())).unwrap();
        assert_eq!(found.sid.as_deref(), Some("s1"));
        assert_eq!(found.subject.as_deref(), Some("0815"));
        goodbye(&with(json!({"sub": null})), expected(&named())).unwrap();
        goodbye(&with(json!({"sid": null, "exp": NOW})), expected(&named())).unwrap();
        for (change, why) in [
            (json!({"nonce": "n"}), "nonce"),
            (json!({"nonce": null}), "nonce"),
            (json!({"events": null}), "events"),
            (json!({"events": {}}), "events"),
            (json!({"events": [LOGOUT_EVENT]}), "events"),
            (json!({"events": {LOGOUT_EVENT: "yes"}}), "events"),
            (json!({"jti": null}), "no jti"),
            (json!({"iat": null}), "no iat"),
            (json!({"iat": NOW + LEEWAY + 1}), "future"),
            (json!({"iat": NOW - LOGOUT_AGE - 1}), "old"),
            (json!({"exp": NOW - LEEWAY}), "expired"),
            (json!({"sub": null, "sid": null}), "neither"),
            (json!({"iss": "https://evil.test"}), "issuer"),
            (json!({"aud": "other"}), "another client"),
        ] {
            let error = goodbye(&with(change.clone()), expected(&named())).unwrap_err();
            assert!(error.contains(why), "{change}: {error}");
        }
    }
}
