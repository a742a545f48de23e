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

# --- OpenID-Anbieter -------------------------------------------------------------------------------------------
openid-title = OpenID
openid-purpose = Anmelden mit dem Konto, das es schon gibt: Authelia, IServ oder ein anderer OpenID-Anbieter.
openid-new = Neuer Anbieter
openid-none = Noch kein OpenID-Anbieter
openid-none-what = Bis es einen gibt, melden sich alle mit einem lokalen Konto an. Fügen Sie den Anbieter hinzu, bei dem es schon Konten gibt; nötig sind eine Adresse, eine Client-ID und ein Geheimnis.
openid-removed = Der Anbieter wurde gelöscht. Wer mit ihm angemeldet war, ist abgemeldet; die Desktops bleiben.
openid-saved = Gespeichert. Drücken Sie auf Prüfen, oder versuchen Sie eine Probe-Anmeldung.
openid-column-name = Name
openid-column-state = Zustand
openid-column-used = Auf der Anmeldeseite
openid-column-place = Adresse
openid-state-on = An
openid-state-off = Aus
openid-state-secret = Geheimnis nicht lesbar
openid-button-only = Eine Schaltfläche
openid-form-purpose = Die englischen Namen stehen dabei, wie Anleitungen der Anbieter sie für Kasm Workspaces nennen.
openid-optional = (freiwillig)
openid-part-page = Auf der Anmeldeseite
openid-part-page-help = Was alle sehen.
openid-part-client = Client
openid-part-client-help = Dieser Server, wie er beim Anbieter eingetragen ist.
openid-part-places = Adressen
openid-part-places-help = Bei den meisten Anbietern genügt der Aussteller. Was darunter steht, geht vor.
openid-part-people = Personen und Gruppen
openid-part-people-help = Was von ihnen gelesen wird und wer hereindarf.
openid-name = Name
openid-name-help = Auf der Schaltfläche und in der Adresse der Anmeldung. Höchstens 60 Zeichen.
openid-logo = Logo
openid-logo-help = Adresse eines Bildes (https://…) oder das Bild selbst (data:image/…). Die Anmeldeseite lädt es dann von diesem Server, sonst nichts.
openid-enabled = Eingeschaltet (Enabled)
openid-enabled-help = Aus: Niemand kann sich damit anmelden. Wer angemeldet ist, bleibt es.
openid-default = Standard (Default)
openid-default-help = Steht auf der Anmeldeseite oben, als ausgefüllte Schaltfläche. Der bisherige Standard ist es dann nicht mehr.
openid-auto-login = Direkt weiterleiten (Auto Login)
openid-auto-login-help = Die Anmeldeseite führt sofort zu diesem Anbieter. /login?local=1 zeigt sie weiterhin.
openid-auto-provision = Konten automatisch anlegen (Automatic User Provision)
openid-auto-provision-help = Bei der ersten Anmeldung entsteht ein Konto. Aus: Nur wer schon eines hat, kommt herein.
openid-client-id = Client-ID
openid-client-id-help = Wie dieser Server beim Anbieter heißt.
openid-client-secret = Client-Geheimnis (Client Secret)
openid-client-secret-help = Wird verschlüsselt gespeichert und nie wieder gezeigt.
openid-client-secret-kept = Ein Geheimnis ist gespeichert und wird nie gezeigt. Lassen Sie das Feld leer, um es zu behalten.
openid-client-secret-stored = (gespeichert)
openid-method = Verfahren am Token-Endpunkt
openid-method-help = Wie das Geheimnis gesendet wird. Authelia: client_secret_basic. IServ: client_secret_post.
openid-method-none = keines (none), nur PKCE
openid-issuer = Aussteller (Issuer URL)
openid-issuer-help = Alles Weitere wird dann beim Anbieter selbst gelesen. Ohne ihn sind mindestens Authorization URL und Token URL nötig.
openid-authorization-url = Authorization URL
openid-authorization-url-help = Hier melden sich alle an.
openid-token-url = Token URL
openid-token-url-help = Hier erfährt dieser Server sicher, wer sich angemeldet hat.
openid-userinfo-url = User Info URL
openid-userinfo-url-help = Hier werden Namen und Gruppen gelesen.
openid-jwks-url = JWKS URL
openid-jwks-url-help = Die Schlüssel des Anbieters. Ohne sie zählt nur, was direkt von der Token URL kommt.
openid-end-session-url = End Session URL
openid-end-session-url-help = Wer sich hier abmeldet, kann sich dann auch dort abmelden.
openid-scopes = Scopes (einer je Zeile)
openid-scopes-help = Wonach dieser Server fragt; immer mit openid. Mehrere in einer Zeile gehen auch.
openid-username-claim = Benutzername (User Identifier)
openid-username-claim-help = Die Angabe mit dem gezeigten Namen, auch der erste Teil der Namen von Desktops.
openid-groups-claim = Angabe mit den Gruppen
openid-groups-claim-help = Eine Liste von Namen wie bei Authelia, oder Gruppen mit Kennung und Name wie bei IServ.
openid-admin-group = Gruppe der Administration
openid-admin-group-help = Ihre Mitglieder verwalten diesen Server. Genau die Kennung oder der Name.
openid-teacher-group = Gruppe der Lehrkräfte
openid-teacher-group-help = Ihre Mitglieder sind hier Lehrkräfte. Genau die Kennung oder der Name.
openid-allowed-groups = Nur diese Gruppen dürfen sich anmelden
openid-allowed-groups-help = Eine je Zeile, genau die Kennung oder der Name. Leer: alle, die der Anbieter anmeldet.
openid-save = Speichern
openid-cancel = Abbrechen
openid-not-saved = { $count ->
    [one] Nicht gespeichert: 1 Feld muss geändert werden.
   *[other] Nicht gespeichert: { $count } Felder müssen geändert werden.
}
openid-aside = Prüfen und Eintragen
openid-try = Ausprobieren
openid-try-help = Geprüft wird, was gespeichert ist; niemand wird dabei angemeldet. Eine Probe-Anmeldung zeigt die Angaben Ihres eigenen Kontos dort.
openid-test = Prüfen
openid-testing = Wird geprüft
openid-debug = Probe-Anmeldung
openid-test-fine = Soweit von hier zu sehen ist, klappt die Anmeldung.
openid-test-failed = So kann sich niemand anmelden.
openid-ours = Beim Anbieter eintragen
openid-ours-help = Die Adressen dieses Servers, nach denen er fragt.
openid-redirect-uris = Weiterleitungs-Adressen (Redirect URIs)
openid-redirect-uris-help = Beide gehen; dieser Server sendet die erste.
openid-backchannel = Back-Channel-Logout-Adresse
openid-backchannel-help = Wer sich dort abmeldet, ist hier nach Sekunden abgemeldet.
openid-post-logout = Adresse nach dem Abmelden (Post Logout)
openid-copy = Kopieren
openid-copied = Kopiert
openid-hints = Was einzutragen ist
openid-hint-authelia = Tragen Sie in Authelia einen Client mit den Scopes openid, profile, groups und email und der ersten Weiterleitungs-Adresse ein. Danach hier, mit der Adresse Ihrer Authelia:
openid-hint-iserv = Legen Sie in der Verwaltung von IServ einen Client für Single-Sign-On mit den Weiterleitungs-Adressen an. Danach hier, mit der Adresse Ihres IServ:
openid-hint-other-title = Andere
openid-hint-other = Keycloak, Authentik, Zitadel, Entra ID und die meisten anderen brauchen nur Aussteller, Client-ID und Geheimnis. Danach auf Prüfen drücken.
openid-delete = Anbieter löschen
openid-keep = Behalten
openid-delete-question = Den Anbieter { $name } löschen?
openid-delete-consequence = { $count ->
    [0] Niemand kann sich mehr damit anmelden. Zurzeit ist niemand damit angemeldet. Konten und Desktops bleiben.
    [one] Niemand kann sich mehr damit anmelden, und 1 Anmeldung endet jetzt. Konten und Desktops bleiben.
   *[other] Niemand kann sich mehr damit anmelden, und { $count } Anmeldungen enden jetzt. Konten und Desktops bleiben.
}
openid-continue-with = Weiter mit { $name }
openid-or-local = oder mit einem lokalen Konto
openid-signed-out = Sie sind abgemeldet. Ihre Desktops laufen weiter.
openid-no-way = Hier kann sich noch niemand anmelden. Bitten Sie die Administration, eine Anmeldung einzurichten.
provider-name-form = Geben Sie einen Namen mit 1 bis 60 Zeichen an, ohne / \ ? # und %.
provider-name-taken = Ein anderer Anbieter heißt so. Wählen Sie einen anderen Namen.
provider-unknown = Diesen Anbieter gibt es nicht.
provider-no-such-field = Ein Anbieter hat kein solches Feld.
provider-field-unreadable = Das ist nicht lesbar: { $cause }.
provider-client-id = Geben Sie die Client-ID an, höchstens 200 Zeichen.
provider-secret-missing = Geben Sie das Client-Geheimnis an, oder wählen Sie das Verfahren none.
provider-secret-empty = Das ist leer. Ohne die Angabe bleibt das gespeicherte Geheimnis; null nimmt es weg.
provider-secret-form = Höchstens 2000 Zeichen in einer Zeile.
provider-url-form = Nötig ist eine ganze Adresse, die mit https:// beginnt.
provider-url-account = Die Adresse darf weder Benutzername noch Passwort enthalten.
provider-url-plain = Die Adresse muss mit https:// beginnen. Einfaches http geht nur bei einem Anbieter auf dieser Maschine.
provider-url-fragment = Die Adresse darf kein # enthalten.
provider-url-long = Höchstens 2000 Zeichen.
provider-issuer-missing = Geben Sie den Aussteller an, oder Authorization URL und Token URL.
provider-issuer-query = Ein Aussteller enthält kein Fragezeichen.
provider-endpoint-missing = Geben Sie auch diese Adresse an, oder den Aussteller.
provider-logo-form = Geben Sie eine Adresse an, die mit https:// beginnt, oder data:image/ mit PNG, JPEG, GIF, WebP oder SVG, höchstens 32 KiB.
provider-scopes-form = Höchstens 100 Scopes, jeder aus einfachen Zeichen ohne Anführungszeichen.
provider-scopes-openid = Der Scope openid muss dabei sein.
provider-claim-form = Geben Sie den Namen einer Angabe an, ohne Leerzeichen.
provider-group-form = Höchstens 200 Zeichen in einer Zeile.
provider-groups-form = Höchstens 100 Gruppen, jede mit höchstens 200 Zeichen.
check-no-answer = { $url } antwortet nicht: { $cause }
check-no-document = { $url } antwortet, aber nicht mit dem Dokument eines OpenID-Anbieters.
check-status = { $url } antwortet mit dem Status { $status }.
check-secret-kept = Das Client-Geheimnis ist gespeichert und lesbar.
check-secret-missing = Es gibt kein Client-Geheimnis. Geben Sie es an, oder wählen Sie das Verfahren none.
check-secret-not-needed = Dieses Verfahren braucht kein Client-Geheimnis.
check-discovery-read = Die Beschreibung des Anbieters wurde gelesen: { $url }
check-discovery-none = Unter { $url } gibt es keine Beschreibung.
check-issuer-same = Der Aussteller stimmt: { $issuer }
check-issuer-other = Der Anbieter nennt sich { $said }, und hier steht { $issuer }. Wenn { $said } richtig ist, tragen Sie genau das als Aussteller ein.
check-endpoints = Angemeldet wird unter { $authorization }; Token kommen von { $token }.
check-no-authorization = Es ist nicht bekannt, wo sich alle anmelden. Geben Sie die Authorization URL an.
check-no-token = Die Adresse für Token ist nicht bekannt. Geben Sie die Token URL an.
check-no-endpoints = Weder Authorization URL noch Token URL ist bekannt. Geben Sie beide an, oder einen Aussteller, der lesbar ist.
check-userinfo = Namen und Gruppen werden unter { $url } gelesen.
check-no-userinfo = Es gibt keine User Info URL: Namen und Gruppen müssen im ID-Token stehen.
check-keys = { $count ->
    [one] 1 Schlüssel wurde gelesen: { $url }
   *[other] { $count } Schlüssel wurden gelesen: { $url }
}
check-keys-none = Unter { $url } gibt es keine Schlüssel.
check-no-keys-address = Keine Adresse für Schlüssel ist bekannt. Was direkt von der Token URL über https kommt, genügt; Back-Channel-Logout braucht Schlüssel.
check-method = Der Anbieter nimmt { $method } an.
check-method-other = Der Anbieter nimmt { $methods } an, und hier ist { $method } gewählt.
check-scopes = Der Anbieter kennt alle Scopes, nach denen gefragt wird.
check-scopes-unknown = Diese Scopes nennt der Anbieter nicht: { $scopes }
check-end-session = Auch dort ist das Abmelden möglich: { $url }
check-no-end-session = Wer sich hier abmeldet, bleibt dort angemeldet: Keine End Session URL ist bekannt.
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
