//! What a provider may be (pure). Every wrong field is told at once.

use url::Url;

use super::{Provider, ProviderDraft, SecretChange, TokenAuthMethod};
use crate::{
    config::{AddressProblem, outside_address},
    error::FieldProblem,
    ids::OidcProviderId,
    language::Sentence,
    say,
    text::is_line,
};

/// Longest name; it stands on a button.
const NAME: usize = 60;

/// Longest client id and name of a group.
const WORD: usize = 200;

/// Longest client secret.
const SECRET: usize = 2_000;

/// Longest logo that is written out as `data:`.
const LOGO: usize = 32 * 1024;

/// Most scopes, and most groups that may sign in.
const MOST: usize = 100;

/// What discovery adds to an issuer; people copy it along.
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// `draft` as the provider `id`, or everything that is wrong with it. `has_secret`: one is stored already.
pub fn checked(
    id: OidcProviderId,
    draft: ProviderDraft,
    has_secret: bool,
) -> Result<Provider, Vec<FieldProblem>> {
    let mut form = Problems::default();
    let name = form.name(&draft.name);
    let logo_url = form.optional("logo_url", draft.logo_url, logo);
    let issuer = form.optional("issuer", draft.issuer, issuer);
    let mut address = |field, text| form.optional(field, text, outside);
    let authorization_url = address("authorization_url", draft.authorization_url);
    let token_url = address("token_url", draft.token_url);
    let userinfo_url = address("userinfo_url", draft.userinfo_url);
    let jwks_url = address("jwks_url", draft.jwks_url);
    let end_session_url = address("end_session_url", draft.end_session_url);
    if !issuer.is_given() {
        form.endpoints(authorization_url.is_given(), token_url.is_given());
    }
    let client_id = form.word("client_id", &draft.client_id, say!("provider-client-id"));
    let method = draft.token_auth_method;
    let client_secret = form.secret(draft.client_secret, has_secret, method);
    let provider = Provider {
        id,
        name,
        logo_url: logo_url.value(),
        enabled: draft.enabled,
        auto_provision: draft.auto_provision,
        auto_login: draft.auto_login,
        is_default: draft.is_default,
        issuer: issuer.value(),
        authorization_url: authorization_url.value(),
        token_url: token_url.value(),
        userinfo_url: userinfo_url.value(),
        jwks_url: jwks_url.value(),
        end_session_url: end_session_url.value(),
        client_id,
        client_secret,
        token_auth_method: method,
        scopes: form.scopes(&draft.scopes),
        username_claim: form.claim("username_claim", &draft.username_claim),
        groups_claim: form.claim("groups_claim", &draft.groups_claim),
        admin_group: form.group("admin_group", draft.admin_group),
        teacher_group: form.group("teacher_group", draft.teacher_group),
        allowed_groups: form.groups(&draft.allowed_groups),
    };
    form.none().map(|()| provider)
}

/// A field that may be empty.
enum Field<T> {
    Empty,
    Wrong,
    Right(T),
}

impl<T> Field<T> {
    fn is_given(&self) -> bool {
        !matches!(self, Self::Empty)
    }

    fn value(self) -> Option<T> {
        match self {
            Self::Right(value) => Some(value),
            Self::Empty | Self::Wrong => None,
        }
    }
}

/// What was found so far.
#[derive(Default)]
struct Problems(Vec<FieldProblem>);

impl Problems {
    fn none(self) -> Result<(), Vec<FieldProblem>> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0)
        }
    }

    fn unless(&mut self, right: bool, field: &str, problem: Sentence) {
        if !right {
            self.0.push(FieldProblem::new(field, problem));
        }
    }

    fn optional<T>(
        &mut self,
        field: &str,
        text: Option<String>,
        read: impl FnOnce(&str) -> Result<T, Sentence>,
    ) -> Field<T> {
        let text = text.unwrap_or_default();
        match text.trim() {
            "" => Field::Empty,
            text => read(text).map_or_else(
                |problem| {
                    self.unless(false, field, problem);
                    Field::Wrong
                },
                Field::Right,
            ),
        }
    }

    /// The same bounds as the table's own, and no segment that browsers take out of an address.
    fn name(&mut self, text: &str) -> String {
        let name = text.trim();
        let right = is_line(name, NAME)
            && !name.is_empty()
            && !name.contains(['/', '\\', '?', '#', '%'])
            && !matches!(name, "." | "..");
        self.unless(right, "name", say!("provider-name-form"));
        name.to_owned()
    }

    /// Without discovery, both must be known.
    fn endpoints(&mut self, authorization: bool, token: bool) {
        if authorization || token {
            let missing = say!("provider-endpoint-missing");
            self.unless(authorization, "authorization_url", missing.clone());
            self.unless(token, "token_url", missing);
        } else {
            self.unless(false, "issuer", say!("provider-issuer-missing"));
        }
    }

    fn word(&mut self, field: &str, text: &str, problem: Sentence) -> String {
        let word = text.trim();
        self.unless(!word.is_empty() && is_line(word, WORD), field, problem);
        word.to_owned()
    }

    fn secret(
        &mut self,
        change: SecretChange,
        has_secret: bool,
        method: TokenAuthMethod,
    ) -> Option<secrecy::SecretString> {
        use secrecy::ExposeSecret;
        let needed = method != TokenAuthMethod::None;
        let (secret, problem) = match change {
            SecretChange::Keep if has_secret || !needed => (None, None),
            SecretChange::Remove if !needed => (None, None),
            SecretChange::Keep | SecretChange::Remove => {
                (None, Some(say!("provider-secret-missing")))
            }
            SecretChange::Set(secret) => {
                let text = secret.expose_secret();
                let problem = if text.is_empty() {
                    Some(say!("provider-secret-empty"))
                } else if is_line(text, SECRET) {
                    None
                } else {
                    Some(say!("provider-secret-form"))
                };
                (Some(secret), problem)
            }
        };
        if let Some(problem) = problem {
            self.unless(false, "client_secret", problem);
        }
        secret
    }

    /// One on each line, or several with spaces between (RFC 6749 3.3 says which characters).
    fn scopes(&mut self, texts: &[String]) -> Vec<String> {
        let scopes = each_once(texts.iter().flat_map(|text| text.split_whitespace()));
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        let right = scopes.len() <= MOST
            && scopes
                .iter()
                .all(|scope| scope.len() <= WORD && scope.bytes().all(plain));
        self.unless(right, "scopes", say!("provider-scopes-form"));
        let asked = scopes.iter().any(|scope| scope == "openid");
        self.unless(!right || asked, "scopes", say!("provider-scopes-openid"));
        scopes
    }

    fn claim(&mut self, field: &str, text: &str) -> String {
        let claim = text.trim();
        let right = !claim.is_empty()
            && is_line(claim, WORD)
            && !claim.contains(|letter: char| letter.is_whitespace());
        self.unless(right, field, say!("provider-claim-form"));
        claim.to_owned()
    }

    fn group(&mut self, field: &str, text: Option<String>) -> Option<String> {
        let text = text.unwrap_or_default();
        let group = text.trim();
        self.unless(is_line(group, WORD), field, say!("provider-group-form"));
        (!group.is_empty()).then(|| group.to_owned())
    }

    /// One on each line: names of groups have spaces.
    fn groups(&mut self, texts: &[String]) -> Vec<String> {
        let lines = texts.iter().flat_map(|text| text.lines());
        let groups = each_once(lines.map(str::trim).filter(|line| !line.is_empty()));
        let right = groups.len() <= MOST && groups.iter().all(|group| is_line(group, WORD));
        self.unless(right, "allowed_groups", say!("provider-groups-form"));
        groups
    }
}

fn each_once<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for text in texts {
        if !once.iter().any(|known| known == text) {
            once.push(text.to_owned());
        }
    }
    once
}

fn outside(text: &str) -> Result<Url, Sentence> {
    outside_address(text).map_err(|problem| match problem {
        AddressProblem::NotAbsolute => say!("provider-url-form"),
        AddressProblem::Account => say!("provider-url-account"),
        AddressProblem::PlainHttp => say!("provider-url-plain"),
        AddressProblem::Fragment => say!("provider-url-fragment"),
        AddressProblem::TooLong => say!("provider-url-long"),
    })
}

/// As it was written: it is compared character by character, and a slash at its end is one.
fn issuer(text: &str) -> Result<String, Sentence> {
    let issuer = text.strip_suffix(DISCOVERY).unwrap_or(text);
    if outside(issuer)?.query().is_some() {
        return Err(say!("provider-issuer-query"));
    }
    Ok(issuer.to_owned())
}

/// A picture that the sign-in page may show: from one https address, or written out.
fn logo(text: &str) -> Result<Url, Sentence> {
    if !text.starts_with("data:") {
        return outside(text);
    }
    let is_picture = ["png", "jpeg", "gif", "webp", "svg+xml"]
        .iter()
        .any(|kind| {
            text.strip_prefix("data:image/")
                .and_then(|rest| rest.strip_prefix(kind))
                .is_some_and(|rest| rest.starts_with([';', ',']))
        });
    match Url::parse(text) {
        Ok(url) if is_picture && text.len() <= LOGO => Ok(url),
        _ => Err(say!("provider-logo-form")),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// Authelia's example, as its guide for Kasm Workspaces writes it.
    fn draft() -> ProviderDraft {
        let url = |path: &str| Some(format!("https://auth.example.com/api/oidc/{path}"));
        ProviderDraft {
            name: "Authelia".into(),
            client_id: "kasm".into(),
            client_secret: SecretChange::Set("insecure_secret".into()),
            authorization_url: url("authorization"),
            token_url: url("token"),
            userinfo_url: url("userinfo"),
            scopes: vec!["openid profile groups email".into()],
            ..ProviderDraft::default()
        }
    }

    fn check(change: impl FnOnce(&mut ProviderDraft)) -> Result<Provider, Vec<FieldProblem>> {
        let mut draft = draft();
        change(&mut draft);
        checked(OidcProviderId::new(), draft, false)
    }

    fn wrong(change: impl FnOnce(&mut ProviderDraft)) -> Vec<String> {
        let problems = check(change).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn authelias_example_works_as_written() {
        let provider = check(|_| {}).unwrap();
        assert_eq!(provider.scopes, ["openid", "profile", "groups", "email"]);
        assert_eq!(
            provider.token_auth_method,
            TokenAuthMethod::ClientSecretBasic
        );
        assert_eq!(provider.username_claim, "preferred_username");
        let secret = provider.client_secret.unwrap();
        assert_eq!(secret.expose_secret(), "insecure_secret");
        assert!(provider.auto_provision && provider.enabled);
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let all = wrong(|draft| {
            let bad = || Some("auth.example.com".to_owned());
            *draft = ProviderDraft {
                name: " ".into(),
                logo_url: bad(),
                issuer: bad(),
                authorization_url: bad(),
                token_url: bad(),
                userinfo_url: bad(),
                jwks_url: bad(),
                end_session_url: bad(),
                client_id: "\n".into(),
                client_secret: SecretChange::Keep,
                scopes: vec!["profile".into()],
                username_claim: "a b".into(),
                groups_claim: String::new(),
                admin_group: Some("a\nb".into()),
                teacher_group: Some("x".repeat(201)),
                allowed_groups: vec!["x".repeat(201)],
                ..ProviderDraft::default()
            };
        });
        assert_eq!(
            all,
            [
                "name",
                "logo_url",
                "issuer",
                "authorization_url",
                "token_url",
                "userinfo_url",
                "jwks_url",
                "end_session_url",
                "client_id",
                "client_secret",
                "scopes",
                "username_claim",
                "groups_claim",
                "admin_group",
                "teacher_group",
                "allowed_groups",
            ]
        );
    }

    #[test]
    fn names() {
        for (name, fine) in [
            ("a", true),
            ("IServ (Lindenschule)", true),
            ("Größe & Co.", true),
            (" kept without its edges ", true),
            (&*"ä".repeat(60), true),
            (&"ä".repeat(61), false),
            ("", false),
            (" ", false),
            (".", false),
            ("..", false),
            ("a/b", false),
            ("a\\b", false),
            ("a?b", false),
            ("a#b", false),
            ("a%2fb", false),
            ("a\tb", false),
        ] {
            let found = wrong(|draft| draft.name = name.into());
            assert_eq!(found.is_empty(), fine, "{name:?}");
        }
        assert_eq!(check(|draft| draft.name = " A ".into()).unwrap().name, "A");
    }

    #[test]
    fn an_issuer_or_both_addresses() {
        let table: [(Option<&str>, bool, bool, &[&str]); 6] = [
            (None, true, true, &[]),
            (Some("https://auth.example.com"), false, false, &[]),
            (Some("https://auth.example.com"), true, false, &[]),
            (None, false, false, &["issuer"]),
            (None, true, false, &["token_url"]),
            (None, false, true, &["authorization_url"]),
        ];
        for (issuer, authorization, token, fields) in table {
            let found = wrong(|draft| {
                draft.issuer = issuer.map(str::to_owned);
                draft.authorization_url = draft.authorization_url.take().filter(|_| authorization);
                draft.token_url = draft.token_url.take().filter(|_| token);
            });
            assert_eq!(found, fields, "{issuer:?} {authorization} {token}");
        }
    }

    #[test]
    fn issuers_stay_as_they_are_written() {
        for (typed, kept) in [
            ("https://id.example", Some("https://id.example")),
            ("https://id.example/", Some("https://id.example/")),
            (" https://ID.example/a ", Some("https://ID.example/a")),
            (
                "https://id.example/realms/x/.well-known/openid-configuration",
                Some("https://id.example/realms/x"),
            ),
            ("http://localhost:9000", Some("http://localhost:9000")),
            ("http://id.example", None),
            ("https://id.example?tenant=1", None),
            ("https://id.example/#x", None),
            ("id.example", None),
        ] {
            let issuer = check(|draft| draft.issuer = Some(typed.into()))
                .ok()
                .and_then(|provider| provider.issuer);
            assert_eq!(issuer.as_deref(), kept, "{typed}");
        }
    }

    #[test]
    fn scopes() {
        let table: [(&[&str], Option<&[&str]>); 8] = [
            (&["openid"], Some(&["openid"])),
            (
                &["openid\r\nprofile\n\nemail "],
                Some(&["openid", "profile", "email"]),
            ),
            (&["profile openid profile"], Some(&["profile", "openid"])),
            (
                &["openid", "https://id.example/scope"],
                Some(&["openid", "https://id.example/scope"]),
            ),
            (&[], None),
            (&["OpenID"], None),
            (&["openid \"x\""], None),
            (&["openid ä"], None),
        ];
        for (typed, kept) in table {
            let typed: Vec<_> = typed.iter().map(|text| (*text).to_owned()).collect();
            let found = check(|draft| draft.scopes = typed.clone());
            match kept {
                Some(kept) => assert_eq!(found.unwrap().scopes, kept, "{typed:?}"),
                None => assert_eq!(found.unwrap_err()[0].field, "scopes", "{typed:?}"),
            }
        }
    }

    #[test]
    fn a_secret_is_needed_unless_nothing_is_proved_with_it() {
        use TokenAuthMethod::{ClientSecretBasic, ClientSecretPost, None as Nothing};
        let set = |text: &str| SecretChange::Set(text.into());
        let table = [
            (ClientSecretBasic, SecretChange::Keep, false, false),
            (ClientSecretBasic, SecretChange::Keep, true, true),
            (ClientSecretPost, SecretChange::Remove, true, false),
            (ClientSecretPost, set("x"), false, true),
            (ClientSecretBasic, set(""), true, false),
            (ClientSecretBasic, set("a\nb"), false, false),
            (ClientSecretBasic, set(" with space "), false, true),
            (Nothing, SecretChange::Keep, false, true),
            (Nothing, SecretChange::Remove, true, true),
        ];
        for (method, change, has_secret, fine) in table {
            let draft = ProviderDraft {
                token_auth_method: method,
                client_secret: change.clone(),
                ..draft()
            };
            let found = checked(OidcProviderId::new(), draft, has_secret);
            assert_eq!(found.is_ok(), fine, "{method:?} {change:?} {has_secret}");
        }
    }

    #[test]
    fn logos() {
        let long = format!("data:image/png;base64,{}", "A".repeat(LOGO));
        for (logo, fine) in [
            ("https://auth.example.com/logo.png", true),
            ("data:image/png;base64,iVBORw0KGgo=", true),
            ("data:image/svg+xml,%3Csvg%3E", true),
            ("http://auth.example.com/logo.png", false),
            ("/static/logo.png", false),
            ("data:text/html,<script>", false),
            ("data:image/pngx;base64,AAAA", false),
            ("data:image/svg+xmlx,a", false),
            ("javascript:alert(1)", false),
            (&long, false),
        ] {
            let found = wrong(|draft| draft.logo_url = Some(logo.into()));
            assert_eq!(found.is_empty(), fine, "{logo}");
        }
    }

    #[test]
    fn groups_have_spaces_and_stand_on_lines_of_their_own() {
        let provider = check(|draft| {
            draft.allowed_groups = vec!["Class 10b\n\n teachers \nClass 10b".into()];
            draft.admin_group = Some(" ".into());
        })
        .unwrap();
        assert_eq!(provider.allowed_groups, ["Class 10b", "teachers"]);
        assert_eq!(provider.admin_group, None);
    }
}
