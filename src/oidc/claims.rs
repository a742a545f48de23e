//! What claims say about a person: name, address, groups, and what follows from them (pure).
//!
//! A person is who the provider's `sub` says. Everything here may change from one sign-in to the next; nothing here
//! tells people apart (threat T9). What is not as it should be is refused with a reason, never guessed.

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use super::jwt::Claims;
use crate::{language::Sentence, people::user::Role, say};

/// Most groups one person may have.
pub(crate) const MOST_GROUPS: usize = 500;

/// Longest name of a person or a group, in characters.
const LONGEST_NAME: usize = 200;

/// Longest address of mail (RFC 5321) and of a picture.
const LONGEST_MAIL: usize = 320;
const LONGEST_PICTURE: usize = 2_048;

/// A person as a provider describes them today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    pub avatar_url: Option<String>,
    /// By id, each once.
    pub groups: Vec<Group>,
}

/// A group as a provider names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// `act` of IServ, `id` of others, the name where there is nothing else.
    pub id: String,
    pub name: String,
}

/// Why claims describe nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClaimsProblem {
    /// The claim with the user name is missing or no name.
    #[error("the claim {0} is missing or no name")]
    NoUsername(String),
    /// The groups have none of the three forms.
    #[error("the claim {0} is no list of groups: {1}")]
    Groups(String, &'static str),
    /// More than [`MOST_GROUPS`].
    #[error("the claim {0} has more than {MOST_GROUPS} groups")]
    TooManyGroups(String),
}

impl ClaimsProblem {
    /// What to do.
    pub(crate) fn sentence(&self) -> Sentence {
        match self {
            Self::NoUsername(claim) => say!("oidc-claims-no-username", claim = claim.as_str()),
            Self::Groups(claim, _) => say!("oidc-claims-groups", claim = claim.as_str()),
            Self::TooManyGroups(claim) => say!(
                "oidc-claims-many-groups",
                claim = claim.as_str(),
                limit = MOST_GROUPS
            ),
        }
    }
}

/// What userinfo says goes over what the ID token says.
pub(crate) fn merged(mut id_token: Claims, userinfo: Claims) -> Claims {
    id_token.extend(userinfo.into_iter().filter(|(_, value)| !value.is_null()));
    id_token
}

/// The person that `claims` describe.
pub(crate) fn person(
    claims: &Claims,
    username_claim: &str,
    groups_claim: &str,
) -> Result<Person, ClaimsProblem> {
    let username = claims
        .get(username_claim)
        .and_then(name)
        .ok_or_else(|| ClaimsProblem::NoUsername(username_claim.to_owned()))?;
    let text = |claim| claims.get(claim).and_then(Value::as_str).map(str::trim);
    Ok(Person {
        display_name: claims
            .get("name")
            .and_then(name)
            .unwrap_or_else(|| username.clone()),
        username,
        email: text("email")
            .filter(|mail| mail.len() <= LONGEST_MAIL && mail.contains('@'))
            .filter(|mail| !mail.chars().any(|c| c.is_control() || c.is_whitespace()))
            .map(str::to_owned),
        avatar_url: text("picture")
            .filter(|picture| picture.len() <= LONGEST_PICTURE)
            .filter(|picture| Url::parse(picture).is_ok_and(|url| url.scheme() == "https"))
            .map(str::to_owned),
        groups: groups(claims.get(groups_claim), groups_claim)?,
    })
}

/// The role of somebody in `groups`; `None` when no group gives a role, so the provider has no say in it.
pub(crate) fn role(groups: &[Group], admin: Option<&str>, teacher: Option<&str>) -> Option<Role> {
    let member = |of: Option<&str>| of.is_some_and(|of| groups.iter().any(|group| group.is(of)));
    if admin.is_none() && teacher.is_none() {
        None
    } else if member(admin) {
        Some(Role::Admin)
    } else if member(teacher) {
        Some(Role::Teacher)
    } else {
        Some(Role::User)
    }
}

/// Whether somebody in `groups` may sign in.
pub(crate) fn may_sign_in(groups: &[Group], allowed: &[String]) -> bool {
    allowed.is_empty()
        || allowed
            .iter()
            .any(|allowed| groups.iter().any(|group| group.is(allowed)))
}

impl Group {
    /// Character by character: no part, no case, no look-alike (threat T10). Where a provider has ids its names do not
    /// count: people may found a group there and call it as they like. Where it has none, the id is the name.
    fn is(&self, wanted: &str) -> bool {
        !wanted.is_empty() && self.id == wanted
    }
}

/// A list of names (Authelia), an object keyed by id with `act` and `name` (IServ), a list of objects with `id` and
/// `name`.
fn groups(claim: Option<&Value>, claim_name: &str) -> Result<Vec<Group>, ClaimsProblem> {
    let wrong = |why| ClaimsProblem::Groups(claim_name.to_owned(), why);
    let found: Vec<Option<Group>> = match claim {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() > MOST_GROUPS => {
            return Err(ClaimsProblem::TooManyGroups(claim_name.to_owned()));
        }
        Some(Value::Object(by_id)) if by_id.len() > MOST_GROUPS => {
            return Err(ClaimsProblem::TooManyGroups(claim_name.to_owned()));
        }
        Some(Value::Array(list)) => list.iter().map(listed).collect(),
        Some(Value::Object(by_id)) => by_id.iter().map(|(id, group)| keyed(id, group)).collect(),
        Some(_) => return Err(wrong("neither a list nor an object")),
    };
    let found = found.into_iter().collect::<Option<Vec<_>>>();
    let found = found.ok_or_else(|| wrong("a member without a name that can be used"))?;
    // Named twice: once is enough.
    let once: BTreeMap<String, Group> = found
        .into_iter()
        .map(|group| (group.id.clone(), group))
        .collect();
    Ok(once.into_values().collect())
}

fn listed(group: &Value) -> Option<Group> {
    match group {
        Value::String(_) => {
            let name = name(group)?;
            Some(Group {
                id: name.clone(),
                name,
            })
        }
        Value::Object(group) => {
            let shown = group.get("name").and_then(name);
            let id = match group.get("id") {
                Some(Value::Number(number)) => Some(number.to_string()),
                Some(id) => Some(name(id)?),
                None => shown.clone(),
            }?;
            Some(Group {
                name: shown.unwrap_or_else(|| id.clone()),
                id,
            })
        }
        _ => None,
    }
}

fn keyed(key: &str, group: &Value) -> Option<Group> {
    let group = group.as_object()?;
    let id = match group.get("act") {
        Some(act) => name(act)?,
        None => name(&Value::String(key.to_owned()))?,
    };
    Some(Group {
        name: group
            .get("name")
            .and_then(name)
            .unwrap_or_else(|| id.clone()),
        id,
    })
}

/// A name that can be shown and kept.
fn name(value: &Value) -> Option<String> {
    let name = value.as_str()?.trim();
    let fits = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: &Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    fn read(value: &Value) -> Result<Person, ClaimsProblem> {
        person(&claims(value), "preferred_username", "groups")
    }

    fn with_groups(groups: &Value) -> Result<Vec<(String, String)>, ClaimsProblem> {
        let read = read(&json!({"preferred_username": "a", "groups": groups}))?;
        Ok(read
            .groups
            .into_iter()
            .map(|group| (group.id, group.name))
            .collect())
    }

    #[test]
    fn authelia_and_iserv_describe_a_person() {
        let alice = read(&json!({
            "sub": "1", "preferred_username": "alice", "name": "Alice A", "email": "alice@example.test",
            "email_verified": true, "picture": "https://auth.example.test/alice.png", "groups": ["dev", "admins"],
        }))
        .unwrap();
        assert_eq!(alice.username, "alice");
        assert_eq!(alice.display_name, "Alice A");
        assert_eq!(alice.email.as_deref(), Some("alice@example.test"));
        assert!(alice.avatar_url.is_some());
        let pairs = |groups: &[(&str, &str)]| -> Vec<(String, String)> {
            groups
                .iter()
                .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
                .collect()
        };
        assert_eq!(
            with_groups(&json!(["dev", "admins", "dev"])).unwrap(),
            pairs(&[("admins", "admins"), ("dev", "dev")])
        );
        let iserv = json!({
            "42": {"act": "klasse.10a", "name": "Klasse 10a"},
            "77": {"act": "lehrer", "name": "Lehrer"},
            "78": {"name": "Ohne act"},
        });
        assert_eq!(
            with_groups(&iserv).unwrap(),
            pairs(&[
                ("78", "Ohne act"),
                ("klasse.10a", "Klasse 10a"),
                ("lehrer", "Lehrer")
            ])
        );
        let objects = json!([{"id": "g1", "name": "Group One"}, {"id": 2}, {"name": "three"}]);
        assert_eq!(
            with_groups(&objects).unwrap(),
            pairs(&[("2", "2"), ("g1", "Group One"), ("three", "three")])
        );
        for none in [json!(null), json!([]), json!({})] {
            assert_eq!(with_groups(&none).unwrap(), []);
        }
    }

    #[test]
    fn groups_in_no_known_form_are_refused_and_nobody_is_an_administrator_by_them() {
        let many: Vec<String> = (0..=MOST_GROUPS).map(|number| number.to_string()).collect();
        for groups in [
            json!("admins"),
            json!(true),
            json!(7),
            json!(["dev", 7]),
            json!(["dev", null]),
            json!(["dev", ["admins"]]),
            json!([""]),
            json!([" "]),
            json!(["a\u{0}b"]),
            json!(["a".repeat(201)]),
            json!([{}]),
            json!([{"id": ["admins"]}]),
            json!([{"id": {"id": "admins"}, "name": "admins"}]),
            json!({"admins": true}),
            json!({"admins": "admins"}),
            json!({"1": {"act": ["admins"]}}),
            json!({"groups": ["admins"]}),
            json!(many),
            json!(
                many.iter()
                    .map(|id| (id.clone(), json!({"act": id})))
                    .collect::<serde_json::Map<_, _>>()
            ),
        ] {
            with_groups(&groups).unwrap_err();
        }
    }

    #[test]
    fn a_role_is_given_by_exactly_the_group_that_is_named() {
        let group = |id: &str, name: &str| Group {
            id: id.into(),
            name: name.into(),
        };
        let role_in = |id, name| role(&[group(id, name)], Some("admins"), Some("Lehrer"));
        assert_eq!(role_in("admins", "Administration"), Some(Role::Admin));
        assert_eq!(role_in("Lehrer", "Lehrer"), Some(Role::Teacher));
        for called_so in [("7", "admins"), ("lehrer", "Lehrer")] {
            assert_eq!(role_in(called_so.0, called_so.1), Some(Role::User));
        }
        for not_quite in [
            "Admins",
            "admins ",
            "admin",
            "admins2",
            "xadmins",
            "аdmins",
            "admıns",
            "ad\u{200b}mins",
            "*",
            "",
        ] {
            assert_eq!(
                role_in(not_quite, not_quite),
                Some(Role::User),
                "{not_quite:?}"
            );
        }
        let both = [group("Lehrer", "x"), group("admins", "y")];
        assert_eq!(
            role(&both, Some("admins"), Some("Lehrer")),
            Some(Role::Admin)
        );
        assert_eq!(role(&both, None, Some("Lehrer")), Some(Role::Teacher));
        assert_eq!(role(&both, None, None), None, "the provider has no say");
        assert_eq!(role(&[group("", "")], Some(""), None), Some(Role::User));
    }

    #[test]
    fn only_members_of_an_allowed_group_may_sign_in() {
        let member = [Group {
            id: "staff".into(),
            name: "Staff".into(),
        }];
        assert!(may_sign_in(&[], &[]));
        assert!(may_sign_in(&member, &["other".into(), "staff".into()]));
        assert!(!may_sign_in(&member, &["Staff".into()]));
        assert!(!may_sign_in(&member, &["STAFF".into()]));
        assert!(!may_sign_in(&[], &["staff".into()]));
    }

    #[test]
    fn a_name_is_the_claim_that_was_chosen_and_no_other() {
        let full = claims(&json!({
            "sub": "s", "name": "Jana P", "email": "jana@school.test", "uuid": "u-1", "preferred_username": " jana ",
        }));
        let named_by = |claim| person(&full, claim, "groups").map(|person| person.username);
        assert_eq!(named_by("preferred_username").unwrap(), "jana");
        assert_eq!(named_by("uuid").unwrap(), "u-1");
        assert_eq!(named_by("email").unwrap(), "jana@school.test");
        named_by("nickname").unwrap_err();
        for wrong in [
            json!(null),
            json!(""),
            json!("  "),
            json!(7),
            json!(["jana"]),
            json!({"a": 1}),
            json!("a\nb"),
            json!("a".repeat(201)),
        ] {
            read(&json!({"preferred_username": wrong, "sub": "s", "email": "a@b.test"}))
                .unwrap_err();
        }
    }

    #[test]
    fn what_is_only_nice_to_have_is_left_out_when_it_is_wrong() {
        for (claim, value) in [
            ("email", json!("not an address")),
            ("email", json!("a@b\r\nBcc: x")),
            ("email", json!(7)),
            ("picture", json!("javascript:alert(1)")),
            ("picture", json!("http://a.test/x.png")),
            (
                "picture",
                json!("https://a.test/".to_owned() + &"x".repeat(2_048)),
            ),
            ("name", json!("")),
            ("name", json!({"de": "Jana"})),
        ] {
            let person = read(&json!({"preferred_username": "jana", claim: value})).unwrap();
            assert_eq!((person.email, person.avatar_url), (None, None));
            assert_eq!(person.display_name, "jana");
        }
    }

    #[test]
    fn userinfo_goes_over_the_id_token() {
        let merged = merged(
            claims(&json!({"sub": "s", "name": "old", "email": "a@b.test"})),
            claims(&json!({"sub": "s", "name": "new", "email": null, "groups": ["a"]})),
        );
        let all = json!({"sub": "s", "name": "new", "email": "a@b.test", "groups": ["a"]});
        assert_eq!(Value::Object(merged), all);
    }

    proptest::proptest! {
        #[test]
        fn no_claims_at_all_make_anything_break(text in ".{0,40}", number in proptest::num::f64::ANY, depth in 0_usize..40) {
            let mut nested = json!(text);
            for _ in 0..depth {
                nested = json!([nested]);
            }
            for value in [json!(text), json!(number), nested] {
                let claims = claims(&json!({"preferred_username": value, "groups": value, "name": value, "email": value, "picture": value}));
                if let Ok(person) = person(&claims, "preferred_username", "groups") {
                    proptest::prop_assert!(!person.username.is_empty());
                    proptest::prop_assert!(person.username.chars().count() <= LONGEST_NAME);
                }
            }
        }
    }
}
