//! The pages of sharing: where an owner makes and ends links, and where somebody with a link is asked whether to join.

use axum::{
    extract::{FromRequestParts, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Access, Invitation, ShareError, Sharing, Wish,
    body::unknown,
    desktop_page, ended, rules, starts_shared,
    view::{HOURS, JoinPage, LinkLine, Made, SharePage, Until, accesses, hours},
};
use crate::{
    error::{AppError, Result},
    ids::ShareId,
    language::Sentence,
    say,
    sessions::{
        Caller,
        guard::{UserOrGuest, guests_not_here},
    },
    state::AppState,
    web::{
        extract::{Form, Path, Query},
        page::{Page, Person, html},
        routes::Routes,
        urls,
    },
};

/// `/desktops/{slug}/share` with its forms, and `/share/{key}`.
#[must_use]
pub fn pages() -> Routes<AppState> {
    Routes::new()
        .get("/desktops/{slug}/share", show)
        .post("/desktops/{slug}/share", create)
        .post("/desktops/{slug}/share/{id}/end", end)
        .get("/share/{key}", ask)
        .post("/share/{key}", join)
}

/// What every answer of the owner's page needs.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
struct Owner {
    current: UserOrGuest,
    #[from_request(via(State))]
    sharing: Sharing,
    page: Page,
}

/// What was just done, by a word in the address.
#[derive(Debug, Default, Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

/// The form for a new link.
#[derive(Clone, Copy, Debug, Deserialize)]
struct NewLink {
    access: Access,
    hours: i64,
}

impl Default for NewLink {
    fn default() -> Self {
        Self {
            access: Access::default(),
            hours: HOURS[1],
        }
    }
}

/// What a form leaves on the page.
#[derive(Debug, Default)]
struct Left {
    done: Option<Sentence>,
    made: Option<Made>,
    refused: Option<Sentence>,
    form: NewLink,
}

impl Owner {
    fn caller(&self) -> &Caller {
        &self.current.0
    }

    async fn render(self, slug: &str, left: Left) -> Result<Response> {
        let user = &self.current.0.user;
        let live = self.sharing.running(user.id, Some(slug)).await?;
        let may_make = rules::may_share(live.kind.client, live.desktop.client_settings);
        let may_make = match may_make {
            // The link it has from its start on is shown all the same.
            Err(_) if starts_shared(&live.desktop) => false,
            Err(refused) => return Err(refused.into()),
            Ok(()) => true,
        };
        let standing = self.sharing.standing_link(&live.desktop).await?;
        let links = self.sharing.list(user.id, Some(live.desktop.id)).await?;
        let title = say!("share-title", title = &live.kind.title);
        let mut chrome = self.page.chrome(title, Some(Person::from(user.as_ref())));
        // The answer of a form has the form's address, which is none to come back to.
        chrome.here = urls::sharing(slug);
        Ok(html(&SharePage {
            chrome,
            slug: slug.to_owned(),
            desktop: urls::desktop(&live.desktop.name),
            done: left.done,
            made: left.made,
            refused: left.refused,
            standing: standing.map(Made),
            may_make,
            accesses: accesses(left.form.access),
            hours: hours(left.form.hours),
            links: links.into_iter().map(LinkLine::from).collect(),
        }))
    }
}

async fn show(
    owner: Owner,
    Path(slug): Path<String>,
    Query(Done { done }): Query<Done>,
) -> Result<Response> {
    let left = Left {
        done: (done == "ended").then(|| say!("share-done-ended")),
        ..Left::default()
    };
    owner.render(&slug, left).await
}

/// The answer shows the link: it stands in no address, and nobody sees it twice.
async fn create(
    owner: Owner,
    Path(slug): Path<String>,
    Form(form): Form<NewLink>,
) -> Result<Response> {
    let wish = Wish {
        desktop_type: Some(&slug),
        access: form.access,
        // A time nobody can choose on the page is refused by the same rule as one of a program.
        expires_in: Some(form.hours.saturating_mul(3_600)),
    };
    let user = owner.caller().user.id;
    match owner.sharing.create(user, &wish).await {
        Ok(new) => {
            let left = Left {
                made: Some(Made(new.address)),
                ..Left::default()
            };
            owner.render(&slug, left).await
        }
        Err(error @ ShareError::TooMany) => {
            let left = Left {
                refused: Some(error.sentence()),
                form,
                ..Left::default()
            };
            let page = owner.render(&slug, left).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn end(owner: Owner, Path((slug, id)): Path<(String, ShareId)>) -> Result<Redirect> {
    if !owner.sharing.revoke(owner.caller().user.id, id).await? {
        return Err(unknown());
    }
    let page = urls::sharing(&slug);
    Ok(Redirect::to(&format!("{page}?done=ended")))
}

/// Changes nothing: a program that looks at links before people do must not join.
async fn ask(
    UserOrGuest(caller): UserOrGuest,
    State(sharing): State<Sharing>,
    Path(key): Path<String>,
    page: Page,
) -> Result<Response> {
    may_visit(&sharing, &caller).await?;
    let Some(invitation) = sharing.look(&key).await? else {
        return Err(over(&sharing, &key).await?);
    };
    if invitation.owner == caller.user.id {
        return Ok(Redirect::to(&desktop_page(&invitation)).into_response());
    }
    let Invitation {
        access,
        owner_name,
        title,
        expires_at,
        ..
    } = invitation;
    Ok(html(&JoinPage {
        chrome: page.chrome(say!("share-join-title", owner = &owner_name), None),
        action: urls::share(&key),
        may: access,
        owner_name,
        title,
        until: Until::new(expires_at),
        guest: caller.user.is_guest(),
    }))
}

async fn join(
    UserOrGuest(caller): UserOrGuest,
    State(sharing): State<Sharing>,
    Path(key): Path<String>,
) -> Result<Redirect> {
    may_visit(&sharing, &caller).await?;
    match sharing.join(caller.user.id, &key).await? {
        Some(invitation) => Ok(Redirect::to(&desktop_page(&invitation))),
        None => Err(over(&sharing, &key).await?),
    }
}

/// Refuses a guest whose settings do not allow sharing, as every page of people with an account does.
async fn may_visit(sharing: &Sharing, caller: &Caller) -> Result<()> {
    if sharing.may_visit(&caller.user).await? {
        return Ok(());
    }
    Err(guests_not_here())
}

/// Whoever has the key of a link that has ended reads how; for everybody else it never was.
async fn over(sharing: &Sharing, key: &str) -> Result<AppError> {
    let over = sharing.over_by_key(key).await?;
    Ok(over.map_or_else(|| AppError::not_found(say!("share-over")), ended))
}
