# Was Deskcast sagt, auf Deutsch. Dieselben Schlüssel und Angaben wie in en.ftl (tests/it/language.rs).
# Tonfall: was geschehen ist, was bleibt, was zu tun ist; Sie; keine Schuld; keine gegenderten Formen, wo ein
# neutrales Wort passt.

# --- Fehler ---------------------------------------------------------------------------------------------------
error-internal = Bei uns ist etwas schiefgegangen. Es wurde nichts geändert. Versuchen Sie es noch einmal und nennen Sie der Administration die Referenz, wenn es so bleibt.
error-database-away = Die Datenbank antwortet nicht. Offene Desktops laufen weiter. Versuchen Sie es in einer Minute wieder.
error-nothing-here = Unter dieser Adresse gibt es nichts. Vielleicht wurde es entfernt, oder es gehört jemand anderem.
error-not-a-page = Diese Adresse ist keine Seite; sie nimmt nur entgegen, was ein Formular oder ein Programm sendet.
error-wrong-method = Diese Adresse nimmt eine solche Anfrage nicht entgegen.
error-field = { $field }: { $problem }
error-nothing-at-address = Unter dieser Adresse gibt es nichts.
error-no-such-file = Diese Datei gibt es nicht.
error-bad-query = Der Teil der Adresse nach dem Fragezeichen ist nicht lesbar.
error-bad-json = Der Inhalt ist kein JSON: { $cause }.
error-not-json = Der Inhalt muss JSON sein, mit Content-Type: application/json.
error-not-a-form = Der Inhalt muss ein Formular sein, mit Content-Type: application/x-www-form-urlencoded.
error-bad-body = Der Inhalt der Anfrage brach ab.
error-too-large = Die Anfrage ist größer, als dieser Server hier annimmt (64 KiB).
error-address-too-long = Diese Adresse ist länger, als dieser Server annimmt.
error-too-slow = Die Antwort hat zu lange gedauert. Versuchen Sie es in einer Minute wieder.
error-body-too-slow = Der Rest der Anfrage kam zu langsam an. Prüfen Sie Ihre Verbindung und senden Sie sie dann noch einmal.
caps-requests-person = Zu viele Ihrer Anfragen sind gleichzeitig unterwegs. Warten Sie einen Augenblick und versuchen Sie es dann wieder.
caps-requests-address = Zu viele Anfragen aus Ihrem Netz sind gleichzeitig unterwegs. Warten Sie einen Augenblick und versuchen Sie es dann wieder.
caps-events-person = Zu viele Ihrer Seiten sind gleichzeitig offen. Schließen Sie einige davon und versuchen Sie es dann wieder.
caps-events-address = Zu viele Seiten aus Ihrem Netz sind gleichzeitig offen. Schließen Sie einige davon und versuchen Sie es dann wieder.
caps-streams-person = Sie haben zu viele Desktops gleichzeitig offen. Schließen Sie zuerst eines ihrer Fenster.
caps-streams-address = Aus Ihrem Netz sind zu viele Desktops gleichzeitig offen. Schließen Sie zuerst eines ihrer Fenster.
error-bad-host = Die Anfrage muss diesen Server genau einmal nennen, in einer Zeile Host.
error-wrong-host = Dieser Server hat einen anderen Namen. Öffnen Sie ihn unter der Adresse, die Sie von der Administration haben (PUBLIC_URL).
error-prefetch = Ihr Browser hat das im Voraus angefragt. Öffnen Sie die Adresse selbst.
error-head-too-large = Ihr Browser hat mehr Kopfzeilen gesendet, als dieser Server annimmt. Schließen Sie andere Tabs dieses Servers und versuchen Sie es noch einmal.
error-cookies-too-large = Ihr Browser hat mehr Cookies gesendet, als dieser Server annimmt; sie wurden jetzt entfernt. Laden Sie diese Seite neu und melden Sie sich an.
error-cookie-doubled = Ihr Browser hat ein Cookie dieses Servers zweimal gesendet, und eines davon ist nicht von ihm. Es wurde entfernt. Laden Sie diese Seite neu, und melden Sie sich an, falls Sie gefragt werden.
error-not-from-here = Das kam nicht von einer Seite dieses Servers, darum wurde nichts geändert. Öffnen Sie die Seite neu und versuchen Sie es noch einmal.
error-foreign-page = Diese Anfrage kam nicht von einer Seite dieses Servers. Öffnen Sie die Seite neu und wiederholen Sie, was Sie getan haben.
error-admin-only = Das ist der Administration vorbehalten.
error-guest = Sie sind über einen Link gekommen und können den Desktop nutzen, den er geöffnet hat. Für alles andere melden Sie sich bitte mit einem Konto an.
error-reference = Referenz
error-tries-again = Diese Seite versucht es alle 10 Sekunden wieder.
error-try-later = { $seconds ->
    [one] In 1 Sekunde können Sie es wieder versuchen.
   *[other] In { $seconds } Sekunden können Sie es wieder versuchen.
}
try-now = Jetzt versuchen
title-docker-away = Zurzeit können keine Desktops starten
title-database-away = Die Datenbank antwortet nicht
title-no-capacity = Für einen weiteren Desktop ist kein Platz
title-draining = Dieser Server wird neu gestartet
title-forbidden = Das dürfen Sie nicht
title-not-found = Hier gibt es nichts
title-ended = Das ist beendet
title-wrong-method = Das geht hier nicht
title-conflict = Zurzeit nicht möglich
title-too-large = Das ist zu groß
title-unreadable = Das ist nicht lesbar
title-other-host = Dieser Server heißt anders
title-invalid = Etwas ist nicht richtig ausgefüllt
title-slow-down = Bitte warten
title-desktop-away = Der Desktop antwortet nicht
title-unavailable = Das geht zurzeit nicht
title-internal = Etwas ist schiefgegangen
title-bad-request = Diese Anfrage ist nicht lesbar

# --- Anmelden -------------------------------------------------------------------------------------------------
sign-in-title = Anmelden
sign-in-heading = Zum Desktop anmelden
sign-in-promise = Was Sie offen gelassen haben, ist noch da.
sign-in-planted = Eine Seite eines Desktops hatte diesem Browser eine eigene Anmeldung untergeschoben. Sie wurde entfernt. Bitte melden Sie sich wieder an.
sign-in-name = Benutzername
sign-in-password = Passwort
sign-in-now = Anmelden
sign-in-under-way = Anmeldung läuft
sign-in-wrong = Benutzername oder Passwort stimmt nicht.
sign-in-too-many = { $seconds ->
    [one] Zu viele Versuche. Versuchen Sie es in 1 Sekunde wieder.
   *[other] Zu viele Versuche. Versuchen Sie es in { $seconds } Sekunden wieder.
}
sign-in-busy = Gerade melden sich viele Personen an. Versuchen Sie es in ein paar Sekunden wieder.
sign-out-question = Abmelden?
sign-out-consequence = Ihre Desktops laufen weiter.
sign-out-not = Angemeldet bleiben
session-missing = Es wurde keine Sitzung angegeben.
session-unknown = Diese Sitzung gibt es nicht.
session-expired = Die Sitzung ist abgelaufen.
token-is-no-session = Ein API-Schlüssel ist keine Sitzung und kann nicht abgemeldet werden. Löschen Sie ihn, wenn er nicht mehr gebraucht wird.
token-makes-none = Mit einem API-Schlüssel lassen sich keine API-Schlüssel erstellen. Melden Sie sich dafür an.
token-unknown = Einen solchen API-Schlüssel haben Sie nicht.
token-too-many = Sie haben { $most } API-Schlüssel. Löschen Sie einen, den Sie nicht mehr brauchen.
token-name = Geben Sie dem API-Schlüssel einen Namen von 1 bis { $most } Zeichen.
token-lifetime = Sekunden, von 1 bis { $most } ({ $days } Tage).

# --- Ihre Desktops --------------------------------------------------------------------------------------------
your-desktops = Ihre Desktops
engine-away = Zurzeit können keine Desktops starten. Offene laufen weiter.
desktops-find = Desktop suchen
desktops-not-live = Nicht aktuell. Letzte Änderung
desktops-trying-again = Ein neuer Versuch läuft.
desktops-none-found = Kein Desktop heißt so
desktops-show-all = Alle Desktops zeigen
desktops-none-yet = Es ist noch kein Desktop eingerichtet
desktops-add-type = Fügen Sie dem Katalog eine Desktop-Art hinzu.
desktops-none-for-you = Für Sie ist noch kein Desktop eingerichtet
desktops-ask = Fragen Sie die Administration.
desktops-open = Jetzt offen
desktops-ready = Startbereit
desktops-one-click = Ein Klick genügt.
desktops-nothing-open = Nichts ist offen.
desktops-running = { $count ->
    [one] Einer läuft.
   *[other] { $number } laufen.
}
desktops-starting = { $count ->
    [one] Einer startet.
   *[other] { $number } starten.
}
state-starting = Startet
state-running = Läuft
state-stopping = Wird beendet
state-stopped = Beendet
state-failed = Nicht gestartet
state-ended = Von selbst beendet
state-missing = Nicht auf diesem Server
desktop-is-starting = { $title } startet
desktop-is-running = { $title } läuft
desktop-is-stopping = { $title } wird beendet
desktop-is-stopped = { $title } ist beendet
desktop-did-not-start = { $title } ist nicht gestartet
desktop-ended = { $title } hat sich von selbst beendet
desktop-image-missing = Das Abbild von { $title } liegt nicht auf diesem Server
desktop-last-opened = Zuletzt geöffnet
desktop-closing = Programme werden geschlossen.
desktop-keeps-files = Ihre Dateien bleiben.
desktop-keeps-nothing = Dateien darin bleiben nicht erhalten.
image-missing = Das Abbild liegt noch nicht auf diesem Server. Nur die Administration kann es holen.
image-missing-fetch = Das Abbild liegt noch nicht auf diesem Server. Holen Sie { $image } einmal, dann können alle es starten.
image-fetch = Abbild holen
image-fetching = Das Abbild wird geholt
image-fetch-asking = Das Abbild wird angefragt …
image-fetch-going = Wird geholt:
image-fetch-failed = Das Abbild konnte nicht geholt werden.
image-fetch-again = Laden Sie diese Seite neu und versuchen Sie es noch einmal.
card-open = Öffnen
card-open-of = { $title } öffnen
card-watch = Zusehen und öffnen
card-start = Starten
card-start-of = von { $title }
card-again = Noch einmal versuchen
card-again-of = mit { $title }
card-stop = Beenden
card-stop-of = von { $title }
card-cancel = Abbrechen
card-cancel-of = des Starts von { $title }
card-more-of = Mehr zu { $title }
remove-title = Desktop entfernen
remove-question = { $title } entfernen?
remove-keeps-files = Offene Programme werden geschlossen, installierte Programme werden gelöscht. Ihre Dateien bleiben.
remove-keeps-nothing = Alles darin wird gelöscht.
remove-not = Behalten
stop-question = { $title } beenden?
stop-closes = Offene Programme werden geschlossen.
stop-not = Weiterlaufen lassen
stop-desktop = Desktop beenden

# --- Ein Desktop, der startet, läuft, beendet ist -------------------------------------------------------------
start-progress = Fortschritt
start-steps = Fortschritt des Starts
start-step-done = , erledigt
start-preparing = Vorbereiten
start-creating = Anlegen
start-starting = Starten
start-waiting = Warten auf den Desktop
start-usual = Meist nach { $time } bereit.
start-first = Hier noch nie gestartet, darum dauert es vielleicht etwas länger.
start-late = Das dauert länger als sonst
start-late-do = Sie können warten oder abbrechen; nichts geht verloren.
start-opens-itself = Diese Seite öffnet ihn von selbst.
start-to-desktops = Zu Ihren Desktops
start-cancel = Start abbrechen
start-loads-again = Ohne JavaScript lädt diese Seite alle 3 Sekunden neu.
start-goes-on = Sie können diese Seite schließen. Der Start geht weiter.
start-without-files = Ein anderer Desktop von Ihnen hat Ihre Dateien geöffnet. Dieser startet deshalb ohne sie und behält nichts. Wenn Sie sie hier brauchen, stoppen Sie zuerst den anderen.
stopped-by-link = Um wieder einen zu nutzen, öffnen Sie den Link, über den Sie gekommen sind.
end-since = Seit
end-unknown = Er ist nicht gestartet.
end-stopped-by-user = Sie haben ihn beendet. Ihre Dateien bleiben; offene Programme wurden geschlossen.
end-stopped-by-admin = Die Administration hat ihn beendet. Ihre Dateien bleiben; offene Programme wurden geschlossen.
end-lifetime-limit = Er lief so lange, wie Ihre Desktops laufen dürfen, und wurde beendet. Ihre Dateien bleiben; offene Programme wurden geschlossen. Die Administration kann mehr erlauben.
end-disk-limit = Er wurde beendet, weil seine Programme außerhalb Ihres Persönlichen Ordners mehr geschrieben haben, als er darf. Ihre Dateien bleiben; offene Programme wurden geschlossen. Legen Sie große Dateien in Ihren Persönlichen Ordner, oder bitten Sie die Administration um mehr Platz.
end-idle-limit = Er wurde beendet, weil ihn eine Weile niemand benutzt hat. Ihre Dateien bleiben; offene Programme wurden geschlossen. Die Administration kann mehr erlauben.
end-guest = Er wurde beendet, und nichts davon ist aufbewahrt. Um wieder einen zu nutzen, öffnen Sie den Link, über den Sie gekommen sind.
end-engine-away = Der Teil des Servers, der Desktops ausführt, antwortet nicht. Versuchen Sie es in einer Minute wieder.
end-no-capacity = Alle Plätze auf diesem Server sind belegt. Versuchen Sie es später wieder oder fragen Sie die Administration.
end-out-of-memory-early = Beim Start war der Speicher voll. Ihre Dateien sind sicher. Bitten Sie die Administration um mehr Speicher.
end-out-of-memory = Der Speicher war voll. Ihre Dateien sind sicher. Bitten Sie die Administration um mehr Speicher.
end-by-itself-early = Er hat sich gleich nach dem Start beendet. Ihre Dateien sind sicher. Die Administration findet die Ursache im Protokoll.
end-by-itself = Er hat sich von selbst beendet. Ihre Dateien sind sicher.
end-meanwhile = Er wurde beendet, während der Server ausgeschaltet war. Ihre Dateien sind aufbewahrt; offene Programme wurden geschlossen.
end-too-slow = Er hat { $seconds } Sekunden lang nicht geantwortet. Ihre Dateien sind sicher. Versuchen Sie es noch einmal.
end-start-failed = Er konnte nicht gestartet werden. Ihre Dateien sind sicher. Die Administration findet die Ursache im Protokoll.
viewer-connecting = Verbindung wird aufgebaut
viewer-connected = Verbunden
viewer-lost = Verbindung weg
viewer-foreign = Nicht Ihr Desktop
viewer-watches = Sie sehen für die Administration zu
viewer-controls = Sie steuern ihn für die Administration
viewer-take-control = Steuerung übernehmen
viewer-give-back = Steuerung zurückgeben
lookers = Wer zusieht
looker-watches = (Administration) sieht zu, seit
looker-controls = (Administration) hat die Steuerung übernommen, hier seit
looker-visits = (über Ihren Link) ist hier seit
viewer-full-screen = Vollbild
viewer-frame = { $title }. Strg Alt Umschalt P führt zur Leiste oben und zurück.
viewer-coming = Der Desktop läuft; sein Bild ist unterwegs.
viewer-trying-again = Der Desktop läuft weiter. Neuer Versuch in
viewer-stopping = Dieser Desktop wird beendet
viewer-needs-scripts = Dieser Desktop braucht JavaScript
viewer-needs-scripts-why = Er läuft, aber sein Bild lässt sich nur mit eingeschaltetem JavaScript zeigen.

# --- Was Desktops ablehnen ------------------------------------------------------------------------------------
type-unknown = Eine Desktop-Art mit diesem Namen gibt es nicht, oder sie ist nicht für Sie freigegeben.
start-removed = Der Desktop wurde inzwischen entfernt.
start-called-off = Der Start wurde abgebrochen.
start-stopping = Dieser Desktop wird gerade beendet. Versuchen Sie es gleich noch einmal.
start-draining = Dieser Server wird neu gestartet. Versuchen Sie es in einer Minute wieder.
start-unsettled = Der Desktop konnte nicht eingerichtet werden. Versuchen Sie es noch einmal.
remove-nothing = Es wurde kein Desktop gefunden.
stop-not-running = Es wurde kein laufender Desktop gefunden.
stop-started-again = Der Desktop wurde inzwischen wieder gestartet.
stop-engine-away = Der Teil des Servers, der Desktops ausführt, antwortet nicht. Der Desktop wird beendet, sobald er antwortet.
desktop-unknown = Diesen Desktop gibt es nicht. Gehen Sie zurück zu Ihren Desktops und öffnen Sie dort einen.
desktop-hostile = Dieser Desktop ist eine Webseite aus einem fremden Container. Hier geöffnet, könnte sie in Ihrem Namen handeln; darum kann auch die Administration nicht hineinsehen. Bei Bedarf lässt er sich in der Verwaltung beenden.
desktop-not-running = Dieser Desktop läuft gerade nicht. Auf seiner Seite können Sie ihn starten.
desktop-nothing-there = Unter dieser Adresse des Desktops gibt es nichts.
desktop-signed-out = Hier ist niemand mehr angemeldet. Öffnen Sie Ihre Desktops und melden Sie sich an.
desktop-ambiguous = Diese Adresse ist mehrdeutig und wird darum nicht weitergegeben.
desktop-address-too-long = Diese Adresse ist länger als jede Adresse eines Desktops.
desktop-read-only = Diese Seite kann nur gelesen werden.
desktop-no-worker = Ein Desktop darf im Browser keinen Service Worker hinterlassen.
desktop-foreign-page = Diese Anfrage kam von der Seite eines anderen Servers und wurde nicht an den Desktop weitergegeben.
desktop-bad-answer = Der Desktop hat eine Antwort gegeben, die nicht weitergegeben werden kann. Sagen Sie es der Administration, wenn das so bleibt.
desktop-silent = Der Desktop antwortet nicht. Vielleicht wird er gerade beendet. Gehen Sie zurück zu Ihren Desktops und sehen Sie nach.
desktop-broke-off = Der Desktop hat seine Antwort abgebrochen. Versuchen Sie es noch einmal; bleibt es so, beenden und starten Sie ihn.
desktop-wrong-password = Der Desktop nimmt sein eigenes Passwort nicht mehr an. Beenden Sie ihn und starten Sie ihn neu.
desktop-too-slow = Der Desktop hat nicht rechtzeitig geantwortet. Vielleicht ist er sehr beschäftigt. Versuchen Sie es in einer Minute wieder.
client-no-file = Der Client dieses Desktops hat keine solche Datei.
client-missing = Dieser Desktop läuft, aber sein Abbild { $image } hat in { $folder } keine Dateien des Clients, darum lässt sich sein Bild nicht zeigen. Die Administration kann bei „{ $title }“ den Ordner berichtigen oder den Client auf „passthrough“ stellen, wenn das Abbild eine einfache Webanwendung ist.
client-engine-away = Der Dienst für Container antwortet nicht, und der Client dieses Desktops wurde noch nicht gelesen. Der Desktop läuft weiter. Versuchen Sie es in einer Minute wieder.
client-unreadable = Die Dateien des Clients im Abbild { $image } sind nicht lesbar. Sagen Sie es der Administration.
stream-too-many = Dieser Desktop ist schon { $most }-mal geöffnet. Schließen Sie zuerst eines seiner Fenster.
stream-foreign = Das Bild eines Desktops kann nur eine Seite dieses Servers öffnen, unter seiner üblichen Adresse.
stream-version = Hier wird nur Version 13 des WebSocket-Protokolls gesprochen.
stream-malformed = Das ist keine WebSocket-Anfrage: { $what } ist nicht, wie es sein soll.
stream-broken = Der Desktop läuft, aber sein Bild lässt sich nicht öffnen. Versuchen Sie es noch einmal, oder beenden und starten Sie ihn.

# --- Desktop-Arten und ihre Abbilder --------------------------------------------------------------------------
seed-ubuntu-vscode = Visual Studio Code unter Ubuntu.
seed-ubuntu-desktop = Ein vollständiger Ubuntu-Desktop.
seed-ubuntu-chromium = Der Browser Chromium unter Ubuntu.
seed-debian-desktop = Ein kleiner Desktop mit Terminal, Editor und Dateien.
seed-debian-browser = Der Browser Chromium, sonst nichts.
type-not-found = Diese Desktop-Art gibt es nicht.
type-slug-taken = Eine Desktop-Art { $slug } gibt es schon. Wählen Sie einen anderen Kurznamen.
type-in-use = Es gibt Desktops dieser Art. Entfernen Sie diese zuerst, oder schalten Sie die Art ab.
type-slug-stays = Der Kurzname ist Teil der Namen von Desktops und kann nicht geändert werden. Legen Sie stattdessen eine weitere Art an.
type-no-such-field = Ein solches Feld hat eine Desktop-Art nicht.
type-unreadable = Das ist nicht lesbar: { $cause }.
type-slug = 1 bis 28 kleine Buchstaben (a bis z), Ziffern und innere Bindestriche.
type-title = 1 bis 100 Zeichen in einer Zeile.
type-description = Höchstens 500 Zeichen in einer Zeile.
type-icon = Der Name einer Zeichnung: kleine Buchstaben, Ziffern und Bindestriche.
type-vnc-user = 1 bis 64 Buchstaben, Ziffern, Punkte, Binde- und Unterstriche.
type-image = Ein Abbild wie kasmweb/vs-code:1.15.0.
type-port = Von 1 bis 65535.
type-client-folder = Ein Ordner des Abbilds wie /usr/share/kasmvnc/www.
type-home = Leer, oder ein Ordner wie /home/kasm-user, der nicht zum System gehört.
type-start-url = Eine Adresse, die mit http:// oder https:// beginnt, ohne Leerzeichen, Anführungszeichen oder Passwort.
type-memory = Von 64 bis 1048576 MiB.
type-cpus = Von { $least } bis { $most } Kerne.
type-shm = Von 1 bis 65536 MiB.
type-pids = Von 16 bis 100000.
type-disk = Von { $least } bis { $most } (MiB).
type-capability = { $name } kann ein Desktop nicht bekommen. Möglich sind { $possible }.
type-variables = Höchstens 100 Variablen.
type-variable-name = { $name } ist kein Name einer Variablen.
type-variable-ours = { $name } setzt dieser Server bei jedem Start selbst.
type-variable-value = Der Wert von { $name } ist zu lang oder nicht schreibbar.
container-not-found = Dieser Container wurde nicht gefunden.
engine-not-permitted = Dieser Server darf den Dienst für Container unter { $engine } nicht benutzen: Zugriff verweigert. Nehmen Sie den Benutzer des Servers in die Gruppe dieses Sockets auf (meist docker) und starten Sie ihn neu, oder setzen Sie DOCKER_HOST.
engine-silent = Der Dienst für Container antwortet nicht ({ $call }).
engine-no-image = Das Abbild { $image } liegt nicht auf diesem Server.
engine-port-taken = Port { $port } ist von einem anderen Programm belegt.
engine-gone = Den Container gibt es nicht.
way-port-configured = Desktops werden über Ports dieses Rechners erreicht, weil DESKTOP_CONNECT es so sagt.
way-port-not-near = Desktops werden über Ports dieses Rechners erreicht, weil er nicht an ihrem Netz hängt.
way-port-silent = Desktops werden über Ports dieses Rechners erreicht, weil sie unter ihren eigenen Adressen nicht antworten.
way-address-configured = Desktops werden über ihre eigenen Adressen erreicht, weil DESKTOP_CONNECT es so sagt.
egress-not-set = Desktops können diesen Rechner und private Netze erreichen: Die Regeln der Firewall dagegen sind nicht in Kraft. Führen Sie auf dem Rechner der Container scripts/egress-rules.sh set aus.
egress-cannot-set = Desktops können diesen Rechner und private Netze erreichen: Die Firewall nimmt die Regeln dagegen nicht an ({ $cause }). Führen Sie auf dem Rechner der Container scripts/egress-rules.sh set aus.
egress-no-hook = Desktops können diesen Rechner und private Netze erreichen: Docker führt nichts durch die Kette DOCKER-USER der Firewall, in der Regeln dagegen ständen. Lassen Sie Docker iptables verwenden.
egress-cannot-look = Ob Desktops diesen Rechner und private Netze erreichen, ist nicht bekannt: Die Firewall lässt sich von hier nicht ansehen ({ $cause }). Führen Sie auf dem Rechner der Container scripts/egress-rules.sh check aus.
egress-elsewhere = Ob Desktops ihren Rechner und private Netze erreichen, ist nicht bekannt: Die Container laufen auf einem anderen Rechner. Führen Sie dort scripts/egress-rules.sh check aus.
way-address-near = Desktops werden über ihre eigenen Adressen erreicht, weil dieser Rechner an ihrem Netz hängt.
engine-refused = Der Dienst für Container hat abgelehnt: { $words }.
pull-restart = Dieser Server wird neu gestartet. Holen Sie das Abbild danach noch einmal.
pull-broke-off = Das Holen brach ab. Versuchen Sie es noch einmal.
pull-silent = Die Registry hat { $seconds } Sekunden lang nichts gesendet. Versuchen Sie es später wieder.
pull-processor = Das Abbild { $image } gibt es nicht für den Prozessor dieses Servers.
pull-unknown = Das Abbild { $image } gibt es in seiner Registry nicht. Prüfen Sie Name und Tag.
pull-sign-in = Die Registry verlangt für { $image } eine Anmeldung, oder das Abbild gibt es nicht. Prüfen Sie den Namen, oder melden Sie sich auf dem Server mit `docker login` an.
pull-disk-full = Die Festplatte des Servers ist voll: { $image } passt nicht darauf. Entfernen Sie Abbilder, die nicht gebraucht werden.
pull-slow-down = Die Registry erlaubt zurzeit keine weiteren Downloads. Versuchen Sie { $image } später wieder.
pull-unreachable = Die Registry von { $image } ist vom Server aus nicht erreichbar ({ $words }). Prüfen Sie den Namen, das Netz und die Proxy-Einstellungen von Docker.
pull-untrusted = Der Registry von { $image } kann nicht vertraut werden ({ $words }).
pull-failed = Das Abbild { $image } konnte nicht geholt werden: { $words }
catalog-unknown-group = Diese Gruppe gibt es nicht.

# --- Zeiten und Mengen ----------------------------------------------------------------------------------------
just-now = gerade eben
minutes-ago = { $count ->
    [one] vor 1 Minute
   *[other] vor { $count } Minuten
}
hours-ago = { $count ->
    [one] vor 1 Stunde
   *[other] vor { $count } Stunden
}
yesterday = gestern
days-ago = vor { $count } Tagen
on-date = am { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }
took-seconds = { $seconds } s
took-minutes = { $minutes } min { $seconds } s
about-seconds = { $count ->
    [one] 1 Sekunde
   *[other] { $count } Sekunden
}
about-minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
}
size = { $amount } { $unit }
size-bytes = { $count ->
    [one] 1 Byte
   *[other] { $count } Byte
}
number-at-start = { $count ->
    [0] Keiner
    [1] Einer
    [2] Zwei
    [3] Drei
    [4] Vier
    [5] Fünf
    [6] Sechs
    [7] Sieben
    [8] Acht
    [9] Neun
   *[other] { $count }
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
admin-users = Konten
admin-records = Aufzeichnungen
admin-audit = Protokoll
audit-about = Wer was mit den Desktops anderer und mit den Servereinstellungen getan hat. Einträge bleiben, wenn ein Konto oder ein Desktop entfernt wird, so viele Tage, wie der Server seinen Verlauf behält.
audit-when = Wann
audit-who = Wer
audit-what = Was
audit-desktop = Desktop
audit-whose = Wessen
audit-by-kind = Nach Art
audit-all = Alle
audit-only-person = Zu einer Person
audit-none = Noch ist nichts aufgeschrieben, oder nichts von dieser Art.
audit-earlier = Früher
audit-later = Später
audit-seconds = nach { $seconds } s
audit-look-began = begann zuzusehen
audit-look-ended = sieht nicht mehr zu
audit-control-taken = hat die Steuerung übernommen
audit-control-given-back = hat die Steuerung zurückgegeben
audit-settings-changed = hat Servereinstellungen geändert
audit-desktop-kept = hat einen Desktop aus der Gastzeit behalten
audit-kind-form = Eine der Arten dieser Liste, etwa look.began.
audit-person-form = Die Kennung einer Person.
admin-groups = Gruppen
admin-authentication = Anmeldung
admin-openid = OpenID
admin-server = Server
admin-settings = Einstellungen

# --- Anmelden mit einem OpenID-Anbieter ------------------------------------------------------------------------

oidc-seal-no-key = SECRET_KEY ist nicht gesetzt, daher lassen sich Geheimnisse nicht aufbewahren. Setzen Sie SECRET_KEY auf einen langen Zufallstext, starten Sie den Server neu und geben Sie das Geheimnis ein.
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
openid-authorization-url = URL der Anmeldung (Authorization)
openid-authorization-url-help = Hier melden sich alle an.
openid-token-url = URL der Tokens (Token)
openid-token-url-help = Hier erfährt dieser Server sicher, wer sich angemeldet hat.
openid-userinfo-url = URL der Angaben (User Info)
openid-userinfo-url-help = Hier werden Namen und Gruppen gelesen.
openid-jwks-url = URL der Schlüssel (JWKS)
openid-jwks-url-help = Die Schlüssel des Anbieters. Ohne sie zählt nur, was direkt von der URL der Tokens kommt.
openid-end-session-url = URL der Abmeldung (End Session)
openid-end-session-url-help = Wer sich hier abmeldet, kann sich dann auch dort abmelden.
openid-scopes = Scopes (einer je Zeile)
openid-scopes-help = Wonach dieser Server fragt; immer mit openid. Mehrere in einer Zeile gehen auch.
openid-username-claim = Benutzername (User Identifier)
openid-username-claim-help = Die Angabe mit dem gezeigten Namen, auch der erste Teil der Namen von Desktops.
openid-groups-claim = Angabe mit den Gruppen
openid-groups-claim-help = Eine Liste von Namen wie bei Authelia, oder Gruppen mit Kennung und Name wie bei IServ.
openid-admin-group = Gruppe der Administration
openid-admin-group-help = Ihre Mitglieder verwalten diesen Server. Genau die Kennung, die der Anbieter ihr gibt (bei IServ „act“); der Name nur, wenn er keine hat.
openid-teacher-group = Gruppe der Lehrkräfte
openid-teacher-group-help = Ihre Mitglieder sind hier Lehrkräfte. Genau die Kennung, die der Anbieter ihr gibt (bei IServ „act“); der Name nur, wenn er keine hat.
openid-allowed-groups = Nur diese Gruppen dürfen sich anmelden
openid-allowed-groups-help = Eine je Zeile, genau die Kennung; der Name nur, wenn der Anbieter keine Kennungen hat. Leer: alle, die der Anbieter anmeldet.
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
openid-hint-authelia-title = Authelia
openid-hint-iserv-title = IServ
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
oidc-switch-title = Wer möchten Sie sein?
oidc-switch-lead = Eine Anmeldung mit { $provider } ist zurückgekommen, und sie gilt einem anderen Konto als dem, das in diesem Browser angemeldet ist. Bisher wurde nichts geändert.
oidc-switch-here = Jetzt angemeldet
oidc-switch-there = Würde angemeldet
oidc-switch-advice = Wenn Sie sich nicht gerade selbst mit diesem Konto angemeldet haben, bleiben Sie, wer Sie sind.
oidc-switch-stay = { $name } bleiben
oidc-switch-go = Zu { $name } wechseln
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
account-sign-out-note = Desktops laufen weiter. Mit „Überall abmelden“ enden auch Ihre API-Token.
account-done-signed-out = Dort sind Sie abgemeldet. Ihre Desktops laufen weiter.
account-done-revoked = Das Token öffnet nichts mehr.
account-done-password = Das Passwort ist geändert. Überall sonst sind Sie abgemeldet, und Ihre API-Token gelten nicht mehr.
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
password-short = Wählen Sie ein Passwort mit mindestens { $count } Zeichen.
password-long = Wählen Sie ein Passwort mit höchstens { $count } Zeichen.
account-no-password = Ihr Konto hat hier kein Passwort. Darum kümmert sich Ihr Anmeldedienst.
account-not-saved = { $count ->
    [one] Nicht gespeichert: 1 Feld muss geändert werden.
   *[other] Nicht gespeichert: { $count } Felder müssen geändert werden.
}
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
setting-clipboard-down-help = Dort kopierter Text lässt sich außerhalb einfügen. Aus verhindert das alltägliche Kopieren; wer im Desktop Programme einrichten kann, kommt von innen daran vorbei.
setting-clipboard-up-help = Außerhalb kopierter Text lässt sich dort einfügen. Aus: Dieser Server lässt keine Zwischenablage in den Desktop.
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
paging-place-form = Diese Stelle gibt es in keiner Liste. Beginnen Sie mit der ersten Seite.
paging-limit-form = Eine ganze Zahl von 1 bis { $most }.
paging-one-place = Entweder after oder before, nicht beides.
list-newer = Spätere Starts
list-older = Frühere Starts
list-before = Frühere Namen
list-after = Spätere Namen
role-user = Nutzung
role-guest = Gast
role-teacher = Lehrkraft
role-admin = Administration
person-unknown = Dieses Konto gibt es nicht.
person-username-form = Ein Anmeldename von 1 bis 200 Zeichen in einer Zeile.
person-username-taken = Ein anderes Konto hat diesen Anmeldenamen. Wählen Sie einen anderen.
person-username-fixed = Der Anmeldename eines Kontos bleibt, wie er ist.
person-name-form = Ein Name von 1 bis 200 Zeichen in einer Zeile.
person-email-form = Eine Adresse wie jana@example.org.
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
users-more-than = Mehr als { $count } Konten
users-search = Name oder E-Mail
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
groups-search = Name einer Gruppe
groups-none = Keine Gruppe passt dazu.
groups-show-all = Alle zeigen
groups-before = Gruppen davor
groups-after = Gruppen danach
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
group-take-out = Ankreuzen, wer die Gruppe verlässt
group-add = Personen hinzufügen
group-add-help = Ihre Anmeldenamen, einer je Zeile.
group-add-unknown = Niemand oder mehr als eine Person hat den Anmeldenamen { $name }.
group-members-of-provider = Wie der Anbieter es sagt.
group-remove = Gruppe entfernen
group-keep = Behalten
group-remove-question = Die Gruppe { $name } entfernen?
group-remove-many = Mehr als { $count } Personen verlieren, was sie ihnen gab.
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
overview-search = Person oder Desktop
overview-none = Nichts Offenes passt dazu.
overview-show-all = Alle zeigen
overview-person = Person
overview-desktop = Desktop
overview-state = Zustand
overview-since = Seit
overview-actions = Aktionen
overview-stop = Beenden
overview-state-starting = Startet
overview-state-running = Läuft
overview-state-stopping = Wird beendet
overview-state-stopped = Beendet
overview-state-failed = Gescheitert
containers-state-form = live, starting, running, stopping, stopped, failed oder all.
# --- Was gilt, auf der eigenen Seite --------------------------------------------------------------------------
account-applies = Was für Sie gilt und warum
account-applies-help = Ihre Gruppen: { $groups }. Ein Desktop behält, womit er gestartet wurde.

# --- Sharing a running desktop ---------------------------------------------------------------------------------
# The owner's page, the page of a link, the bar above a shared desktop.
share-title = { $title } teilen
share-intro = Wer hier ein Konto hat und einen Link erhält, kann diesen Desktop sehen, solange er läuft.
share-back = Zurück zum Desktop
share-new = Neuer Link
share-may = Gäste dürfen
share-view = Nur zusehen
share-control = Zusehen und steuern
share-how-long = Der Link gilt
share-how-long-help = Er endet früher, wenn der Desktop beendet wird oder wenn Sie ihn beenden.
share-hours = { $count ->
    [one] 1 Stunde
   *[other] { $count } Stunden
}
share-days = { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
}
share-create = Link erstellen
share-made = Geben Sie diesen Link weiter. Er wird nicht noch einmal angezeigt.
share-copy = Link kopieren
share-copied = Kopiert
share-links = Gültige Links
share-none = Dieser Desktop wird nicht geteilt.
share-until = bis
share-nobody = Noch ist niemand dabei
share-joined = Dabei:
share-end = Beenden
share-end-name = Link beenden: { $access }, bis { $until }
share-done-ended = Der Link ist beendet, und niemand sieht über ihn mehr zu.
share-lifetime = Muss zwischen { $least } und { $most } Sekunden liegen.
share-no-desktop = Einen solchen Desktop haben Sie nicht. Starten Sie ihn zuerst.
share-not-running = Dieser Desktop läuft nicht. Starten Sie ihn und teilen Sie ihn dann.
share-not-allowed = Dieser Desktop darf nicht geteilt werden: Die Einstellungen, mit denen er gestartet wurde, erlauben es nicht. Fragen Sie die Administration.
share-own-page = Dieser Desktop kann nicht geteilt werden: Er zeigt eine eigene Seite, die nur Sie öffnen dürfen.
share-too-many = Dieser Desktop hat schon { $most } Links. Beenden Sie zuerst einen davon.
share-unknown = Einen solchen Link haben Sie nicht.
share-over = Dieser Link führt zu keinem Desktop mehr: Er ist beendet, oder der Desktop wurde beendet. Bitten Sie um einen neuen Link.
share-ended-by = { $name } hat diesen Link beendet. Bitten Sie um einen neuen, wenn Sie ihn noch brauchen.
share-ended-account = Dieser Link ist beendet: Die Administration hat das Konto von { $owner } abgeschaltet.
share-ended-desktop-admin = Dieser Link ist beendet: Die Administration hat den Desktop von { $owner } beendet.
share-ended-desktop-by = Dieser Link ist beendet: { $owner } hat den Desktop beendet.
share-ended-desktop = Dieser Link ist beendet: Der Desktop von { $owner }, für den er gemacht wurde, läuft nicht mehr.
share-ended-time = Dieser Link ist beendet: Die Zeit, die { $owner } ihm gab, ist vorbei. Bitten Sie um einen neuen, wenn Sie ihn noch brauchen.
share-join-title = { $owner } teilt einen Desktop mit Ihnen
share-join-view = Sie können zusehen, aber nicht tippen oder klicken.
share-join-control = Sie können zusehen, tippen und klicken.
share-join-desktop = Desktop
share-join-until = Der Link gilt bis
share-join-watch = Zusehen
share-join-use = Desktop öffnen
share-join-rules = Gut zu wissen
share-join-named = { $owner } sieht Ihren Namen.
share-join-ended = { $owner } kann das jederzeit beenden.
share-join-not = Ihre Desktops
share-bar = Teilen
share-bar-shared = Geteilt
share-standing = Der Link, über den er geteilt ist
share-standing-about = Dieser Desktop ist von Anfang an geteilt: Wer diesen Link bekommt, kann zusehen. Unten können Sie ihn widerrufen.
share-bar-by = Geteilt von { $owner }
share-bar-view = nur zusehen
share-bar-control = mit Steuerung

# --- Keeping what one had as a guest ---------------------------------------------------------------------------
keep-bar = Anmelden und behalten
keep-it = Behalten
keep-title = { $title } behalten?
keep-as = Sie sind als { $name } angemeldet. Er gehört dann Ihnen, so wie er ist: Was darin offen ist, bleibt offen, und seine Adresse bleibt gleich.
keep-rules = Dateien darin bleiben, bis er gestoppt wird, und wandern nicht zu Ihren eigenen Dateien. Ab jetzt gelten für ihn die Grenzen Ihres Kontos.
keep-sign-in = Melden Sie sich an, um den offenen Desktop zu behalten. Alles darin bleibt, wie es ist.
keep-sign-in-first = Sie haben ohne Konto einen Desktop offen. Melden Sie sich an, dann können Sie ihn behalten.
keep-offer = { $title } ist noch offen, aus der Zeit vor Ihrer Anmeldung.
keep-ended = Dieser Desktop ist beendet; es gibt nichts mehr zu behalten. Öffnen Sie für einen neuen den Link, über den Sie kamen.

# --- Casts: Absagen, die Besucher lesen ------------------------------------------------------------------------
cast-refused-unknown = Dieser Link führt nirgendwohin. Vielleicht wurde er geändert oder zurückgezogen: Fragen Sie, wer ihn Ihnen gab.
cast-refused-expired = Dieser Link gilt nicht mehr: Seine Zeit ist um. Bitten Sie um einen neuen.
cast-refused-referrer = Dieser Link geht nur von der Seite aus, für die er gedacht ist. Gehen Sie dorthin zurück und klicken Sie ihn dort an.
cast-refused-too-many-requests = Aus Ihrem Netz wurden mit diesem Link zu viele Desktops gestartet. Warten Sie ein wenig und versuchen Sie es noch einmal.
cast-refused-captcha-failed = Es ließ sich nicht bestätigen, dass Sie ein Mensch sind. Öffnen Sie den Link noch einmal und wiederholen Sie die Prüfung.
cast-refused-kasm-url-invalid = Die Seite, die dieser Link öffnen soll, ist keine Webadresse, die ein Desktop öffnen kann. Prüfen Sie den Teil nach kasm_url=.
cast-refused-kasm-url-not-allowed = Dieser Link darf nicht bestimmen, welche Seite sich öffnet. Nehmen Sie kasm_url heraus.
cast-refused-network-invalid = Das Netz, das dieser Link verlangt, wird nicht angeboten. Prüfen Sie den Teil nach docker_network=.
cast-refused-network-not-allowed = Dieser Link darf kein Netz wählen. Nehmen Sie docker_network heraus.
cast-refused-argument-missing = Dieser Link ist unvollständig: Es fehlt ein Teil, den die Anwendung braucht.
cast-refused-argument-invalid = Ein Teil dieses Links ist nicht das, was die Anwendung annimmt.
cast-refused-none-left = Alle Desktops dieses Links sind vergeben. Bitten Sie um weitere.
cast-refused-no-capacity = Gerade ist kein Platz für einen weiteren Desktop. Schließen Sie einen oder versuchen Sie es später.
cast-refused-start-failed = Der Desktop ließ sich nicht starten. Versuchen Sie es in einer Minute noch einmal; verbraucht wurde nichts.
cast-refused-code = Grund
cast-type-off = Was dieser Link öffnet, ist zurzeit abgeschaltet. Fragen Sie die Stelle, von der Sie ihn haben.
cast-open-title = { $title } öffnen
cast-open-as = Er wird für { $name } geöffnet.
cast-open-guest = Sie brauchen kein Konto. Alles darin wird danach gelöscht.
cast-open = Desktop öffnen
cast-opening = Der Desktop wird geöffnet.
cast-resumed-title = Dieser Desktop ist schon offen
cast-resumed-text = Sie haben ihn schon früher mit diesem Link geöffnet, und was der Link erlaubt, hat sich seitdem geändert. Was abgeschaltet werden konnte, ist jetzt aus. Das Übrige hat nur ein neuer Desktop:
cast-resumed-stays-on = bleibt an
cast-resumed-stays-off = bleibt aus
cast-resumed-go-on = Damit weitermachen
cast-resumed-fresh = Schließen und einen neuen öffnen
cast-resumed-fresh-hint = Beim Schließen enden alle Programme darin. Was nicht gespeichert ist, geht verloren.
cast-argument-named = Er heißt { $name }.

# --- Casts: Gründe in wenigen Worten, für Administratoren --------------------------------------------------------
cast-reason-unknown = Kein solcher Link
cast-reason-disabled = Abgeschaltet
cast-reason-expired = Zeit ist um
cast-reason-referrer = Von anderswo gekommen
cast-reason-too-many-requests = Zu oft gefragt
cast-reason-captcha-failed = Prüfung nicht bestanden
cast-reason-kasm-url-invalid = kasm_url lässt sich nicht öffnen
cast-reason-kasm-url-not-allowed = kasm_url nicht erlaubt
cast-reason-network-invalid = Netz nicht angeboten
cast-reason-network-not-allowed = Netz nicht erlaubt
cast-reason-argument-missing = Parameter fehlt
cast-reason-argument-invalid = Parameter nicht angenommen
cast-reason-none-left = Keine mehr übrig
cast-reason-no-capacity = Kein Platz
cast-reason-start-failed = Start misslungen

# --- Casts: was sich nicht speichern lässt ---------------------------------------------------------------------
cast-name-taken = Ein anderer Cast heißt so. Wählen Sie einen anderen Namen.
cast-key-taken = Ein anderer Cast hat diesen Schlüssel. Wählen Sie einen anderen.
cast-not-found = Diesen Cast gibt es nicht. Vielleicht wurde er gelöscht.
cast-type-unknown = Diese Desktop-Art gibt es nicht. Wählen Sie eine aus der Liste.
cast-group-unknown = Diese Gruppe gibt es nicht. Wählen Sie eine aus der Liste.
cast-remote-app-form = Das ist keine Einstellung einer entfernten Anwendung: { $cause }.
cast-remote-app-name = Geben Sie den Namen der Anwendung an, wie der Server sie kennt, zum Beispiel ||Microsoft Excel.
cast-remote-app-many = Höchstens { $most } Argumente.
cast-remote-app-word = Geben Sie mindestens ein und höchstens 260 Zeichen an, ohne Zeilenumbrüche.
cast-remote-app-doubled = Ein anderes Argument nimmt diesen Parameter schon.
cast-remote-app-value = Höchstens { $most } Bytes, ohne Zeilenumbrüche.
cast-remote-app-required = Nur ein Argument, das seinen Wert aus dem Link nimmt (url_param_name), kann verlangt werden.
cast-remote-app-nothing = Geben Sie einen Schalter (argument_name), einen Wert oder den Parameter des Links an, der ihn hat (url_param_name).
cast-remote-app-mismatch = Dieser Wert passt nicht zum Muster daneben.
cast-pattern-long = Ein Muster hat höchstens { $most } Zeichen.
cast-pattern-complicated = Dieses Muster ist zu aufwendig. Wiederholen Sie weniger, oder nennen Sie weniger Zeichen.
cast-pattern-form = Das ist kein regulärer Ausdruck, der hier geht: { $cause }.
type-in-use-by-cast = Ein Cast öffnet diese Art. Ändern oder löschen Sie zuerst den Cast, oder schalten Sie die Art ab.
type-server-host = Geben Sie Namen oder Adresse des Servers an, zum Beispiel excel.schule.example.
type-server-protocol = Sagen Sie, wie der Server erreicht wird: rdp, vnc oder ssh.
type-server-takes-no-address = Einem Server lässt sich keine Seite mitgeben.
type-server-has-no-network = Ein Server ist in keinem Netz dieses Hosts.
type-network-name = { $name } ist kein Name eines Netzes, das angeboten werden kann. Nehmen Sie Namen wie class-net, nie host, none, bridge oder eine Kennung.
type-networks-many = Höchstens { $most } Netze.
type-networks-none = Nennen Sie mindestens ein Netz, das gewählt werden kann.
start-not-offered = Das ist ein Server, und Server zu öffnen wird noch nicht angeboten. Er ist für eine spätere Version gespeichert.

# --- Casts: Fehler im Formular -------------------------------------------------------------------------------------
cast-name-form = Geben Sie einen Namen mit höchstens 200 Zeichen an.
cast-key-form = Nehmen Sie Buchstaben, Ziffern, - und _, mindestens ein und höchstens 64 Zeichen.
cast-captcha-signed-in = Geprüft werden nur Besucher ohne Konto: Schalten Sie zuerst „Ohne Anmeldung erlauben“ ein.
cast-captcha-not-set-up = Die Servereinstellungen verlangen reCAPTCHA, aber die Schlüssel fehlen oder sind nicht lesbar. Ergänzen Sie sie unter „Einstellungen“ oder wählen Sie dort ALTCHA.
cast-whole-number = Geben Sie eine ganze Zahl von { $least } bis { $most } an.
cast-address-form = Geben Sie eine ganze Webadresse an, die mit https:// oder http:// beginnt, ohne Leerzeichen, Anführungszeichen oder Passwort.
cast-address-meant = Sie muss mit https:// oder http:// beginnen. Meinten Sie { $address }?
cast-referrer-form = „{ $entry }“ ist keine Domain. Geben Sie je Zeile eine an, zum Beispiel schule.example; ihre Subdomains zählen mit.
cast-referrers-many = Höchstens { $most } Domains.
cast-type-takes-no-address = { $title } lässt sich keine Seite mitgeben. Wählen Sie eine Art, die eine Adresse annimmt, oder lassen Sie das aus.
cast-type-has-no-networks = { $title } bietet keine Netze an. Schalten Sie bei der Art die Netzwahl ein, oder lassen Sie das aus.
cast-type-is-no-rdp-server = Nur ein Server, der über RDP erreicht wird, kann eine entfernte Anwendung starten; { $title } ist keiner.
cast-type-is-not-shared = { $title } bringt eine eigene Seite mit, und ein solcher Desktop wird nie geteilt.
cast-true-or-false = Sagen Sie true oder false.
cast-time-form = Geben Sie Tag und Uhrzeit an, zum Beispiel 2026-12-18T16:00.
cast-json-form = Das ist kein JSON: { $cause }.
cast-address-visitor = Geben Sie eine Adresse wie 203.0.113.40 oder 2001:db8::1 an.

# --- Casts: einen ausprobieren -------------------------------------------------------------------------------------
cast-try-enabled = Eingeschaltet
cast-try-disabled = Abgeschaltet: Besucher lesen, dass es den Link nicht gibt
cast-try-valid = Gilt noch
cast-try-no-end = Gilt ohne Ende
cast-try-expired = Seine Zeit ist um
cast-try-referrer-any = Darf von überall geöffnet werden
cast-try-referrer-listed = Kommt von { $host }, und das steht in der Liste
cast-try-referrer-other = { $host } steht nicht in der Liste
cast-try-referrer-none = Kommt von nirgendwo, und die Liste verlangt eine Seite
cast-try-address-any = Keine Grenze je Adresse
cast-try-address-free = Diese Adresse wurde { $used } von { $most } Mal bedient
cast-try-address-full = Diese Adresse wurde zu oft bedient; wieder in { $seconds } Sekunden
cast-try-sign-in = Muss sich anmelden
cast-try-anonymous = Braucht kein Konto
cast-try-captcha = Muss die Prüfung bestehen
cast-try-opens = Öffnet { $address }
cast-try-opens-nothing = Öffnet keine bestimmte Seite
cast-try-network = Im Netz { $name }
cast-try-network-usual = Im üblichen Netz
cast-try-arguments = { $name } bekommt { $count ->
    [one] ein Argument
   *[other] { $count } Argumente
}
cast-try-no-limit = Keine Grenze für Sitzungen
cast-try-left = { $count ->
    [one] Eine Sitzung ist übrig
   *[other] { $count } Sitzungen sind übrig
}
cast-try-none-left = Keine Sitzungen übrig
cast-try-room = Ob Platz ist, zeigt sich beim Öffnen
cast-try-type-off = { $title } ist abgeschaltet
cast-state-form = Geben Sie on, off, expired oder used_up an, oder lassen Sie es weg.
cast-outcome-form = Geben Sie refused an, oder lassen Sie es weg.

# --- Casts: Felder des Formulars -------------------------------------------------------------------------------------
cast-name = Name der Einstellung
cast-name-help = Ihn sehen Administratoren, und alle auf der Karte eines Desktops, den sie mit dem Link geöffnet haben.
cast-key = Schlüssel im Link
cast-key-help = Buchstaben, Ziffern, - und _, bis zu 64. Ein kurzer Schlüssel lässt sich erraten: Nehmen Sie für offene Links einen zufälligen.
cast-desktop-type = Desktop-Art
cast-desktop-type-help = Was gestartet wird.
cast-enabled = Eingeschaltet
cast-enabled-help = Aus: Besucher lesen, dass es den Link nicht gibt.
cast-valid-until = Gültig bis
cast-valid-until-help = Nach diesem Zeitpunkt (UTC) gilt der Link nicht mehr. Leer: kein Ende.
cast-allow-anonymous = Ohne Anmeldung erlauben
cast-allow-anonymous-help = Keine Anmeldung. Jeder Besuch bekommt einen frischen Desktop, der danach gelöscht wird.
cast-require-captcha = Prüfung verlangen (Captcha)
cast-require-captcha-help = Besucher zeigen, dass sie Menschen sind, mit ALTCHA oder reCAPTCHA: Welche Prüfung gilt, steht in den Servereinstellungen.
cast-anonymous-group = Gruppe der Besucher
cast-anonymous-group-help = Grenzen und Rechte kommen aus dieser Gruppe und aus „All Users“. Wird die Gruppe entfernt, schaltet sich der Cast ab.
cast-allow-resume = Fortsetzen erlauben
cast-allow-resume-help = Wer angemeldet ist und noch einen laufenden Desktop dieses Casts hat, bekommt diesen statt eines neuen.
cast-restrict-to-referrers = Nur von diesen Seiten
cast-restrict-to-referrers-help = Eine Domain je Zeile; ihre Subdomains zählen mit. Wer von anderswo kommt oder die Adresse eintippt, wird abgewiesen. Leer: alle.
cast-limit-total-sessions = Sitzungen insgesamt begrenzen
cast-limit-total-sessions-help = Nach einer Anzahl von Desktops ist der Link verbraucht.
cast-sessions-remaining = Übrige Sitzungen
cast-sessions-remaining-help = Wird mit jedem Desktop um eins weniger. Ein misslungener Start gibt sie zurück.
cast-limit-requests-per-ip = Anfragen je Adresse begrenzen
cast-limit-requests-per-ip-help = Bremst eine Adresse, die immer wieder fragt.
cast-sessions-allowed = Erlaubte Sitzungen
cast-sessions-allowed-help = Desktops für eine Adresse …
cast-within-seconds = In Sekunden
cast-within-seconds-help = … in jeder Spanne dieser Länge. Eine Schule hat oft eine Adresse für alle.
cast-kasm-url = Seite beim Start
cast-kasm-url-help = Die Seite, die der Browser im Desktop zuerst zeigt.
cast-allow-dynamic-kasm-url = Seite im Link erlauben
cast-allow-dynamic-kasm-url-help = Der Link darf ?kasm_url=… tragen, und das geht vor. Beim Fortsetzen öffnet es sich in einem neuen Tab.
cast-allow-dynamic-docker-network = Netz im Link erlauben
cast-allow-dynamic-docker-network-help = Der Link darf ?docker_network=… mit einem der Netze der Desktop-Art tragen.
cast-remote-app = Entfernte Anwendung (JSON)
cast-remote-app-help = Nur für Server, die über RDP erreicht werden.
cast-error-url = Adresse bei Absage
cast-error-url-help = Abgewiesene Besucher kommen dorthin, mit ?reason=… Leer: Unsere eigene Seite erklärt es.
cast-disable-control-panel = Ohne Bedienfeld
cast-disable-control-panel-help = Kein Feld am Rand.
cast-disable-tips = Ohne Hinweise
cast-disable-tips-help = Keine Hinweise beim ersten Öffnen.
cast-enable-sharing = Geteilt starten
cast-enable-sharing-help = Ein Link zum Teilen ist von der ersten Sekunde an da.
cast-disable-shared-fixed-resolution = Geteilt ohne feste Größe
cast-disable-shared-fixed-resolution-help = Aus: geteilt 1280 x 720. Ein: so groß wie das Fenster des Besitzers.
cast-enforce-client-settings = Einstellungen erzwingen
cast-enforce-client-settings-help = Diese zehn ersetzen die Einstellungen der Gruppen.

# --- Casts: Seiten -------------------------------------------------------------------------------------------------
cast-number-form = Geben Sie eine ganze Zahl an.
admin-use = Was Menschen nutzen können
admin-casts = Casting
casts-today = Links, die einen Desktop öffnen. Heute { $served } bedient, { $refused } abgewiesen.
casts-search = Name, Schlüssel oder Desktop-Art suchen
casts-by-state = Nach Zustand filtern
casts-all = Alle { $count }
cast-state-count = { $state } { $count }
cast-state-on = Ein
cast-state-off = Aus
cast-state-expired = Abgelaufen
cast-state-used-up = Verbraucht
casts-none = Noch keine Casts
casts-none-what = Ein Cast ist ein Link, der einen Desktop öffnet: für eine Stunde, einen Tag der offenen Tür oder eine eigene Seite.
casts-none-found = Kein Cast passt.
casts-show-all = Alle zeigen
cast-new = Neuer Cast
cast-log = Protokoll
cast-log-whole = Protokoll des Castings
cast-column-name = Name und Link
cast-column-state = Zustand
cast-column-opens = Öffnet
cast-column-for = Für
cast-column-served = Heute bedient
cast-column-remaining = Übrig
cast-column-refused = Heute abgewiesen
cast-column-expires = Läuft ab
cast-column-actions = Aktionen
cast-for-anyone = Alle
cast-for-checked = Alle, mit Prüfung
cast-for-signed-in = Angemeldete
cast-for-resuming = Angemeldete, setzt fort
cast-no-limit = ohne Grenze
cast-no-end = kein Ende
cast-copy-link = Link von { $name } kopieren
cast-qr-of = QR-Code von { $name }
cast-purpose = Ein Link, der einen Desktop öffnet, für alle, die ihn nutzen dürfen.
cast-duplicate = Verdoppeln
cast-duplicated = Das ist die Kopie. Sie hat einen eigenen Link und ist aus, bis Sie sie einschalten.
cast-delete = Löschen
cast-delete-question = Den Cast „{ $name }“ löschen?
cast-delete-consequence = Sein Link führt von da an nirgendwohin, auch wo er gedruckt ist. Desktops, die damit geöffnet wurden, laufen weiter. Das Protokoll bleibt, bis es alt ist.
cast-keep = Behalten
cast-deleted = Der Cast wurde gelöscht.
cast-made = Der Cast ist angelegt. Sein Link steht neben dem Formular.
cast-part-link = Der Link
cast-part-who = Wer ihn nutzen darf
cast-part-who-help = Ohne den ersten Schalter melden sich alle an, bevor sie einen Desktop bekommen.
cast-part-limits = Grenzen
cast-part-limits-help = Wie viel dieser Link hergeben darf.
cast-part-opens = Was er öffnet
cast-part-opens-help = Von Ihnen bestimmt oder vom Link selbst.
cast-part-page = Die Seite des Desktops
cast-part-client = Einstellungen
cast-part-client-help = Was zwischen Desktop und Besucher hin und her darf.
cast-random-key = Zufälliger Schlüssel
cast-choose = Bitte wählen
cast-group-none = Nur „All Users“
cast-optional = (freiwillig)
cast-aside = Link und Probe
cast-give-out = Weitergeben
cast-copy = Adresse kopieren
cast-copied = Kopiert
cast-qr = QR-Code der Adresse
cast-qr-svg = QR als SVG
cast-try = Ausprobieren
cast-try-help = Verbraucht nichts. Ausprobiert wird, was gespeichert ist.
cast-try-address = Adresse des Besuchers
cast-try-referrer = Kommt von
cast-try-parameters = Was der Link trägt
cast-try-parameters-help = Was nach dem Fragezeichen steht, oder der ganze Link.
cast-try-check = Prüfen
cast-try-served = Dieser Besuch würde bedient.
cast-try-refused = Dieser Besuch würde abgewiesen: { $reason }.
cast-outcome-pass = geht durch
cast-outcome-fail = weist ab
cast-outcome-open = lässt sich jetzt nicht sagen
cast-last-saved = Zuletzt gespeichert { $when } von { $name }
cast-last-saved-by-nobody = Zuletzt gespeichert { $when }
cast-log-none = Noch hat niemand etwas von ihm verlangt.
cast-log-time = Zeit (UTC)
cast-log-cast = Cast
cast-log-outcome = Ausgang
cast-log-served = Bedient
cast-log-address = Adresse
cast-log-referrer = Kam von
cast-log-person = Wer
cast-log-reference = Kennung
cast-log-all = Alles
cast-log-refused = Nur abgewiesen
cast-log-filter = Nach Ausgang filtern
cast-log-shortened = Adressen werden nach { $days } Tagen gekürzt; Zeilen bleiben so lange wie die Chronik.
cast-log-latest = Letzte Absagen
cast-log-see-all = Alle ansehen

# --- Die Prüfung, ob jemand ein Mensch ist ----------------------------------------------------------------------------
captcha-altcha-help = Zuerst löst Ihr Browser ein kleines Rätsel, etwa eine Sekunde lang; dann öffnet sich der Desktop. An andere Firmen wird nichts geschickt.
captcha-recaptcha-help = Bestätigen Sie hier, dass Sie ein Mensch sind. Die Prüfung kommt von Google; sobald sie bestanden ist, öffnet sich der Desktop.
captcha-label = Ich bin kein Roboter
captcha-checking = Es wird geprüft, ob Sie ein Mensch sind …
captcha-passed = Geprüft
captcha-failed = Die Prüfung hat in diesem Browser nicht funktioniert. Klicken Sie für einen neuen Versuch auf das Kästchen oder öffnen Sie den Link in einem anderen Browser.
captcha-expired = Die Prüfung ist abgelaufen. Bitte wiederholen Sie sie.
captcha-not-loaded = Die Prüfung ließ sich nicht laden. Sehen Sie nach, ob etwas in Ihrem Browser sie blockiert, und laden Sie die Seite dann neu.
captcha-needs-scripts = Die Prüfung, ob Sie ein Mensch sind, braucht JavaScript. Schalten Sie es für diese Seite ein und laden Sie sie neu.
captcha-away = Der Dienst, der das prüft, antwortet gerade nicht. Versuchen Sie es in einigen Minuten noch einmal.
captcha-not-working = Die Prüfung ist auf diesem Server nicht richtig eingerichtet. Bitte sagen Sie das der Stelle, von der Sie den Link haben.

# --- Servereinstellungen -------------------------------------------------------------------------------------------
settings-title = Einstellungen
settings-purpose = Was für den ganzen Server gilt. Änderungen gelten sofort, auf jedem Server dieser Installation.
settings-saved = Gespeichert. Es gilt ab jetzt.
settings-part-captcha = Captcha
settings-part-captcha-help = Wie Besucher ohne Konto zeigen, dass sie Menschen sind, wo ein Cast das verlangt.
settings-captcha-kind = Prüfung
settings-captcha-kind-help = ALTCHA braucht keine andere Firma: Browser lösen ein Rätsel dieses Servers. reCAPTCHA schickt die Adressen der Besucher an Google und braucht die Schlüssel unten.
settings-captcha-altcha = ALTCHA, auf diesem Server
settings-captcha-recaptcha = Google reCAPTCHA v2, Kästchen
settings-altcha-difficulty = Schwierigkeit von ALTCHA
settings-altcha-difficulty-help = Mehr Arbeit macht massenhafte Starts teurer, und alle Besucher warten länger. Die Zeiten gelten für ein Telefon.
settings-difficulty-low = Gering: kaum zu bemerken
settings-difficulty-normal = Normal: unter zwei Sekunden
settings-difficulty-high = Hoch: einige Sekunden
settings-part-recaptcha = reCAPTCHA
settings-part-recaptcha-help = Wird nur genutzt, solange reCAPTCHA die gewählte Prüfung ist. Beide Schlüssel gibt Google für den Namen dieser Website aus; wählen Sie dort die Art „v2, Kästchen“.
settings-recaptcha-site-key = Websiteschlüssel von Google reCAPTCHA (Site Key)
settings-recaptcha-site-key-help = Der Browser jedes Besuchers sieht ihn.
settings-recaptcha-private-key = Privater Schlüssel von Google reCAPTCHA (Private Key)
settings-recaptcha-private-key-help = Wird verschlüsselt gespeichert und nie wieder gezeigt. Bei Google heißt er geheimer Schlüssel.
settings-recaptcha-private-key-kept = Ein Schlüssel ist gespeichert und wird nie gezeigt. Lassen Sie das Feld leer, um ihn zu behalten.
settings-remove-key = Gespeicherten privaten Schlüssel entfernen
settings-recaptcha-url = Adresse von reCAPTCHA
settings-recaptcha-url-help = https://www.google.com/recaptcha, oder https://www.recaptcha.net/recaptcha, wo Googles eigene Adresse gesperrt ist. Leer: die erste.
settings-part-logs = Protokolle
settings-part-logs-help = Das Protokoll der Casts nennt die Adresse aller, die einen Link benutzt haben.
settings-cast-log-address-days = Tage mit ganzen Adressen
settings-cast-log-address-days-help = Nach so vielen Tagen wird eine Adresse auf ihr Netz gekürzt (/24, bei IPv6 /48). Mit 0 geschieht das innerhalb von Minuten.
settings-set-by = Zuletzt gesetzt { $when } von { $name }.
settings-set = Zuletzt gesetzt { $when }.
settings-never-set = Nie geändert: Das ist die Voreinstellung.
settings-key-form = Ein Schlüssel besteht aus Buchstaben, Ziffern, - und _, höchstens 200.
settings-key-needed = reCAPTCHA braucht diesen Schlüssel.
settings-url-form = Nötig ist eine ganze Adresse, die mit https:// beginnt, ohne ? und #.
settings-url-plain = Die Adresse muss mit https:// beginnen. Einfaches http geht nur auf dieser Maschine.
settings-whole-number = Geben Sie eine ganze Zahl von { $least } bis { $most } an.
settings-number-form = Geben Sie eine ganze Zahl an.
settings-choice-form = Wählen Sie einen Eintrag der Liste.

# One-time links
cast-links = Einmal-Links
cast-links-about = Links für einzelne Personen, mit Namen. Jeder gilt einmal und bringt seine eigene Sitzung mit, auch wenn keine mehr übrig ist. Sonst gilt für sie alles, was im Cast steht.
cast-links-open = Anlegen und ansehen
cast-links-make = Links anlegen
cast-links-make-csv = Als Tabelle anlegen (CSV)
cast-links-names = Namen
cast-links-names-help = Einer je Zeile, höchstens { $most } auf einmal. Für jeden entsteht ein eigener Link.
cast-links-none-named = Geben Sie mindestens einen Namen an.
cast-links-many = Höchstens { $most } Namen auf einmal.
cast-link-name-form = „{ $entry }“ ist kein Name: höchstens 200 Zeichen, ohne Tabulator.
cast-links-full = Ein Cast hat höchstens { $most } Einmal-Links.
cast-links-made = { $count ->
    [one] Ein Link ist angelegt.
   *[other] { $count } Links sind angelegt.
}
cast-links-given = Die neuen Links
cast-links-given-about = Sie werden nicht noch einmal gezeigt. Kopieren Sie sie jetzt, oder legen Sie sie als Tabelle an.
cast-links-all = Alle Links
cast-links-none = Es gibt noch keine.
cast-links-csv = Tabelle aller Links (CSV)
cast-link-name = Name
cast-link-address = Link
cast-link-user = Benutzt von
cast-link-when = Benutzt (UTC)
cast-link-open = Nicht benutzt
cast-link-used-by = Benutzt
cast-link-withdrawn = Zurückgezogen
cast-link-withdraw = Zurückziehen
cast-link-withdraw-name = Den Link von { $name } zurückziehen
cast-link-done-withdrawn = Der Link ist zurückgezogen: Er führt von jetzt an nirgendwohin.
cast-link-not-found = Diesen Link gibt es nicht.
cast-link-has-served = Dieser Link ist schon benutzt worden; es gibt nichts mehr zurückzuziehen.
cast-link-used = Dieser Link gilt einmal, und er ist benutzt worden.
cast-log-link = Link für { $name }
