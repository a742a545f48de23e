//! A cast in JSON: what is told of it, and what of a body is taken.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::LINKS;
use crate::{
    admin::body::Body,
    casting::{
        Cast, CastFields, CastState, draft,
        list::ListedCast,
        rules::{parameters::Parameters, remote_app::RemoteApp},
        try_it::Visit,
    },
    error::FieldProblem,
    groups::ClientSettings,
    ids::GroupId,
    say,
};

/// Told by this server, never written: a body may carry them, so that what was read can be sent back changed.
const READ_ONLY: [&str; 11] = [
    "id",
    "state",
    "url",
    "expired",
    "type_title",
    "served_today",
    "refused_today",
    "created_at",
    "created_by",
    "changed_at",
    "changed_by",
];

/// A cast as programs read it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CastBody {
    #[serde(flatten)]
    cast: Cast,
    /// Whether it would serve anybody now.
    state: CastState,
    /// The link.
    url: String,
}

impl CastBody {
    /// `origin`: where this server is, without a slash at the end.
    pub(super) fn new(cast: Cast, origin: &str) -> Self {
        Self {
            state: cast.state(),
            url: address(&cast, origin),
            cast,
        }
    }
}

/// The whole link of a cast.
pub(super) fn address(cast: &Cast, origin: &str) -> String {
    format!("{origin}{LINKS}{}", cast.fields.key)
}

/// A line of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedBody {
    #[serde(flatten)]
    cast: CastBody,
    /// What people read of what it starts.
    type_title: String,
    /// Sessions served since midnight (UTC).
    served_today: i64,
    /// Requests refused since midnight (UTC).
    refused_today: i64,
}

impl ListedBody {
    pub(super) fn new(listed: ListedCast, origin: &str) -> Self {
        Self {
            cast: CastBody::new(listed.cast, origin),
            type_title: listed.type_title,
            served_today: listed.served_today,
            refused_today: listed.refused_today,
        }
    }
}

/// A cast to be made, or what is to be changed of one: what is left out stays, or is as the contract says.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body; each field is read by itself")]
pub(super) struct CastWish {
    /// Of at most 200 characters; no other cast has it.
    name: Option<String>,
    /// `[A-Za-z0-9_-]{1,64}`; no other cast has it. Left out when a cast is made: a random one.
    key: Option<String>,
    /// A slug.
    desktop_type: Option<String>,
    enabled: Option<bool>,
    allow_resume: Option<bool>,
    allow_anonymous: Option<bool>,
    /// Only with `allow_anonymous`, and where a captcha is set up.
    require_captcha: Option<bool>,
    anonymous_group: Option<GroupId>,
    limit_total_sessions: Option<bool>,
    /// 0 or more.
    sessions_remaining: Option<i32>,
    limit_requests_per_ip: Option<bool>,
    /// 1 or more.
    sessions_allowed: Option<i32>,
    /// 1 or more.
    within_seconds: Option<i32>,
    /// An http or https address; only for types that take one.
    kasm_url: Option<String>,
    allow_dynamic_kasm_url: Option<bool>,
    /// Only for types with *Allow Network Selection*.
    allow_dynamic_docker_network: Option<bool>,
    /// An http or https address.
    error_url: Option<String>,
    disable_control_panel: Option<bool>,
    disable_tips: Option<bool>,
    /// Kept; a link is not made at entry yet.
    enable_sharing: Option<bool>,
    disable_shared_fixed_resolution: Option<bool>,
    /// Domains; their subdomains count as well.
    restrict_to_referrers: Option<Vec<String>>,
    enforce_client_settings: Option<bool>,
    /// What is left out stays.
    client_settings: Option<ClientSettings>,
    /// Only for servers that are reached by RDP.
    remote_app: Option<RemoteApp>,
    /// RFC 3339.
    valid_until: Option<String>,
}

/// A body whose fields are still to be read.
pub(super) fn body(fields: Map<String, Value>) -> Body {
    Body::new(fields, &READ_ONLY)
}

/// What `body` says over `fields`; `null` in a field that may be empty empties it.
pub(super) fn read(body: &mut Body, mut fields: CastFields) -> CastFields {
    macro_rules! take {
        ($($field:ident),*) => {
            $(if let Some(value) = body.take(stringify!($field)) {
                fields.$field = value;
            })*
        };
    }
    take!(
        name,
        key,
        desktop_type,
        enabled,
        allow_resume,
        allow_anonymous,
        require_captcha,
        anonymous_group,
        limit_total_sessions,
        sessions_remaining,
        limit_requests_per_ip,
        sessions_allowed,
        within_seconds,
        kasm_url,
        allow_dynamic_kasm_url,
        allow_dynamic_docker_network,
        error_url,
        disable_control_panel,
        disable_tips,
        enable_sharing,
        disable_shared_fixed_resolution,
        restrict_to_referrers,
        enforce_client_settings
    );
    if let Some(text) = body.take::<Option<String>>("valid_until") {
        match text.as_deref().map(time_of).transpose() {
            Ok(time) => fields.valid_until = time,
            Err(problem) => body.wrong(problem),
        }
    }
    match body.take_raw("client_settings") {
        None => {}
        Some(Value::Object(switches)) => {
            match draft::read_client_settings(&switches, fields.client_settings) {
                Ok(settings) => fields.client_settings = settings,
                Err(problems) => problems.into_iter().for_each(|problem| body.wrong(problem)),
            }
        }
        Some(_) => body.wrong(FieldProblem::new("client_settings", say!("setting-object"))),
    }
    match body.take_raw("remote_app") {
        None => {}
        Some(Value::Null) => fields.remote_app = None,
        Some(json) => match RemoteApp::read(&json) {
            Ok(app) => fields.remote_app = Some(app),
            Err(problems) => problems.into_iter().for_each(|problem| body.wrong(problem)),
        },
    }
    fields
}

fn time_of(text: &str) -> Result<OffsetDateTime, FieldProblem> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| FieldProblem::new("valid_until", say!("cast-time-form")))
}

/// A visitor to be tried.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body; each field is read by itself")]
pub(super) struct VisitWish {
    /// An IPv4 or IPv6 address.
    address: String,
    /// What their browser would send as `Referer`; empty: nothing.
    referrer: Option<String>,
    /// What stands after the question mark of their link.
    parameters: Option<String>,
}

/// The visitor `body` describes.
pub(super) fn read_visit(body: &mut Body) -> Visit {
    let address: String = body.take("address").unwrap_or_default();
    let referrer: Option<String> = body.take::<Option<String>>("referrer").flatten();
    let parameters: Option<String> = body.take::<Option<String>>("parameters").flatten();
    let (visit, problem) = visit(
        &address,
        &referrer.unwrap_or_default(),
        &parameters.unwrap_or_default(),
    );
    if let Some(problem) = problem {
        body.wrong(problem);
    }
    visit
}

/// A visitor as somebody typed them, and what is wrong with that. A whole link is as good as its parameters.
pub(super) fn visit(
    address: &str,
    referrer: &str,
    parameters: &str,
) -> (Visit, Option<FieldProblem>) {
    let read = address.trim().parse::<IpAddr>();
    let problem = read
        .is_err()
        .then(|| FieldProblem::new("address", say!("cast-address-visitor")));
    let query = parameters.trim();
    let query = query.rsplit_once('?').map_or(query, |(_, query)| query);
    let visit = Visit {
        address: read.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |read| {
            read.to_canonical()
        }),
        referrer: Some(referrer.trim().to_owned()).filter(|text| !text.is_empty()),
        parameters: Parameters::read(query),
    };
    (visit, problem)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::AppError;

    fn reading(json: Value, fields: CastFields) -> (CastFields, Vec<String>) {
        let Value::Object(map) = json else {
            panic!("an object")
        };
        let mut body = body(map);
        let fields = read(&mut body, fields);
        let wrong = match body.finish(Vec::new()) {
            Err(AppError::Invalid(problems)) => problems,
            _ => Vec::new(),
        };
        (
            fields,
            wrong.into_iter().map(|problem| problem.field).collect(),
        )
    }

    #[test]
    fn every_field_is_read_and_what_is_left_out_stays() {
        let all = json!({
            "name": "a", "key": "b", "desktop_type": "c", "enabled": false, "allow_resume": true,
            "allow_anonymous": true, "require_captcha": true, "anonymous_group": GroupId::new(),
            "limit_total_sessions": true, "sessions_remaining": 3, "limit_requests_per_ip": true,
            "sessions_allowed": 2, "within_seconds": 60, "kasm_url": "https://a.example/",
            "allow_dynamic_kasm_url": true, "allow_dynamic_docker_network": true, "error_url": "https://b.example/",
            "disable_control_panel": true, "disable_tips": true, "enable_sharing": true,
            "disable_shared_fixed_resolution": true, "restrict_to_referrers": ["a.example"],
            "enforce_client_settings": true, "client_settings": {"allow_audio": false},
            "remote_app": {"remote_app_name": "||x", "args": []}, "valid_until": "2026-12-18T16:00:00Z",
        });
        let (fields, wrong) = reading(all.clone(), CastFields::default());
        assert_eq!(wrong, [""; 0]);
        let mut written = serde_json::to_value(&fields).unwrap();
        for (key, value) in all.as_object().unwrap() {
            let mut read = written[key].take();
            if key == "client_settings" {
                read = json!({"allow_audio": read["allow_audio"]});
            }
            assert_eq!(&read, value, "{key}");
        }
        let (same, _) = reading(json!({}), fields.clone());
        assert_eq!(same, fields);
        let (emptied, wrong) = reading(
            json!({"anonymous_group": null, "sessions_remaining": null, "kasm_url": null, "error_url": null,
                   "remote_app": null, "valid_until": null, "state": "on", "id": "x"}),
            fields,
        );
        assert_eq!(wrong, [""; 0]);
        assert!(
            emptied.anonymous_group.is_none()
                && emptied.remote_app.is_none()
                && emptied.valid_until.is_none()
        );
    }

    #[test]
    fn every_field_that_cannot_be_read_is_named() {
        let (fields, mut wrong) = reading(
            json!({"name": 3, "enabled": "yes", "sessions_remaining": 1.5, "client_settings": 1, "remote_app": 2,
                   "valid_until": "tomorrow", "restrict_to_referrers": "a", "colour": 1, "anonymous_group": "x"}),
            CastFields::default(),
        );
        wrong.sort();
        assert_eq!(
            wrong,
            [
                "anonymous_group",
                "client_settings",
                "colour",
                "enabled",
                "name",
                "remote_app",
                "restrict_to_referrers",
                "sessions_remaining",
                "valid_until"
            ]
        );
        assert_eq!(fields, CastFields::default());
    }

    #[test]
    fn a_visitor_is_typed_in_many_ways() {
        let (one, problem) = visit(
            " 203.0.113.40 ",
            "",
            "https://desk.example/cast/x?kasm_url=a",
        );
        assert_eq!((problem, one.referrer), (None, None));
        assert_eq!(one.parameters, Parameters::read("kasm_url=a"));
        let (mapped, _) = visit("::ffff:203.0.113.40", "https://a.example", "?x=1");
        assert_eq!(mapped.address, one.address);
        assert_eq!(mapped.parameters, Parameters::read("x=1"));
        for bad in ["", "here", "203.0.113.40/24", "[::1]"] {
            assert!(visit(bad, "", "").1.is_some(), "{bad}");
        }
    }
}
