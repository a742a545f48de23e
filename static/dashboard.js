// The dashboard: cards follow their desktops without a reload. The server makes each card; this puts it in place.

import { paintPhases, paintSeconds, remember } from "./lib/phases.js";

const main = document.getElementById("main");
const says = document.getElementById("says");
const language = document.documentElement.lang;

const cardOf = (slug) => document.getElementById(`card-${slug}`);
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

// ---------- one card changes ----------

function announce(card) {
  says.textContent = card.dataset.says;
}

// What had the focus has it again, or else what is most like it: focus must not fall out of the card.
function keepFocus(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  if (!held) return () => {};
  const action = held.dataset.action;
  const menuOpen = old.querySelector("details.menu")?.open ?? false;
  return () => {
    const menu = fresh.querySelector("details.menu");
    if (menu && menuOpen) menu.open = true;
    const same = action && fresh.querySelector(`[data-action="${action}"]:not([disabled], [hidden])`);
    (same || fresh.querySelector("[data-action='main']:not([disabled], [hidden])") || fresh.querySelector("h3")).focus();
  };
}

function place(card) {
  const cards = main.querySelector(`[data-cards="${card.dataset.group}"]`);
  const next = [...cards.children].find(
    (other) => other !== card && other.dataset.order > card.dataset.order,
  );
  cards.insertBefore(card, next ?? null);
}

function showSections() {
  for (const section of main.querySelectorAll("[data-section]")) {
    section.hidden = section.querySelector("[data-cards]").children.length === 0;
  }
}

function replace(fresh) {
  const old = cardOf(fresh.dataset.type);
  // A pull this page watches is not on the server's card: let it end first.
  if (old?.hasAttribute("data-busy")) return;
  if (old && old.outerHTML === fresh.outerHTML) return;
  const changed = !old || old.dataset.state !== fresh.dataset.state;
  const focusAgain = old ? keepFocus(old, fresh) : () => {};
  old?.remove();
  place(fresh);
  prepare(fresh);
  focusAgain();
  showSections();
  if (changed) announce(fresh);
}

function replaceSummary(from) {
  const fresh = from.getElementById("summary");
  if (fresh) document.getElementById("summary").textContent = fresh.textContent;
}

async function fetchPage(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" }, cache: "no-store" });
  return { status: answer.status, page: parse(await answer.text()) };
}

const asked = new Map();

// One question per card at a time; what changes meanwhile is asked for once more.
async function refresh(slug) {
  if (asked.has(slug)) {
    asked.set(slug, true);
    return;
  }
  asked.set(slug, false);
  try {
    const { status, page } = await fetchPage(`/desktops/${slug}/card`);
    const fresh = page.querySelector(".desktop-card");
    if (fresh) {
      replaceSummary(page);
      replace(document.adoptNode(fresh));
    } else if (status === 404) {
      cardOf(slug)?.remove();
      showSections();
    }
  } catch {
    // The live connection is lost too, and asks for everything when it is back.
  }
  const onceMore = asked.get(slug);
  asked.delete(slug);
  if (onceMore) refresh(slug);
}

// Everything, as the page would be loaded now.
async function refreshAll() {
  let page;
  try {
    ({ page } = await fetchPage(window.location.href));
  } catch {
    return;
  }
  const fresh = page.getElementById("main");
  // Signed out meanwhile, or a page this script does not know.
  if (!fresh?.dataset.engine || fresh.dataset.engine !== main.dataset.engine) {
    window.location.reload();
    return;
  }
  const cards = [...fresh.querySelectorAll(".desktop-card")];
  const slugs = new Set(cards.map((card) => card.dataset.type));
  for (const old of main.querySelectorAll(".desktop-card")) {
    if (!slugs.has(old.dataset.type)) old.remove();
  }
  for (const card of cards) replace(document.adoptNode(card));
  main.dataset.stamp = fresh.dataset.stamp;
  replaceSummary(page);
  showSections();
}

document.addEventListener("deskcast:look-again", refreshAll);

document.addEventListener("deskcast:desktop", ({ detail }) => {
  const card = cardOf(detail.address);
  // What a cast launches has a card of its own. Somebody else's desktop has none here: the answer says so.
  if (!card && detail.address.startsWith("~") && detail.state === "starting") {
    refresh(detail.address);
    return;
  }
  // Administrators hear of everybody's desktops; somebody else's has another name.
  if (!card || (card.dataset.desktop && card.dataset.desktop !== detail.proxy_path)) return;
  // The steps of a start come as progress.
  if (detail.state === "starting" && card.dataset.state === "starting") return;
  refresh(detail.address);
});

// While the engine is away nothing tells that it is back.
if (main.dataset.engine === "away") setInterval(() => document.hidden || refreshAll(), 10_000);

// ---------- a start goes on ----------

function prepare(card) {
  remember(card);
  for (const button of card.querySelectorAll("[data-fetch]")) button.hidden = false;
}

document.addEventListener("deskcast:progress", ({ detail }) => {
  const card = cardOf(detail.address);
  if (card?.dataset.desktop === detail.proxy_path) paintPhases(card, detail.phases);
});

setInterval(() => paintSeconds(main), 200);

// ---------- an image is fetched ----------

const bytes = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });

// The server's events, from the body of the answer: EventSource can only GET.
async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value.replaceAll("\r", "");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name) =>
        lines
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).trimStart())
          .join("\n");
      if (field("data")) yield { name: field("event"), data: JSON.parse(field("data")) };
    }
  }
}

// Layers are fetched side by side; together they are the progress of the image.
function showFetched(card, layers) {
  let current = 0;
  let total = 0;
  for (const layer of layers.values()) {
    current += layer.current;
    total += layer.total;
  }
  if (total === 0) return;
  const percent = Math.floor((current / total) * 100);
  card.querySelector("progress").value = percent;
  card.querySelector("[data-fetch-words='looking']").hidden = true;
  card.querySelector("[data-fetch-words='fetching']").hidden = false;
  card.querySelector("[data-fetched]").textContent =
    `${percent} % (${bytes.format(current / 1e9)} / ${bytes.format(total / 1e9)} GB)`;
}

// A failure the server has words for.
class NotFetched extends Error {}

async function pull(address, card) {
  const answer = await fetch(address, { method: "POST", headers: { accept: "text/event-stream" } });
  if (!answer.ok) throw new Error("");
  const layers = new Map();
  for await (const { name, data } of events(answer)) {
    if (name === "failed") throw new NotFetched(data.words);
    if (name === "done") return;
    if (data.layer && data.total) {
      // A layer counts up twice, fetching and unpacking; it never goes back.
      const before = layers.get(data.layer);
      layers.set(data.layer, {
        current: Math.max(before?.current ?? 0, Math.min(data.current ?? 0, data.total)),
        total: Math.max(before?.total ?? 0, data.total),
      });
      showFetched(card, layers);
    }
  }
  throw new Error("");
}

async function fetchImage(button) {
  const card = button.closest(".desktop-card");
  const progress = card.querySelector("[data-fetching]");
  const failed = card.querySelector("[data-fetch-failed]");
  card.setAttribute("data-busy", "");
  button.disabled = true;
  progress.hidden = false;
  failed.hidden = true;
  try {
    await pull(button.dataset.fetch, card);
    card.removeAttribute("data-busy");
    await refresh(card.dataset.type);
  } catch (error) {
    card.removeAttribute("data-busy");
    progress.hidden = true;
    button.disabled = false;
    const cause = failed.querySelector("[data-cause]");
    cause.textContent = error instanceof NotFetched ? error.message : cause.dataset.otherwise;
    failed.hidden = false;
  }
}

main.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fetch]");
  if (button) fetchImage(button);
});

// ---------- live or not ----------

const note = document.querySelector("[data-live-note]");
const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });

document.addEventListener("deskcast:live", ({ detail }) => {
  note.querySelector("[data-last-change]").textContent = clock.format(detail.lastChange);
  note.hidden = detail.on;
});

// A form that was sent must not be sent twice while its answer is on the way.
main.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || button.type !== "submit") return;
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  else if (event.target.method === "post") button.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of main.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
});

for (const card of main.querySelectorAll(".desktop-card")) prepare(card);
