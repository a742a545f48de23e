//! `/api/admin/users`.

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use super::{change, create, remove, role_of, unknown};
use crate::{
    admin::{Done, body::Body},
    desktops::Desktops,
    error::{AppError, FieldProblem, Result},
    groups::{Applied, Groups, Limit, Said, Source, Switch},
    ids::{GroupId, UserId},
    paging::{self, COUNTED, PageRequest, PageWords, Place},
    people::{Account, AccountChange, Details, Filter, GroupOf, NewAccount, People, ROWS, Role},
    say,
    sessions::guard::AdminUser,
    sign_in::SignIn,
    web::extract::{Json, Path, Query},
};

/// Told by this server, never written.
const READ_ONLY: [&str; 7] = [
    "id",
    "slug",
    "provider",
    "created_at",
    "last_sign_in_at",
    "avatar_url",
    "applied",
];

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct AccountBody {
    id: UserId,
    /// First part of the names of this person's desktops.
    slug: String,
    username: String,
    display_name: String,
    email: Option<String>,
    role: Role,
    avatar_url: Option<String>,
    /// Whether it is switched off.
    disabled: bool,
    /// The OpenID provider it comes from; `null` for a local account.
    provider: Option<String>,
    /// Without *All Users*.
    groups: Vec<GroupOf>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_sign_in_at: Option<OffsetDateTime>,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        let user = account.user;
        Self {
            id: user.id,
            slug: user.slug,
            username: user.username,
            display_name: user.display_name,
            email: user.email,
            role: user.role,
            avatar_url: user.avatar_url,
            disabled: user.disabled_at.is_some(),
            provider: account.provider,
            groups: account.groups,
            created_at: account.created_at,
            last_sign_in_at: account.last_sign_in_at,
        }
    }
}

/// A setting that applies, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct AppliedSetting {
    /// True or false, a number, or `null`: no limit.
    value: Value,
    #[serde(flatten)]
    from: Source,
}

fn applied_body(applied: &Applied) -> BTreeMap<&'static str, AppliedSetting> {
    fn one<T: Serialize>(said: &Said<T>) -> AppliedSetting {
        AppliedSetting {
            value: serde_json::json!(said.value),
            from: said.from.clone(),
        }
    }
    let switches = Switch::ALL.map(|switch| (switch.key(), one(applied.switch(switch))));
    let limits = Limit::ALL.map(|limit| (limit.key(), one(applied.limit(limit))));
    switches.into_iter().chain(limits).collect()
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct Accounts {
    success: bool,
    users: Vec<AccountBody>,
    /// For `after`, while the list goes on.
    next: Option<String>,
    /// How many accounts the filter lets through, counted up to 1000. Only on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    /// Whether there are more than `total` says. Only on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_than_total: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct OneAccount {
    success: bool,
    user: AccountBody,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::admin) struct AccountWithReasons {
    success: bool,
    user: AccountBody,
    /// What applies to this person, by setting, and which group says so.
    #[schema(value_type = BTreeMap<String, AppliedSetting>)]
    applied: BTreeMap<&'static str, AppliedSetting>,
}

/// Which accounts are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(in crate::admin) struct Listing {
    /// In the user name, the shown name or the e-mail address.
    #[serde(default)]
    pub(super) q: String,
    /// `user`, `teacher` or `admin`.
    #[serde(default)]
    pub(super) role: String,
    /// `enabled` or `disabled`.
    #[serde(default)]
    pub(super) state: String,
}

impl Listing {
    /// Words nobody knows are told; an empty one means all.
    fn filter(&self) -> Result<Filter, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let role = role_of(&self.role);
        if role.is_none() && !self.role.is_empty() {
            problems.push(FieldProblem::new("role", say!("person-role-form")));
        }
        let disabled = match self.state.as_str() {
            "disabled" => Some(true),
            "enabled" => Some(false),
            "" => None,
            _ => {
                problems.push(FieldProblem::new("state", say!("person-state-form")));
                None
            }
        };
        let filter = Filter {
            search: self.search(),
            role,
            disabled,
        };
        if problems.is_empty() {
            Ok(filter)
        } else {
            Err(problems)
        }
    }

    fn search(&self) -> String {
        paging::search_words(&self.q)
    }

    /// The same for a page: what cannot be read means all.
    pub(super) fn lenient(&self) -> Filter {
        self.filter().unwrap_or_else(|_| Filter {
            search: self.search(),
            ..Filter::default()
        })
    }
}

/// An account to be made, or what is to be changed of one: what is left out stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body; each field is read by itself")]
pub(in crate::admin) struct AccountWish {
    /// What the person signs in with; only for a new account.
    username: Option<String>,
    /// At least 8 characters; only for a local account.
    #[schema(format = Password, min_length = 8)]
    password: Option<String>,
    /// The user name when not given.
    display_name: Option<String>,
    email: Option<String>,
    role: Option<Role>,
    disabled: Option<bool>,
    /// Ids of the groups made here that the person is in. Those of a provider stay.
    groups: Option<Vec<GroupId>>,
}

/// Accounts by shown name, 50 a page unless `limit` says otherwise.
#[utoipa::path(get, path = "/api/admin/users", tag = "people", params(PageWords, Listing),
    responses((status = 200, body = Accounts), (status = 422, description = "Every wrong parameter, named")))]
pub(in crate::admin) async fn list(
    _: AdminUser,
    State(people): State<People>,
    Query(words): Query<PageWords>,
    Query(listing): Query<Listing>,
) -> Result<Json<Accounts>> {
    let (request, filter) = match (PageRequest::read(&words, ROWS), listing.filter()) {
        (Ok(request), Ok(filter)) => (request, filter),
        (request, filter) => {
            let mut problems = filter.err().unwrap_or_default();
            problems.extend(request.err().unwrap_or_default());
            return Err(AppError::Invalid(problems));
        }
    };
    let found = people.accounts(&filter, &request).await?;
    let total = match request.place {
        Place::First => Some(people.count_accounts(&filter, COUNTED).await?),
        _ => None,
    };
    Ok(Json(Accounts {
        success: true,
        next: found.next.map(|cursor| cursor.text()),
        users: found.rows.into_iter().map(AccountBody::from).collect(),
        total: total.map(|total| total.count),
        more_than_total: total.map(|total| !total.exact),
    }))
}

/// One account, and what applies to the person.
#[utoipa::path(get, path = "/api/admin/users/{id}", tag = "people", params(("id" = UserId, Path)),
    responses((status = 200, body = AccountWithReasons), (status = 404, description = "No such account")))]
pub(in crate::admin) async fn show(
    _: AdminUser,
    State(people): State<People>,
    State(groups): State<Groups>,
    Path(id): Path<UserId>,
) -> Result<Json<AccountWithReasons>> {
    let account = people.account(id).await?.ok_or_else(unknown)?;
    let applied = groups.applied_to(id).await?;
    Ok(Json(AccountWithReasons {
        success: true,
        user: account.into(),
        applied: applied_body(&applied),
    }))
}

/// Makes a local account.
#[utoipa::path(post, path = "/api/admin/users", tag = "people", request_body = AccountWish,
    responses((status = 201, body = OneAccount), (status = 422, description = "Every wrong field, named")))]
pub(in crate::admin) async fn make(
    AdminUser(admin): AdminUser,
    State(sign_in): State<SignIn>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<OneAccount>)> {
    let mut body = Body::new(fields, &READ_ONLY);
    let username: String = body.take("username").unwrap_or_default();
    let new = NewAccount {
        password: password(&mut body).unwrap_or_default(),
        details: details(
            &mut body,
            Details {
                display_name: username.clone(),
                email: None,
                role: Role::User,
                disabled: false,
            },
        ),
        username,
    };
    let into = group_ids(&mut body).unwrap_or_default();
    body.finish(new.problems())?;
    let account = create(&sign_in, &new, &into, admin.user.id).await?;
    let user = account.into();
    Ok((
        StatusCode::CREATED,
        Json(OneAccount {
            success: true,
            user,
        }),
    ))
}

/// Changes an account. Whoever is switched off, or gets another role or password, is signed out everywhere; desktops
/// run on.
#[utoipa::path(put, path = "/api/admin/users/{id}", tag = "people", params(("id" = UserId, Path)),
    request_body = AccountWish,
    responses((status = 200, body = OneAccount), (status = 404, description = "No such account"),
        (status = 409, description = "The last enabled local administrator, or the caller"),
        (status = 422, description = "Every wrong field, named")))]
pub(in crate::admin) async fn replace(
    AdminUser(admin): AdminUser,
    State(sign_in): State<SignIn>,
    Path(id): Path<UserId>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<Json<OneAccount>> {
    let now = sign_in.people().account(id).await?.ok_or_else(unknown)?;
    let mut body = Body::new(fields, &READ_ONLY);
    if body
        .take::<String>("username")
        .is_some_and(|name| name != now.user.username)
    {
        body.wrong(FieldProblem::new("username", say!("person-username-fixed")));
    }
    let wish = AccountChange {
        password: password(&mut body),
        details: details(
            &mut body,
            Details {
                display_name: now.user.display_name,
                email: now.user.email,
                role: now.user.role,
                disabled: now.user.disabled_at.is_some(),
            },
        ),
    };
    let into = group_ids(&mut body);
    body.finish(wish.problems())?;
    let account = change(&sign_in, id, &wish, into.as_deref(), admin.user.id).await?;
    let user = account.into();
    Ok(Json(OneAccount {
        success: true,
        user,
    }))
}

/// Removes an account. The person's desktops are stopped and their containers removed first; the volumes with their
/// files stay on the host.
#[utoipa::path(delete, path = "/api/admin/users/{id}", tag = "people", params(("id" = UserId, Path)),
    responses((status = 200, body = Done), (status = 404, description = "No such account"),
        (status = 409, description = "The last enabled local administrator, or the caller"),
        (status = 503, description = "The engine is away; the account is switched off, remove it again later")))]
pub(in crate::admin) async fn delete(
    AdminUser(admin): AdminUser,
    State(sign_in): State<SignIn>,
    State(desktops): State<Desktops>,
    Path(id): Path<UserId>,
) -> Result<Json<Done>> {
    remove(&sign_in, &desktops, id, admin.user.id).await?;
    Ok(Done::json("User removed"))
}

fn password(body: &mut Body) -> Option<SecretString> {
    body.take::<Option<String>>("password")
        .flatten()
        .map(SecretString::from)
}

fn details(body: &mut Body, now: Details) -> Details {
    let role = match body.take::<String>("role") {
        Some(word) => role_of(&word).unwrap_or_else(|| {
            body.wrong(FieldProblem::new("role", say!("person-role-form")));
            now.role
        }),
        None => now.role,
    };
    let email = body.take::<Option<String>>("email").unwrap_or(now.email);
    Details {
        display_name: body.take("display_name").unwrap_or(now.display_name),
        email: email.filter(|email| !email.is_empty()),
        role,
        disabled: body.take("disabled").unwrap_or(now.disabled),
    }
}

/// Ids, or the groups as they are read: objects with an id.
fn group_ids(body: &mut Body) -> Option<Vec<GroupId>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Named {
        Id(GroupId),
        Whole { id: GroupId },
    }
    let named: Vec<Named> = body.take("groups")?;
    let id = |named| match named {
        Named::Id(id) | Named::Whole { id } => id,
    };
    Some(named.into_iter().map(id).collect())
}
