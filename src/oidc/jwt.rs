//! Signed tokens: taken apart strictly, checked with a provider's public keys (pure).
//!
//! Only signatures with public keys count, never `none` and never a shared secret: a public key must not become the
//! secret of an HMAC.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeySet,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm as Algorithm},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::calls::cut;

/// Claims by name.
pub(crate) type Claims = Map<String, Value>;

/// The keys of a provider.
pub(crate) type KeySet = JsonWebKeySet<CoreJsonWebKey>;

/// The longest token that is looked at.
const LONGEST: usize = 128 * 1024;

/// The signatures that count.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// Most keys that are tried when the token does not say which is its own.
const MOST_KEYS: usize = 16;

/// Why a token is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFault {
    /// It is no token, or one of a kind that does not count.
    #[error("{0}")]
    Unreadable(String),
    /// None of the keys made its signature; newer keys may.
    #[error("no known key made this signature ({0})")]
    NoKey(String),
}

/// A token whose signature has not been looked at.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    header: Header,
    algorithm: Algorithm,
    claims: Claims,
    signed: &'t str,
    signature: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    crit: Option<Value>,
}

impl<'t> Token<'t> {
    /// Takes a token apart. `kinds` are the values of `typ` it may have.
    pub(crate) fn read(text: &'t str, kinds: &[&str]) -> Result<Self, TokenFault> {
        let unreadable = |why: &str| TokenFault::Unreadable(why.to_owned());
        if text.len() > LONGEST {
            return Err(unreadable("a token of more than 128 KiB"));
        }
        let (signed, signature) = text
            .rsplit_once('.')
            .ok_or_else(|| unreadable("not a token of three parts"))?;
        let (header, claims) = signed
            .split_once('.')
            .filter(|(_, claims)| !claims.contains('.'))
            .ok_or_else(|| unreadable("not a token of three parts"))?;
        let header: Header = json(header, "header")?;
        let claims: Claims = json(claims, "claims")?;
        let signature = decode(signature, "signature")?;
        let algorithm = ALGORITHMS
            .into_iter()
            .find(|known| name(known) == header.alg)
            .ok_or_else(|| unreadable("signed with an algorithm that does not count"))?;
        if header.crit.is_some() || header.cty.is_some() {
            return Err(unreadable("a token of a kind that is not understood"));
        }
        if let Some(kind) = &header.typ
            && !kinds.contains(&simple(kind).as_str())
        {
            return Err(unreadable("a token of another type"));
        }
        Ok(Self {
            header,
            algorithm,
            claims,
            signed,
            signature,
        })
    }

    /// The claims, when one of `keys` signed them.
    pub(crate) fn verified(&self, keys: &KeySet) -> Result<&Claims, TokenFault> {
        let wanted = self.header.kid.as_deref();
        let candidates = keys.keys().iter().filter(|key| {
            wanted.is_none_or(|wanted| key.key_id().is_some_and(|id| id.as_str() == wanted))
        });
        let mut last = "there is no key of this name".to_owned();
        for key in candidates.take(MOST_KEYS) {
            let checked =
                key.verify_signature(&self.algorithm, self.signed.as_bytes(), &self.signature);
            match checked {
                Ok(()) => return Ok(&self.claims),
                Err(error) => last = error.to_string(),
            }
        }
        Err(TokenFault::NoKey(last))
    }

    /// The claims, believed because of how the token came here.
    pub(crate) fn unverified(&self) -> &Claims {
        &self.claims
    }

    /// How it is signed.
    pub(crate) fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }
}

/// The claims of a token we kept ourselves.
pub(crate) fn claims_of(text: &str) -> Option<Claims> {
    json(text.split('.').nth(1)?, "claims").ok()
}

/// `RS256` and the like.
fn name(algorithm: &Algorithm) -> String {
    serde_json::to_value(algorithm)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// `application/` may be left out (RFC 7515 4.1.9).
fn simple(kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    kind.strip_prefix("application/")
        .map_or(kind.clone(), str::to_owned)
}

fn json<T: serde::de::DeserializeOwned>(part: &str, what: &str) -> Result<T, TokenFault> {
    serde_json::from_slice(&decode(part, what)?).map_err(|error| {
        // It repeats what stood there.
        let error = cut(&error.to_string());
        TokenFault::Unreadable(format!("{what} that cannot be read: {error}"))
    })
}

fn decode(part: &str, what: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenFault::Unreadable(format!("{what} that cannot be read")))
}

#[cfg(test)]
pub(crate) mod tests {
    use base64::engine::general_purpose::STANDARD;
    use openidconnect::{JsonWebKeyId, PrivateSigningKey, core::CoreEdDsaPrivateSigningKey};
    use serde_json::json;

    use super::*;

    /// A key for tests, from a seed of equal bytes.
    pub(in super::super) fn key(id: &str) -> CoreEdDsaPrivateSigningKey {
        let before_seed = [
            0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ];
        let text = STANDARD.encode([before_seed.as_slice(), &[7; 32]].concat());
        let mark = |word| format!("-----{word} {} KEY-----\n", "PRIVATE");
        let pem = format!("{}{text}\n{}", mark("BEGIN"), mark("END"));
        CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(id.to_owned())))
            .unwrap()
    }

    pub(in super::super) fn keys(id: &str) -> KeySet {
        JsonWebKeySet::new(vec![key(id).as_verification_key()])
    }

    pub(in super::super) fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = key("k").sign(&Algorithm::EdDsa, signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn what_a_known_key_signed_is_believed() {
        for header in [
            json!({"alg": "EdDSA", "kid": "k"}),
            json!({"alg": "EdDSA"}),
            json!({"alg": "EdDSA", "typ": "JWT"}),
            json!({"alg": "EdDSA", "typ": "application/jwt"}),
        ] {
            let text = token(&header, &json!({"sub": "jana"}));
            let token = Token::read(&text, &["jwt"]).unwrap();
            assert_eq!(token.verified(&keys("k")).unwrap()["sub"], "jana");
        }
    }

    #[test]
    fn a_token_that_is_no_proof_is_refused() {
        let good = json!({"alg": "EdDSA", "kid": "k"});
        let claims = json!({"sub": "jana"});
        let cut = token(&good, &claims);
        let table = [
            (String::new(), "three parts"),
            ("a.b".to_owned(), "three parts"),
            (format!("{cut}.x"), "three parts"),
            (format!("{cut}="), "signature"),
            (token(&json!({"alg": "none"}), &claims), "does not count"),
            (token(&json!({"alg": "None"}), &claims), "does not count"),
            (token(&json!({"alg": "HS256"}), &claims), "does not count"),
            (token(&json!({"alg": ["EdDSA"]}), &claims), "header"),
            (token(&json!({}), &claims), "header"),
            (token(&good, &json!(["sub"])), "claims"),
            (
                token(&json!({"alg": "EdDSA", "crit": ["b64"]}), &claims),
                "not understood",
            ),
            (
                token(&json!({"alg": "EdDSA", "cty": "JWT"}), &claims),
                "not understood",
            ),
            (
                token(&json!({"alg": "EdDSA", "typ": "logout+jwt"}), &claims),
                "another type",
            ),
            ("a".repeat(LONGEST + 1), "128 KiB"),
        ];
        for (text, why) in table {
            let error = Token::read(&text, &["jwt"]).unwrap_err().to_string();
            assert!(error.contains(why), "{error} instead of {why}");
        }
    }

    #[test]
    fn another_key_or_another_text_does_not_fit() {
        let text = token(
            &json!({"alg": "EdDSA", "kid": "k"}),
            &json!({"sub": "jana"}),
        );
        let other_name = Token::read(&text, &["jwt"]).unwrap();
        assert!(matches!(
            other_name.verified(&keys("l")),
            Err(TokenFault::NoKey(_))
        ));
        let forged = text.replace(
            &URL_SAFE_NO_PAD.encode(json!({"sub": "jana"}).to_string()),
            &URL_SAFE_NO_PAD.encode(json!({"sub": "root"}).to_string()),
        );
        assert_ne!(forged, text);
        let forged = Token::read(&forged, &["jwt"]).unwrap();
        assert!(forged.verified(&keys("k")).is_err());
        // An RSA name on an Ed25519 key.
        let confused = token(&json!({"alg": "RS256", "kid": "k"}), &json!({}));
        let confused = Token::read(&confused, &["jwt"]).unwrap();
        assert!(confused.verified(&keys("k")).is_err());
    }
}
