// The page around a desktop: the bar, and what lies over the picture while there is none.

const main = document.getElementById("main");
const frame = main.querySelector("iframe");
const connection = document.querySelector("[data-connection]");
const notices = [...main.querySelectorAll("[data-notice]")];
const bar = document.querySelector(".viewer-bar");
const { desktop, shownAccess, shownStart } = main.dataset;
const clientFolder = new URL(".", frame.src).href;
const clientOrigin = new URL(clientFolder).origin;

// A client that says nothing about itself counts as shown this long after its page is there.
const SILENT = 5_000;
// A connection that comes within this time is not announced.
const QUICK = 600;
// How often a client that came in part only is loaded anew.
const LOADS = 3;
// How long to wait before each new try, in seconds.
const TRIES = [3, 3, 5, 10, 20];

// ---------- what lies over the picture ----------

let ticking = 0;
let coming = 0;

function notice(name, seconds) {
  clearInterval(ticking);
  clearTimeout(coming);
  for (const one of notices) one.hidden = one.dataset.notice !== name;
  const counted = notices.find((one) => one.dataset.notice === name)?.querySelector("[data-seconds]");
  if (!counted) return;
  const { from, step } = seconds;
  let value = from;
  const show = () => {
    counted.textContent = value > 0 || step < 0 ? `${Math.max(value, 0)} s` : "";
    value += step;
  };
  show();
  ticking = setInterval(show, 1_000);
}

// ---------- connected or not ----------

let silent = 0;
let retry = 0;
let tries = 0;
let looking = 0;
let loads = 0;
let over = false;

function connecting() {
  clearTimeout(retry);
  const since = performance.now();
  connection.dataset.connection = "connecting";
  notice(null);
  // What is quick needs no notice that would only flash.
  coming = setTimeout(() => {
    notice("connecting", { from: Math.round((performance.now() - since) / 1_000), step: 1 });
  }, QUICK);
}

function connected() {
  clearTimeout(silent);
  clearInterval(looking);
  clearTimeout(retry);
  tries = 0;
  loads = 0;
  connection.dataset.connection = "connected";
  notice(null);
  if (document.activeElement === document.body || document.activeElement === frame) frame.focus();
}

function lost() {
  clearTimeout(silent);
  if (over || connection.dataset.connection === "lost") return;
  const seconds = TRIES[Math.min(tries, TRIES.length - 1)];
  tries += 1;
  connection.dataset.connection = "lost";
  notice("lost", { from: seconds, step: -1 });
  retry = setTimeout(again, seconds * 1_000);
  // Perhaps it is the desktop that ended.
  look();
}

function again() {
  if (over) return;
  clearTimeout(silent);
  clearInterval(looking);
  connecting();
  // The same address once more: loads the client anew without a step in the browser's history.
  frame.contentWindow.location.replace(frame.src);
}

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow || event.origin !== clientOrigin) return;
  if (event.data?.action !== "connection_state") return;
  clearTimeout(silent);
  switch (event.data.value) {
    case "connected":
      connected();
      break;
    case "disconnected":
      lost();
      break;
    case "reconnecting":
      connecting();
      // Perhaps there is nothing to come back to: a visitor hears no events of somebody else's desktop.
      look();
      break;
    case "connecting":
    case "init":
      connecting();
      break;
  }
});

// Whether a part of the client did not arrive. A browser drops what it fetches when the network changes, and a
// container that starts on the same machine is such a change: just when the client is loaded for the first time.
function incomplete() {
  if (clientOrigin !== window.location.origin) return false;
  try {
    const parts = frame.contentWindow.performance.getEntriesByType("resource");
    // Only what the client cannot do without, and only its own: anything else may well be forbidden to it.
    return parts.some(
      (part) =>
        part.responseStatus === 0 &&
        part.name.startsWith(clientFolder) &&
        ["script", "link", "other"].includes(part.initiatorType),
    );
  } catch {
    // The browser's own error page, which nobody may look into.
    return true;
  }
}

function lookForMissingParts() {
  clearInterval(looking);
  looking = setInterval(() => {
    if (!incomplete() || loads >= LOADS) return;
    loads += 1;
    again();
  }, 500);
}

function silence() {
  if (incomplete()) lost();
  else connected();
}

function loaded() {
  listenForTheWayOut();
  lookForMissingParts();
  clearTimeout(silent);
  silent = setTimeout(silence, SILENT);
  if (document.activeElement === document.body) frame.focus();
}

frame.addEventListener("load", loaded);
main.querySelector("[data-try-now]").addEventListener("click", again);
window.addEventListener("online", () => {
  if (connection.dataset.connection === "lost") again();
});

// ---------- the desktop ends ----------

// Asks what this address shows now; another page takes the place of this one.
async function look() {
  let answer;
  try {
    answer = await fetch(window.location.href, { headers: { accept: "text/html" }, cache: "no-store" });
  } catch {
    return;
  }
  if (answer.status >= 500) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-shown-state]")?.dataset;
  if (now?.shownState !== "running" || now.shownStart !== shownStart || now.shownAccess !== shownAccess) ended();
  else showLookers([...page.querySelectorAll("[data-lookers] > li")].map(readLooker));
}

function ended() {
  over = true;
  window.location.replace(window.location.href);
}

document.addEventListener("deskcast:desktop", ({ detail }) => {
  if (detail.proxy_path !== desktop) return;
  if (detail.state === "stopping") {
    over = true;
    clearTimeout(retry);
    notice("stopping");
  } else if (detail.state !== "running") {
    ended();
  }
});
document.addEventListener("deskcast:look-again", look);

// ---------- who looks on ----------

const lookers = document.querySelector("[data-lookers]");
const today = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23" });

function readLooker(line) {
  return {
    kind: line.dataset.kind,
    name: line.querySelector("[data-name]").textContent,
    since: line.querySelector("time").dateTime,
  };
}

// To the second: the page and the events write a moment differently.
function keyOf({ kind, name, since }) {
  return JSON.stringify([kind, name, Math.floor(Date.parse(since) / 1_000)]);
}

function lineOf({ kind, name, since }) {
  const line = document.querySelector(`template[data-looker="${kind}"]`).content.firstElementChild.cloneNode(true);
  line.querySelector("[data-name]").textContent = name;
  line.querySelector("time").dateTime = since;
  showTime(line);
  return line;
}

function showTime(line) {
  const time = line.querySelector("time");
  time.textContent = today.format(new Date(time.dateTime));
}

// Whoever stays keeps their line, so that a reader says only what is new.
function showLookers(now) {
  if (!lookers) return;
  const there = new Map([...lookers.children].map((line) => [keyOf(readLooker(line)), line]));
  const lines = now.map((looker) => there.get(keyOf(looker)) ?? lineOf(looker));
  for (const line of there.values()) if (!lines.includes(line)) line.remove();
  for (const [at, line] of lines.entries()) {
    if (lookers.children[at] !== line) lookers.insertBefore(line, lookers.children[at] ?? null);
  }
}

for (const line of lookers?.children ?? []) showTime(line);
document.addEventListener("deskcast:lookers", ({ detail }) => {
  if (detail.proxy_path !== desktop) return;
  const kind = ({ role, controls }) => (role === "visitor" ? "visits" : controls ? "controls" : "watches");
  showLookers(detail.lookers.map((looker) => ({ kind: kind(looker), ...looker })));
});

// ---------- the bar ----------

const full = bar.querySelector("[data-full-screen]");
full.hidden = !document.fullscreenEnabled;
full.addEventListener("click", async () => {
  if (document.fullscreenElement) {
    await document.exitFullscreen();
  } else {
    await document.documentElement.requestFullscreen();
    // Where the browser can, Escape and the rest go to the desktop too.
    navigator.keyboard?.lock?.().catch(() => {});
  }
  frame.focus();
});
document.addEventListener("fullscreenchange", () => {
  full.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
});

// The desktop takes the whole keyboard; this one combination leads to the bar, and back.
function wayOut(event) {
  if (!(event.ctrlKey && event.altKey && event.shiftKey && event.code === "KeyP")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (bar.contains(document.activeElement)) frame.focus();
  else bar.querySelector("a, button").focus();
}

function listenForTheWayOut() {
  try {
    // Capture: before the client sees the keys.
    frame.contentWindow.addEventListener("keydown", wayOut, { capture: true });
  } catch {
    // A client of another origin keeps its keys; the bar is reached with the pointer then.
  }
}

window.addEventListener("keydown", wayOut, { capture: true });

// Without scripts nobody would know.
connection.hidden = false;
connecting();
// The frame may have been faster than this script, or have ended on an error page of the browser.
lookForMissingParts();
silent = setTimeout(silence, 3 * SILENT);
try {
  if (frame.contentDocument?.readyState === "complete" && frame.contentWindow.location.href !== "about:blank") loaded();
} catch {
  // Of another origin: its load event comes.
}
