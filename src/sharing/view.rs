//! What the pages of sharing show.

use askama::Template;
use secrecy::{ExposeSecret, SecretString};
use time::{OffsetDateTime, macros::format_description};

use super::{Access, ShareLink};
use crate::{
    language::Sentence,
    say,
    web::{page::Chrome, words::exact},
};

/// How long a link may hold, to choose from, in hours.
pub(super) const HOURS: [i64; 4] = [1, 8, 24, 7 * 24];

/// `share.html`.
#[derive(Debug, Template)]
#[template(path = "share.html")]
pub(super) struct SharePage {
    pub chrome: Chrome,
    pub slug: String,
    /// Where the desktop is.
    pub desktop: String,
    /// What was just done.
    pub done: Option<Sentence>,
    /// The link that was just made.
    pub made: Option<Made>,
    /// Why none was made.
    pub refused: Option<Sentence>,
    /// The link it has from its start on, while it holds.
    pub standing: Option<Made>,
    /// Whether its owner may make links.
    pub may_make: bool,
    pub accesses: [AccessChoice; 2],
    pub hours: [HoursChoice; 4],
    pub links: Vec<LinkLine>,
}

/// `share_join.html`.
#[derive(Debug, Template)]
#[template(path = "share_join.html")]
pub(super) struct JoinPage {
    pub chrome: Chrome,
    /// Where the form goes.
    pub action: String,
    pub may: Access,
    pub owner_name: String,
    /// What kind of desktop it is.
    pub title: String,
    pub until: Until,
    /// Whether the visitor has no account.
    pub guest: bool,
}

/// What visitors may do, to choose from.
#[derive(Debug)]
pub(super) struct AccessChoice {
    pub code: &'static str,
    pub name: Sentence,
    pub chosen: bool,
}

/// How long, to choose from.
#[derive(Debug)]
pub(super) struct HoursChoice {
    pub hours: i64,
    pub name: Sentence,
    pub chosen: bool,
}

/// A link that holds.
#[derive(Debug)]
pub(super) struct LinkLine {
    pub id: String,
    pub icon: &'static str,
    pub name: Sentence,
    /// What the button does, for who does not see the line.
    pub end_name: Sentence,
    pub until: Until,
    /// Who joined; empty when nobody did.
    pub visitors: String,
}

/// A new link, shown this once.
#[derive(Debug)]
pub(super) struct Made(pub SecretString);

impl Made {
    fn text(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A moment: exact for the browser, which says it in the reader's own clock; and as it is without scripts.
#[derive(Debug)]
pub(super) struct Until {
    pub exact: String,
    pub plain: String,
}

impl Until {
    pub(super) fn new(moment: OffsetDateTime) -> Self {
        let plain = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
        Self {
            exact: exact(moment),
            plain: moment.format(plain).unwrap_or_default(),
        }
    }
}

fn name(access: Access) -> Sentence {
    match access {
        Access::ViewOnly => say!("share-view"),
        Access::Control => say!("share-control"),
    }
}

pub(super) fn accesses(chosen: Access) -> [AccessChoice; 2] {
    [(Access::ViewOnly, "view"), (Access::Control, "control")].map(|(access, code)| AccessChoice {
        code,
        name: name(access),
        chosen: access == chosen,
    })
}

pub(super) fn hours(chosen: i64) -> [HoursChoice; 4] {
    HOURS.map(|hours| HoursChoice {
        hours,
        name: if hours < 24 {
            say!("share-hours", count = hours)
        } else {
            say!("share-days", count = hours / 24)
        },
        chosen: hours == chosen,
    })
}

impl From<ShareLink> for LinkLine {
    fn from(link: ShareLink) -> Self {
        let until = Until::new(link.expires_at);
        let names: Vec<_> = link
            .visitors
            .into_iter()
            .map(|visitor| visitor.name)
            .collect();
        Self {
            id: link.id.to_string(),
            icon: match link.access {
                Access::ViewOnly => "eye",
                Access::Control => "keyboard",
            },
            name: name(link.access),
            end_name: say!(
                "share-end-name",
                access = name(link.access),
                until = &until.plain
            ),
            until,
            visitors: names.join(", "),
        }
    }
}
