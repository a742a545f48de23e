//! A dry run: what a cast would say to a visitor, rule by rule, without using anything up (pure).

use std::net::IpAddr;

use time::OffsetDateTime;

use super::{
    cast::Cast,
    refusal::{Refusal, Refused},
    rules::{
        network::{self, Offered},
        parameters::Parameters,
        referrer, start_url, window,
    },
};
use crate::{catalog::DesktopType, language::Sentence, say};

/// A visitor as an administrator imagines one.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Where they are.
    pub address: IpAddr,
    /// The page they come from, as their browser would say.
    pub referrer: Option<String>,
    /// What their link carries.
    pub parameters: Parameters,
}

/// How a rule turns out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It lets the visitor on.
    Pass,
    /// It refuses them.
    Fail,
    /// Only a real request can tell.
    Open,
}

/// One rule, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Step {
    /// A stable word for programs.
    pub rule: &'static str,
    /// How it turns out.
    pub outcome: Outcome,
    /// Why it refuses.
    pub refusal: Option<Refusal>,
    /// In words.
    #[schema(value_type = String)]
    pub says: Sentence,
}

impl Step {
    fn pass(rule: &'static str, says: Sentence) -> Self {
        Self {
            rule,
            outcome: Outcome::Pass,
            refusal: None,
            says,
        }
    }

    fn open(rule: &'static str, says: Sentence) -> Self {
        Self {
            outcome: Outcome::Open,
            ..Self::pass(rule, says)
        }
    }

    fn fail(rule: &'static str, refusal: Refusal, says: Sentence) -> Self {
        Self {
            outcome: Outcome::Fail,
            refusal: Some(refusal),
            ..Self::pass(rule, says)
        }
    }

    /// For pages: `pass`, `fail` or `open`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Open => "skipped",
        }
    }
}

/// Every rule in the order in which a request meets them; a real one ends at the first refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried(pub Vec<Step>);

impl Tried {
    /// What the visitor would be told; `None`: they would be served, unless something is full.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        self.0.iter().find_map(|step| step.refusal)
    }
}

/// Tries `visit` on a cast of this type. `served`: when visitors of the same address were served, within the time of
/// the limit; `now` by the database's clock.
#[must_use]
pub fn steps(
    cast: &Cast,
    kind: &DesktopType,
    visit: &Visit,
    served: &[OffsetDateTime],
    now: OffsetDateTime,
) -> Tried {
    let mut steps = vec![
        enabled(cast),
        valid_until(cast),
        referrer_step(cast, visit),
        address_limit(cast, served, now),
        who(cast),
        page(cast, visit),
        network_step(cast, kind, visit),
    ];
    steps.extend(application(cast, visit));
    steps.push(remaining(cast));
    steps.push(room(kind));
    Tried(steps)
}

fn enabled(cast: &Cast) -> Step {
    if cast.fields.enabled {
        Step::pass("enabled", say!("cast-try-enabled"))
    } else {
        Step::fail("enabled", Refusal::Disabled, say!("cast-try-disabled"))
    }
}

fn valid_until(cast: &Cast) -> Step {
    match (cast.fields.valid_until, cast.expired) {
        (_, true) => Step::fail("valid_until", Refusal::Expired, say!("cast-try-expired")),
        (Some(_), false) => Step::pass("valid_until", say!("cast-try-valid")),
        (None, false) => Step::pass("valid_until", say!("cast-try-no-end")),
    }
}

fn referrer_step(cast: &Cast, visit: &Visit) -> Step {
    let domains = &cast.fields.restrict_to_referrers;
    let given = visit.referrer.as_deref();
    let host = given.and_then(referrer::host_of);
    if domains.is_empty() {
        return Step::pass("referrer", say!("cast-try-referrer-any"));
    }
    match (referrer::admits(domains, given), host) {
        (true, host) => Step::pass(
            "referrer",
            say!("cast-try-referrer-listed", host = host.unwrap_or_default()),
        ),
        (false, Some(host)) => Step::fail(
            "referrer",
            Refusal::Referrer,
            say!("cast-try-referrer-other", host = host),
        ),
        (false, None) => Step::fail(
            "referrer",
            Refusal::Referrer,
            say!("cast-try-referrer-none"),
        ),
    }
}

fn address_limit(cast: &Cast, served: &[OffsetDateTime], now: OffsetDateTime) -> Step {
    let rule = "address_limit";
    let Some(limit) = cast.fields.address_limit() else {
        return Step::pass(rule, say!("cast-try-address-any"));
    };
    match window::wait(served, limit.allowed, limit.within, now) {
        None => Step::pass(
            rule,
            say!(
                "cast-try-address-free",
                used = served.len(),
                most = limit.allowed
            ),
        ),
        Some(wait) => Step::fail(
            rule,
            Refusal::TooManyRequests,
            say!("cast-try-address-full", seconds = wait.as_secs().max(1)),
        ),
    }
}

fn who(cast: &Cast) -> Step {
    let fields = &cast.fields;
    match (fields.allow_anonymous, fields.require_captcha) {
        (false, _) => Step::open("sign_in", say!("cast-try-sign-in")),
        (true, false) => Step::pass("sign_in", say!("cast-try-anonymous")),
        (true, true) => Step::open("captcha", say!("cast-try-captcha")),
    }
}

fn page(cast: &Cast, visit: &Visit) -> Step {
    let fields = &cast.fields;
    let fixed = fields.kasm_url.as_deref();
    match start_url::opened(fixed, fields.allow_dynamic_kasm_url, &visit.parameters) {
        Ok(Some(url)) => Step::pass("kasm_url", say!("cast-try-opens", address = url)),
        Ok(None) => Step::pass("kasm_url", say!("cast-try-opens-nothing")),
        Err(refusal) => Step::fail("kasm_url", refusal, refusal.sentence()),
    }
}

fn network_step(cast: &Cast, kind: &DesktopType, visit: &Visit) -> Step {
    let offered = Offered {
        allowed: kind.allow_network_selection,
        names: &kind.networks,
    };
    let dynamic = cast.fields.allow_dynamic_docker_network;
    match network::chosen(dynamic, offered, &visit.parameters) {
        Ok(Some(name)) => Step::pass("docker_network", say!("cast-try-network", name = name)),
        Ok(None) => Step::pass("docker_network", say!("cast-try-network-usual")),
        Err(refusal) => Step::fail("docker_network", refusal, refusal.sentence()),
    }
}

fn application(cast: &Cast, visit: &Visit) -> Option<Step> {
    let app = cast.fields.remote_app.as_ref()?;
    let rule = "remote_app";
    Some(match app.arguments(&visit.parameters) {
        Ok(list) => Step::pass(
            rule,
            say!(
                "cast-try-arguments",
                name = app.remote_app_name.as_str(),
                count = list.len()
            ),
        ),
        Err(Refused { reason, detail, .. }) => {
            let words = [Some(reason.sentence()), detail];
            Step::fail(rule, reason, Sentence::several(words.into_iter().flatten()))
        }
    })
}

fn remaining(cast: &Cast) -> Step {
    let rule = "sessions_remaining";
    match cast.fields.remaining() {
        None => Step::pass(rule, say!("cast-try-no-limit")),
        Some(0) => Step::fail(rule, Refusal::NoneLeft, say!("cast-try-none-left")),
        Some(left) => Step::pass(rule, say!("cast-try-left", count = left)),
    }
}

/// Whether there is room is a matter of the moment.
fn room(kind: &DesktopType) -> Step {
    let rule = "capacity";
    if kind.enabled {
        Step::open(rule, say!("cast-try-room"))
    } else {
        Step::fail(
            rule,
            Refusal::NoCapacity,
            say!("cast-try-type-off", title = kind.title.as_str()),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::{
            cast::{CastFields, tests::cast},
            rules::remote_app::RemoteApp,
        },
        *,
    };

    fn now() -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000)
    }

    fn kind() -> DesktopType {
        DesktopType {
            allow_network_selection: true,
            networks: vec!["class-net".into()],
            ..crate::dashboard::samples::kind("browser", "Browser", "browser")
        }
    }

    fn visit(query: &str, referrer: Option<&str>) -> Visit {
        Visit {
            address: [203, 0, 113, 40].into(),
            referrer: referrer.map(str::to_owned),
            parameters: Parameters::read(query),
        }
    }

    #[test]
    fn an_open_cast_lets_everybody_on() {
        let cast = cast(
            CastFields {
                allow_anonymous: true,
                ..CastFields::default()
            },
            false,
        );
        let tried = steps(&cast, &kind(), &visit("", None), &[], now());
        assert_eq!(tried.refusal(), None);
        let rules: Vec<_> = tried
            .0
            .iter()
            .map(|step| (step.rule, step.word()))
            .collect();
        let expected = [
            ("enabled", "pass"),
            ("valid_until", "pass"),
            ("referrer", "pass"),
            ("address_limit", "pass"),
            ("sign_in", "pass"),
            ("kasm_url", "pass"),
            ("docker_network", "pass"),
            ("sessions_remaining", "pass"),
            ("capacity", "skipped"),
        ];
        assert_eq!(rules, expected);
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn every_rule_refuses_by_itself_and_the_first_one_counts() {
        type Change = fn(&mut CastFields);
        let table: [(Change, &str, Option<&str>, Option<Refusal>); 14] = [
            (|it| it.enabled = false, "", None, Some(Refusal::Disabled)),
            (
                |it| it.restrict_to_referrers = vec!["a.example".into()],
                "",
                None,
                Some(Refusal::Referrer),
            ),
            (
                |it| it.restrict_to_referrers = vec!["a.example".into()],
                "",
                Some("https://b.example"),
                Some(Refusal::Referrer),
            ),
            (
                |it| it.restrict_to_referrers = vec!["a.example".into()],
                "",
                Some("https://x.a.example"),
                None,
            ),
            (
                |it| it.allow_dynamic_kasm_url = true,
                "kasm_url=x",
                None,
                Some(Refusal::KasmUrlInvalid),
            ),
            (
                |it| it.allow_dynamic_kasm_url = true,
                "kasm_url=https://x.example",
                None,
                None,
            ),
            (
                |_| {},
                "kasm_url=https://x.example",
                None,
                Some(Refusal::KasmUrlNotAllowed),
            ),
            (
                |_| {},
                "docker_network=class-net",
                None,
                Some(Refusal::NetworkNotAllowed),
            ),
            (
                |it| it.allow_dynamic_docker_network = true,
                "docker_network=class-net",
                None,
                None,
            ),
            (
                |it| it.allow_dynamic_docker_network = true,
                "docker_network=host",
                None,
                Some(Refusal::NetworkInvalid),
            ),
            (
                |it| (it.limit_total_sessions, it.sessions_remaining) = (true, Some(0)),
                "",
                None,
                Some(Refusal::NoneLeft),
            ),
            (
                |it| (it.limit_total_sessions, it.sessions_remaining) = (true, Some(1)),
                "",
                None,
                None,
            ),
            (
                |it| {
                    it.remote_app = RemoteApp::read(&json!({
                    "remote_app_name": "x", "args": [{"url_param_name": "file", "required": true}]
                })).ok();
                },
                "",
                None,
                Some(Refusal::ArgumentMissing),
            ),
            (
                |it| {
                    (it.enabled, it.sessions_remaining, it.limit_total_sessions) =
                        (false, Some(0), true);
                },
                "kasm_url=x",
                None,
                Some(Refusal::Disabled),
            ),
        ];
        for (change, query, referrer, refusal) in table {
            let mut fields = CastFields::default();
            change(&mut fields);
            let tried = steps(
                &cast(fields, false),
                &kind(),
                &visit(query, referrer),
                &[],
                now(),
            );
            assert_eq!(tried.refusal(), refusal, "{query} {referrer:?}");
        }
        let over = steps(
            &cast(CastFields::default(), true),
            &kind(),
            &visit("", None),
            &[],
            now(),
        );
        assert_eq!(over.refusal(), Some(Refusal::Expired));
    }

    #[test]
    fn an_address_that_was_served_waits() {
        let fields = CastFields {
            limit_requests_per_ip: true,
            sessions_allowed: Some(1),
            within_seconds: Some(60),
            ..CastFields::default()
        };
        let cast = cast(fields, false);
        let tried = |served: &[OffsetDateTime]| {
            steps(&cast, &kind(), &visit("", None), served, now()).refusal()
        };
        assert_eq!(tried(&[]), None);
        assert_eq!(
            tried(&[now() - time::Duration::seconds(30)]),
            Some(Refusal::TooManyRequests)
        );
        assert_eq!(tried(&[now() - time::Duration::seconds(60)]), None);
    }
}
