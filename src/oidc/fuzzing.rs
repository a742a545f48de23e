//! What holds for every token and every answer of a provider.

use std::sync::LazyLock;

use axum::body::Bytes;
use http::StatusCode;
use serde_json::Value;
use url::Url;

use super::{
    claims::{self, MOST_GROUPS},
    discovery::{Document, endpoints},
    exchange::tokens_of,
    id_token::{self, Expected, Issuer},
    jwt::{Claims, KeySet, Token},
};
use crate::{
    calls::{PlainHttp, Reply, cut},
    ids::OidcProviderId,
    providers::{Provider, TokenAuthMethod},
};

const ISSUER: &str = "https://auth.example.com";
const CLIENT: &str = "kasm";
const NONCE: &str = "n-0S6_WzA2Mj";
const NOW: i64 = 1_300_819_000;

/// The example of RFC 7515, A.3, and the key that signed it.
const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const KEY: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","use":"sig",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

static KEYS: LazyLock<KeySet> = LazyLock::new(|| serde_json::from_str(KEY).expect("keys"));

/// What was signed, as a token of ours says it.
static SAID: LazyLock<Claims> = LazyLock::new(|| {
    let token = Token::read(SIGNED, &["jwt"]).expect("a token");
    token
        .verified(&KEYS)
        .expect("the key of the example")
        .clone()
});

/// A token proves nothing but what its key signed, and claims describe nobody unless all of them are right.
///
/// # Panics
///
/// The promise is broken.
pub fn tokens(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        match Token::read(text, &["jwt"]) {
            Ok(token) => of_token(&token),
            Err(fault) => assert_is_a_line(&fault.to_string()),
        }
    }
    if let Ok(claims) = serde_json::from_slice::<Claims>(bytes) {
        of_claims(&claims);
    }
}

fn of_token(token: &Token<'_>) {
    if let Ok(claims) = token.verified(&KEYS) {
        assert_eq!(claims, &*SAID, "forged");
    }
    let _ = id_token::belongs_to(token.unverified(), token.algorithm(), "access");
    of_claims(token.unverified());
}

fn of_claims(claims: &Claims) {
    let issuer = Issuer::Named(ISSUER.into());
    let expected = Expected {
        issuer: &issuer,
        client_id: CLIENT,
        now: NOW,
    };
    let is = |name, value: &str| claims.get(name).and_then(Value::as_str) == Some(value);
    let for_us = || {
        assert!(is("iss", ISSUER));
        let among = |aud: &Vec<Value>| aud.iter().any(|one| one == CLIENT);
        let many = claims.get("aud").and_then(Value::as_array);
        assert!(is("aud", CLIENT) || many.is_some_and(among));
    };
    let id = |id: &str| assert!((1..=255).contains(&id.len()) && !id.contains(char::is_control));
    if let Ok(identity) = id_token::identity(claims, expected, Some(NONCE)) {
        for_us();
        assert!(is("nonce", NONCE));
        assert!(claims.get("exp").and_then(Value::as_f64) > Some(0.0));
        id(&identity.subject);
        identity.sid.as_deref().into_iter().for_each(id);
    }
    if let Ok(goodbye) = id_token::goodbye(claims, expected) {
        for_us();
        assert!(!claims.contains_key("nonce"));
        assert!(goodbye.subject.is_some() || goodbye.sid.is_some());
        id(&goodbye.number);
    }
}

/// Whatever a provider answers becomes a refusal in a line of the log, or something that is as it should be.
///
/// # Panics
///
/// The promise is broken.
pub fn answers(bytes: &[u8]) {
    of_discovery(bytes);
    of_keys(bytes);
    for status in [200, 400, 500] {
        let answer = Reply {
            status: StatusCode::from_u16(status).expect("a status"),
            kind: "application/json".into(),
            body: Bytes::copy_from_slice(bytes),
        };
        match tokens_of(&answer) {
            Ok(tokens) => {
                assert!(status == 200 && tokens.refresh.is_none_or(|token| !is_empty(&token)));
            }
            Err(error) => assert_is_a_line(&error.to_string()),
        }
    }
    if let Ok(all) = serde_json::from_slice::<Claims>(bytes) {
        of_person(&all);
        assert!(claims::merged(all.clone(), Claims::new()) == all);
    }
    assert_is_a_line(&cut(&String::from_utf8_lossy(bytes)));
}

fn is_empty(token: &secrecy::SecretString) -> bool {
    secrecy::ExposeSecret::expose_secret(token).is_empty()
}

fn assert_is_a_line(text: &str) {
    assert!(text.chars().count() <= 1_000, "{} letters", text.len());
    assert!(!text.contains(char::is_control), "{text:?}");
}

fn of_discovery(bytes: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Document>(bytes) else {
        return;
    };
    let issuer = || Issuer::Named(ISSUER.into());
    let found = endpoints(
        &provider(),
        issuer(),
        Some(&document),
        PlainHttp::ThisMachine,
    );
    if let Ok(found) = found {
        let reached = [Some(found.authorization), found.end_session];
        for url in reached.into_iter().flatten() {
            let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
            assert!(
                url.scheme() == "https"
                    || here
                    || url.host_str().is_some_and(|host| host.starts_with("127."))
            );
        }
    }
}

fn of_keys(bytes: &[u8]) {
    let Ok(keys) = serde_json::from_slice::<KeySet>(bytes) else {
        return;
    };
    let token = Token::read(SIGNED, &["jwt"]).expect("a token");
    if let Ok(claims) = token.verified(&keys) {
        assert_eq!(claims, &*SAID);
    }
}

fn of_person(all: &Claims) {
    let Ok(person) = claims::person(all, "preferred_username", "groups") else {
        return;
    };
    let groups = person
        .groups
        .iter()
        .flat_map(|group| [&group.id, &group.name]);
    for name in groups.chain([&person.username, &person.display_name]) {
        assert!((1..=200).contains(&name.chars().count()), "{name:?}");
        assert!(!name.contains(char::is_control), "{name:?}");
    }
    assert!(person.groups.len() <= MOST_GROUPS);
    assert!(person.groups.is_sorted_by(|one, two| one.id < two.id));
    assert!(
        person
            .email
            .is_none_or(|mail| mail.contains('@') && mail.len() <= 320)
    );
    assert!(
        person
            .avatar_url
            .is_none_or(|url| Url::parse(&url).is_ok_and(|url| url.scheme() == "https"))
    );
    let allowed = ["teachers".to_owned()];
    let member = person.groups.iter().any(|group| group.id == "teachers");
    assert_eq!(claims::may_sign_in(&person.groups, &allowed), member);
}

/// One that has nothing but its issuer.
fn provider() -> Provider {
    Provider {
        id: OidcProviderId::new(),
        name: "default".into(),
        logo_url: None,
        enabled: true,
        auto_provision: true,
        auto_login: false,
        is_default: false,
        issuer: Some(ISSUER.into()),
        authorization_url: None,
        token_url: None,
        userinfo_url: None,
        jwks_url: None,
        end_session_url: None,
        client_id: CLIENT.into(),
        client_secret: None,
        token_auth_method: TokenAuthMethod::None,
        scopes: Vec::new(),
        username_claim: "preferred_username".into(),
        groups_claim: "groups".into(),
        admin_group: None,
        teacher_group: None,
        allowed_groups: Vec::new(),
    }
}
