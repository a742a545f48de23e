// The live connection of a page: hears /api/events and passes it on as events of the document.
//
//   deskcast:desktop, deskcast:progress, deskcast:lookers    detail = what the server sent
//   deskcast:look-again                    changes may have been missed: ask for everything
//   deskcast:live                          detail = { on, lastChange }
//
// A stream begins with what the server knows now. The page is asked for again only when it shows something else: its
// stamp (data-stamp) or the state of its desktop (data-desktop, data-shown-state, data-shown-start) says so.
//
// Stands last on the page, so that whoever listens is there before the first event.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 20_000;
// A page that is older is asked for again when it comes back into view: no stamp tells of images or of the engine.
const FRESH = 60_000;

const shown = document.getElementById("main").dataset;

let source = null;
let timer = 0;
let wait = FIRST_WAIT;
let lastChange = new Date();
let lookedAt = Date.now();

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(`deskcast:${name}`, { detail }));
}

function heard(name) {
  return (event) => {
    lastChange = new Date();
    tell(name, JSON.parse(event.data));
  };
}

function lookAgain() {
  lookedAt = Date.now();
  tell("look-again");
}

// What is said to every page at once is not answered by all of them at once.
function heardLookAgain(event) {
  lastChange = new Date();
  const { within_seconds: seconds = 0 } = JSON.parse(event.data);
  setTimeout(lookAgain, Math.random() * seconds * 1_000);
}

// How everything is as the stream begins; what changed between the making of the page and now was not heard.
function heardNow(event) {
  const now = JSON.parse(event.data);
  const desktop = now.desktops[shown.desktop];
  const same = shown.stamp
    ? shown.stamp === now.stamp
    : desktop?.state === shown.shownState && String(desktop.start) === shown.shownStart;
  if (!same || Date.now() - lookedAt > FRESH) lookAgain();
}

function connect() {
  clearTimeout(timer);
  if (source || document.hidden) return;
  source = new EventSource("/api/events");
  source.addEventListener("open", () => {
    wait = FIRST_WAIT;
    tell("live", { on: true, lastChange });
  });
  source.addEventListener("desktop", heard("desktop"));
  source.addEventListener("lookers", heard("lookers"));
  source.addEventListener("progress", heard("progress"));
  source.addEventListener("look-again", heardLookAgain);
  source.addEventListener("now", heardNow);
  // Not left to the browser: it gives up after an answer that is not a stream, and this must not.
  source.addEventListener("error", () => {
    disconnect();
    tell("live", { on: false, lastChange });
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

function disconnect() {
  source?.close();
  source = null;
}

// A hidden page lets go of its connection: over plain HTTP a browser has only six for all tabs together.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    clearTimeout(timer);
    disconnect();
  } else {
    connect();
  }
});
window.addEventListener("pagehide", disconnect);
window.addEventListener("pageshow", connect);
window.addEventListener("online", connect);
connect();
