//! The page with the form of a cast: what it is made of, and what its form asks for.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, State};

use super::{
    LIST,
    body::address,
    form::{self, FormView},
    page_of,
    qr::Drawing,
};
use crate::{
    admin::{form::Sent, pages::Section},
    casting::{Cast, CastFields, Casting, try_it::Tried},
    catalog::Catalog,
    clock::Clock,
    config::Config,
    error::{AppError, FieldProblem, Result},
    groups::Groups,
    ids::CastId,
    language::Sentence,
    people::{People, User},
    say,
    state::AppState,
    web::{
        page::{Chrome, Page},
        words::ago,
    },
};

/// A cast that is there already.
#[derive(Debug)]
pub(super) struct There {
    pub(super) page: String,
    pub(super) link: String,
    pub(super) drawing: Option<Drawing>,
    pub(super) question: Sentence,
    pub(super) last_saved: Sentence,
    pub(super) trial: Trial,
}

/// A visitor that is tried, and how they fare.
#[derive(Debug, Default)]
pub(super) struct Trial {
    pub(super) address: String,
    pub(super) referrer: String,
    pub(super) parameters: String,
    pub(super) problem: Option<Sentence>,
    pub(super) tried: Option<Tried>,
}

impl Trial {
    pub(super) fn typed(sent: &Sent) -> Self {
        Self {
            address: sent.text("address").to_owned(),
            referrer: sent.text("referrer").to_owned(),
            parameters: sent.text("parameters").to_owned(),
            ..Self::default()
        }
    }

    /// In a sentence.
    pub(super) fn outcome(tried: &Tried) -> Sentence {
        match tried.refusal() {
            None => say!("cast-try-served"),
            Some(refusal) => say!("cast-try-refused", reason = refusal.reason()),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/cast_form.html")]
pub(super) struct CastPage {
    pub(super) chrome: Chrome,
    pub(super) section: Section,
    pub(super) form: FormView,
    pub(super) there: Option<There>,
    pub(super) done: Option<Sentence>,
}

/// The handles these pages ask.
#[derive(Debug, FromRequestParts)]
#[from_request(state(AppState))]
pub(super) struct Desk {
    #[from_request(via(State))]
    pub(super) casting: Casting,
    #[from_request(via(State))]
    pub(super) catalog: Catalog,
    #[from_request(via(State))]
    pub(super) groups: Groups,
    #[from_request(via(State))]
    pub(super) people: People,
    #[from_request(via(State))]
    pub(super) config: Arc<Config>,
    #[from_request(via(State))]
    pub(super) clock: Clock,
}

impl Desk {
    async fn view(
        &self,
        action: String,
        sent: Sent,
        problems: Vec<FieldProblem>,
    ) -> Result<FormView> {
        let types = self.catalog.all().await?;
        let made_here = self.groups.made_here().await?.into_iter();
        let mut groups: Vec<_> = made_here.map(|group| (group.id, group.name)).collect();
        // A program may have chosen the group of a provider: it stays.
        let chosen = sent.text("anonymous_group").parse();
        if let Ok(chosen) = chosen
            && !groups.iter().any(|(id, _)| *id == chosen)
        {
            groups.extend(self.groups.names(&[chosen]).await?);
        }
        Ok(FormView::new(action, sent, &types, &groups, problems))
    }

    async fn there(&self, cast: &Cast, trial: Trial) -> Result<There> {
        let link = address(cast, &self.config.http.origin());
        let by = match cast.changed_by {
            Some(id) => self.people.user(id).await?,
            None => None,
        };
        let when = ago(cast.changed_at, self.clock.now());
        Ok(There {
            page: page_of(cast.id),
            drawing: Drawing::of(&link),
            link,
            question: say!("cast-delete-question", name = cast.fields.name.as_str()),
            last_saved: match by {
                Some(by) => say!(
                    "cast-last-saved",
                    when = when,
                    name = by.display_name.as_str()
                ),
                None => say!("cast-last-saved-by-nobody", when = when),
            },
            trial,
        })
    }

    /// The page of a cast that is there, as it is stored.
    pub(super) async fn stored(
        &self,
        page: Page,
        admin: &User,
        cast: &Cast,
        trial: Trial,
    ) -> Result<CastPage> {
        let typed = form::typed(&cast.fields);
        self.typed(page, admin, cast, typed, Vec::new(), trial)
            .await
    }

    /// The same with what was typed.
    pub(super) async fn typed(
        &self,
        page: Page,
        admin: &User,
        cast: &Cast,
        typed: Sent,
        problems: Vec<FieldProblem>,
        trial: Trial,
    ) -> Result<CastPage> {
        Ok(CastPage {
            chrome: page.chrome(
                Sentence::plain(cast.fields.name.clone()),
                Some(admin.into()),
            ),
            section: Section::Casts,
            form: self.view(page_of(cast.id), typed, problems).await?,
            there: Some(self.there(cast, trial).await?),
            done: None,
        })
    }

    /// The form of a cast to be made.
    pub(super) async fn fresh(
        &self,
        page: Page,
        admin: &User,
        typed: Sent,
        problems: Vec<FieldProblem>,
    ) -> Result<CastPage> {
        Ok(CastPage {
            chrome: page.chrome(say!("cast-new"), Some(admin.into())),
            section: Section::Casts,
            form: self.view(LIST.to_owned(), typed, problems).await?,
            there: None,
            done: None,
        })
    }

    /// What the form asks for, checked as a whole.
    pub(super) async fn checked(&self, sent: &Sent, now: Option<CastId>) -> Result<CastFields> {
        let (fields, mut problems) = form::read(sent);
        let (fields, more) = self.casting.check(fields, now).await?;
        // What cannot be read is not told twice.
        let told: Vec<_> = problems
            .iter()
            .map(|problem| problem.field.clone())
            .collect();
        problems.extend(
            more.into_iter()
                .filter(|problem| !told.contains(&problem.field)),
        );
        if problems.is_empty() {
            Ok(fields)
        } else {
            Err(AppError::Invalid(problems))
        }
    }
}
