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
setting-clipboard-down-help = Text copied there can be pasted outside.
setting-clipboard-up-help = Text copied outside can be pasted there.
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
list-before = Earlier names
list-after = Later names
role-user = User
role-teacher = Teacher
role-admin = Administrator
person-unknown = There is no such account.
person-username-form = A user name of 1 to 200 characters on one line.
person-username-taken = Another account has this user name. Choose another one.
person-username-fixed = The user name of an account stays as it is.
person-name-form = A name of 1 to 200 characters on one line.
person-email-form = An address such as jana@example.org.
person-password-form = A password of { $least } to { $most } characters.
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
users-search = Name, user name or e-mail
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
group-more-members = { $count ->
    [one] 1 more is not shown; the account’s own page has its groups.
   *[other] { $count } more are not shown; the account’s own page has its groups.
}
group-add = Add people
group-add-help = Their user names, one a line.
group-add-unknown = Nobody, or more than one person, has the user name { $name }.
group-members-of-provider = As the provider says.
group-remove = Remove group
group-keep = Keep it
group-remove-question = Remove the group { $name }?
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
overview-person = Person
overview-desktop = Desktop
overview-state = State
overview-since = Since
overview-actions = Actions
overview-stop = Stop
overview-state-starting = Starting
overview-state-running = Running
overview-state-stopping = Stopping
