//! ID tokens, userinfo and people that are not what they should be.

use super::*;

/// Claims of an ID token: what is laid over the right ones.
pub(super) const CLAIMS: [&str; 19] = [
    r#"{"nonce": null}"#,
    r#"{"nonce": "of another sign-in"}"#,
    r#"{"nonce": ["a"]}"#,
    r#"{"iss": "https://evil.test"}"#,
    r#"{"iss": null}"#,
    r#"{"aud": "other"}"#,
    r#"{"aud": []}"#,
    r#"{"aud": null}"#,
    r#"{"aud": ["kasm", "other"]}"#,
    r#"{"aud": ["kasm", "other"], "azp": "other"}"#,
    r#"{"azp": "other"}"#,
    r#"{"exp": 1500000000}"#,
    r#"{"exp": null}"#,
    r#"{"iat": 9999999999}"#,
    r#"{"iat": "now"}"#,
    r#"{"nbf": 9999999999}"#,
    r#"{"sub": null}"#,
    r#"{"sub": 815}"#,
    r#"{"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}"#,
];

/// Headers of an ID token.
pub(super) const HEADERS: [&str; 6] = [
    r#"{"alg": "RS256"}"#,
    r#"{"alg": "None"}"#,
    r#"{"alg": null}"#,
    r#"{"typ": "logout+jwt"}"#,
    r#"{"crit": ["exp"]}"#,
    r#"{"cty": "JWT"}"#,
];

/// Signatures that prove nothing.
pub(super) const SIGNERS: [By; 5] = [
    By::Nobody,
    By::PublicKeyAsSecret,
    By::ClientSecret,
    // A key that is not published, under its own name and under another's.
    By::Es("k2"),
    By::Stranger,
];

/// Groups that are not understood, or too many.
pub(super) fn wrong_groups() -> Vec<(Value, Says)> {
    const FORM: Says = Says(502, "in a form that is not understood");
    const MANY: Says = Says(502, "more than 500 groups");
    let many: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
    vec![
        (json!("admins"), FORM),
        (json!(true), FORM),
        (json!([["admins"]]), FORM),
        (json!(["dev", 1]), FORM),
        (json!({"admins": true}), FORM),
        (json!({"1": {"act": ["admins"]}}), FORM),
        (json!(many), MANY),
    ]
}

#[sqlx::test(migrations = "./migrations")]
async fn an_id_token_with_anything_wrong_signs_nobody_in(pool: PgPool) {
    let app = server(&pool).await;
    for claims in CLAIMS {
        let over = serde_json::from_str(claims).unwrap();
        assert_refused(&app, claims, UNTRUSTED, |idp| idp.claims = over).await;
    }
    for header in HEADERS {
        let over = serde_json::from_str(header).unwrap();
        assert_refused(&app, header, UNTRUSTED, |idp| idp.header = over).await;
    }
    for signer in SIGNERS {
        let case = format!("{signer:?}");
        assert_refused(&app, &case, UNTRUSTED, |idp| idp.by = signer).await;
    }
    let long = json!({"sub": "0".repeat(300)});
    assert_refused(&app, "long", UNTRUSTED, |idp| idp.claims = long).await;
    for (token, says) in [
        (json!("abc"), UNTRUSTED),
        (json!("e30.e30.e30.e30.e30"), UNTRUSTED),
        (json!("a".repeat(200_000)), UNTRUSTED),
        (json!(null), UNUSABLE),
        (json!({"sub": "0815"}), UNUSABLE),
    ] {
        let over = json!({ "id_token": token });
        assert_refused(&app, "no token", says, |idp| idp.tokens = over).await;
    }
    assert_nothing_else_is_wrong(&app).await;
}

/// Without keys, what comes straight from the token endpoint must be right in everything else.
#[sqlx::test(migrations = "./migrations")]
async fn without_keys_every_claim_is_checked_all_the_same(pool: PgPool) {
    let app = server(&pool).await;
    let refused = async |case: &str, change: &dyn Fn(&mut Script)| {
        let idp = Idp::start(|script| {
            script.discovery = Say::Html(404);
            change(script);
        })
        .await;
        know(&pool, &idp, Written::Three).await;
        let answer = Browser::new(&app).signs_in(&idp).await;
        assert_page(case, &answer, UNTRUSTED);
        assert_eq!(traces(&pool).await, (0, 0), "{case}");
    };
    for claims in CLAIMS {
        let over: serde_json::Value = serde_json::from_str(claims).unwrap();
        refused(claims, &|idp| idp.claims = over.clone()).await;
    }
    let elsewhere = json!({"iss": "http://127.0.0.1:1"});
    refused("at another place", &|idp| idp.claims = elsewhere.clone()).await;
    for signer in [By::Nobody, By::PublicKeyAsSecret, By::ClientSecret] {
        refused("signer", &|idp| idp.by = signer).await;
    }
}

#[sqlx::test(migrations = "./migrations")]
async fn a_person_that_cannot_be_understood_is_not_guessed(pool: PgPool) {
    const NAME: Says = Says(502, "it sends no user name");
    let app = server(&pool).await;
    for name in [json!(null), json!(["a"]), json!(""), json!("a".repeat(300))] {
        let over = json!({"preferred_username": name, "email": "jana@school.test", "name": "Jana"});
        assert_refused(&app, "name", NAME, |idp| idp.userinfo_claims = over).await;
    }
    for (groups, says) in wrong_groups() {
        let case = groups.to_string();
        let over = json!({"preferred_username": "jana", "groups": groups});
        assert_refused(&app, &case, says, |idp| idp.userinfo_claims = over).await;
    }
    assert_nothing_else_is_wrong(&app).await;
}

#[sqlx::test(migrations = "./migrations")]
async fn userinfo_about_somebody_else_signs_nobody_in(pool: PgPool) {
    let app = server(&pool).await;
    for subject in [json!("0816"), json!(null), json!(["0815"]), json!("")] {
        let over = json!({"sub": subject, "preferred_username": "admin", "groups": []});
        assert_refused(&app, "sub", UNTRUSTED, |idp| idp.userinfo_claims = over).await;
    }
    for body in ["", "e30.e30.", "{\"sub\":\"0815\"}"] {
        let said = Say::This(200, "application/jwt", body.into());
        assert_refused(&app, body, UNTRUSTED, |idp| idp.userinfo = said).await;
    }
    assert_nothing_else_is_wrong(&app).await;
}
