# What Deskcast says, in English. One message a key; `de.ftl` has the same keys with the same arguments
# (tests/it/language.rs). How it speaks: say what happened, what is kept, what to do; never blame.

# --- Errors ---------------------------------------------------------------------------------------------------
error-internal = Something went wrong on our side. Nothing was changed. Try again, and give the reference to the administrator if it stays.
error-database-away = The database does not answer. Desktops that are open go on. Try again in a minute.
error-nothing-here = There is nothing at this address. It may have been removed, or it may belong to somebody else.
error-not-a-page = This address is not a page; it only takes what a form or a program sends.
error-wrong-method = This address does not take this kind of request.
error-field = { $field }: { $problem }
error-nothing-at-address = There is nothing at this address.
error-no-such-file = There is no such file.
error-bad-query = The part of the address after the question mark cannot be read.
error-bad-json = The body is not JSON: { $cause }.
error-not-json = The body must be JSON, with Content-Type: application/json.
error-not-a-form = The body must be a form, with Content-Type: application/x-www-form-urlencoded.
error-bad-body = The body of the request broke off.
error-too-large = The request is larger than this server takes here (64 KiB).
error-address-too-long = This address is longer than this server takes.
error-too-slow = The answer took too long. Try again in a minute.
error-bad-host = The request must name this server once, in one Host header.
error-wrong-host = This server goes by another name. Open it at the address the administrator gave (PUBLIC_URL).
error-not-from-here = This was not sent by a page of this server, so nothing was changed. Open the page again and retry.
error-foreign-page = This request was not sent by a page of this server. Open the page again and repeat what you did.
error-admin-only = Admin access required
error-reference = Reference
error-tries-again = This page tries again every 10 seconds.
error-try-later = { $seconds ->
    [one] It can be tried again in 1 second.
   *[other] It can be tried again in { $seconds } seconds.
}
try-now = Try now
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

# --- Signing in -----------------------------------------------------------------------------------------------
sign-in-title = Sign in
sign-in-heading = Sign in to your desktop
sign-in-promise = Whatever you left running is still there.
sign-in-name = User name
sign-in-password = Password
sign-in-now = Sign in
sign-in-under-way = Signing in
sign-in-wrong = User name or password is not right.
sign-in-too-many = { $seconds ->
    [one] Too many tries. Try again in 1 second.
   *[other] Too many tries. Try again in { $seconds } seconds.
}
sign-in-busy = Many people are signing in at this moment. Try again in a few seconds.
sign-out-question = Sign out?
sign-out-consequence = Your desktops keep running.
sign-out-not = Stay signed in
session-missing = No session ID provided
session-unknown = Invalid session
session-expired = Session expired
token-is-no-session = An API token is no session and cannot be signed out. Delete it when it is not needed any more.
token-unknown = You have no such token.
token-too-many = You have { $most } tokens. Delete one you no longer use.
token-name = Give the token a name of 1 to { $most } characters.
token-lifetime = Seconds, from 1 to { $most } ({ $days } days).

# --- Your desktops --------------------------------------------------------------------------------------------
your-desktops = Your desktops
engine-away = Desktops cannot start right now. Those that are open go on.
desktops-find = Find a desktop
desktops-not-live = Not live. Last change
desktops-trying-again = Trying again.
desktops-none-found = No desktop has that name
desktops-show-all = Show all desktops
desktops-none-yet = No desktop is set up yet
desktops-add-type = Add a desktop type to the catalogue.
desktops-none-for-you = No desktop is set up for you yet
desktops-ask = Ask the administrator.
desktops-open = Open now
desktops-ready = Ready to start
desktops-one-click = One click.
desktops-nothing-open = Nothing is open.
desktops-running = { $count ->
    [one] One is running.
   *[other] { $number } are running.
}
desktops-starting = { $count ->
    [one] One is starting.
   *[other] { $number } are starting.
}
state-starting = Starting
state-running = Running
state-stopping = Stopping
state-stopped = Stopped
state-failed = Did not start
state-ended = Ended by itself
state-missing = Not on this server
desktop-is-starting = { $title } is starting
desktop-is-running = { $title } is running
desktop-is-stopping = { $title } is being stopped
desktop-is-stopped = { $title } is stopped
desktop-did-not-start = { $title } did not start
desktop-ended = { $title } ended by itself
desktop-image-missing = The image of { $title } is not on this server
desktop-last-opened = Last opened
desktop-closing = Programs are being closed.
desktop-keeps-files = Your files are kept.
desktop-keeps-nothing = Files in it are not kept.
image-missing = The image is not on this server yet. Only an administrator can fetch it.
image-missing-fetch = The image is not on this server yet. Fetch { $image } once, then everybody can start it.
image-fetch = Fetch the image
image-fetching = Fetching the image
image-fetch-asking = Asking for the image…
image-fetch-going = Fetching:
image-fetch-failed = The image could not be fetched.
image-fetch-again = Load this page again and try once more.
card-open = Open
card-open-of = Open { $title }
card-watch = Watch and open
card-start = Start
card-start-of = { $title }
card-again = Try again
card-again-of = { $title }
card-stop = Stop
card-stop-of = { $title }
card-cancel = Cancel
card-cancel-of = the start of { $title }
card-more-of = More for { $title }
remove-title = Remove desktop
remove-question = Remove { $title }?
remove-keeps-files = Open programs are closed and installed programs are deleted. Your files stay.
remove-keeps-nothing = Everything in it is deleted.
remove-not = Keep it
stop-question = Stop { $title }?
stop-closes = Open programs are closed.
stop-not = Keep it running
stop-desktop = Stop desktop

# --- A desktop that starts, runs, has ended -------------------------------------------------------------------
start-progress = Progress
start-steps = Progress of the start
start-step-done = , done
start-preparing = Preparing
start-creating = Creating
start-starting = Starting
start-waiting = Waiting for the desktop
start-usual = Usually ready after { $time }.
start-first = Not started here before, so it may take a little longer.
start-late = This takes longer than usual
start-late-do = You can wait or cancel; nothing is lost.
start-opens-itself = This page opens it by itself.
start-to-desktops = To your desktops
start-cancel = Cancel the start
start-loads-again = Without JavaScript this page loads again every 3 seconds.
start-goes-on = You can close this page. The start goes on.
end-since = Since
end-unknown = It did not start.
end-stopped-by-user = You stopped it. Your files are kept; open programs were closed.
end-stopped-by-admin = An administrator stopped it. Your files are kept; open programs were closed.
end-engine-away = The part of the server that runs desktops does not answer. Try again in a minute.
end-no-capacity = All places on this server are in use. Try again later, or ask the administrator for more.
end-out-of-memory-early = It ran out of memory while starting. Your files are safe. Ask the administrator to give it more.
end-out-of-memory = It ran out of memory. Your files are safe. Ask the administrator to give it more.
end-by-itself-early = It ended right after it was started. Your files are safe. The administrator finds the cause in the log.
end-by-itself = It ended by itself. Your files are safe.
end-too-slow = It did not answer within { $seconds } seconds. Your files are safe. Try again.
end-start-failed = It could not be started. Your files are safe. The administrator finds the cause in the log.
viewer-connecting = Connecting
viewer-connected = Connected
viewer-lost = Connection lost
viewer-foreign = Not your desktop
viewer-foreign-more = : you look on as administrator
viewer-full-screen = Full screen
viewer-frame = { $title }. Ctrl Alt Shift P leads to the bar above and back.
viewer-coming = The desktop runs; its picture is on the way.
viewer-trying-again = The desktop keeps running. Trying again in
viewer-stopping = This desktop is being stopped
viewer-needs-scripts = This desktop needs JavaScript
viewer-needs-scripts-why = It runs, but its picture can only be shown with JavaScript switched on.

# --- What desktops refuse -------------------------------------------------------------------------------------
type-unknown = There is no desktop type of this name, or it is not for you.
start-body = The body is not JSON of the form {"{"}"desktop_type": "…"{"}"}.
start-removed = The desktop was removed meanwhile.
start-called-off = The start was called off.
start-stopping = This desktop is being stopped. Try again in a moment.
start-draining = This server is being restarted. Try again in a minute.
start-unsettled = The desktop could not be set up. Try again.
remove-nothing = No container found
stop-not-running = No running container found
stop-started-again = The desktop was started again meanwhile.
stop-engine-away = The part of the server that runs desktops does not answer. The desktop is stopped as soon as it does.
desktop-unknown = There is no such desktop. Go back to your desktops and open one from there.
desktop-hostile = This desktop is a web page written by its owner's container. Opening it here would let that page act as you, so administrators cannot look at it. Stop it from the admin panel if need be.
desktop-not-running = This desktop does not run at the moment. Go to its page to start it.
desktop-nothing-there = There is nothing at this address of the desktop.
desktop-signed-out = Nobody is signed in here any more. Open your desktops and sign in.
desktop-ambiguous = This address can be read in more than one way, so it is not passed on.
desktop-address-too-long = This address is longer than any address of a desktop.
desktop-read-only = This page can only be read.
desktop-no-worker = A desktop may not leave a service worker in the browser.
desktop-foreign-page = This request came from a page of another server, and was not passed on to the desktop.
desktop-bad-answer = The desktop gave an answer that cannot be passed on. Tell the administrator if this stays.
desktop-silent = The desktop does not answer. It may just be ending. Go back to your desktops and look at its state.
desktop-broke-off = The desktop broke off its answer. Try again, and stop and start it if this stays.
desktop-wrong-password = The desktop does not accept its own password any more. Stop it and start it again.
desktop-too-slow = The desktop did not answer in time. It may be very busy. Try again in a minute.
client-no-file = The client of this desktop has no such file.
client-missing = This desktop runs, but its image { $image } has no client files in { $folder }, so its picture cannot be shown. An administrator can correct the folder of the client files of "{ $title }" in the admin panel, or set its client to "passthrough" if the image is a plain web application.
client-engine-away = The container engine does not answer, and the client of this desktop has not been read yet. The desktop runs on. Try again in a minute.
client-unreadable = The client files of the image { $image } cannot be read. Tell the administrator.
stream-too-many = This desktop is open { $most } times already. Close one of its windows first.
stream-foreign = A desktop's stream can only be opened by a page of this server, at its usual address.
stream-version = Only version 13 of the WebSocket protocol is spoken here.
stream-malformed = This is not a WebSocket handshake: { $what } is not as it should be.
stream-broken = The desktop runs, but its picture cannot be opened. Try again, or stop and start it.

# --- Desktop types and their images ---------------------------------------------------------------------------
seed-ubuntu-vscode = Visual Studio Code on Ubuntu.
seed-ubuntu-desktop = A full Ubuntu desktop.
seed-ubuntu-chromium = The Chromium browser on Ubuntu.
seed-debian-desktop = A small desktop with terminal, editor and files.
seed-debian-browser = The Chromium browser, nothing else.
type-not-found = Desktop type not found
type-slug-taken = There is a desktop type { $slug } already. Choose another slug.
type-in-use = There are desktops of this type. Remove them first, or switch the type off.
type-slug-stays = It is part of the names of desktops and cannot be changed. Add another type instead.
type-no-such-field = A desktop type has no such field.
type-unreadable = It cannot be read: { $cause }.
type-slug = 1 to 28 lower-case letters, digits and inner dashes.
type-title = 1 to 100 characters on one line.
type-description = At most 500 characters on one line.
type-icon = The name of a drawing: lower-case letters, digits and dashes.
type-vnc-user = 1 to 64 letters, digits, dots, dashes and underscores.
type-image = An image such as kasmweb/vs-code:1.15.0.
type-port = From 1 to 65535.
type-client-folder = A folder of the image such as /usr/share/kasmvnc/www.
type-home = Empty, or a folder such as /home/kasm-user that is not one of the system's.
type-start-url = An address that begins with http:// or https://, without spaces, quotes or a password.
type-memory = From 64 to 1048576 MiB.
type-cpus = From { $least } to { $most } cores.
type-shm = From 1 to 65536 MiB.
type-pids = From 16 to 100000.
type-capability = { $name } cannot be given to a desktop. Possible are { $possible }.
type-variables = At most 100 variables.
type-variable-name = { $name } is no name of a variable.
type-variable-ours = { $name } is set by this server at each start.
type-variable-value = The value of { $name } is too long or cannot be written.
container-not-found = Container not found
engine-silent = The container engine does not answer ({ $call }).
engine-no-image = The image { $image } is not on this server.
engine-port-taken = Port { $port } is in use by another program.
engine-gone = The container does not exist.
engine-refused = The container engine refused: { $words }.
pull-restart = This server is being restarted. Fetch the image again afterwards.
pull-broke-off = The pull broke off. Try again.
pull-silent = The registry has sent nothing for { $seconds } seconds. Try again later.
pull-processor = The image { $image } does not exist for this server's processor.
pull-unknown = The image { $image } does not exist in its registry. Check its name and tag.
pull-sign-in = The registry wants a sign-in for { $image }, or the image does not exist. Check the name, or sign in on the server with `docker login`.
pull-disk-full = The disk of the server is full: { $image } does not fit. Remove images that are not used.
pull-slow-down = The registry allows no more downloads for now. Try { $image } again later.
pull-unreachable = The registry of { $image } cannot be reached from the server ({ $words }). Check its name, the network and the proxy settings of Docker.
pull-untrusted = The registry of { $image } cannot be trusted ({ $words }).
pull-failed = The image { $image } could not be fetched: { $words }

# --- Times and amounts ----------------------------------------------------------------------------------------
just-now = just now
minutes-ago = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
}
hours-ago = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
}
yesterday = yesterday
days-ago = { $count } days ago
on-date = on { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
took-seconds = { $seconds } s
took-minutes = { $minutes } min { $seconds } s
about-seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
}
about-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
size = { $amount } { $unit }
size-bytes = { $count ->
    [one] 1 byte
   *[other] { $count } bytes
}
number-at-start = { $count ->
    [0] None
    [1] One
    [2] Two
    [3] Three
    [4] Four
    [5] Five
    [6] Six
    [7] Seven
    [8] Eight
    [9] Nine
   *[other] { $count }
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
