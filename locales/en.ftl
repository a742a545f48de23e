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
