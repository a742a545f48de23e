// The page of a link sends itself, when it is a page of its own and somebody looks at it; where its visitor is to prove to
// be a person, it waits for that. A browser that only fetches it runs no scripts; a frame shows nothing of ours. Sent
// again, it leads to the same desktop.

const form = document.querySelector("[data-launch]");

function launch() {
  if (window.top !== window.self || document.prerendering) return;
  if (form.elements.captcha?.value === "") return;
  const note = document.querySelector("[data-launching]");
  note.textContent = note.dataset.launching;
  form.requestSubmit();
}

launch();
form.addEventListener("captcha", launch);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) launch();
});
