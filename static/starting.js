// A desktop that does not run yet, or not any more: counts the seconds of a start, and becomes the page of whatever
// the desktop turns into.

const main = document.getElementById("main");
const says = document.getElementById("says");
const { desktop, shownState, shownStart } = main.dataset;
const moving = shownState === "starting" || shownState === "stopping";
const language = document.documentElement.lang;

// ---------- the page follows the desktop ----------

let live = false;
let leaving = false;

function follow() {
  if (leaving) return;
  leaving = true;
  window.location.replace(window.location.href);
}

// Asks for this page as it would be now, and shows it when it is another one.
async function look() {
  let answer;
  try {
    answer = await fetch(window.location.href, { headers: { accept: "text/html" }, cache: "no-store" });
  } catch {
    return;
  }
  // A moment of trouble is no news.
  if (answer.status >= 500) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-shown-state]")?.dataset;
  if (now?.shownState !== shownState || now.shownStart !== shownStart) follow();
}

document.addEventListener("deskcast:desktop", ({ detail }) => {
  if (detail.proxy_path === desktop && detail.state !== shownState) follow();
});
document.addEventListener("deskcast:look-again", look);
document.addEventListener("deskcast:live", ({ detail }) => {
  live = detail.on;
});

// Something that moves is also asked about from time to time, more often while nothing comes by itself: a change that
// was missed would leave the page standing for ever.
let round = 0;
if (moving) {
  setInterval(() => {
    round += 1;
    if (!live || document.hidden || round % 5 === 0) look();
  }, 2_000);
}

// ---------- the seconds of a start ----------

const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const shown = (seconds) => `${seconds < 10 ? tenths.format(Math.floor(seconds * 10) / 10) : Math.floor(seconds)} s`;
const note = main.querySelector("[data-elapsed]");
const bar = main.querySelector("progress");
const begun = performance.now() - Number(note?.dataset.elapsed ?? 0) * 1_000;

for (const took of main.querySelectorAll("[data-phase='now'] .took")) {
  took.since = performance.now() - Number(took.dataset.seconds) * 1_000;
}

document.addEventListener("deskcast:progress", ({ detail }) => {
  if (detail.proxy_path !== desktop) return;
  for (const phase of detail.phases) {
    const line = main.querySelector(`[data-step="${phase.phase}"]`);
    if (!line) continue;
    if (phase.state === "now" && line.dataset.phase !== "now") {
      says.textContent = line.querySelector("[data-words]").textContent;
    }
    line.dataset.phase = phase.state;
    if (phase.state === "now") line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
    const took = line.querySelector(".took");
    took.textContent = phase.seconds === null ? "" : shown(phase.seconds);
    took.since = performance.now() - (phase.seconds ?? 0) * 1_000;
  }
  if (bar) bar.value = Math.max(bar.value, detail.percent);
});

function count() {
  const now = performance.now();
  for (const took of main.querySelectorAll("[data-phase='now'] .took")) {
    took.textContent = shown((now - took.since) / 1_000);
  }
  const elapsed = (now - begun) / 1_000;
  const late = elapsed >= Number(note.dataset.lateAfter);
  note.querySelector("[data-late='no']").hidden = late;
  note.querySelector("[data-late='yes']").hidden = !late;
  note.querySelector("[data-elapsed-words]").textContent = shown(elapsed);
}

if (shownState === "starting") setInterval(count, 100);
