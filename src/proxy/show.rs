//! Our own pages at a desktop's address, and the client files of a VNC desktop.

use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderName, HeaderValue, header, request};

use super::{
    Proxy,
    access::{Grant, Visit},
    client_files::{self, Folder, is_version},
    isolation::{self, Content},
    pages::{self, LookerLine, ShareBar, Viewer},
    path,
    viewer_policy::{self, ViewerAt},
};
use crate::{
    desktops::{DesktopState, looks::LookRole},
    error::AppError,
    groups::{ClientSettings, Switch},
    language::Sentence,
    say,
    sessions::Caller,
    sharing,
    web::{
        log::RequestNotes,
        page::{Chrome, Page, Person},
        security::{self, Https},
        statics, urls,
    },
};

/// The page of a desktop that starts, or has ended.
pub(super) async fn not_running(
    proxy: &Proxy,
    visit: Visit,
    head: &mut request::Parts,
) -> Result<Response, AppError> {
    let (desktop, kind) = (&*visit.desktop, &*visit.kind);
    let own = visit.is_own();
    if let Some(there) = desktop.error_page().filter(|_| own) {
        return Ok(Redirect::to(&there).into_response());
    }
    let chrome = chrome(head, &kind.title, &visit.caller);
    let nonce = chrome.nonce.clone();
    let usual = proxy.desktops.usual_start_time(kind.id).await?;
    let page = if desktop.state == DesktopState::Starting {
        pages::starting(chrome, desktop, kind, usual, proxy.clock.now(), own)
    } else {
        pages::stopped(chrome, desktop, kind, usual, own)
    };
    Ok(as_ours(proxy, page, &nonce))
}

/// Sent by the page's own script, which missed an event and shows again what this address says.
static LOOK_AGAIN: HeaderName = HeaderName::from_static("x-look-again");

/// The page around a running VNC desktop. Its client files are read first, because a frame cannot say why it is empty.
pub(super) async fn viewer(
    proxy: &Proxy,
    grant: Grant,
    head: &mut request::Parts,
    origin: &str,
) -> Result<Response, AppError> {
    let looks_as = grant.looks_as();
    let grant = if looks_as == Some(LookRole::Administrator) {
        let user = grant.caller().user.id;
        let controls = proxy.desktops.controls(grant.live(), user).await?;
        grant.with_control(controls)
    } else {
        grant
    };
    let live = grant.live();
    // A page that is opened hears it from its events; opening one costs no statement.
    let lookers = match looks_as {
        None if head.headers.contains_key(&LOOK_AGAIN) => {
            proxy.desktops.lookers(live.desktop.id).await?
        }
        _ => Vec::new(),
    };
    let (_, version) = proxy.client_files.of(&live.desktop, &live.kind).await?;
    let prefix = urls::desktop(&live.desktop.name);
    let client = format!("client/{version}/");
    let chrome = chrome(head, &live.kind.title, grant.caller());
    let nonce = chrome.nonce.clone();
    let visitor = looks_as.map(|_| {
        if grant.only_looks() {
            sharing::Access::ViewOnly
        } else {
            sharing::Access::Control
        }
    });
    let query = client_query(&live.desktop.name, live.desktop.client_settings, visitor);
    let viewer = Viewer {
        own: grant.is_own(),
        shared_by: grant.invitation().map(|by| by.owner_name.clone()),
        only_looks: grant.only_looks(),
        lookers: lookers.into_iter().map(LookerLine::from).collect(),
        guest: grant.caller().user.is_guest(),
        sharing: share_bar(proxy, &grant).await?,
        client_src: format!("{client}?{query}"),
    };
    let form = form_of(&grant, looks_as);
    let mut page = pages::viewer(chrome, &live.desktop, &live.kind, viewer);
    page.headers_mut().extend(viewer_policy::headers(ViewerAt {
        origin,
        prefix: &prefix,
        client: &client,
        files: statics::base(),
        form: form.as_deref(),
    }));
    Ok(as_ours(proxy, page, &nonce))
}

/// What the owner's bar says of sharing; nothing for everybody else.
async fn share_bar(proxy: &Proxy, grant: &Grant) -> Result<ShareBar, sqlx::Error> {
    let live = grant.live();
    if !grant.is_own() {
        return Ok(ShareBar::Nothing);
    }
    Ok(match proxy.sharing.standing_link(&live.desktop).await? {
        Some(link) => ShareBar::Shared(link),
        None if sharing::may_be_shared(live) => ShareBar::Offered,
        None => ShareBar::Nothing,
    })
}

/// Where the one form of the page leads: to its stop for its owner, to the other half of the look for an administrator.
fn form_of(grant: &Grant, looks_as: Option<LookRole>) -> Option<String> {
    let desktop = &grant.live().desktop;
    let looks = |act| format!("/admin/looks/{}/{act}", desktop.name);
    match looks_as {
        None => Some(format!("/desktops/{}/stop", desktop.address())),
        Some(LookRole::Administrator) if grant.only_looks() => Some(looks("control")),
        Some(LookRole::Administrator) => Some(looks("watch")),
        Some(LookRole::Visitor) => None,
    }
}

/// What the client is told: where its socket is, from the root of the site and without a slash in front; that it
/// sizes the desktop to its window; that it comes back by itself; and what the desktop was started with. The clipboard
/// is refused by the desktop itself as well: this only spares the reader a button that does nothing. A visitor's window
/// does not size somebody else's desktop, and one who only looks has no clipboard there.
fn client_query(name: &str, in_force: ClientSettings, visitor: Option<sharing::Access>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("path", &format!("desktop/{name}/websockify"));
    let words = |on: bool| if on { "true" } else { "false" };
    let only_looks = visitor == Some(sharing::Access::ViewOnly);
    let (up, down) = (
        in_force.is_on(Switch::AllowClipboardUp) && !only_looks,
        in_force.is_on(Switch::AllowClipboardDown) && !only_looks,
    );
    let resize = if visitor.is_some() { "scale" } else { "remote" };
    let settings = [
        ("autoconnect", "true"),
        ("resize", resize),
        ("reconnect", "true"),
        ("reconnect_delay", "2000"),
        ("clipboard_up", words(up)),
        ("clipboard_down", words(down)),
        ("clipboard_seamless", words(up || down)),
        ("enable_ime", words(in_force.is_on(Switch::ImeDefaultOn))),
        // Minutes without input until the client gives up by itself; ending idle desktops is the server's business.
        ("idle_disconnect", "1440"),
    ];
    query.extend_pairs(settings);
    if only_looks {
        query.append_pair("view_only", "true");
    }
    query.finish()
}

/// A file of the trusted copy. `file` is what follows `client`: addresses without the right version lead to it.
pub(super) async fn client_file(
    proxy: &Proxy,
    grant: Grant,
    head: &request::Parts,
    file: &str,
    origin: &str,
) -> Result<Response, AppError> {
    let live = grant.live();
    let (folder, version) = proxy.client_files.of(&live.desktop, &live.kind).await?;
    let prefix = urls::desktop(&live.desktop.name);
    let file = file.strip_prefix('/').unwrap_or(file);
    let (asked, within) = file.split_once('/').unwrap_or((file, ""));
    let mut response = if asked == version && file.contains('/') {
        file_answer(&folder, within, head)?
    } else {
        let within = if is_version(asked) { within } else { file };
        let to = super::with_query(
            &format!("{prefix}client/{version}/{within}"),
            head.uri.query(),
        );
        let mut response = Redirect::to(&to).into_response();
        *response.status_mut() = http::StatusCode::FOUND;
        let no_store = HeaderValue::from_static("private, no-store");
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, no_store);
        response
    };
    let isolation = isolation::headers(Content::TrustedClient, origin, &prefix);
    response.headers_mut().extend(isolation);
    Ok(response)
}

fn file_answer(folder: &Folder, within: &str, head: &request::Parts) -> Result<Response, AppError> {
    let file = folder
        .find(&path::decoded(within))
        .ok_or_else(|| AppError::not_found(say!("client-no-file")))?;
    Ok(client_files::answer(file, &head.method, &head.headers))
}

fn chrome(head: &request::Parts, title: &str, caller: &Caller) -> Chrome {
    if let Some(notes) = head.extensions.get::<RequestNotes>() {
        notes.caller(caller.user.id);
    }
    Page::of(head).chrome(Sentence::plain(title), Some(Person::from(&*caller.user)))
}

/// The headers every page of ours has.
fn as_ours(proxy: &Proxy, mut page: Response, nonce: &str) -> Response {
    let https = Https(proxy.config.http.secure());
    security::protect(page.headers_mut(), https, nonce);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_told_where_its_socket_is() {
        let query = client_query("jane-ubuntu", ClientSettings::default(), None);
        assert!(query.starts_with(
            "path=desktop%2Fjane-ubuntu%2Fwebsockify&autoconnect=true&resize=remote&"
        ));
        // Any value at all would show the client's own bar.
        assert!(!query.contains("show_control_bar"));
    }

    #[test]
    fn the_client_is_told_what_is_in_force() {
        let table = [
            (Switch::AllowClipboardUp, "clipboard_up"),
            (Switch::AllowClipboardDown, "clipboard_down"),
            (Switch::ImeDefaultOn, "enable_ime"),
        ];
        for (switch, name) in table {
            for (on, word) in [(true, "true"), (false, "false")] {
                let query = client_query("x", ClientSettings::default().with(switch, on), None);
                assert!(query.contains(&format!("&{name}={word}&")), "{query}");
            }
        }
        let neither = ClientSettings::default()
            .with(Switch::AllowClipboardUp, false)
            .with(Switch::AllowClipboardDown, false);
        assert!(client_query("x", neither, None).contains("&clipboard_seamless=false&"));
    }

    #[test]
    fn a_visitors_client_neither_sizes_the_desktop_nor_takes_more_than_it_may() {
        let told = |visitor| client_query("x", ClientSettings::default(), visitor);
        let table = [
            (None, "resize=remote", true, false),
            (Some(sharing::Access::Control), "resize=scale", true, false),
            (Some(sharing::Access::ViewOnly), "resize=scale", false, true),
        ];
        for (visitor, resize, clipboard, view_only) in table {
            let query = told(visitor);
            assert!(query.contains(&format!("&{resize}&")), "{query}");
            for way in ["up", "down", "seamless"] {
                let pair = format!("&clipboard_{way}={clipboard}&");
                assert!(query.contains(&pair), "{query}");
            }
            assert_eq!(query.contains("view_only=true"), view_only, "{query}");
        }
    }
}
