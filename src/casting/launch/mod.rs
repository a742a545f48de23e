//! A request to a cast (contract casting 2): checked in the order of the contract, then served with a desktop.
//!
//! [`Launcher::look`] is for the page that is shown and uses nothing up, [`Launcher::serve`] for the page that is sent.

mod resumed;
mod serving;
mod store;
pub mod ticket;

use std::sync::Arc;

use tokio::sync::OnceCell;

pub use self::resumed::ComingBack;
use self::{
    serving::Serving,
    ticket::{PageKey, Ticket},
};
use super::{
    Casting,
    captcha::{Captcha, CaptchaFault, Check},
    cast::Cast,
    links::{LinkState, OneTime},
    log::{self, LogEntry},
    refusal::{Refusal, Refused},
    rules::{parameters::Parameters, referrer},
};
use crate::{
    catalog::{Catalog, DesktopType},
    desktops::{Desktop, Desktops, guests},
    groups::Switch,
    people::User,
    sharing::Sharing,
    sign_in::SignIn,
    web::visitor::ClientIp,
};

/// The handle on launches: cheap to clone.
#[derive(Clone)]
pub struct Launcher {
    casting: Casting,
    desktops: Desktops,
    catalog: Catalog,
    sharing: Sharing,
    sign_in: SignIn,
    captcha: Captcha,
    key: Arc<OnceCell<PageKey>>,
}

impl std::fmt::Debug for Launcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launcher").finish_non_exhaustive()
    }
}

/// What every request to a cast has.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The last part of the link.
    pub key: &'a str,
    /// Who sent it.
    pub client: ClientIp,
    /// The page they came from, as their browser says.
    pub referrer: Option<&'a str>,
    /// The one-time link they came by.
    pub link: Came<'a>,
    /// What their answer is called.
    pub reference: &'a str,
}

/// By which one-time link a request came.
#[derive(Clone, Copy, Debug)]
pub enum Came<'a> {
    /// By the cast's own link.
    Plainly,
    /// By this one of the cast.
    By(&'a OneTime),
    /// By one that the cast does not have.
    ByNone,
}

impl<'a> Came<'a> {
    /// The link, if there is one.
    fn link(self) -> Option<&'a OneTime> {
        match self {
            Self::By(link) => Some(link),
            Self::Plainly | Self::ByNone => None,
        }
    }
}

/// A page that was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// What it carried.
    pub ticket: &'a Ticket,
    /// What the link carries.
    pub parameters: &'a Parameters,
    /// What shows that its visitor is a person; empty: nothing.
    pub solution: &'a str,
    /// Who is signed in, perhaps a guest of an earlier link.
    pub caller: Option<&'a User>,
    /// What they said about a desktop they have already.
    pub coming_back: ComingBack,
}

impl<'a> Sent<'a> {
    /// Whoever has an account of their own.
    fn person(&self) -> Option<&'a User> {
        self.caller.filter(|caller| !caller.is_guest())
    }
}

/// Why there is no desktop.
#[derive(Debug)]
pub enum Stop {
    /// Somebody must sign in first.
    SignIn,
    /// What the page led to is gone, or somebody else's: show a new page.
    NewPage,
    /// It is refused. The cast, if there is one, and why.
    Refused(Option<Box<Cast>>, Refused),
    /// The database failed.
    Database(sqlx::Error),
}

impl Stop {
    fn refused(cast: &Cast, why: impl Into<Refused>) -> Self {
        Self::Refused(Some(cast.clone().into()), why.into())
    }

    /// Nobody proved to be a person. What the visitor can do nothing about is told to whoever reads the log.
    fn not_proven(cast: &Cast, fault: &CaptchaFault) -> Self {
        let mut why = Refused::from(Refusal::CaptchaFailed);
        if let Some(detail) = fault.detail() {
            tracing::warn!(cast.id = %cast.id, error = %fault, "visitors cannot prove that they are people");
            why = why.with(detail);
        } else {
            tracing::debug!(cast.id = %cast.id, error = %fault, "a captcha was not passed");
        }
        Self::refused(cast, why)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// A desktop for the visitor.
#[derive(Debug)]
pub struct Served {
    /// Where it is.
    pub desktop: Desktop,
    /// The guest whose it is, when the visitor's browser is to be let in as one.
    pub guest: Option<User>,
    /// What the visitor has to be asked about: a desktop they would come back to is not as the cast wants it. Empty when
    /// it is, or when they said that they go on.
    pub differs: Vec<(Switch, bool)>,
}

impl Served {
    fn new(desktop: Desktop) -> Self {
        Self {
            desktop,
            guest: None,
            differs: Vec::new(),
        }
    }

    fn to(desktop: Desktop, guest: User) -> Self {
        Self {
            guest: Some(guest),
            ..Self::new(desktop)
        }
    }
}

impl Launcher {
    /// A handle on launches.
    #[must_use]
    pub fn new(
        casting: &Casting,
        desktops: &Desktops,
        catalog: &Catalog,
        sharing: &Sharing,
        sign_in: &SignIn,
        captcha: Captcha,
    ) -> Self {
        Self {
            casting: casting.clone(),
            desktops: desktops.clone(),
            catalog: catalog.clone(),
            sharing: sharing.clone(),
            sign_in: sign_in.clone(),
            captcha,
            key: Arc::default(),
        }
    }

    /// What pages are signed with; asked of the database once.
    pub async fn key(&self) -> Result<&PageKey, sqlx::Error> {
        let ask = || async {
            let mut db = self.casting.db().acquire().await?;
            Ok(PageKey::new(&store::page_key(&mut db).await?))
        };
        self.key.get_or_try_init(ask).await
    }

    /// What the page of `cast` shows, where its visitor is to prove to be a person. That it cannot be shown is a refusal,
    /// which is written down.
    pub async fn check(&self, asked: Asked<'_>, cast: &Cast, page: &Ticket) -> Result<Check, Stop> {
        let check = self.captcha.check(self.key().await?, page.page);
        let check = check.map_err(|fault| Stop::not_proven(cast, &fault));
        self.note_refusal(asked, None, &check).await;
        check
    }

    /// The cast with this key, whatever it says: a page that was sent belongs to one.
    pub async fn cast(&self, key: &str) -> Result<Option<Cast>, sqlx::Error> {
        self.casting.by_key(key).await
    }

    /// The one-time link of `cast` with this secret; one statement.
    pub async fn one_time(
        &self,
        secret: &str,
        cast: Option<&Cast>,
    ) -> Result<Option<OneTime>, sqlx::Error> {
        let link = self.casting.link_by_secret(secret).await?;
        Ok(link.filter(|link| cast.is_some_and(|cast| cast.id == link.cast)))
    }

    /// The cast of a page that is to be shown, and what it starts. Nothing is used up; a refusal is written down.
    pub async fn look(
        &self,
        asked: Asked<'_>,
        cast: Option<Cast>,
    ) -> Result<(Cast, DesktopType), Stop> {
        let looked = async {
            let cast = may_ask(asked, cast)?;
            let kind = self.catalog.find(cast.type_id).await?;
            let kind = kind.ok_or_else(|| Stop::refused(&cast, Refusal::Unknown))?;
            Ok((cast, kind))
        };
        let looked = looked.await;
        self.note_refusal(asked, None, &looked).await;
        looked
    }

    /// Serves a page that was sent: launches a desktop, or leads to the one there is. Written down either way.
    pub async fn serve(
        &self,
        asked: Asked<'_>,
        sent: Sent<'_>,
        cast: Option<Cast>,
    ) -> Result<Served, Stop> {
        let served = async {
            let cast = may_ask(asked, cast)?;
            let serving = Serving {
                launcher: self,
                asked,
                sent,
                cast: &cast,
            };
            serving.steps().await
        };
        let served = served.await;
        self.note_refusal(asked, sent.person(), &served).await;
        let served = served?;
        let (desktop, guest) = (&served.desktop, served.guest.as_ref());
        let person = sent.person().or(guest);
        self.note(LogEntry {
            cast: desktop.cast.as_ref().map(|cast| cast.id),
            refusal: None,
            person: person.map(|user| (user.id, user.username.as_str())),
            desktop: Some(desktop.id),
            ..entry(asked)
        })
        .await;
        if let Some(former) = sent.caller.filter(|caller| caller.is_guest())
            && guest.is_some_and(|guest| guest.id != former.id)
        {
            // Nobody can come back to it: their browser is another guest from now on.
            guests::leave(&self.desktops, former.id);
        }
        Ok(served)
    }

    /// Forgets solutions of checks that can be shown no more. For upkeep, about once a minute.
    pub async fn sweep(&self) -> Result<(), sqlx::Error> {
        self.captcha.sweep().await
    }

    async fn note_refusal<T>(
        &self,
        asked: Asked<'_>,
        person: Option<&User>,
        outcome: &Result<T, Stop>,
    ) {
        if let Err(Stop::Refused(cast, why)) = outcome {
            self.note(LogEntry {
                cast: cast.as_ref().map(|cast| cast.id),
                refusal: Some(why.reason),
                person: person.map(|user| (user.id, user.username.as_str())),
                ..entry(asked)
            })
            .await;
        }
    }

    /// That something cannot be written down is no reason to answer otherwise.
    async fn note(&self, entry: LogEntry<'_>) {
        let noted = async { log::append(&mut self.casting.db().acquire().await?, &entry).await };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a request to a cast could not be written down");
        }
    }
}

fn entry(asked: Asked<'_>) -> LogEntry<'_> {
    LogEntry {
        cast: None,
        key: asked.key,
        refusal: None,
        address: asked.client.0,
        referrer: asked.referrer,
        person: None,
        link: asked.link.link().map(|link| link.name.as_str()),
        desktop: None,
        reference: Some(asked.reference),
    }
}

/// The first checks: the link is known, switched on and not over, and the visitor comes from where they may.
fn may_ask(asked: Asked<'_>, cast: Option<Cast>) -> Result<Cast, Stop> {
    let cast = cast.ok_or_else(|| Stop::Refused(None, Refusal::Unknown.into()))?;
    let fields = &cast.fields;
    let withdrawn = match asked.link {
        Came::Plainly => false,
        Came::By(link) => link.state == LinkState::Withdrawn,
        Came::ByNone => true,
    };
    let why = if withdrawn {
        Refusal::Unknown
    } else if !fields.enabled {
        Refusal::Disabled
    } else if cast.expired {
        Refusal::Expired
    } else if !referrer::admits(&fields.restrict_to_referrers, asked.referrer) {
        Refusal::Referrer
    } else {
        return Ok(cast);
    };
    Err(Stop::refused(&cast, why))
}
