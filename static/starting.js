// A desktop that does not run yet, or not any more: counts the seconds of a start, and becomes the page of whatever
// the desktop turns into.

import { paintPhases, paintSeconds, remember } from "./lib/phases.js";

const main = document.getElementById("main");
const says = document.getElementById("says");
const { desktop, shownState, shownStart } = main.dataset;
const moving = shownState === "starting" || shownState === "stopping";

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

const bar = main.querySelector("progress");

document.addEventListener("deskcast:progress", ({ detail }) => {
  if (detail.proxy_path !== desktop) return;
  paintPhases(main, detail.phases, (line) => {
    says.textContent = line.querySelector("[data-words]").textContent;
  });
  if (bar) bar.value = Math.max(bar.value, detail.percent);
});

if (shownState === "starting") {
  remember(main);
  setInterval(() => paintSeconds(main), 100);
}
