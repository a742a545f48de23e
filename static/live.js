// The live connection of a page: hears /api/events and passes it on as events of the document.
//
//   deskcast:desktop, deskcast:progress    detail = what the server sent
//   deskcast:look-again                    changes may have been missed: ask for everything
//   deskcast:live                          detail = { on, lastChange }
//
// Stands last on the page, so that whoever listens is there before the first event.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 20_000;

let source = null;
let timer = 0;
let wait = FIRST_WAIT;
let lastChange = new Date();

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(`deskcast:${name}`, { detail }));
}

function heard(name) {
  return (event) => {
    lastChange = new Date();
    tell(name, JSON.parse(event.data));
  };
}

function connect() {
  clearTimeout(timer);
  if (source || document.hidden) return;
  source = new EventSource("/api/events");
  source.addEventListener("open", () => {
    wait = FIRST_WAIT;
    tell("live", { on: true, lastChange });
    // What changed between the making of the page and now was not heard.
    tell("look-again");
  });
  source.addEventListener("desktop", heard("desktop"));
  source.addEventListener("progress", heard("progress"));
  source.addEventListener("look-again", heard("look-again"));
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
