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

# --- A person's own account -----------------------------------------------------------------------------------
account-title = Account
account-signed-in = { $name }, signed in as { $username }
account-signed-in-as = Signed in as { $name }
account-signed-in-with = { $name }, signed in with { $provider }
account-a-program = A program
account-program-on = { $program } on { $system }
account-where = Where you are signed in
account-this-browser = This browser
account-here = Here
account-address = Address { $address }
account-by = with { $provider }
account-since = since
account-used = last used
account-sign-out-there = Sign out there
account-sign-out-there-name = Sign out there: { $program }
account-sign-out-others = Sign out everywhere else
account-sign-out-all = Sign out everywhere
account-sign-out-note = Desktops keep running, and API tokens stay.
account-done-signed-out = Signed out there. Your desktops keep running.
account-done-revoked = The token opens nothing any more.
account-done-password = The password is changed. You are signed out everywhere else.
account-done-look = Saved.
account-no-such-sign-in = You are not signed in there. It may have ended already.
account-no-such-token = You have no such token.
account-tokens = API tokens
account-tokens-note = For scripts that start desktops in your name.
account-token-made = Copy the token now. It is shown only once.
account-token-copy = Copy the token
account-copied = Copied
account-token-name = Name
account-token-used = Last used
account-token-ends = Ends
account-token-actions = Actions
account-token-never = never
account-token-ended = has ended
account-token-ends-in = { $count ->
    [0] today
    [one] in 1 day
   *[other] in { $count } days
}
account-token-revoke = Revoke
account-token-revoke-name = Revoke the token { $name }
account-token-none = You have no tokens.
account-token-new = Name of the new token
account-token-lifetime = Ends after
account-token-days = { $count ->
    [365] 1 year
   *[other] { $count } days
}
account-token-create = Create token
account-look = Look and language
account-theme = Colours
account-theme-device = Device
account-theme-light = Light
account-theme-dark = Dark
account-language = Language
account-save = Save
account-password = Password
account-password-old = Present password
account-password-new = New password
account-password-help = At least { $count } characters. You are signed out everywhere else.
account-password-again = New password again
account-password-change = Change password
account-password-wrong = This is not your present password.
account-password-differs = The two new passwords are not the same.
account-password-short = Choose a password of at least { $count } characters.
account-password-long = Choose a password of at most { $count } characters.
account-no-password = Your account has no password here. Its provider looks after it.
account-not-saved = { $count ->
    [one] Not saved: 1 field needs a change.
   *[other] Not saved: { $count } fields need a change.
}
