//! The rule of every route.

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Nobody, too.
    Anybody,
    /// Whoever is signed in, for what is their own by its nature; not a guest.
    SignedIn,
    /// The same, and a guest, for the one desktop they were let in for.
    AlsoGuest,
    /// Administrators.
    Admin,
    /// Whoever is signed in, for their own thing alone: for everybody else it does not exist.
    Own(Thing),
    /// The desktop's owner, whom its owner shows it to, and administrators.
    Desktop,
}

/// What the `{id}` of a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Token,
    SignIn,
    Share,
    Person,
    Group,
    Provider,
    Running,
    Stopped,
}

use Who::{Admin, AlsoGuest, Anybody, Desktop, Own, SignedIn};

/// Method (`*` for every one), path, who, what is sent (a form, JSON when it begins with a brace, or a query), and the statuses
/// of those who may.
pub(super) type Line = (
    &'static str,
    &'static str,
    Who,
    &'static str,
    &'static [u16],
);

/// A provider as its form and as a program send it.
const PROVIDER: &str = "name=typed&issuer=https%3A%2F%2Fidp.test&client_id=kasm&token_auth_method=none&scopes=openid&username_claim=sub&groups_claim=groups";
const RENAMED: &str = "name=renamed&issuer=https%3A%2F%2Fidp.test&client_id=kasm&token_auth_method=none&scopes=openid&username_claim=sub&groups_claim=groups";
const PROVIDER_JSON: &str =
    r#"{"name":"sent","issuer":"https://idp.test","client_id":"kasm","token_auth_method":"none"}"#;

pub(super) const LINES: &[Line] = &[
    // the dashboard
    ("GET", "/", Anybody, "", &[200]),
    ("GET", "/desktops/{slug}/card", SignedIn, "", &[200]),
    ("GET", "/desktops/{slug}/start", Anybody, "", &[303]),
    ("GET", "/desktops/{slug}/stop", Anybody, "", &[303]),
    ("GET", "/desktops/{slug}/remove", SignedIn, "", &[200, 303]),
    ("POST", "/desktops/{slug}/start", SignedIn, "", &[303]),
    ("POST", "/desktops/{slug}/stop", AlsoGuest, "", &[303]),
    ("POST", "/desktops/{slug}/remove", SignedIn, "", &[303]),
    // signing in and out
    ("GET", "/login", Anybody, "", &[200, 303]),
    ("POST", "/login", Anybody, "username=x", &[422]),
    ("GET", "/logout", AlsoGuest, "", &[200]),
    ("POST", "/logout", AlsoGuest, "", &[200]),
    ("POST", "/api/login", Anybody, "{}", &[422]),
    ("GET", "/session", AlsoGuest, "", &[200]),
    // one's own account
    ("POST", "/look", Anybody, "theme=dark", &[303]),
    ("GET", "/account", SignedIn, "", &[200]),
    (
        "POST",
        "/account/sign-ins/{id}/end",
        Own(Thing::SignIn),
        "",
        &[303],
    ),
    (
        "POST",
        "/account/sign-ins/end",
        SignedIn,
        "which=others",
        &[303],
    ),
    (
        "POST",
        "/account/tokens",
        SignedIn,
        "name=matrix&days=30",
        &[200],
    ),
    (
        "POST",
        "/account/tokens/{id}/revoke",
        Own(Thing::Token),
        "",
        &[303],
    ),
    // Nobody here has a password.
    (
        "POST",
        "/account/password",
        SignedIn,
        "old=a&new=bbbbbbbb&again=bbbbbbbb",
        &[404],
    ),
    ("GET", "/api/tokens", SignedIn, "", &[200]),
    (
        "POST",
        "/api/tokens",
        SignedIn,
        r#"{"name":"matrix"}"#,
        &[201],
    ),
    ("DELETE", "/api/tokens/{id}", Own(Thing::Token), "", &[200]),
    ("GET", "/api/sessions", SignedIn, "", &[200]),
    ("DELETE", "/api/sessions", SignedIn, "", &[200]),
    (
        "DELETE",
        "/api/sessions/{id}",
        Own(Thing::SignIn),
        "",
        &[200],
    ),
    // desktops; what is not named by the caller is the caller's
    ("GET", "/api/events", AlsoGuest, "", &[200]),
    ("GET", "/api/container/list", SignedIn, "", &[200]),
    ("GET", "/api/container/status", AlsoGuest, "", &[200]),
    (
        "POST",
        "/api/container/start",
        SignedIn,
        r#"{"desktop_type":"no-such"}"#,
        &[404, 422],
    ),
    (
        "POST",
        "/api/container/stop",
        AlsoGuest,
        "?desktop_type=no-such",
        &[404],
    ),
    (
        "DELETE",
        "/api/container/remove",
        SignedIn,
        "?desktop_type=no-such",
        &[404],
    ),
    (
        "POST",
        "/api/container/remove",
        SignedIn,
        "?desktop_type=no-such",
        &[404],
    ),
    ("*", "/desktop/{name}", Anybody, "", &[308]),
    ("*", "/desktop/{name}/", Desktop, "", &[200, 405]),
    ("*", "/desktop/{name}/{*rest}", Desktop, "", &[302, 404]),
    // sharing: an owner's links; whoever is signed in may open one
    ("GET", "/api/shares", SignedIn, "", &[200]),
    (
        "POST",
        "/api/shares",
        SignedIn,
        r#"{"desktop_type":"no-such"}"#,
        &[404],
    ),
    ("DELETE", "/api/shares/{id}", Own(Thing::Share), "", &[200]),
    (
        "GET",
        "/desktops/{slug}/share",
        Own(Thing::Share),
        "",
        &[200],
    ),
    (
        "POST",
        "/desktops/{slug}/share",
        Own(Thing::Share),
        "access=view&hours=8",
        &[200],
    ),
    (
        "POST",
        "/desktops/{slug}/share/{id}/end",
        Own(Thing::Share),
        "",
        &[303],
    ),
    ("GET", "/share/{key}", SignedIn, "", &[200, 303]),
    ("POST", "/share/{key}", SignedIn, "", &[303]),
    // administration
    ("GET", "/api/admin/containers", Admin, "", &[200]),
    ("POST", "/api/admin/container/{id}/stop", Admin, "", &[200]),
    (
        "DELETE",
        "/api/admin/container/{id}/remove",
        Admin,
        "",
        &[200],
    ),
    (
        "POST",
        "/api/admin/container/{id}/remove",
        Admin,
        "",
        &[200],
    ),
    ("POST", "/api/admin/containers/stop-all", Admin, "", &[200]),
    ("GET", "/api/admin/desktop-types", Admin, "", &[200]),
    ("POST", "/api/admin/desktop-types", Admin, "{}", &[422]),
    ("GET", "/api/admin/desktop-types/{slug}", Admin, "", &[200]),
    (
        "PUT",
        "/api/admin/desktop-types/{slug}",
        Admin,
        "{}",
        &[200],
    ),
    (
        "DELETE",
        "/api/admin/desktop-types/{slug}",
        Admin,
        "",
        &[200, 404],
    ),
    (
        "POST",
        "/api/admin/desktop-types/{slug}/pull",
        Admin,
        "",
        &[200, 404],
    ),
    // people, groups and providers, as administrators keep them
    ("GET", "/admin", Admin, "", &[200]),
    ("GET", "/admin/desktops/{id}/stop", Admin, "", &[303]),
    ("POST", "/admin/desktops/{id}/stop", Admin, "", &[303]),
    ("GET", "/admin/groups", Admin, "", &[200]),
    (
        "POST",
        "/admin/groups",
        Admin,
        "name=Matrix&priority=7",
        &[303],
    ),
    ("GET", "/admin/groups/new", Admin, "", &[200]),
    ("GET", "/admin/groups/{id}", Admin, "", &[200]),
    (
        "POST",
        "/admin/groups/{id}",
        Admin,
        "name=Matrix+2&priority=7",
        &[303],
    ),
    ("GET", "/admin/groups/{id}/remove", Admin, "", &[200]),
    ("POST", "/admin/groups/{id}/remove", Admin, "", &[303]),
    ("GET", "/admin/audit", Admin, "", &[200]),
    ("GET", "/api/admin/audit", Admin, "", &[200]),
    ("POST", "/admin/looks/{name}/control", Admin, "", &[303]),
    ("POST", "/admin/looks/{name}/watch", Admin, "", &[303]),
    ("GET", "/admin/openid", Admin, "", &[200]),
    ("POST", "/admin/openid", Admin, PROVIDER, &[303]),
    ("GET", "/admin/openid/new", Admin, "", &[200]),
    ("GET", "/admin/openid/{id}", Admin, "", &[200]),
    ("POST", "/admin/openid/{id}", Admin, RENAMED, &[303]),
    ("GET", "/admin/openid/{id}/check", Admin, "", &[303]),
    ("POST", "/admin/openid/{id}/check", Admin, "", &[200]),
    ("GET", "/admin/openid/{id}/delete", Admin, "", &[200]),
    ("POST", "/admin/openid/{id}/delete", Admin, "", &[303]),
    ("GET", "/admin/users", Admin, "", &[200]),
    (
        "POST",
        "/admin/users",
        Admin,
        "username=new&display_name=New&password=sesame12345&role=user",
        &[303],
    ),
    ("GET", "/admin/users/new", Admin, "", &[200]),
    ("GET", "/admin/users/{id}", Admin, "", &[200]),
    (
        "POST",
        "/admin/users/{id}",
        Admin,
        "display_name=Changed&role=user",
        &[303],
    ),
    ("GET", "/admin/users/{id}/remove", Admin, "", &[200]),
    ("POST", "/admin/users/{id}/remove", Admin, "", &[303]),
    ("GET", "/api/admin/groups", Admin, "", &[200]),
    (
        "POST",
        "/api/admin/groups",
        Admin,
        r#"{"name":"By API"}"#,
        &[201],
    ),
    ("DELETE", "/api/admin/groups/{id}", Admin, "", &[200]),
    ("GET", "/api/admin/groups/{id}", Admin, "", &[200]),
    ("GET", "/api/admin/groups/{id}/members", Admin, "", &[200]),
    (
        "PUT",
        "/api/admin/groups/{id}",
        Admin,
        r#"{"description":"x"}"#,
        &[200],
    ),
    ("GET", "/api/admin/oidc-providers", Admin, "", &[200]),
    (
        "POST",
        "/api/admin/oidc-providers",
        Admin,
        PROVIDER_JSON,
        &[201],
    ),
    (
        "DELETE",
        "/api/admin/oidc-providers/{id}",
        Admin,
        "",
        &[200],
    ),
    ("GET", "/api/admin/oidc-providers/{id}", Admin, "", &[200]),
    (
        "PUT",
        "/api/admin/oidc-providers/{id}",
        Admin,
        r#"{"enabled":false}"#,
        &[200],
    ),
    (
        "POST",
        "/api/admin/oidc-providers/{id}/check",
        Admin,
        "",
        &[200],
    ),
    ("GET", "/api/admin/users", Admin, "", &[200]),
    (
        "POST",
        "/api/admin/users",
        Admin,
        r#"{"username":"api","password":"sesame12345"}"#,
        &[201],
    ),
    ("DELETE", "/api/admin/users/{id}", Admin, "", &[200]),
    ("GET", "/api/admin/users/{id}", Admin, "", &[200]),
    (
        "PUT",
        "/api/admin/users/{id}",
        Admin,
        r#"{"display_name":"By API"}"#,
        &[200],
    ),
    // signing in with a provider: those who are signed in stay so
    ("GET", "/login/oidc/{name}", Anybody, "", &[303]),
    (
        "GET",
        "/api/oidc_callback",
        Anybody,
        "?state=unknown&code=x",
        &[400],
    ),
    (
        "GET",
        "/authorize",
        Anybody,
        "?state=unknown&code=x",
        &[400],
    ),
    (
        "POST",
        "/api/oidc_backchannel_logout",
        Anybody,
        "logout_token=x",
        &[400],
    ),
    // files, health, the description
    ("GET", "/static/{version}/{*file}", Anybody, "", &[200]),
    ("GET", "/favicon.ico", Anybody, "", &[200]),
    ("GET", "/healthz", Anybody, "", &[200]),
    ("GET", "/readyz", Anybody, "", &[200]),
    ("GET", "/api/openapi.json", Anybody, "", &[200]),
];
