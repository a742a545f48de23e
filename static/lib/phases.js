// The steps of a start and its seconds, as the cards and the page of a starting desktop paint them.

const tenths = new Intl.NumberFormat(document.documentElement.lang, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

const shown = (seconds) => `${seconds < 10 ? tenths.format(Math.floor(seconds * 10) / 10) : Math.floor(seconds)} s`;
const began = (seconds) => performance.now() - Number(seconds ?? 0) * 1_000;
const secondsSince = (moment) => (performance.now() - moment) / 1_000;

// Remembers when each counted time was what it says.
export function remember(place) {
  for (const took of place.querySelectorAll("[data-phase='now'] .took")) took.since = began(took.dataset.seconds);
  for (const note of place.querySelectorAll("[data-elapsed]")) note.since = began(note.dataset.elapsed);
}

// Paints the phases that the server told; `onNext` hears of the line of one that begins.
export function paintPhases(place, phases, onNext = () => {}) {
  for (const phase of phases) {
    const line = place.querySelector(`[data-step="${phase.phase}"]`);
    if (!line) continue;
    if (phase.state === "now" && line.dataset.phase !== "now") onNext(line);
    line.dataset.phase = phase.state;
    if (phase.state === "now") line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
    const took = line.querySelector(".took");
    took.textContent = phase.seconds === null ? "" : shown(phase.seconds);
    took.since = began(phase.seconds);
  }
}

// Counts on: the phase that goes on, and the whole start with its words for one that takes long.
export function paintSeconds(place) {
  for (const took of place.querySelectorAll("[data-phase='now'] .took")) {
    if (took.since !== undefined) took.textContent = shown(secondsSince(took.since));
  }
  for (const note of place.querySelectorAll("[data-elapsed]")) {
    const elapsed = secondsSince(note.since);
    const late = elapsed >= Number(note.dataset.lateAfter);
    note.querySelector("[data-late='no']").hidden = late;
    note.querySelector("[data-late='yes']").hidden = !late;
    note.querySelector("[data-elapsed-words]").textContent = shown(elapsed);
  }
}
