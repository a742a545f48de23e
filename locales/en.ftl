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
error-body-too-slow = The rest of the request came too slowly. Check your connection, then send it again.
caps-requests-person = Too many of your requests are under way at once. Wait a moment, then try again.
caps-requests-address = Too many requests from your network are under way at once. Wait a moment, then try again.
caps-events-person = Too many of your pages are open at once. Close some of them, then try again.
caps-events-address = Too many pages from your network are open at once. Close some of them, then try again.
caps-streams-person = You have too many desktops open at once. Close one of their windows first.
caps-streams-address = Too many desktops are open from your network at once. Close one of their windows first.
error-bad-host = The request must name this server once, in one Host header.
error-wrong-host = This server goes by another name. Open it at the address the administrator gave (PUBLIC_URL).
error-prefetch = Your browser asked for this ahead of a visit. Open the address itself.
error-head-too-large = Your browser sent more header lines than this server takes. Close other tabs of this server and try again.
error-cookies-too-large = Your browser sent more cookies than this server takes; they have now been removed. Load this page again and sign in.
error-cookie-doubled = Your browser sent a cookie of this server twice, and one of them was not set by it. That one has been removed. Load this page again, and sign in if you are asked to.
error-not-from-here = This was not sent by a page of this server, so nothing was changed. Open the page again and retry.
error-foreign-page = This request was not sent by a page of this server. Open the page again and repeat what you did.
error-admin-only = Admin access required
error-guest = You came by a link and may use the desktop it opened. For everything else, sign in with an account.
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
title-ended = That has ended
title-wrong-method = This cannot be done here
title-conflict = Not possible right now
title-too-large = This is too large
title-unreadable = This cannot be read
title-other-host = This server has another name
title-invalid = Something is not filled in right
title-slow-down = Please wait
title-desktop-away = The desktop does not answer
title-unavailable = This does not work right now
title-internal = Something went wrong
title-bad-request = This request cannot be read

# --- Signing in -----------------------------------------------------------------------------------------------
sign-in-title = Sign in
sign-in-heading = Sign in to your desktop
sign-in-promise = Whatever you left running is still there.
sign-in-planted = A page of a desktop had put a sign-in of its own into this browser. It was taken away. Please sign in again.
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
token-makes-none = An API token cannot make API tokens. Sign in to make one.
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
start-without-files = Another desktop of yours has your files open, so this one starts without them and keeps nothing. To have them here, stop the other one first.
stopped-by-link = To use one again, open the link you came by.
end-since = Since
end-unknown = It did not start.
end-stopped-by-user = You stopped it. Your files are kept; open programs were closed.
end-stopped-by-admin = An administrator stopped it. Your files are kept; open programs were closed.
end-lifetime-limit = It ran as long as a desktop of yours may and was stopped. Your files are kept; open programs were closed. The administrator can allow more.
end-disk-limit = It was stopped because its programs wrote more outside your home folder than it may. Your files are kept; open programs were closed. Keep large files in your home folder, or ask the administrator for more room.
end-idle-limit = It was stopped because nobody used it for a while. Your files are kept; open programs were closed. The administrator can allow more.
end-guest = It has ended, and nothing of it is kept. To use one again, open the link you came by.
end-engine-away = The part of the server that runs desktops does not answer. Try again in a minute.
end-no-capacity = All places on this server are in use. Try again later, or ask the administrator for more.
end-out-of-memory-early = It ran out of memory while starting. Your files are safe. Ask the administrator to give it more.
end-out-of-memory = It ran out of memory. Your files are safe. Ask the administrator to give it more.
end-by-itself-early = It ended right after it was started. Your files are safe. The administrator finds the cause in the log.
end-by-itself = It ended by itself. Your files are safe.
end-meanwhile = It ended while the server was switched off. Your files are kept; open programs were closed.
end-too-slow = It did not answer within { $seconds } seconds. Your files are safe. Try again.
end-start-failed = It could not be started. Your files are safe. The administrator finds the cause in the log.
viewer-connecting = Connecting
viewer-connected = Connected
viewer-lost = Connection lost
viewer-foreign = Not your desktop
viewer-watches = you watch as administrator
viewer-controls = you control it as administrator
viewer-take-control = Take control
viewer-give-back = Give control back
lookers = Who looks on
looker-watches = (administrator) is watching, since
looker-controls = (administrator) has taken control, here since
looker-visits = (by your link) is here since
viewer-full-screen = Full screen
viewer-frame = { $title }. Ctrl Alt Shift P leads to the bar above and back.
viewer-coming = The desktop runs; its picture is on the way.
viewer-trying-again = The desktop keeps running. Trying again in
viewer-stopping = This desktop is being stopped
viewer-needs-scripts = This desktop needs JavaScript
viewer-needs-scripts-why = It runs, but its picture can only be shown with JavaScript switched on.

# --- What desktops refuse -------------------------------------------------------------------------------------
type-unknown = There is no desktop type of this name, or it is not for you.
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
type-disk = From { $least } to { $most } (MiB).
type-capability = { $name } cannot be given to a desktop. Possible are { $possible }.
type-variables = At most 100 variables.
type-variable-name = { $name } is no name of a variable.
type-variable-ours = { $name } is set by this server at each start.
type-variable-value = The value of { $name } is too long or cannot be written.
container-not-found = Container not found
engine-not-permitted = This server may not use the container engine at { $engine }: permission denied. Put the server's user into the group of that socket (mostly docker) and start it anew, or set DOCKER_HOST.
engine-silent = The container engine does not answer ({ $call }).
engine-no-image = The image { $image } is not on this server.
engine-port-taken = Port { $port } is in use by another program.
engine-gone = The container does not exist.
way-port-configured = Desktops are reached by ports of this machine, because DESKTOP_CONNECT says so.
way-port-not-near = Desktops are reached by ports of this machine, because it is not on their network.
way-port-silent = Desktops are reached by ports of this machine, because they do not answer at their own addresses.
way-address-configured = Desktops are reached by their own addresses, because DESKTOP_CONNECT says so.
egress-not-set = Desktops may reach this host and private networks: the firewall’s rules against it are not in force. Run scripts/egress-rules.sh set on the host of the container engine.
egress-cannot-set = Desktops may reach this host and private networks: the firewall does not take the rules against it ({ $cause }). Run scripts/egress-rules.sh set on the host of the container engine.
egress-no-hook = Desktops may reach this host and private networks: the container engine passes nothing through the firewall’s chain DOCKER-USER, where rules against it would stand. Let the engine use iptables.
egress-cannot-look = Whether desktops are kept from this host and from private networks is not known: the firewall cannot be looked at from here ({ $cause }). Run scripts/egress-rules.sh check on the host of the container engine.
egress-elsewhere = Whether desktops are kept from their host and from private networks is not known: the container engine is on another machine. Run scripts/egress-rules.sh check there.
way-address-near = Desktops are reached by their own addresses, because this machine is on their network.
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
catalog-unknown-group = There is no such group.

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
admin-records = Records
admin-audit = Audit log
audit-about = Who did what to other people's desktops and to the server settings. Entries stay when an account or a desktop is removed, for as many days as the server keeps its history.
audit-when = When
audit-who = Who
audit-what = What
audit-desktop = Desktop
audit-whose = Whose
audit-by-kind = By kind
audit-all = All
audit-only-person = Of one person
audit-none = Nothing was written down yet, or nothing of this kind.
audit-earlier = Earlier
audit-later = Later
audit-seconds = after { $seconds } s
audit-look-began = began to look on
audit-look-ended = stopped looking on
audit-control-taken = took control
audit-control-given-back = gave control back
audit-settings-changed = changed server settings
audit-desktop-kept = kept a desktop they had as a guest
audit-kind-form = One of the kinds of this list, such as look.began.
audit-person-form = The id of a person.
admin-groups = Groups
admin-authentication = Authentication
admin-openid = OpenID
admin-server = Server
admin-settings = Settings

# --- Signing in with an OpenID provider ------------------------------------------------------------------------

oidc-seal-no-key = SECRET_KEY is not set, so secrets cannot be kept. Set SECRET_KEY to a long random text, start the server again, and enter the secret.
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
openid-admin-group-help = Its members are administrators here. Exactly the id the provider gives it (“act” at IServ); its name only if it has no id.
openid-teacher-group = Teacher group
openid-teacher-group-help = Its members are teachers here. Exactly the id the provider gives it (“act” at IServ); its name only if it has no id.
openid-allowed-groups = Only these groups may sign in
openid-allowed-groups-help = One on each line, exactly the id; the name only if the provider has no ids. Empty: everybody the provider lets in.
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
openid-hint-authelia-title = Authelia
openid-hint-iserv-title = IServ
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
oidc-switch-title = Who do you want to be?
oidc-switch-lead = A sign-in with { $provider } has come back, and it is for another account than the one that is signed in in this browser. Nothing was changed so far.
oidc-switch-here = Signed in now
oidc-switch-there = Would be signed in
oidc-switch-advice = If you did not just sign in with that account yourself, stay who you are.
oidc-switch-stay = Stay { $name }
oidc-switch-go = Switch to { $name }
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
account-sign-out-note = Desktops keep running. Signing out everywhere also ends your API tokens.
account-done-signed-out = Signed out there. Your desktops keep running.
account-done-revoked = The token opens nothing any more.
account-done-password = The password is changed. You are signed out everywhere else, and your API tokens have ended.
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
password-short = Choose a password of at least { $count } characters.
password-long = Choose a password of at most { $count } characters.
account-no-password = Your account has no password here. Its provider looks after it.
account-not-saved = { $count ->
    [one] Not saved: 1 field needs a change.
   *[other] Not saved: { $count } fields need a change.
}
# --- People and groups ----------------------------------------------------------------------------------------
setting-range = From { $least } to { $most }.
setting-range-whole = A whole number from { $least } to { $most }.
setting-true-or-false = True, false or null.
setting-number = A number.
setting-unknown = There is no such setting.
setting-object = An object with settings.
decimal = { $whole }.{ $part }
setting-not-set = Not set
setting-on = On
setting-off = Off
setting-allow-audio = Sound
setting-audio-default-on = Sound on from the start
setting-allow-downloads = Downloads
setting-allow-uploads = Uploads
setting-allow-clipboard-down = Copy from the desktop
setting-allow-clipboard-up = Paste into the desktop
setting-allow-microphone = Microphone
setting-allow-gamepads = Game controllers
setting-allow-sharing = Sharing
setting-ime-default-on = Input help for other scripts
setting-clipboard-down-help = Text copied there can be pasted outside. Off stops everyday copying; whoever may install programs in the desktop can get around it from inside.
setting-clipboard-up-help = Text copied outside can be pasted there. Off, this server lets no clipboard into the desktop.
setting-ime-help = On from the start, for Chinese, Japanese and others.
setting-desktops-at-once = Desktops at once
setting-desktops-per-type = At once per type
setting-hours-per-day = Hours a day
setting-idle-minutes = Minutes without input
setting-lifetime-minutes = Minutes in all
setting-desktops-at-once-help = Open at the same time. 0: none can be started.
setting-desktops-per-type-help = The same, of each desktop type.
setting-hours-per-day-help = Of all desktops together, looked at when one starts. Parts of an hour are fine.
setting-idle-minutes-help = Then a desktop is stopped. Typing, pointing and pasting count, an open window does not.
setting-lifetime-minutes-help = Then a desktop is stopped in any case. 480 is 8 hours.
limit-nothing = You may not start desktops. Ask the administrator to allow it.
limit-desktops-at-once = { $most ->
    [one] You may use 1 desktop at once. Stop it, or ask the administrator for more.
   *[other] You may use { $most } desktops at once. Stop one, or ask the administrator for more.
}
limit-desktops-per-type = { $most ->
    [one] You may use 1 desktop of this type at once. Stop it, or ask the administrator for more.
   *[other] You may use { $most } desktops of this type at once. Stop one, or ask the administrator for more.
}
limit-hours-per-day = { $hours ->
    [one] You may use desktops for 1 hour a day, and it is used up for today. Come back tomorrow, or ask the administrator for more.
   *[other] You may use desktops for { $hours } hours a day, and they are used up for today. Come back tomorrow, or ask the administrator for more.
}
limit-none = no limit
limit-desktops = { $count ->
    [one] 1 desktop
   *[other] { $count } desktops
}
limit-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
limit-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
applies-from-group = from { $name }
applies-from-configuration = from the server’s configuration
applies-idle = Stops without input after
applies-lifetime = Stops in any case after
applies-built-in = by default
body-unreadable = It cannot be read: { $cause }.
body-unknown-field = There is no such field.
type-groups-unknown = One of these groups does not exist.
form-not-saved = { $count ->
    [one] Not saved: 1 field needs a change.
   *[other] Not saved: { $count } fields need a change.
}
form-saved = Saved.
form-save = Save
form-cancel = Cancel
form-optional = (optional)
paging-place-form = This place is in no list. Begin at the first page.
paging-limit-form = A whole number from 1 to { $most }.
paging-one-place = Either after or before, not both.
list-newer = Later starts
list-older = Earlier starts
list-before = Earlier names
list-after = Later names
role-user = User
role-guest = Guest
role-teacher = Teacher
role-admin = Administrator
person-unknown = There is no such account.
person-username-form = A user name of 1 to 200 characters on one line.
person-username-taken = Another account has this user name. Choose another one.
person-username-fixed = The user name of an account stays as it is.
person-name-form = A name of 1 to 200 characters on one line.
person-email-form = An address such as jana@example.org.
person-no-password-here = This account signs in with a provider and has no password here.
person-role-form = One of user, teacher and admin.
person-state-form = One of enabled and disabled.
person-groups-unknown = One of these groups does not exist, or a provider says who is in it.
person-last-administrator = This is the last local administrator that is switched on. Make another one first.
person-yourself = You cannot switch off or remove your own account. Another administrator can.
users-total = { $count ->
    [one] 1 account
   *[other] { $count } accounts
}
users-more-than = More than { $count } accounts
users-search = Name or e-mail
users-by-role = By role
users-by-state = By state
users-all-roles = All roles
users-all-states = On and off
users-enabled = Switched on
users-disabled = Switched off
users-none = Nobody fits.
users-show-all = Show all accounts
users-all = All accounts
users-person = Person
users-role = Role
users-signs-in = Signs in with
users-last = Last sign-in
user-new = New account
user-make = Create account
user-made = Created. Give the person their user name and password.
user-removed = The account was removed.
user-is-off = Off
user-local = Password here
user-local-long = Signs in here, with a password.
user-signs-in-with = Signs in with { $name }.
user-last-sign-in = Last sign-in: { $when }.
user-never = never
user-never-long = Has not signed in yet.
user-who = Who it is
user-name = User name
user-name-help = For signing in. It stays as it is.
user-shown-name = Shown name
user-email = E-mail
user-may = What the person may do
user-role-of-provider = The provider’s groups decide on it anew at every sign-in.
user-no-groups = There is no group made here yet.
user-fixed-groups = From the provider:
user-off = Account is switched off
user-off-help = Signs the person out everywhere; tokens stop working. Desktops that run go on.
user-password = Password
user-first-password = First password
user-new-password = New password
user-password-help = At least 8 characters.
user-new-password-help = At least 8 characters. Left empty, the old one stays; a new one signs the person out everywhere.
user-applies = What applies, and why
user-applies-help = Of several groups the one with the smaller number counts. A desktop keeps what it was started with.
user-remove = Remove account
user-keep = Keep it
user-remove-question = Remove the account of { $name }?
user-remove-desktops = { $count ->
    [0] The person has no desktops.
    [one] 1 desktop is stopped and removed.
   *[other] { $count } desktops are stopped and removed.
}
user-remove-consequence = Volumes with their files stay on the host; nobody reaches them from here any more.
groups-order = Of several groups of a person the one with the smaller number counts.
groups-all = All groups
groups-group = Group
groups-from = Comes from
groups-last = last
group-unknown = There is no such group.
group-name-form = A name of 1 to 200 characters on one line.
group-name-taken = Another group has this name. Choose another one.
group-name-fixed = The name of this group is not given here.
group-members-fixed = Who is in this group is not decided here.
group-members-unknown = One of these people has no account.
group-description-form = At most 500 characters on one line.
group-priority-form = A whole number from 0 to 10000.
group-types-unknown = One of these desktop types does not exist.
group-everybody-stays = This group has everybody and stays. Change what it says instead.
group-built-in = Built in
group-made-here = Made here
group-says = { $count ->
    [0] says nothing
    [one] 1 setting
   *[other] { $count } settings
}
group-new = New group
group-make = Create group
group-made = Created.
group-removed = The group was removed.
group-everybody-help = Everybody is in it. It counts after every other group.
group-of-provider-help = Comes from { $name }, which says at every sign-in who is in it.
group-what = What it is
group-name = Name
group-description = Description
group-priority = Priority
groups-search = Name of a group
groups-none = No group fits.
groups-show-all = Show all
groups-before = Groups before
groups-after = Groups after
group-priority-help = From 0 to 10000; small goes first. Of two groups that both set something, the one with the smaller number counts.
group-limits = Limits
group-limits-help = Empty: this group says nothing about it.
group-switches = In the desktop
group-switches-help = Applies to desktops that are started from now on.
group-types = Desktop types
group-types-help = A ticked type is for the groups that have it, and no longer for everybody. Administrators may start all.
group-type-everybody = For everybody
group-type-nobody = For no group: only administrators
group-type-only = Only for { $names }
group-members = Members
group-settings = Settings
group-take-out = Tick whoever is to leave
group-add = Add people
group-add-help = Their user names, one a line.
group-add-unknown = Nobody, or more than one person, has the user name { $name }.
group-members-of-provider = As the provider says.
group-remove = Remove group
group-keep = Keep it
group-remove-question = Remove the group { $name }?
group-remove-many = More than { $count } people lose what it gave them.
group-remove-people = { $count ->
    [0] Nobody is in it.
    [one] 1 person loses what it gave them.
   *[other] { $count } people lose what it gave them.
}
group-remove-consequence = Accounts and desktops stay. A desktop type that was only for this group is then for administrators alone.
group-remove-of-provider = It comes back when a member signs in, without its settings.
overview-again = Load again
overview-running = Running now
overview-starting = { $count ->
    [one] 1 is starting
   *[other] { $count } are starting
}
overview-people = People
overview-started = Started today
overview-failed = Failed today
overview-now = What runs now
overview-empty = Nothing runs. People start desktops from their page.
overview-search = Person or desktop
overview-none = Nothing that is open fits.
overview-show-all = Show all
overview-person = Person
overview-desktop = Desktop
overview-state = State
overview-since = Since
overview-actions = Actions
overview-stop = Stop
overview-state-starting = Starting
overview-state-running = Running
overview-state-stopping = Stopping
overview-state-stopped = Stopped
overview-state-failed = Failed
containers-state-form = One of live, starting, running, stopping, stopped, failed or all.
# --- What applies, on one's own page --------------------------------------------------------------------------
account-applies = What applies to you, and why
account-applies-help = Your groups: { $groups }. A desktop keeps what it was started with.

# --- Sharing a running desktop ---------------------------------------------------------------------------------
# The owner's page, the page of a link, the bar above a shared desktop.
share-title = Share { $title }
share-intro = Whoever has an account here and gets a link can look at this desktop while it runs.
share-back = Back to the desktop
share-new = New link
share-may = Visitors may
share-view = Only watch
share-control = Watch and control
share-how-long = The link holds for
share-how-long-help = It ends sooner when the desktop is stopped or when you end it.
share-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
share-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
share-create = Make a link
share-made = Pass this link on. It is not shown again.
share-copy = Copy the link
share-copied = Copied
share-links = Links that hold
share-none = This desktop is not shared.
share-until = until
share-nobody = Nobody has joined yet
share-joined = Joined:
share-end = Revoke
share-end-name = Revoke the link: { $access }, until { $until }
share-done-ended = The link has ended, and nobody looks on by it any more.
share-lifetime = Must be { $least } to { $most } seconds.
share-no-desktop = You have no such desktop. Start it first.
share-not-running = This desktop does not run. Start it, then share it.
share-not-allowed = This desktop may not be shared: the settings it was started with do not allow it. Ask an administrator.
share-own-page = This desktop cannot be shared: it shows a page of its own, which only its owner may open.
share-too-many = This desktop has { $most } links already. End one of them first.
share-unknown = You have no such link.
share-over = This link does not lead to a desktop any more: it has ended, or its desktop was stopped. Ask whoever sent it for a new one.
share-ended-by = { $name } has ended this link. Ask for a new one if you still need it.
share-ended-account = This link has ended: an administrator has switched off the account of { $owner }.
share-ended-desktop-admin = This link has ended: an administrator has stopped the desktop of { $owner }.
share-ended-desktop-by = This link has ended: { $owner } has stopped the desktop.
share-ended-desktop = This link has ended: the desktop of { $owner } that it was made for does not run any more.
share-ended-time = This link has ended: the time that { $owner } gave it is over. Ask for a new one if you still need it.
share-join-title = { $owner } shares a desktop with you
share-join-view = You can watch, but neither type nor click.
share-join-control = You can watch, type and click.
share-join-desktop = Desktop
share-join-until = The link holds until
share-join-watch = Watch
share-join-use = Open the desktop
share-join-rules = What to know
share-join-named = { $owner } sees your name.
share-join-ended = { $owner } can end this at any time.
share-join-not = Your desktops
share-bar = Share
share-bar-shared = Shared
share-standing = The link it is shared by
share-standing-about = This desktop is shared from the start: whoever gets this link can watch. You can revoke it below.
share-bar-by = Shared by { $owner }
share-bar-view = view only
share-bar-control = with control

# --- Keeping what one had as a guest ---------------------------------------------------------------------------
keep-bar = Sign in to keep it
keep-it = Keep it
keep-title = Keep { $title }?
keep-as = You are signed in as { $name }. It becomes yours as it is: what is open in it stays open, and its address stays the same.
keep-rules = Files in it stay in it until it is stopped, and are not moved to your own files. From now on the limits of your account count for it.
keep-sign-in = Sign in to keep the desktop you have open. Everything in it stays as it is.
keep-sign-in-first = You have a desktop open without an account. Sign in, and you can keep it.
keep-offer = { $title } is still open from before you signed in.
keep-ended = This desktop has ended, so there is nothing left to keep. To use one again, open the link you came by.

# --- Casts: refusals a visitor reads ---------------------------------------------------------------------------
cast-refused-unknown = This link leads nowhere. It may have been changed or withdrawn: ask whoever gave it to you.
cast-refused-expired = This link is no longer valid: its time is over. Ask whoever gave it to you for a new one.
cast-refused-referrer = This link works only from the page it is meant for. Go back to that page and click it there.
cast-refused-too-many-requests = Too many desktops were started from your network with this link. Wait a little and try again.
cast-refused-captcha-failed = It could not be confirmed that you are a person. Open the link again and repeat the check.
cast-refused-kasm-url-invalid = The page this link is to open is not a web address a desktop can open. Check the part after kasm_url=.
cast-refused-kasm-url-not-allowed = This link may not say which page is opened. Remove kasm_url from it.
cast-refused-network-invalid = The network this link asks for is not offered. Check the part after docker_network=.
cast-refused-network-not-allowed = This link may not choose a network. Remove docker_network from it.
cast-refused-argument-missing = This link is incomplete: a part the application needs is missing.
cast-refused-argument-invalid = A part of this link is not what the application takes.
cast-refused-none-left = All desktops of this link have been given out. Ask whoever gave it to you for more.
cast-refused-no-capacity = There is no room for another desktop right now. Close one, or try again later.
cast-refused-start-failed = The desktop could not be started. Try again in a minute; nothing was used up.
cast-refused-code = Reason
cast-type-off = What this link opens is switched off for now. Ask whoever gave the link to you.
cast-open-title = Open { $title }
cast-open-as = It opens for { $name }.
cast-open-guest = No account is needed. Everything in it is deleted afterwards.
cast-open = Open the desktop
cast-opening = The desktop is being opened.
cast-resumed-title = This desktop is open already
cast-resumed-text = You opened it with this link before, and what the link allows has changed since. What could be switched off is off now. Only a fresh desktop has the rest:
cast-resumed-stays-on = stays on
cast-resumed-stays-off = stays off
cast-resumed-go-on = Go on with it
cast-resumed-fresh = Close it and open a fresh one
cast-resumed-fresh-hint = Closing ends every program in it. What is not saved is lost.
cast-argument-named = It is called { $name }.

# --- Casts: reasons in a few words, for administrators -----------------------------------------------------------
cast-reason-unknown = No such link
cast-reason-disabled = Switched off
cast-reason-expired = Time is over
cast-reason-referrer = Came from elsewhere
cast-reason-too-many-requests = Asked too often
cast-reason-captcha-failed = Check not passed
cast-reason-kasm-url-invalid = kasm_url cannot be opened
cast-reason-kasm-url-not-allowed = kasm_url not allowed
cast-reason-network-invalid = Network not offered
cast-reason-network-not-allowed = Network not allowed
cast-reason-argument-missing = Parameter missing
cast-reason-argument-invalid = Parameter not accepted
cast-reason-none-left = None left
cast-reason-no-capacity = No room
cast-reason-start-failed = Start failed

# --- Casts: what cannot be saved ---------------------------------------------------------------------------------
cast-name-taken = Another cast has this name. Choose another one.
cast-key-taken = Another cast has this key. Choose another one.
cast-not-found = There is no such cast. It may have been deleted.
cast-type-unknown = There is no such desktop type. Choose one of the list.
cast-group-unknown = There is no such group. Choose one of the list.
cast-remote-app-form = This is not a remote app configuration: { $cause }.
cast-remote-app-name = Give the name of the application as the server knows it, such as ||Microsoft Excel.
cast-remote-app-many = At most { $most } arguments.
cast-remote-app-word = Give at least one and at most 260 characters, without line breaks.
cast-remote-app-doubled = Another argument takes this parameter already.
cast-remote-app-value = At most { $most } bytes, without line breaks.
cast-remote-app-required = Only an argument that takes its value from the link (url_param_name) can be required.
cast-remote-app-nothing = Give a switch (argument_name), a value, or the parameter of the link that has it (url_param_name).
cast-remote-app-mismatch = This value does not match the pattern beside it.
cast-pattern-long = A pattern has at most { $most } characters.
cast-pattern-complicated = This pattern is too complicated. Repeat less, or name fewer characters.
cast-pattern-form = This is not a regular expression that can be used here: { $cause }.
type-in-use-by-cast = A cast opens this type. Change or delete the cast first, or switch the type off.
type-server-host = Give the name or the address of the server, such as excel.school.example.
type-server-protocol = Say how the server is reached: rdp, vnc or ssh.
type-server-takes-no-address = A server cannot be given a page to open.
type-server-has-no-network = A server is in no network of this host.
type-network-name = { $name } is not the name of a network that can be offered. Use names such as class-net, never host, none, bridge or an id.
type-networks-many = At most { $most } networks.
type-networks-none = Name at least one network that can be chosen.
start-not-offered = This is a server, and opening servers is not offered yet. It is stored for a later version.

# --- Casts: the form's problems ------------------------------------------------------------------------------------
cast-name-form = Give a name of at most 200 characters.
cast-key-form = Use letters, digits, - and _, at least one and at most 64.
cast-captcha-signed-in = Only visitors without an account are checked: switch on Allow Anonymous first.
cast-captcha-not-set-up = The server settings ask for reCAPTCHA, but its keys are missing or cannot be read. Complete them at Settings, or choose ALTCHA there.
cast-whole-number = Give a whole number from { $least } to { $most }.
cast-address-form = Give a whole web address that begins with https:// or http://, without spaces, quotes or a password.
cast-address-meant = It must begin with https:// or http://. Did you mean { $address }?
cast-referrer-form = “{ $entry }” is not a domain. Give one a line, such as school.example; its subdomains count as well.
cast-referrers-many = At most { $most } domains.
cast-type-takes-no-address = { $title } cannot be given a page to open. Choose a type that takes an address, or leave this off.
cast-type-has-no-networks = { $title } does not offer networks. Switch on Allow Network Selection for the type, or leave this off.
cast-type-is-no-rdp-server = Only a server that is reached by RDP can start a remote app; { $title } is none.
cast-type-is-not-shared = { $title } brings its own page, and such a desktop is never shared.
cast-true-or-false = Say true or false.
cast-time-form = Give a day and a time, such as 2026-12-18T16:00.
cast-json-form = This is not JSON: { $cause }.
cast-address-visitor = Give an address such as 203.0.113.40 or 2001:db8::1.

# --- Casts: trying one ---------------------------------------------------------------------------------------------
cast-try-enabled = Switched on
cast-try-disabled = Switched off: visitors are told that there is no such link
cast-try-valid = Still valid
cast-try-no-end = Valid without end
cast-try-expired = Its time is over
cast-try-referrer-any = May be opened from everywhere
cast-try-referrer-listed = Comes from { $host }, which is listed
cast-try-referrer-other = { $host } is not in the list
cast-try-referrer-none = Comes from nowhere, and the list wants a page
cast-try-address-any = No limit for one address
cast-try-address-free = This address was served { $used } of { $most } times
cast-try-address-full = This address was served too often; again in { $seconds } seconds
cast-try-sign-in = Has to sign in
cast-try-anonymous = Needs no account
cast-try-captcha = Has to pass the check
cast-try-opens = Opens { $address }
cast-try-opens-nothing = Opens no particular page
cast-try-network = On the network { $name }
cast-try-network-usual = On the usual network
cast-try-arguments = { $name } is given { $count ->
    [one] one argument
   *[other] { $count } arguments
}
cast-try-no-limit = No limit on sessions
cast-try-left = { $count ->
    [one] One session remains
   *[other] { $count } sessions remain
}
cast-try-none-left = No sessions remain
cast-try-room = Whether there is room shows when it is opened
cast-try-type-off = { $title } is switched off
cast-state-form = Give on, off, expired or used_up, or leave this out.
cast-outcome-form = Give refused, or leave this out.

# --- Casts: fields of the form ---------------------------------------------------------------------------------------
cast-name = Configuration Name
cast-name-help = Administrators see it, and people on the card of a desktop they opened with the link.
cast-key = URL Key
cast-key-help = Letters, digits, - and _, up to 64. A short key can be guessed: use a random one for open links.
cast-desktop-type = Workspace
cast-desktop-type-help = What is started.
cast-enabled = Enabled
cast-enabled-help = Off: visitors are told that the link does not exist.
cast-valid-until = Valid Until
cast-valid-until-help = After this time (UTC) the link is refused. Empty: no end.
cast-allow-anonymous = Allow Anonymous
cast-allow-anonymous-help = No sign-in. Each visit gets a fresh desktop that is deleted afterwards.
cast-require-captcha = Require Captcha
cast-require-captcha-help = Asks visitors to prove that they are people, by ALTCHA or by reCAPTCHA: the server settings say which.
cast-anonymous-group = Anonymous User Group
cast-anonymous-group-help = Limits and permissions come from this group and from All Users. If the group is removed, the cast is switched off.
cast-allow-resume = Allow Resume
cast-allow-resume-help = Whoever is signed in and has a desktop of this cast that still runs gets that one instead of a new one.
cast-restrict-to-referrers = Restrict to Referrers
cast-restrict-to-referrers-help = One domain per line; its subdomains count. Visitors who come from elsewhere, or typed the address, are refused. Empty: all.
cast-limit-total-sessions = Limit Total Sessions
cast-limit-total-sessions-help = The link is used up after a number of desktops.
cast-sessions-remaining = Sessions Remaining
cast-sessions-remaining-help = Goes down by one with each desktop. A start that fails gives it back.
cast-limit-requests-per-ip = Limit Requests Per IP
cast-limit-requests-per-ip-help = Slows down one address that asks again and again.
cast-sessions-allowed = Sessions Allowed
cast-sessions-allowed-help = Desktops for one address …
cast-within-seconds = Within Seconds
cast-within-seconds-help = … in any stretch of this length. A school often has one address for all.
cast-kasm-url = Kasm URL
cast-kasm-url-help = The page that the browser in the desktop shows first.
cast-allow-dynamic-kasm-url = Allow Dynamic Kasm URL Parameter
cast-allow-dynamic-kasm-url-help = The link may carry ?kasm_url=… and that wins. With Allow Resume it opens as a new tab.
cast-allow-dynamic-docker-network = Allow Dynamic Docker Network URL Parameter
cast-allow-dynamic-docker-network-help = The link may carry ?docker_network=… with one of the networks of the type.
cast-remote-app = Remote App Configuration (JSON)
cast-remote-app-help = Only for servers that are reached by RDP.
cast-error-url = Error URL
cast-error-url-help = Refused visitors are sent there with ?reason=… Empty: our own page explains.
cast-disable-control-panel = Disable Control Panel
cast-disable-control-panel-help = No panel at the edge.
cast-disable-tips = Disable Tips
cast-disable-tips-help = No tips on first entry.
cast-enable-sharing = Enable Sharing
cast-enable-sharing-help = A share link exists from the first second.
cast-disable-shared-fixed-resolution = Disable Shared Fixed Resolution
cast-disable-shared-fixed-resolution-help = Off: 1280 x 720 while shared. On: follows the window of the owner.
cast-enforce-client-settings = Enforce Client Settings
cast-enforce-client-settings-help = These ten replace the settings of the groups.

# --- Casts: pages --------------------------------------------------------------------------------------------------
cast-number-form = Give a whole number.
admin-use = What people can use
admin-casts = Casting
casts-today = Links that open a desktop. { $served } served today, { $refused } refused.
casts-search = Search name, key or workspace
casts-by-state = Filter by state
casts-all = All { $count }
cast-state-count = { $state } { $count }
cast-state-on = On
cast-state-off = Off
cast-state-expired = Expired
cast-state-used-up = Used up
casts-none = No casts yet
casts-none-what = A cast is a link that opens a desktop: for a lesson, an open day, or a page of your own.
casts-none-found = No cast matches.
casts-show-all = Show all
cast-new = New cast
cast-log = Log
cast-log-whole = Log of casting
cast-column-name = Name and link
cast-column-state = State
cast-column-opens = Opens
cast-column-for = For
cast-column-served = Served today
cast-column-remaining = Remaining
cast-column-refused = Refused today
cast-column-expires = Expires
cast-column-actions = Actions
cast-for-anyone = Anyone
cast-for-checked = Anyone, with check
cast-for-signed-in = Signed in
cast-for-resuming = Signed in, resumes
cast-no-limit = no limit
cast-no-end = no end
cast-copy-link = Copy the link of { $name }
cast-qr-of = QR code of { $name }
cast-purpose = A link that opens a desktop for whoever may use it.
cast-duplicate = Duplicate
cast-duplicated = This is the copy. It has a link of its own and is switched off until you switch it on.
cast-delete = Delete
cast-delete-question = Delete the cast “{ $name }”?
cast-delete-consequence = Its link leads nowhere from now on, also where it is printed. Desktops that were opened with it go on. Its log stays until it is old.
cast-keep = Keep it
cast-deleted = The cast was deleted.
cast-made = The cast was made. Its link is beside the form.
cast-part-link = The link
cast-part-who = Who may use it
cast-part-who-help = Without the first switch, people sign in before they get a desktop.
cast-part-limits = Limits
cast-part-limits-help = How much this link may give away.
cast-part-opens = What it opens
cast-part-opens-help = Given by you, or by the link itself.
cast-part-page = The desktop page
cast-part-client = Client settings
cast-part-client-help = What may pass between the desktop and the visitor.
cast-random-key = Random key
cast-choose = Choose one
cast-group-none = All Users alone
cast-optional = (optional)
cast-aside = Link and test
cast-give-out = Give it out
cast-copy = Copy the address
cast-copied = Copied
cast-qr = QR code of the cast address
cast-qr-svg = QR as SVG
cast-try = Try it
cast-try-help = Uses nothing up. It tries what is saved.
cast-try-address = Address of the visitor
cast-try-referrer = Comes from
cast-try-parameters = What the link carries
cast-try-parameters-help = What stands after the question mark, or the whole link.
cast-try-check = Check
cast-try-served = This visitor would be served.
cast-try-refused = This visitor would be refused: { $reason }.
cast-outcome-pass = passes
cast-outcome-fail = refuses
cast-outcome-open = cannot be told now
cast-last-saved = Last saved { $when } by { $name }
cast-last-saved-by-nobody = Last saved { $when }
cast-log-none = Nothing was asked of it yet.
cast-log-time = Time (UTC)
cast-log-cast = Cast
cast-log-outcome = Outcome
cast-log-served = Served
cast-log-address = Address
cast-log-referrer = Came from
cast-log-person = Who
cast-log-reference = Reference
cast-log-all = Everything
cast-log-refused = Only refused
cast-log-filter = Filter by outcome
cast-log-shortened = Addresses are shortened after { $days } days; lines are kept for as long as the history is.
cast-log-latest = Latest refusals
cast-log-see-all = See all

# --- The check that a visitor is a person -----------------------------------------------------------------------------
captcha-altcha-help = Your browser solves a small puzzle first, which takes about a second; then the desktop opens. Nothing is sent to other companies.
captcha-recaptcha-help = Confirm here that you are a person. The check comes from Google; the desktop opens as soon as it is passed.
captcha-label = I am not a robot
captcha-checking = Checking that you are a person …
captcha-passed = Checked
captcha-failed = The check did not work in this browser. Click the box to try again, or open the link in another browser.
captcha-expired = The check has run out. Please repeat it.
captcha-not-loaded = The check could not be loaded. See whether something in your browser blocks it, then load this page again.
captcha-needs-scripts = The check that you are a person needs JavaScript. Switch it on for this page and load it again.
captcha-away = The service that checks it does not answer at the moment. Try again in a few minutes.
captcha-not-working = The check is not set up rightly on this server. Please tell whoever gave you the link.

# --- Server settings -----------------------------------------------------------------------------------------------
settings-title = Settings
settings-purpose = What holds for the whole server. Changes count at once, on every server of this installation.
settings-saved = Saved. It holds from now on.
settings-part-captcha = Captcha
settings-part-captcha-help = How visitors without an account prove that they are people, where a cast asks for it.
settings-captcha-kind = Check
settings-captcha-kind-help = ALTCHA needs no other company: browsers solve a puzzle of this server. reCAPTCHA sends visitors' addresses to Google and needs the keys below.
settings-captcha-altcha = ALTCHA, on this server
settings-captcha-recaptcha = Google reCAPTCHA v2, checkbox
settings-altcha-difficulty = Difficulty of ALTCHA
settings-altcha-difficulty-help = More work makes floods of launches dearer, and every visitor wait longer. The times are those of a phone.
settings-difficulty-low = Low: hardly noticed
settings-difficulty-normal = Normal: under two seconds
settings-difficulty-high = High: some seconds
settings-part-recaptcha = reCAPTCHA
settings-part-recaptcha-help = Used only while reCAPTCHA is the chosen check. Google gives out both keys for the name of this site; choose the type “v2, checkbox” there.
settings-recaptcha-site-key = Google reCAPTCHA Site Key
settings-recaptcha-site-key-help = Every visitor's browser sees it.
settings-recaptcha-private-key = Google reCAPTCHA Private Key
settings-recaptcha-private-key-help = Stored encrypted and never shown again. Google calls it the secret key.
settings-recaptcha-private-key-kept = A key is stored and is never shown. Leave the field empty to keep it.
settings-remove-key = Remove the stored private key
settings-recaptcha-url = Address of reCAPTCHA
settings-recaptcha-url-help = https://www.google.com/recaptcha, or https://www.recaptcha.net/recaptcha where Google's own address is blocked. Empty: the first.
settings-part-logs = Logs
settings-part-logs-help = The log of casts names the address of everybody who used a link.
settings-cast-log-address-days = Days with whole addresses
settings-cast-log-address-days-help = After so many days an address is shortened to its network (/24, or /48 of IPv6). With 0 that happens within minutes.
settings-set-by = Last set { $when } by { $name }.
settings-set = Last set { $when }.
settings-never-set = Never changed: this is the default.
settings-key-form = A key has letters, digits, - and _, at most 200.
settings-key-needed = reCAPTCHA needs this key.
settings-url-form = It must be a whole address that begins with https://, without ? and #.
settings-url-plain = It must begin with https://. Plain http works on this machine only.
settings-whole-number = Give a whole number from { $least } to { $most }.
settings-number-form = Give a whole number.
settings-choice-form = Choose one of the list.

# One-time links
cast-links = One-time links
cast-links-about = Links for people by name. Each serves once and brings its own session, also when no sessions remain. Everything else the cast says holds for them, too.
cast-links-open = Make and see them
cast-links-make = Make links
cast-links-make-csv = Make them as a table (CSV)
cast-links-names = Names
cast-links-names-help = One a line, at most { $most } at a time. Each gets a link of their own.
cast-links-none-named = Give at least one name.
cast-links-many = At most { $most } names at a time.
cast-link-name-form = “{ $entry }” is not a name: at most 200 characters, without tabs.
cast-links-full = A cast has at most { $most } one-time links.
cast-links-made = { $count ->
    [one] One link was made.
   *[other] { $count } links were made.
}
cast-links-given = The new links
cast-links-given-about = They are not shown again. Copy them now, or make them as a table.
cast-links-all = All links
cast-links-none = There are none yet.
cast-links-csv = Table of all (CSV)
cast-link-name = Name
cast-link-address = Link
cast-link-user = Used by
cast-link-when = Used (UTC)
cast-link-open = Not used
cast-link-used-by = Used
cast-link-withdrawn = Withdrawn
cast-link-withdraw = Withdraw
cast-link-withdraw-name = Withdraw the link of { $name }
cast-link-done-withdrawn = The link was withdrawn: it leads nowhere from now on.
cast-link-not-found = There is no such link.
cast-link-has-served = This link has served already, so there is nothing to withdraw.
cast-link-used = This link works once, and it has been used.
cast-log-link = link for { $name }
