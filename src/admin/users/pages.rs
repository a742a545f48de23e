//! `/admin/users/…`: the form of an account, the question before it is removed.

use askama::Template;
use axum::{extract::State, response::Response};
use secrecy::SecretString;
use time::OffsetDateTime;

use super::{address, change, create, list, remove, role_of, unknown};
use crate::{
    admin::{
        form::{Choice, Problems, Sent, refused, roles, see, shown},
        pages::Section,
    },
    clock::Clock,
    desktops::Desktops,
    error::{AppError, Result},
    groups::{AppliedLine, GroupChoice, Groups},
    ids::{GroupId, UserId},
    language::Sentence,
    people::{Account, AccountChange, Details, NewAccount, People, Role},
    say,
    sessions::guard::AdminUser,
    sign_in::SignIn,
    state::AppState,
    web::{
        extract::{Form, Path, Query},
        page::{Chrome, Page, html},
        routes::Routes,
        words::Moment,
    },
};

/// The pages and their forms.
pub(in crate::admin) fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/admin/users", list::show)
        .post("/admin/users", make)
        .get("/admin/users/new", new)
        .get("/admin/users/{id}", show)
        .post("/admin/users/{id}", save)
        .get("/admin/users/{id}/remove", confirm)
        .post("/admin/users/{id}/remove", delete)
}

/// What the page before did.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct After {
    #[serde(default)]
    pub(super) done: String,
}

/// A group as a box to tick.
#[derive(Debug)]
struct GroupBox {
    id: String,
    name: String,
    description: String,
    ticked: bool,
}

/// What the fields of the form hold.
#[derive(Debug)]
struct Fields {
    username: String,
    display_name: String,
    email: String,
    roles: [Choice; 3],
    disabled: bool,
    groups: Vec<GroupBox>,
}

/// An account that is there already.
#[derive(Debug)]
struct Known {
    address: String,
    provider: Option<String>,
    signs_in: Sentence,
    last_sign_in: Sentence,
    /// Groups of a provider: not for ticking.
    fixed_groups: Vec<String>,
    applied: Vec<AppliedLine>,
    own: bool,
}

#[derive(Debug, Template)]
#[template(path = "admin/user.html")]
struct UserPage {
    chrome: Chrome,
    section: Section,
    known: Option<Known>,
    fields: Fields,
    problems: Problems,
    /// Why it was not done, when no single field is to blame.
    refusal: Option<Sentence>,
    done: Option<Sentence>,
}

fn boxes(choices: Vec<GroupChoice>, ticked: impl Fn(GroupId) -> bool) -> Vec<GroupBox> {
    choices
        .into_iter()
        .map(|group| GroupBox {
            ticked: ticked(group.id),
            id: group.id.to_string(),
            name: group.name,
            description: group.description,
        })
        .collect()
}

fn sent_fields(sent: &Sent, choices: Vec<GroupChoice>, username: String) -> Fields {
    let ticked: Vec<GroupId> = sent.read_all("groups");
    Fields {
        username,
        display_name: sent.text("display_name").to_owned(),
        email: sent.text("email").to_owned(),
        roles: roles(role_of(sent.text("role")).unwrap_or(Role::User)),
        disabled: sent.ticked("disabled"),
        groups: boxes(choices, |group| ticked.contains(&group)),
    }
}

async fn known(
    groups: &Groups,
    account: &Account,
    now: OffsetDateTime,
    by: UserId,
) -> Result<Known> {
    let of_provider = account.groups.iter().filter(|group| group.of_provider);
    Ok(Known {
        address: address(account.user.id),
        signs_in: match &account.provider {
            Some(provider) => say!("user-signs-in-with", name = provider.as_str()),
            None => say!("user-local-long"),
        },
        provider: account.provider.clone(),
        last_sign_in: match account.last_sign_in_at {
            Some(at) => {
                let when = Moment::new(at, now).words;
                say!("user-last-sign-in", when = when)
            }
            None => say!("user-never-long"),
        },
        fixed_groups: of_provider.map(|group| group.name.clone()).collect(),
        applied: groups.applied_to(account.user.id).await?.lines(),
        own: account.user.id == by,
    })
}

async fn new(
    AdminUser(admin): AdminUser,
    State(groups): State<Groups>,
    page: Page,
) -> Result<Response> {
    Ok(html(&UserPage {
        section: Section::Users,
        known: None,
        fields: sent_fields(&Sent::default(), groups.made_here().await?, String::new()),
        problems: Problems::default(),
        refusal: None,
        done: None,
        chrome: page.chrome(say!("user-new"), Some(admin.user.as_ref().into())),
    }))
}

async fn show(
    AdminUser(admin): AdminUser,
    State(people): State<People>,
    State(groups): State<Groups>,
    State(clock): State<Clock>,
    Path(id): Path<UserId>,
    Query(after): Query<After>,
    page: Page,
) -> Result<Response> {
    let account = people.account(id).await?.ok_or_else(unknown)?;
    let user = &account.user;
    let fields = Fields {
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone().unwrap_or_default(),
        roles: roles(user.role),
        disabled: user.disabled_at.is_some(),
        groups: boxes(groups.made_here().await?, |group| {
            account.groups.iter().any(|own| own.id == group)
        }),
    };
    let done = match after.done.as_str() {
        "made" => Some(say!("user-made")),
        "saved" => Some(say!("form-saved")),
        _ => None,
    };
    Ok(html(&UserPage {
        section: Section::Users,
        known: Some(known(&groups, &account, clock.now(), admin.user.id).await?),
        fields,
        problems: Problems::default(),
        refusal: None,
        done,
        chrome: page.chrome(
            Sentence::plain(account.user.display_name.clone()),
            Some(admin.user.as_ref().into()),
        ),
    }))
}

fn details(sent: &Sent) -> Details {
    Details {
        display_name: sent.text("display_name").to_owned(),
        email: Some(sent.text("email").trim().to_owned()).filter(|email| !email.is_empty()),
        role: role_of(sent.text("role")).unwrap_or(Role::User),
        disabled: sent.ticked("disabled"),
    }
}

async fn make(
    AdminUser(admin): AdminUser,
    State(sign_in): State<SignIn>,
    State(groups): State<Groups>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let sent = Sent::from(pairs);
    let mut details = details(&sent);
    let username = sent.text("username").trim().to_owned();
    if details.display_name.trim().is_empty() {
        details.display_name.clone_from(&username);
    }
    let account = NewAccount {
        password: SecretString::from(sent.text("password")),
        username: username.clone(),
        details,
    };
    let into = sent.read_all("groups");
    let outcome = match account.problems() {
        problems if problems.is_empty() => create(&sign_in, &account, &into, admin.user.id).await,
        problems => Err(AppError::Invalid(problems)),
    };
    match outcome {
        Ok(account) => Ok(see(&format!("{}?done=made", address(account.user.id)))),
        Err(error) => {
            let (problems, refusal) = shown(error)?;
            Ok(refused(&UserPage {
                section: Section::Users,
                known: None,
                fields: sent_fields(&sent, groups.made_here().await?, username),
                problems,
                refusal,
                done: None,
                chrome: page.chrome(say!("user-new"), Some(admin.user.as_ref().into())),
            }))
        }
    }
}

async fn save(
    AdminUser(admin): AdminUser,
    State(sign_in): State<SignIn>,
    State(groups): State<Groups>,
    State(clock): State<Clock>,
    Path(id): Path<UserId>,
    page: Page,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let account = sign_in.people().account(id).await?.ok_or_else(unknown)?;
    let sent = Sent::from(pairs);
    let password = Some(sent.text("password")).filter(|text| !text.is_empty());
    let wish = AccountChange {
        details: details(&sent),
        password: password.map(SecretString::from),
    };
    let into = sent.read_all("groups");
    let outcome = match wish.problems() {
        problems if problems.is_empty() => {
            change(&sign_in, id, &wish, Some(&into), admin.user.id).await
        }
        problems => Err(AppError::Invalid(problems)),
    };
    match outcome {
        Ok(_) => Ok(see(&format!("{}?done=saved", address(id)))),
        Err(error) => {
            let (problems, refusal) = shown(error)?;
            Ok(refused(&UserPage {
                section: Section::Users,
                known: Some(known(&groups, &account, clock.now(), admin.user.id).await?),
                fields: sent_fields(
                    &sent,
                    groups.made_here().await?,
                    account.user.username.clone(),
                ),
                problems,
                refusal,
                done: None,
                chrome: page.chrome(
                    Sentence::plain(account.user.display_name.clone()),
                    Some(admin.user.as_ref().into()),
                ),
            }))
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/user_removal.html")]
struct RemovalPage {
    chrome: Chrome,
    question: Sentence,
    desktops: Sentence,
    address: String,
}

async fn confirm(
    AdminUser(_): AdminUser,
    State(people): State<People>,
    State(desktops): State<Desktops>,
    Path(id): Path<UserId>,
    page: Page,
) -> Result<Response> {
    let account = people.account(id).await?.ok_or_else(unknown)?;
    let count = desktops.list_of(id).await?.len();
    Ok(html(&RemovalPage {
        question: say!(
            "user-remove-question",
            name = account.user.display_name.as_str()
        ),
        desktops: say!("user-remove-desktops", count = count),
        address: address(id),
        chrome: page.chrome(say!("user-remove"), None),
    }))
}

async fn delete(
    AdminUser(admin): AdminUser,
    State(sign_in): State<SignIn>,
    State(desktops): State<Desktops>,
    Path(id): Path<UserId>,
) -> Result<Response> {
    remove(&sign_in, &desktops, id, admin.user.id).await?;
    Ok(see("/admin/users?done=removed"))
}
