// What every page shares: menus that close, dialogs that ask, and times in the reader's own clock.

const language = document.documentElement.lang;

// ---------- menus ----------

const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// ---------- dialogs ----------

// Anything with data-dialog opens that dialog instead of what it does without scripts: following a link to a page
// that asks, or sending its form. What the dialog says comes along in the opener's own data.
function ask(opener, dialog) {
  for (const part of dialog.querySelectorAll("[data-fill]")) {
    part.textContent = opener.dataset[part.dataset.fill];
  }
  for (const form of dialog.querySelectorAll("[data-fill-action]")) {
    form.action = opener.dataset[form.dataset.fillAction];
  }
  for (const menu of openMenus()) menu.open = false;
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    ask(opener, dialog);
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});

// ---------- times ----------

const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
const MINUTE = 60_000;

function ago(moment) {
  const minutes = Math.floor((Date.now() - moment) / MINUTE);
  if (minutes < 1) return null;
  if (minutes < 60) return relative.format(-minutes, "minute");
  if (minutes < 24 * 60) return relative.format(-Math.floor(minutes / 60), "hour");
  const days = Math.floor(minutes / (24 * 60));
  return days <= 30 ? relative.format(-days, "day") : null;
}

function readTimes() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const moment = Date.parse(time.dateTime);
    const words = ago(moment);
    // "just now" and old dates stay in the words of the server.
    if (words && time.textContent !== words) time.textContent = words;
    time.title = full.format(moment);
  }
  for (const time of document.querySelectorAll("time[data-clock]")) {
    const moment = Date.parse(time.dateTime);
    const words = ago(moment);
    time.textContent = words ? `${clock.format(moment)}, ${words}` : clock.format(moment);
    time.title = full.format(moment);
    time.closest("[hidden]")?.removeAttribute("hidden");
  }
}

readTimes();
setInterval(readTimes, MINUTE);
