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

# --- Anmelden mit einem OpenID-Anbieter ------------------------------------------------------------------------

oidc-seal-no-key = SECRET_KEY ist nicht gesetzt, daher lassen sich Geheimnisse von Anbietern nicht aufbewahren. Setzen Sie SECRET_KEY auf einen langen Zufallstext, starten Sie den Server neu und geben Sie das Geheimnis ein.
oidc-seal-other-key = Das gespeicherte Geheimnis lässt sich nicht lesen, weil SECRET_KEY geändert wurde. Geben Sie das Geheimnis bitte neu ein oder setzen Sie SECRET_KEY zurück.
oidc-no-provider = Einen Anbieter dieses Namens gibt es nicht. Vielleicht wurde er ausgeschaltet; die Anmeldeseite zeigt, welche es gibt.
oidc-some-provider = Der Anbieter
oidc-title-again = Die Anmeldung hat nicht geklappt
oidc-title-not-you = Sie können sich hier nicht anmelden
oidc-title-away = Der Anbieter antwortet nicht
oidc-title-broken = Dieser Anbieter funktioniert gerade nicht
oidc-stale = Diese Anmeldung läuft nicht mehr: Sie hat zu lange gedauert oder wurde schon benutzt. Nichts ist verloren. Bitte beginnen Sie neu.
oidc-other-browser = Diese Anmeldung wurde in einem anderen Browser oder Fenster begonnen. Bitte beginnen Sie in diesem neu.
oidc-cancelled = Sie haben die Anmeldung bei { $provider } abgebrochen. Nichts ist verloren. Sie können neu beginnen oder sich auf andere Weise anmelden.
oidc-refused = { $provider } hat die Anmeldung abgelehnt. Versuchen Sie es noch einmal oder fragen Sie die Administration und nennen Sie die Referenz.
oidc-away = { $provider } antwortet nicht. Laufende Desktops laufen weiter. Versuchen Sie es in einer Minute wieder.
oidc-unusable = Die Antwort von { $provider } ist nicht verwendbar, daher wurde niemand angemeldet. Laufende Desktops laufen weiter. Versuchen Sie es in einer Minute wieder und nennen Sie der Administration die Referenz, wenn es so bleibt.
oidc-untrusted = Der Antwort von { $provider } ist nicht zu trauen, daher wurde niemand angemeldet. Laufende Desktops laufen weiter. Beginnen Sie neu und nennen Sie der Administration die Referenz, wenn es so bleibt.
oidc-misconfigured = Die Anmeldung mit { $provider } ist auf diesem Server nicht richtig eingerichtet. Laufende Desktops laufen weiter. Fragen Sie die Administration und nennen Sie die Referenz.
oidc-claims = { $provider } kennt Sie, aber die Angaben sind nicht verwendbar: { $problem }
oidc-claims-no-username = In „{ $claim }“ steht kein Benutzername. Bitten Sie die Administration, eine andere Benutzerkennung zu wählen.
oidc-claims-groups = Die Gruppen in „{ $claim }“ haben eine unbekannte Form. Bitten Sie die Administration, die Angabe der Gruppen zu prüfen.
oidc-claims-many-groups = In „{ $claim }“ stehen mehr als { $limit } Gruppen. Bitten Sie die Administration, weniger zu senden.
oidc-not-provisioned = Sie haben auf diesem Server kein Konto, und durch die Anmeldung entsteht keines. Bitten Sie die Administration, eines für Sie anzulegen.
oidc-not-allowed = Ihr Konto ist für Deskcast nicht freigegeben. Bitten Sie die Administration um die Aufnahme in eine Gruppe.
oidc-disabled = Ihr Konto auf diesem Server ist ausgeschaltet. Bitten Sie die Administration, es wieder einzuschalten.
oidc-no-tester = Nur eine angemeldete Administratorin oder ein angemeldeter Administrator kann einen Anbieter ausprobieren. Bitte melden Sie sich an und beginnen Sie neu.
oidc-too-many = In Ihrem Netz haben zu viele Anmeldungen begonnen. Versuchen Sie es in einer Minute wieder.
oidc-logout-away = Die Schlüssel des Anbieters sind nicht zu lesen, daher lässt sich das Abmelde-Token nicht prüfen. Senden Sie es in einer Minute wieder.
oidc-logout-refused = Das ist kein Abmelde-Token eines der Anbieter, oder es hat schon gegolten.
oidc-cause = Die Ursache, für Sie als Administration:
oidc-reference = Referenz
oidc-again = Neu beginnen
oidc-otherwise = Auf andere Weise anmelden
oidc-tested-title = Das sagt der Anbieter
oidc-tested-lead = Die Anmeldung mit { $provider } funktioniert. Niemand wurde angemeldet, kein Konto geändert.
oidc-tested-issuer = Aussteller
oidc-tested-subject = Kennung
oidc-tested-username = Benutzername
oidc-tested-display-name = Angezeigter Name
oidc-tested-email = E-Mail
oidc-tested-role = Rolle
oidc-tested-role-kept = wie die Administration sie setzt: Dieser Anbieter hat keine Admin- und keine Lehrergruppe
oidc-tested-groups = Gruppen
oidc-tested-none = keine Angabe
oidc-tested-may = Darf sich anmelden
oidc-tested-yes = ja
oidc-tested-refused = Würde abgelehnt
oidc-tested-id-token = Angaben des ID-Tokens
oidc-tested-userinfo = Angaben von Userinfo
oidc-tested-back = Zu den Anbietern
oidc-signed-out-title = Abgemeldet
oidc-signed-out = Sie sind abgemeldet. Ihre Desktops laufen weiter.
oidc-signed-out-there = Bei { $provider } sind Sie noch angemeldet. Diese Seite führt dorthin, damit Sie sich auch dort abmelden können.
oidc-sign-out-there = Bei { $provider } abmelden
