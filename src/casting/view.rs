//! What the pages of a link show.

use askama::Template;

use url::Url;

use super::captcha::Check;
use crate::{
    ids::DesktopId,
    language::Sentence,
    web::{page::Chrome, security::MayLoad},
};

/// `cast_launch.html`: sends itself when it is opened as a page of its own; serves nothing by being looked at.
#[derive(Debug, Template)]
#[template(path = "cast_launch.html")]
pub(super) struct LaunchPage {
    pub chrome: Chrome,
    /// A drawing that exists.
    pub icon: &'static str,
    /// Where the form goes: this address, with what the link carries.
    pub action: String,
    /// What it carries besides.
    pub ticket: String,
    /// What its visitor passes before it is sent; `None`: nothing.
    pub check: Option<Check>,
    /// Who it will belong to; `None`: a guest.
    pub person: Option<String>,
}

/// `cast_resumed.html`: a desktop that is open already is not quite as the cast wants it.
#[derive(Debug, Template)]
#[template(path = "cast_resumed.html")]
pub(super) struct ResumedPage {
    pub chrome: Chrome,
    /// A drawing that exists.
    pub icon: &'static str,
    /// Where both forms go.
    pub action: String,
    /// What they carry.
    pub ticket: String,
    /// The desktop that ends when somebody wants a fresh one.
    pub desktop: DesktopId,
    /// What only a fresh one would have otherwise, each as it stays.
    pub differs: Vec<(Sentence, bool)>,
}

/// `cast_refused.html`.
#[derive(Debug, Template)]
#[template(path = "cast_refused.html")]
pub(super) struct RefusedPage {
    pub chrome: Chrome,
    /// What happened and what to do.
    pub sentence: Sentence,
    /// More about it.
    pub detail: Option<Sentence>,
    /// The reason as programs know it.
    pub code: &'static str,
    /// Names this request to the administrator.
    pub reference: String,
    /// Where to try again, where that may help.
    pub again: Option<String>,
    /// After how many seconds.
    pub later: Option<u64>,
}

/// What the page of a check loads besides our own files, and nothing more
/// (<https://developers.google.com/recaptcha/docs/faq>, on policies of content).
pub(super) fn may_load(check: &Check) -> MayLoad {
    let Check::Recaptcha { url, .. } = check else {
        return MayLoad {
            workers: true,
            ..MayLoad::default()
        };
    };
    let below = |places: &[&str]| places.iter().map(|place| format!("{place}/")).collect();
    let host = Url::parse(url).ok();
    let (scripts, frames): (&[&str], &[&str]) =
        match host.as_ref().and_then(Url::host_str).unwrap_or_default() {
            "www.google.com" => (
                &[url, "https://www.gstatic.com/recaptcha"],
                &[url, "https://recaptcha.google.com/recaptcha"],
            ),
            "www.recaptcha.net" => (
                &[
                    url,
                    "https://www.gstatic.com/recaptcha",
                    "https://www.gstatic.cn/recaptcha",
                ],
                &[url],
            ),
            _ => (&[url], &[url]),
        };
    MayLoad {
        scripts: below(scripts),
        frames: below(frames),
        ..MayLoad::default()
    }
}
