//! The keys of the provider, and those who sign with something else.

use std::{collections::HashMap, sync::LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use rsa::{
    RsaPrivateKey, pkcs1v15::SigningKey, signature::SignatureEncoding, signature::Signer,
    traits::PublicKeyParts,
};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{CLIENT, laid};

/// Who signs tokens, or how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The P-256 key of this name.
    Es(&'static str),
    /// The RSA key `rsa`.
    Rsa,
    /// A P-256 key nobody published, under the name of one that is.
    Stranger,
    /// Nobody: `alg` is `none`.
    Nobody,
    /// An HMAC with the public key that is published.
    PublicKeyAsSecret,
    /// An HMAC with the client's secret.
    ClientSecret,
}

/// P-256 keys by name.
#[derive(Debug)]
pub(super) struct Keys(HashMap<&'static str, EcdsaKeyPair>);

/// Made once in a process: it takes a moment.
static RSA: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());

impl Keys {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let new = |name| {
            let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
            let key = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap();
            (name, key)
        };
        Self(["k1", "k2", "stranger"].map(new).into())
    }

    /// The key set with the public keys of these names.
    pub(super) fn published(&self, names: &[&str]) -> Value {
        let keys: Vec<Value> = names.iter().map(|name| self.public(name)).collect();
        json!({ "keys": keys })
    }

    fn public(&self, name: &str) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        if name == "rsa" {
            let part = |number: &rsa::BigUint| encode(&number.to_bytes_be());
            return json!({
                "kty": "RSA", "kid": name, "use": "sig", "n": part(RSA.n()), "e": part(RSA.e()),
            });
        }
        // 4, x, y
        let point = self.0[name].public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": name,
            "x": encode(&point[1..33]), "y": encode(&point[33..]),
        })
    }

    /// A token with these claims; `header` is laid over what belongs to the signature.
    pub(super) fn signed(&self, by: By, header: &Value, claims: &Value) -> String {
        let (alg, kid) = match by {
            By::Es(name) => ("ES256", Some(name)),
            By::Rsa => ("RS256", Some("rsa")),
            By::Stranger => ("ES256", Some("k1")),
            By::Nobody => ("none", None),
            By::PublicKeyAsSecret | By::ClientSecret => ("HS256", None),
        };
        let header = laid(json!({"alg": alg, "kid": kid}), header);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(claims));
        let signature = self.signature(by, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn signature(&self, by: By, text: &[u8]) -> Vec<u8> {
        let ec = |name| {
            let signature = self.0[name].sign(&SystemRandom::new(), text).unwrap();
            signature.as_ref().to_vec()
        };
        let hmac = |secret: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::sign(&key, text).as_ref().to_vec()
        };
        match by {
            By::Es(name) => ec(name),
            By::Stranger => ec("stranger"),
            By::Rsa => SigningKey::<Sha256>::new(RSA.clone()).sign(text).to_vec(),
            By::Nobody => Vec::new(),
            By::PublicKeyAsSecret => hmac(self.0["k1"].public_key().as_ref()),
            By::ClientSecret => hmac(CLIENT.1.as_bytes()),
        }
    }
}
