# What Deskcast says, in English. One message a key; `de.ftl` has the same keys with the same arguments
# (tests/it/language.rs). How it speaks: say what happened, what is kept, what to do; never blame.

# --- Errors ---------------------------------------------------------------------------------------------------
error-internal = Something went wrong on our side. Nothing was changed. Try again, and give the reference to the administrator if it stays.
error-database-away = The database does not answer. Desktops that are open go on. Try again in a minute.
error-nothing-here = There is nothing at this address. It may have been removed, or it may belong to somebody else.
error-not-a-page = This address is not a page; it only takes what a form or a program sends.
error-wrong-method = This address does not take this kind of request.
title-docker-away = Desktops cannot start right now
title-database-away = The database does not answer
title-no-capacity = There is no room for another desktop
title-draining = This server is being restarted
title-forbidden = You may not do this
title-not-found = There is nothing here
title-wrong-method = This cannot be done here
title-conflict = Not possible right now
title-too-large = This is too large
title-unreadable = This cannot be read
title-other-host = This server has another name
title-invalid = Something is not filled in right
title-slow-down = Too many tries
title-desktop-away = The desktop does not answer
title-unavailable = This does not work right now
title-internal = Something went wrong
title-bad-request = This request cannot be read

# --- Times and amounts ----------------------------------------------------------------------------------------
minutes-ago = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
}

# --- Around every page ----------------------------------------------------------------------------------------
skip-to-content = Skip to content
nav-main = Main
nav-desktops = Desktops
nav-administration = Administration
menu-account-of = Account:
menu-account = Account
menu-look = Light or dark
sign-out = Sign out
admin-sections = Sections
admin-overview = Overview
admin-people = People
admin-users = Users
admin-groups = Groups
admin-authentication = Authentication
admin-openid = OpenID

# --- Signing in with an OpenID provider ------------------------------------------------------------------------

oidc-seal-no-key = SECRET_KEY is not set, so secrets of providers cannot be kept. Set SECRET_KEY to a long random text, start the server again, and enter the secret.
oidc-seal-other-key = The stored secret cannot be read, because SECRET_KEY was changed. Please enter the secret again, or set SECRET_KEY back.

# --- OpenID providers ------------------------------------------------------------------------------------------
openid-title = OpenID
openid-purpose = People sign in with the account they already have: Authelia, IServ, or any OpenID provider.
openid-new = New provider
openid-none = No OpenID provider yet
openid-none-what = Until there is one, people sign in with a local account. Add the provider where they already have an account; it takes an address, a client ID and a secret.
openid-removed = The provider was removed. Who had signed in with it was signed out; their desktops are kept.
openid-saved = Saved. Press Test, or try it with a debug sign-in.
openid-column-name = Name
openid-column-state = State
openid-column-used = On the sign-in page
openid-column-place = Address
openid-state-on = On
openid-state-off = Off
openid-state-secret = Secret cannot be read
openid-button-only = A button
openid-form-purpose = Fields have the names that the guides of providers use for Kasm Workspaces.
openid-optional = (optional)
openid-part-page = On the sign-in page
openid-part-page-help = What people see.
openid-part-client = Client
openid-part-client-help = This server, as it is registered at the provider.
openid-part-places = Addresses
openid-part-places-help = The issuer alone is enough for most providers. What is written below it goes first.
openid-part-people = People and groups
openid-part-people-help = What is read of them, and who may come in.
openid-name = Name
openid-name-help = On the button, and in the address of the sign-in. Up to 60 characters.
openid-logo = Logo
openid-logo-help = Address of a picture (https://…) or the picture itself (data:image/…). The sign-in page then loads it from that server, and nothing else.
openid-enabled = Enabled
openid-enabled-help = Off: nobody can sign in with it. Who is signed in stays.
openid-default = Default
openid-default-help = First on the sign-in page, as the filled button. Taken from the one that was.
openid-auto-login = Auto Login
openid-auto-login-help = The sign-in page goes straight to this provider. /login?local=1 still shows the page.
openid-auto-provision = Automatic User Provision
openid-auto-provision-help = People who sign in for the first time get an account. Off: only those who have one already.
openid-client-id = Client ID
openid-client-id-help = What this server is called at the provider.
openid-client-secret = Client Secret
openid-client-secret-help = Stored encrypted and never shown again.
openid-client-secret-kept = A secret is stored and is never shown. Leave the field empty to keep it.
openid-client-secret-stored = (stored)
openid-method = Token endpoint auth method
openid-method-help = How the secret is sent. Authelia: client_secret_basic. IServ: client_secret_post.
openid-method-none = none, PKCE alone
openid-issuer = Issuer URL
openid-issuer-help = The rest is then read from the provider itself. Without it, give at least the authorization and the token URL.
openid-authorization-url = Authorization URL
openid-authorization-url-help = Where people sign in.
openid-token-url = Token URL
openid-token-url-help = Where this server gets proof of who signed in.
openid-userinfo-url = User Info URL
openid-userinfo-url-help = Where names and groups are read.
openid-jwks-url = JWKS URL
openid-jwks-url-help = The keys of the provider. Without them only what comes straight from the token URL counts.
openid-end-session-url = End Session URL
openid-end-session-url-help = Signing out here then offers to sign out there, too.
openid-scopes = Scope (One Per Line)
openid-scopes-help = What this server asks for; always with openid. Several on one line are fine.
openid-username-claim = User Identifier
openid-username-claim-help = The claim with the shown name, also the first part of the names of desktops.
openid-groups-claim = Groups claim
openid-groups-claim-help = A list of names, as Authelia sends it, or groups with id and name, as IServ does.
openid-admin-group = Admin group
openid-admin-group-help = Its members are administrators here. The exact id or name.
openid-teacher-group = Teacher group
openid-teacher-group-help = Its members are teachers here. The exact id or name.
openid-allowed-groups = Only these groups may sign in
openid-allowed-groups-help = One on each line, the exact id or name. Empty: everybody the provider lets in.
openid-save = Save
openid-cancel = Cancel
openid-not-saved = { $count ->
    [one] Not saved: 1 field needs a change.
   *[other] Not saved: { $count } fields need a change.
}
openid-aside = Testing and registering
openid-try = Try it
openid-try-help = Tests what is saved, without signing anybody in. A debug sign-in shows the claims of your own account there.
openid-test = Test
openid-testing = Testing
openid-debug = Debug sign-in
openid-test-fine = People can sign in, as far as can be seen from here.
openid-test-failed = Nobody can sign in like this.
openid-ours = Enter these at the provider
openid-ours-help = The addresses of this server that it asks for.
openid-redirect-uris = Redirect URIs
openid-redirect-uris-help = Both work; this server sends the first one.
openid-backchannel = Back-channel logout URI
openid-backchannel-help = Who signs out there is signed out here within seconds.
openid-post-logout = Post-logout redirect URI
openid-copy = Copy
openid-copied = Copied
openid-hints = What to enter
openid-hint-authelia = Register a client with the scopes openid, profile, groups and email, and the first redirect URI. Then enter, with the address of your Authelia:
openid-hint-iserv = Add a single sign-on client in the administration of IServ with the redirect URIs. Then enter, with the address of your IServ:
openid-hint-other-title = Others
openid-hint-other = Keycloak, Authentik, Zitadel, Entra ID and most others need only the issuer URL, the client ID and the secret. Then press Test.
openid-delete = Delete provider
openid-keep = Keep it
openid-delete-question = Delete the provider { $name }?
openid-delete-consequence = { $count ->
    [0] Nobody can sign in with it any more. Nobody is signed in with it now. Accounts and desktops stay.
    [one] Nobody can sign in with it any more, and 1 sign-in ends now. Accounts and desktops stay.
   *[other] Nobody can sign in with it any more, and { $count } sign-ins end now. Accounts and desktops stay.
}
openid-continue-with = Continue with { $name }
openid-or-local = or with a local account
openid-signed-out = You have been signed out. Your desktops keep running.
openid-no-way = Nobody can sign in here yet. Ask the administrator to set up a way to sign in.
provider-name-form = Give it a name of 1 to 60 characters, without / \ ? # and %.
provider-name-taken = Another provider has this name. Choose another one.
provider-unknown = There is no such provider.
provider-no-such-field = A provider has no such field.
provider-field-unreadable = It cannot be read: { $cause }.
provider-client-id = Enter the client ID, up to 200 characters.
provider-secret-missing = Enter the client secret, or choose the method none.
provider-secret-empty = It is empty. Leave it out to keep the stored secret; null takes it away.
provider-secret-form = At most 2000 characters on one line.
provider-url-form = It must be a whole address that begins with https://.
provider-url-account = It must not contain a user name or a password.
provider-url-plain = It must begin with https://. Plain http is for a provider on this machine only.
provider-url-fragment = It must not contain #.
provider-url-long = At most 2000 characters.
provider-issuer-missing = Enter the issuer URL, or the authorization and the token URL.
provider-issuer-query = An issuer has no question mark in it.
provider-endpoint-missing = Enter this one too, or the issuer URL.
provider-logo-form = Enter an address that begins with https://, or data:image/ with a PNG, JPEG, GIF, WebP or SVG of at most 32 KiB.
provider-scopes-form = At most 100 scopes, each of plain letters without quotes.
provider-scopes-openid = The scope openid must be among them.
provider-claim-form = Enter the name of a claim, without spaces.
provider-group-form = At most 200 characters on one line.
provider-groups-form = At most 100 groups, each of at most 200 characters.
check-no-answer = { $url } does not answer: { $cause }
check-no-document = { $url } answers, but not with the document of an OpenID provider.
check-status = { $url } answers with status { $status }.
check-secret-kept = The client secret is stored and can be used.
check-secret-missing = There is no client secret. Enter it, or choose the method none.
check-secret-not-needed = This method needs no client secret.
check-discovery-read = The provider's description was read: { $url }
check-discovery-none = There is no description at { $url }.
check-issuer-same = The issuer is right: { $issuer }
check-issuer-other = The provider calls itself { $said }, and here stands { $issuer }. If { $said } is right, enter exactly that as the issuer URL.
check-endpoints = People sign in at { $authorization }; tokens come from { $token }.
check-no-authorization = The address where people sign in is not known. Enter the authorization URL.
check-no-token = The address for tokens is not known. Enter the token URL.
check-no-endpoints = Neither the authorization nor the token URL is known. Enter both, or an issuer URL that can be read.
check-userinfo = Names and groups are read at { $url }.
check-no-userinfo = There is no user info URL: names and groups must stand in the ID token.
check-keys = { $count ->
    [one] 1 key was read: { $url }
   *[other] { $count } keys were read: { $url }
}
check-keys-none = There are no keys at { $url }.
check-no-keys-address = No address for keys is known. Proof that comes straight from the token URL over https is enough; back-channel logout needs keys.
check-method = The provider takes { $method }.
check-method-other = The provider takes { $methods }, and { $method } is chosen here.
check-scopes = The provider knows every scope that is asked for.
check-scopes-unknown = The provider does not list these scopes: { $scopes }
check-end-session = People can sign out there, too: { $url }
check-no-end-session = Signing out here leaves people signed in there: no end session URL is known.
oidc-no-provider = There is no provider of this name. It may have been switched off; the sign-in page shows those there are.
oidc-some-provider = The provider
oidc-title-again = Nobody was signed in
oidc-title-not-you = You cannot sign in here
oidc-title-away = The provider does not answer
oidc-title-broken = This provider does not work right now
oidc-stale = This sign-in is not under way any more: it took too long, or it was used already. Nothing is lost. Please start again.
oidc-other-browser = This sign-in began in another browser or window. Please start again in this one.
oidc-cancelled = You cancelled signing in at { $provider }. Nothing is lost. You can start again or sign in in another way.
oidc-refused = { $provider } refused to sign you in. Try again, or ask the administrator and give the reference.
oidc-away = { $provider } does not answer. Desktops that run go on. Try again in a minute.
oidc-unusable = { $provider } answers in a way that cannot be used, so nobody was signed in. Desktops that run go on. Try again in a minute, and give the reference to the administrator if it stays.
oidc-untrusted = The answer of { $provider } cannot be trusted, so nobody was signed in. Desktops that run go on. Start again, and give the reference to the administrator if it stays.
oidc-misconfigured = Signing in with { $provider } is not set up rightly on this server. Desktops that run go on. Ask the administrator and give the reference.
oidc-claims = { $provider } knows you, but what it says cannot be used: { $problem }
oidc-claims-no-username = it sends no user name in “{ $claim }”. Ask the administrator to choose another user identifier.
oidc-claims-groups = it sends groups in “{ $claim }” in a form that is not understood. Ask the administrator to check the groups claim.
oidc-claims-many-groups = it sends more than { $limit } groups in “{ $claim }”. Ask the administrator to send fewer.
oidc-not-provisioned = You have no account on this server, and none is made by signing in. Ask the administrator to make one for you.
oidc-not-allowed = Your account may not use Deskcast. Ask the administrator to add you to a group.
oidc-disabled = Your account on this server is switched off. Ask the administrator to switch it on again.
oidc-no-tester = Only an administrator who is signed in can try a provider. Please sign in and start again.
oidc-too-many = Too many sign-ins began in your network. Try again in a minute.
oidc-logout-away = The keys of the provider cannot be read, so the logout token cannot be checked. Send it again in a minute.
oidc-logout-refused = This is not a logout token of one of the providers, or it counted already.
oidc-cause = The cause, for you as an administrator:
oidc-reference = Reference
oidc-again = Start again
oidc-otherwise = Sign in in another way
oidc-tested-title = This is what the provider says
oidc-tested-lead = Signing in with { $provider } works. Nobody was signed in and no account was changed.
oidc-tested-issuer = Issuer
oidc-tested-subject = Identifier
oidc-tested-username = User name
oidc-tested-display-name = Shown name
oidc-tested-email = E-mail
oidc-tested-role = Role
oidc-tested-role-kept = as an administrator sets it: this provider has no admin group and no teacher group
oidc-tested-groups = Groups
oidc-tested-none = none
oidc-tested-may = May sign in
oidc-tested-yes = yes
oidc-tested-refused = Would be refused
oidc-tested-id-token = Claims of the ID token
oidc-tested-userinfo = Claims of userinfo
oidc-tested-back = To the providers
oidc-signed-out-title = Signed out
oidc-signed-out = You have been signed out. Your desktops keep running.
oidc-signed-out-there = You are still signed in at { $provider }. This page goes on there, so that you can sign out there too.
oidc-sign-out-there = Sign out at { $provider }
