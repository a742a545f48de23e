# Was Deskcast sagt, auf Deutsch. Dieselben Schlüssel und Angaben wie in en.ftl (tests/it/language.rs).
# Tonfall: was geschehen ist, was bleibt, was zu tun ist; Sie; keine Schuld; keine gegenderten Formen, wo ein
# neutrales Wort passt.

# --- Fehler ---------------------------------------------------------------------------------------------------
error-internal = Bei uns ist etwas schiefgegangen. Es wurde nichts geändert. Versuchen Sie es noch einmal und nennen Sie der Administration die Referenz, wenn es so bleibt.
error-database-away = Die Datenbank antwortet nicht. Offene Desktops laufen weiter. Versuchen Sie es in einer Minute wieder.
error-nothing-here = Unter dieser Adresse gibt es nichts. Vielleicht wurde es entfernt, oder es gehört jemand anderem.
error-not-a-page = Diese Adresse ist keine Seite; sie nimmt nur entgegen, was ein Formular oder ein Programm sendet.
error-wrong-method = Diese Adresse nimmt eine solche Anfrage nicht entgegen.
title-docker-away = Zurzeit können keine Desktops starten
title-database-away = Die Datenbank antwortet nicht
title-no-capacity = Für einen weiteren Desktop ist kein Platz
title-draining = Dieser Server wird neu gestartet
title-forbidden = Das dürfen Sie nicht
title-not-found = Hier gibt es nichts
title-wrong-method = Das geht hier nicht
title-conflict = Zurzeit nicht möglich
title-too-large = Das ist zu groß
title-unreadable = Das ist nicht lesbar
title-other-host = Dieser Server heißt anders
title-invalid = Etwas ist nicht richtig ausgefüllt
title-slow-down = Zu viele Versuche
title-desktop-away = Der Desktop antwortet nicht
title-unavailable = Das geht zurzeit nicht
title-internal = Etwas ist schiefgegangen
title-bad-request = Diese Anfrage ist nicht lesbar

# --- Zeiten und Mengen ----------------------------------------------------------------------------------------
minutes-ago = { $count ->
    [one] vor 1 Minute
   *[other] vor { $count } Minuten
}

# --- Rund um jede Seite ---------------------------------------------------------------------------------------
skip-to-content = Zum Inhalt
nav-main = Hauptmenü
nav-desktops = Desktops
nav-administration = Verwaltung
menu-account-of = Konto:
menu-account = Konto
menu-look = Hell oder dunkel
sign-out = Abmelden
admin-sections = Bereiche
admin-overview = Übersicht
admin-people = Personen
admin-users = Personen und Konten
admin-groups = Gruppen
admin-authentication = Anmeldung
admin-openid = OpenID

# --- Das eigene Konto -----------------------------------------------------------------------------------------
account-title = Konto
account-signed-in = { $name }, angemeldet als { $username }
account-signed-in-as = Angemeldet als { $name }
account-signed-in-with = { $name }, angemeldet mit { $provider }
account-a-program = Ein Programm
account-program-on = { $program } unter { $system }
account-where = Wo Sie angemeldet sind
account-this-browser = Dieser Browser
account-here = Hier
account-address = Adresse { $address }
account-by = mit { $provider }
account-since = seit
account-used = zuletzt benutzt
account-sign-out-there = Dort abmelden
account-sign-out-there-name = Dort abmelden: { $program }
account-sign-out-others = Überall sonst abmelden
account-sign-out-all = Überall abmelden
account-sign-out-note = Desktops laufen weiter, API-Token bleiben.
account-done-signed-out = Dort sind Sie abgemeldet. Ihre Desktops laufen weiter.
account-done-revoked = Das Token öffnet nichts mehr.
account-done-password = Das Passwort ist geändert. Überall sonst sind Sie abgemeldet.
account-done-look = Gespeichert.
account-no-such-sign-in = Dort sind Sie nicht angemeldet. Vielleicht ist es schon beendet.
account-no-such-token = Ein solches Token haben Sie nicht.
account-tokens = API-Token
account-tokens-note = Für Skripte, die in Ihrem Namen Desktops starten.
account-token-made = Kopieren Sie das Token jetzt. Es wird nur dieses eine Mal gezeigt.
account-token-copy = Token kopieren
account-copied = Kopiert
account-token-name = Name
account-token-used = Zuletzt benutzt
account-token-ends = Endet
account-token-actions = Aktionen
account-token-never = nie
account-token-ended = ist abgelaufen
account-token-ends-in = { $count ->
    [0] heute
    [one] in 1 Tag
   *[other] in { $count } Tagen
}
account-token-revoke = Widerrufen
account-token-revoke-name = Das Token { $name } widerrufen
account-token-none = Sie haben keine Token.
account-token-new = Name des neuen Tokens
account-token-lifetime = Endet nach
account-token-days = { $count ->
    [365] 1 Jahr
   *[other] { $count } Tagen
}
account-token-create = Token erstellen
account-look = Aussehen und Sprache
account-theme = Farben
account-theme-device = Gerät
account-theme-light = Hell
account-theme-dark = Dunkel
account-language = Sprache
account-save = Speichern
account-password = Passwort
account-password-old = Jetziges Passwort
account-password-new = Neues Passwort
account-password-help = Mindestens { $count } Zeichen. Überall sonst werden Sie abgemeldet.
account-password-again = Neues Passwort noch einmal
account-password-change = Passwort ändern
account-password-wrong = Das ist nicht Ihr jetziges Passwort.
account-password-differs = Die beiden neuen Passwörter sind nicht gleich.
account-password-short = Wählen Sie ein Passwort mit mindestens { $count } Zeichen.
account-password-long = Wählen Sie ein Passwort mit höchstens { $count } Zeichen.
account-no-password = Ihr Konto hat hier kein Passwort. Darum kümmert sich Ihr Anmeldedienst.
account-not-saved = { $count ->
    [one] Nicht gespeichert: 1 Feld muss geändert werden.
   *[other] Nicht gespeichert: { $count } Felder müssen geändert werden.
}
