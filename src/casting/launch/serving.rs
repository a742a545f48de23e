//! The steps of a page that was sent, from the limit of its address to the desktop.

use super::{Asked, ComingBack, Launcher, Sent, Served, Stop};
use crate::{
    casting::{
        captcha::CaptchaFault,
        cast::{AddressLimit, Cast},
        links::LinkState,
        refusal::{Refusal, Refused},
        rules::{
            network::{self, Offered},
            parameters::Given,
            start_url, window,
        },
    },
    catalog::{DesktopType, TypeKind},
    desktops::{
        CastLaunch, CastOptions, LaunchRefused, Launched,
        casts::{self, StandingLink},
        guests,
    },
    ids::{DesktopId, UserId},
    people::User,
    say, sharing,
};

/// One page, sent to a cast whose first checks it has passed.
#[derive(Clone, Copy)]
pub(super) struct Serving<'a> {
    pub(super) launcher: &'a Launcher,
    pub(super) asked: Asked<'a>,
    pub(super) sent: Sent<'a>,
    pub(super) cast: &'a Cast,
}

/// What the link asks for, as far as the cast lets it.
struct Arguments {
    start_url: Option<String>,
    /// The link itself says what is opened.
    dynamic: bool,
    network: Option<String>,
    /// What shows that its visitor is a person.
    solution: Option<Vec<u8>>,
}

impl Serving<'_> {
    pub(super) async fn steps(self) -> Result<Served, Stop> {
        let (cast, desktops) = (self.cast, &self.launcher.desktops);
        // A page that was sent before leads to what it made, also when that took the last session.
        if let Some(limit) = cast.fields.address_limit() {
            let household = self.asked.client.household();
            let page = Some(self.sent.ticket.page);
            let served = desktops.served_by_cast(cast.id, household, page).await?;
            if let Some(before) = served.before {
                return self.again(before).await;
            }
            if let Some(wait) = wait(limit, &served) {
                return Err(self.refused(Refused::too_many(wait)));
            }
        }
        let person = self.sent.person();
        if person.is_none() && !cast.fields.allow_anonymous {
            return Err(Stop::SignIn);
        }
        let mut solution = None;
        if person.is_none() && cast.fields.require_captcha {
            match self.proven().await? {
                Ok(solved) => solution = Some(solved),
                Err(before) => return Ok(before),
            }
        }
        self.start(person, solution).await
    }

    /// From what the link asks for on: who may launch, and how often, is settled but for what others do meanwhile.
    async fn start(self, person: Option<&User>, solution: Option<Vec<u8>>) -> Result<Served, Stop> {
        let (cast, desktops) = (self.cast, &self.launcher.desktops);
        let kind = self.launcher.catalog.find(cast.type_id).await?;
        let kind = kind.ok_or_else(|| self.refused(Refusal::Unknown))?;
        let arguments = Arguments {
            solution,
            ..self.arguments(&kind)?
        };
        if self.is_full() && !(cast.fields.allow_resume && person.is_some()) {
            return self.what_was_given().await;
        }
        if kind.kind == TypeKind::Server {
            let why = Refused::from(Refusal::StartFailed);
            return Err(self.refused(why.with(say!("start-not-offered"))));
        }
        if !kind.enabled {
            let why = Refused::from(Refusal::StartFailed);
            return Err(self.refused(why.with(say!("cast-type-off"))));
        }
        let Some(person) = person else {
            return self.as_guest(&kind, &arguments).await;
        };
        self.leave(person).await?;
        match self.launch(person, &kind, &arguments).await? {
            Launched::New(desktop) => Ok(Served::new(desktop)),
            Launched::Resumed(desktop, differs) => {
                if !differs.is_empty() && self.sent.coming_back == ComingBack::Asks {
                    return Ok(Served {
                        differs,
                        ..Served::new(desktop)
                    });
                }
                // A desktop that is there already was not started with this address.
                if let Some(address) = arguments.start_url.filter(|_| arguments.dynamic)
                    && kind.takes_address
                {
                    desktops.open_in(&desktop, address);
                }
                Ok(Served::new(desktop))
            }
            Launched::Before(desktop, owner) => self.again((desktop, owner)).await,
        }
    }

    /// What shows that the page's visitor is a person. What the page led to before is theirs, also when its solution is too
    /// old by now: `Err`.
    async fn proven(self) -> Result<Result<Vec<u8>, Served>, Stop> {
        let (launcher, page) = (self.launcher, self.sent.ticket.page);
        let key = launcher.key().await?;
        let solved = launcher.captcha.solved(key, self.sent.solution, page);
        let fault = match solved.await {
            Ok(solution) => return Ok(Ok(solution)),
            Err(fault) => fault,
        };
        // Where addresses are limited, the page was looked up with its address.
        let known = self.cast.fields.address_limit().is_some();
        if !known
            && !matches!(fault, CaptchaFault::UsedBefore)
            && let Some(before) = launcher.desktops.made_by_page(page).await?
        {
            return self.again(before).await.map(Err);
        }
        Err(Stop::not_proven(self.cast, &fault))
    }

    /// Whether nothing is left: of the one-time link, which brings its own session, or of the cast.
    pub(super) fn is_full(&self) -> bool {
        match self.asked.link.link() {
            Some(link) => link.state == LinkState::Used,
            None => self.cast.fields.remaining() == Some(0),
        }
    }

    /// Nothing is left, perhaps because of this very visitor: then they are led to what they got.
    async fn what_was_given(self) -> Result<Served, Stop> {
        let desktops = &self.launcher.desktops;
        if let Some(before) = desktops.made_by_page(self.sent.ticket.page).await? {
            return self.again(before).await;
        }
        let own = self.own_by_link().await?;
        own.ok_or_else(|| self.none_left())
    }

    /// Whoever used a one-time link comes back by it while what it opened is there.
    async fn own_by_link(&self) -> Result<Option<Served>, sqlx::Error> {
        let served = self.asked.link.link().and_then(|link| link.served);
        let caller = self.sent.caller.map(|caller| caller.id);
        let Some((desktop, _)) = served.filter(|(_, user)| Some(*user) == caller) else {
            return Ok(None);
        };
        let desktop = self.launcher.desktops.find(desktop).await?;
        let own =
            desktop.filter(|desktop| desktop.state.is_live() && Some(desktop.owner) == caller);
        Ok(own.map(Served::new))
    }

    pub(super) fn none_left(&self) -> Stop {
        let why = Refused::from(Refusal::NoneLeft);
        self.refused(match self.asked.link.link() {
            Some(_) => why.with(say!("cast-link-used")),
            None => why,
        })
    }

    pub(super) fn refused(&self, why: impl Into<Refused>) -> Stop {
        Stop::refused(self.cast, why)
    }

    fn arguments(&self, kind: &DesktopType) -> Result<Arguments, Stop> {
        let (fields, parameters) = (&self.cast.fields, self.sent.parameters);
        let fixed = fields.kasm_url.as_deref();
        let start_url = start_url::opened(fixed, fields.allow_dynamic_kasm_url, parameters)
            .map_err(|refusal| self.refused(refusal))?;
        let offered = Offered {
            allowed: kind.allow_network_selection,
            names: &kind.networks,
        };
        let network = network::chosen(fields.allow_dynamic_docker_network, offered, parameters)
            .map_err(|refusal| self.refused(refusal))?;
        if let Some(app) = &fields.remote_app {
            // Nothing takes them yet: no server can be opened. What is wrong with them is said all the same.
            app.arguments(parameters).map_err(|why| self.refused(why))?;
        }
        Ok(Arguments {
            dynamic: parameters.get(start_url::PARAMETER) != Given::Not,
            start_url,
            network: network.map(str::to_owned),
            solution: None,
        })
    }

    /// Makes a guest for this one request. When nothing comes of it, the guest goes again; after a crash in between,
    /// upkeep sees to that.
    async fn as_guest(self, kind: &DesktopType, arguments: &Arguments) -> Result<Served, Stop> {
        let Launcher {
            desktops, sign_in, ..
        } = self.launcher;
        let called = self.asked.link.link().map(|link| link.name.as_str());
        let group = self.cast.fields.anonymous_group;
        let guest = sign_in.make_guest(group, called).await?;
        let launched = self.launch(&guest, kind, arguments).await;
        let launched = match launched {
            Ok(Launched::New(desktop) | Launched::Resumed(desktop, _)) => {
                return Ok(Served::to(desktop, guest));
            }
            Ok(Launched::Before(desktop, owner)) => Ok((desktop, owner)),
            Err(stop) => Err(stop),
        };
        if let Err(error) = guests::remove(desktops, guest.id).await {
            tracing::warn!(user.id = %guest.id, %error, "a guest who got nothing is removed later");
        }
        self.again(launched?).await
    }

    /// What the desktop is called: a one-time link says for whom it is.
    fn title(&self) -> String {
        let name = &self.cast.fields.name;
        match self.asked.link.link() {
            Some(link) => format!("{name} ({})", link.name),
            None => name.clone(),
        }
    }

    /// The share link it has from its start on, if the cast says so.
    async fn standing_link(&self, desktop: DesktopId) -> Result<Option<StandingLink>, sqlx::Error> {
        if !self.cast.fields.enable_sharing {
            return Ok(None);
        }
        let (_, key_hash) = self.launcher.sharing.standing_key(desktop).await?;
        let lifetime = sharing::LONGEST_LIFETIME;
        Ok(Some(StandingLink { key_hash, lifetime }))
    }

    async fn launch(
        &self,
        user: &User,
        kind: &DesktopType,
        arguments: &Arguments,
    ) -> Result<Launched, Stop> {
        let (cast, fields) = (self.cast, &self.cast.fields);
        let desktops = &self.launcher.desktops;
        let household = self.asked.client.household();
        let limit = fields.address_limit();
        let options = CastOptions {
            disable_control_panel: fields.disable_control_panel,
            disable_tips: fields.disable_tips,
            enable_sharing: fields.enable_sharing,
            disable_shared_fixed_resolution: fields.disable_shared_fixed_resolution,
            error_url: fields.error_url.clone(),
        };
        let (title, desktop) = (self.title(), DesktopId::new());
        let wanted = CastLaunch {
            page: self.sent.ticket.page,
            solution: arguments.solution.as_deref(),
            desktop,
            shared: self.standing_link(desktop).await?,
            cast: cast.id,
            title: &title,
            link: self.asked.link.link().map(|link| link.id),
            resumes: fields.allow_resume && !user.is_guest(),
            window: limit.map(|limit| casts::Window {
                household,
                allowed: i32::try_from(limit.allowed).unwrap_or(i32::MAX),
                within: limit.within.unsigned_abs(),
            }),
            start_url: arguments.start_url.as_deref(),
            network: arguments.network.as_deref(),
            settings: fields.enforced_settings(),
            options: &options,
        };
        let refused = match desktops.launch_of_cast(user, kind, &wanted).await {
            Ok(launched) => return Ok(launched),
            Err(refused) => refused,
        };
        Err(match refused {
            LaunchRefused::Database(error) => error.into(),
            LaunchRefused::SolutionUsed => Stop::not_proven(cast, &CaptchaFault::UsedBefore),
            LaunchRefused::NoneLeft => self.none_left(),
            LaunchRefused::Limit(limit) => {
                self.refused(Refused::from(Refusal::NoCapacity).with(limit.sentence()))
            }
            LaunchRefused::Draining => self.refused(Refusal::NoCapacity),
            LaunchRefused::Unsettled => self.refused(Refusal::StartFailed),
            LaunchRefused::TooMany => {
                let served = desktops.served_by_cast(cast.id, household, None).await?;
                let wait = limit.and_then(|limit| wait(limit, &served));
                self.refused(Refused::too_many(wait.unwrap_or_default()))
            }
        })
    }

    /// Leads whoever sent a page again to what it made. The page is the proof that a guest's browser is the same: what
    /// it carries stands nowhere else, and the answer that would have let that browser in may have been lost.
    async fn again(&self, (desktop, owner): (DesktopId, UserId)) -> Result<Served, Stop> {
        let desktop = self.launcher.desktops.find(desktop).await?;
        let desktop = desktop.ok_or(Stop::NewPage)?;
        if self.sent.caller.is_some_and(|caller| caller.id == owner) {
            return Ok(Served::new(desktop));
        }
        if !desktop.of_guest || self.sent.person().is_some() {
            return Err(Stop::NewPage);
        }
        let guest = self.launcher.sign_in.guest(owner).await?;
        match guest {
            Some(guest) => Ok(Served::to(desktop, guest)),
            None => Err(Stop::NewPage),
        }
    }
}

fn wait(limit: AddressLimit, served: &casts::Served) -> Option<std::time::Duration> {
    window::wait(&served.times, limit.allowed, limit.within, served.now)
}
