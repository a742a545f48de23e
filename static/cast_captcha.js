// The check that a visitor is a person. What it is passed with goes into the form, which then sends itself; what happens
// stands in the page's status, where screen readers hear of it.

const place = document.querySelector("[data-captcha]");
const form = place.closest("form");
const note = document.querySelector("[data-launching]");

function passed(solution) {
  form.elements.captcha.value = solution;
  form.dispatchEvent(new Event("captcha"));
}

function says(words, kind = "") {
  note.dataset.kind = kind;
  note.textContent = words;
}

const failed = (words) => says(words, "error");

// The widget of static/vendor/altcha makes its puzzle's workers and has its words from here. It begins by itself; whoever
// comes back to the page has the solution still.
function altcha() {
  const { worker, puzzle, label, checking, passed: done, failed: error, expired } = place.dataset;
  const language = document.documentElement.lang;
  globalThis.$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(worker));
  globalThis.$altcha.i18n.set(language, { label, verifying: label, verified: done, error, expired, waitAlert: checking });
  const widget = document.createElement("altcha-widget");
  widget.setAttribute("language", language);
  widget.setAttribute("challenge", puzzle);
  widget.setAttribute("name", "");
  const plain = { hideFooter: true, hideLogo: true, humanInteractionSignature: false, minDuration: 0 };
  widget.setAttribute("configuration", JSON.stringify(plain));
  widget.addEventListener("verified", (event) => passed(event.detail.payload));
  widget.addEventListener("statechange", (event) => {
    if (event.detail.state === "verifying") says(checking);
    if (event.detail.state === "error") failed(error);
  });
  widget.addEventListener("load", () => widget.verify(), { once: true });
  place.append(widget);
}

// Google's script finds its place by a class and calls these by their names. It knows two sizes, in pixels.
function recaptcha() {
  if (place.clientWidth < 304) place.firstElementChild.dataset.size = "compact";
  globalThis.captchaPassed = passed;
  globalThis.captchaFailed = () => failed(place.dataset.failed);
  globalThis.captchaExpired = () => {
    form.elements.captcha.value = "";
    failed(place.dataset.expired);
  };
  document.querySelector("[data-captcha-script]").addEventListener("error", globalThis.captchaFailed);
}

if (place.dataset.captcha === "altcha") altcha();
else recaptcha();
