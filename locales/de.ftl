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

# --- Personen und Gruppen -------------------------------------------------------------------------------------
setting-range = Von { $least } bis { $most }.
setting-range-whole = Eine ganze Zahl von { $least } bis { $most }.
setting-true-or-false = true, false oder null.
setting-number = Eine Zahl.
setting-unknown = Diese Einstellung gibt es nicht.
setting-object = Ein Objekt mit Einstellungen.
decimal = { $whole },{ $part }
setting-not-set = Nicht gesetzt
setting-on = An
setting-off = Aus
setting-allow-audio = Ton
setting-audio-default-on = Ton von Anfang an
setting-allow-downloads = Herunterladen
setting-allow-uploads = Hochladen
setting-allow-clipboard-down = Aus dem Desktop kopieren
setting-allow-clipboard-up = In den Desktop einfügen
setting-allow-microphone = Mikrofon
setting-allow-gamepads = Gamecontroller
setting-allow-sharing = Teilen
setting-ime-default-on = Eingabehilfe für andere Schriften
setting-clipboard-down-help = Dort kopierter Text lässt sich außerhalb einfügen.
setting-clipboard-up-help = Außerhalb kopierter Text lässt sich dort einfügen.
setting-ime-help = Von Anfang an, etwa für Chinesisch und Japanisch.
setting-desktops-at-once = Desktops zugleich
setting-desktops-per-type = Zugleich je Art
setting-hours-per-day = Stunden am Tag
setting-idle-minutes = Minuten ohne Eingabe
setting-lifetime-minutes = Minuten insgesamt
setting-desktops-at-once-help = Gleichzeitig offen. 0: Es kann keiner gestartet werden.
setting-desktops-per-type-help = Dasselbe, von jeder Desktop-Art.
setting-hours-per-day-help = Aller Desktops zusammen, geprüft bei jedem Start. Teile einer Stunde sind möglich.
setting-idle-minutes-help = Danach wird ein Desktop beendet. Es zählen Tasten, Zeiger und Einfügen, nicht ein offenes Fenster.
setting-lifetime-minutes-help = Danach wird ein Desktop in jedem Fall beendet. 480 sind 8 Stunden.
limit-nothing = Sie dürfen keine Desktops starten. Bitten Sie die Administration um die Erlaubnis.
limit-desktops-at-once = { $most ->
    [one] Sie dürfen 1 Desktop zugleich nutzen. Beenden Sie ihn oder fragen Sie die Administration.
   *[other] Sie dürfen { $most } Desktops zugleich nutzen. Beenden Sie einen oder fragen Sie die Administration.
}
limit-desktops-per-type = { $most ->
    [one] Sie dürfen 1 Desktop dieser Art zugleich nutzen. Beenden Sie ihn oder fragen Sie die Administration.
   *[other] Sie dürfen { $most } Desktops dieser Art zugleich nutzen. Beenden Sie einen oder fragen Sie die Administration.
}
limit-hours-per-day = { $hours ->
    [one] Sie dürfen Desktops 1 Stunde am Tag nutzen; sie ist für heute verbraucht. Kommen Sie morgen wieder oder fragen Sie die Administration.
   *[other] Sie dürfen Desktops { $hours } Stunden am Tag nutzen; sie sind für heute verbraucht. Kommen Sie morgen wieder oder fragen Sie die Administration.
}
limit-none = unbegrenzt
limit-desktops = { $count ->
    [one] 1 Desktop
   *[other] { $count } Desktops
}
limit-hours = { $count ->
    [one] 1 Stunde
   *[other] { $count } Stunden
}
limit-minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
}
applies-from-group = aus { $name }
applies-from-configuration = aus der Konfiguration des Servers
applies-idle = Endet ohne Eingabe nach
applies-lifetime = Endet in jedem Fall nach
applies-built-in = voreingestellt
body-unreadable = Es ist nicht lesbar: { $cause }.
body-unknown-field = Dieses Feld gibt es nicht.
type-groups-unknown = Eine dieser Gruppen gibt es nicht.
form-not-saved = { $count ->
    [one] Nicht gespeichert: 1 Feld muss geändert werden.
   *[other] Nicht gespeichert: { $count } Felder müssen geändert werden.
}
form-saved = Gespeichert.
form-save = Speichern
form-cancel = Abbrechen
form-optional = (freiwillig)
list-before = Frühere Namen
list-after = Spätere Namen
role-user = Nutzung
role-teacher = Lehrkraft
role-admin = Administration
person-unknown = Dieses Konto gibt es nicht.
person-username-form = Ein Anmeldename von 1 bis 200 Zeichen in einer Zeile.
person-username-taken = Ein anderes Konto hat diesen Anmeldenamen. Wählen Sie einen anderen.
person-username-fixed = Der Anmeldename eines Kontos bleibt, wie er ist.
person-name-form = Ein Name von 1 bis 200 Zeichen in einer Zeile.
person-email-form = Eine Adresse wie jana@example.org.
person-password-form = Ein Passwort von { $least } bis { $most } Zeichen.
person-no-password-here = Dieses Konto meldet sich bei einem Anbieter an und hat hier kein Passwort.
person-role-form = Eines von user, teacher und admin.
person-state-form = Eines von enabled und disabled.
person-groups-unknown = Eine dieser Gruppen gibt es nicht, oder ein Anbieter bestimmt, wer darin ist.
person-last-administrator = Das ist das letzte eingeschaltete lokale Konto der Administration. Legen Sie zuerst ein weiteres an.
person-yourself = Das eigene Konto können Sie weder abschalten noch entfernen. Das kann nur ein anderes Konto der Administration.
users-total = { $count ->
    [one] 1 Konto
   *[other] { $count } Konten
}
users-search = Name, Anmeldename oder E-Mail
users-by-role = Nach Rolle
users-by-state = Nach Zustand
users-all-roles = Alle Rollen
users-all-states = An und aus
users-enabled = Eingeschaltet
users-disabled = Abgeschaltet
users-none = Niemand passt dazu.
users-show-all = Alle Konten zeigen
users-all = Alle Konten
users-person = Person
users-role = Rolle
users-signs-in = Anmeldung über
users-last = Letzte Anmeldung
user-new = Neues Konto
user-make = Konto anlegen
user-made = Angelegt. Geben Sie Anmeldenamen und Passwort weiter.
user-removed = Das Konto wurde entfernt.
user-is-off = Aus
user-local = Passwort hier
user-local-long = Meldet sich hier an, mit einem Passwort.
user-signs-in-with = Meldet sich über { $name } an.
user-last-sign-in = Letzte Anmeldung: { $when }.
user-never = noch nie
user-never-long = Hat sich noch nicht angemeldet.
user-who = Wer es ist
user-name = Anmeldename
user-name-help = Für die Anmeldung. Er bleibt, wie er ist.
user-shown-name = Angezeigter Name
user-email = E-Mail
user-may = Was die Person darf
user-role-of-provider = Die Gruppen des Anbieters bestimmen sie bei jeder Anmeldung neu.
user-no-groups = Es gibt noch keine hier angelegte Gruppe.
user-fixed-groups = Vom Anbieter:
user-off = Konto ist abgeschaltet
user-off-help = Meldet die Person überall ab, Zugangsschlüssel gelten nicht mehr. Laufende Desktops laufen weiter.
user-password = Passwort
user-first-password = Erstes Passwort
user-new-password = Neues Passwort
user-password-help = Mindestens 8 Zeichen.
user-new-password-help = Mindestens 8 Zeichen. Leer bleibt das alte; ein neues meldet die Person überall ab.
user-applies = Was gilt und warum
user-applies-help = Von mehreren Gruppen zählt die mit der kleineren Zahl. Ein Desktop behält, womit er gestartet wurde.
user-remove = Konto entfernen
user-keep = Behalten
user-remove-question = Das Konto von { $name } entfernen?
user-remove-desktops = { $count ->
    [0] Die Person hat keine Desktops.
    [one] 1 Desktop wird beendet und entfernt.
   *[other] { $count } Desktops werden beendet und entfernt.
}
user-remove-consequence = Die Volumes mit den Dateien bleiben auf dem Host; von hier aus erreicht sie niemand mehr.
groups-order = Von mehreren Gruppen einer Person zählt die mit der kleineren Zahl.
groups-all = Alle Gruppen
groups-group = Gruppe
groups-from = Herkunft
groups-last = zuletzt
group-unknown = Diese Gruppe gibt es nicht.
group-name-form = Ein Name von 1 bis 200 Zeichen in einer Zeile.
group-name-taken = Eine andere Gruppe hat diesen Namen. Wählen Sie einen anderen.
group-name-fixed = Der Name dieser Gruppe wird nicht hier vergeben.
group-members-fixed = Wer in dieser Gruppe ist, wird nicht hier entschieden.
group-members-unknown = Eine dieser Personen hat kein Konto.
group-description-form = Höchstens 500 Zeichen in einer Zeile.
group-priority-form = Eine ganze Zahl von 0 bis 10000.
group-types-unknown = Eine dieser Desktop-Arten gibt es nicht.
group-everybody-stays = Diese Gruppe hat alle und bleibt. Ändern Sie stattdessen, was in ihr gilt.
group-built-in = Eingebaut
group-made-here = Hier angelegt
group-says = { $count ->
    [0] legt nichts fest
    [one] 1 Einstellung
   *[other] { $count } Einstellungen
}
group-new = Neue Gruppe
group-make = Gruppe anlegen
group-made = Angelegt.
group-removed = Die Gruppe wurde entfernt.
group-everybody-help = Alle sind darin. Sie zählt nach jeder anderen Gruppe.
group-of-provider-help = Kommt von { $name }; dort wird bei jeder Anmeldung bestimmt, wer darin ist.
group-what = Was sie ist
group-name = Name
group-description = Beschreibung
group-priority = Rang
group-priority-help = Von 0 bis 10000, klein geht vor. Setzen zwei Gruppen dasselbe, zählt die mit der kleineren Zahl.
group-limits = Grenzen
group-limits-help = Leer: Diese Gruppe sagt nichts dazu.
group-switches = Im Desktop
group-switches-help = Gilt für Desktops, die ab jetzt gestartet werden.
group-types = Desktop-Arten
group-types-help = Eine angekreuzte Art ist für die Gruppen da, die sie haben, und nicht mehr für alle. Die Administration darf alle starten.
group-type-everybody = Für alle
group-type-nobody = Für keine Gruppe: nur die Administration
group-type-only = Nur für { $names }
group-members = Mitglieder
group-settings = Einstellungen
group-take-out = Ankreuzen, wer ausscheiden soll
group-more-members = { $count ->
    [one] 1 weiteres ist nicht gezeigt; die Seite des Kontos nennt seine Gruppen.
   *[other] { $count } weitere sind nicht gezeigt; die Seite des Kontos nennt seine Gruppen.
}
group-add = Personen hinzufügen
group-add-help = Ihre Anmeldenamen, einer je Zeile.
group-add-unknown = Niemand oder mehr als eine Person hat den Anmeldenamen { $name }.
group-members-of-provider = Wie der Anbieter es sagt.
group-remove = Gruppe entfernen
group-keep = Behalten
group-remove-question = Die Gruppe { $name } entfernen?
group-remove-people = { $count ->
    [0] Niemand ist darin.
    [one] 1 Person verliert, was sie ihr gab.
   *[other] { $count } Personen verlieren, was sie ihnen gab.
}
group-remove-consequence = Konten und Desktops bleiben. Eine Desktop-Art, die nur für diese Gruppe da war, ist dann allein für die Administration.
group-remove-of-provider = Sie kommt wieder, wenn sich ein Mitglied anmeldet, ohne ihre Einstellungen.
overview-again = Neu laden
overview-running = Läuft gerade
overview-starting = { $count ->
    [one] 1 startet
   *[other] { $count } starten
}
overview-people = Personen
overview-started = Heute gestartet
overview-failed = Heute gescheitert
overview-now = Was gerade läuft
overview-empty = Es läuft nichts. Desktops werden auf der eigenen Seite gestartet.
overview-person = Person
overview-desktop = Desktop
overview-state = Zustand
overview-since = Seit
overview-actions = Aktionen
overview-stop = Beenden
overview-state-starting = Startet
overview-state-running = Läuft
overview-state-stopping = Wird beendet
