// The sign-in page: the button keeps its place and says what happens.

const form = document.querySelector("[data-sign-in]");
const button = form.querySelector("button");

function busy(on) {
  button.setAttribute("aria-disabled", String(on));
  for (const words of button.querySelectorAll("[data-words]")) {
    words.hidden = (words.dataset.words === "busy") !== on;
  }
}

form.addEventListener("submit", (event) => {
  // A second press while the first is under way would only be counted as another try.
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  else busy(true);
});

// Coming back with the browser's Back button shows the page as it was left.
window.addEventListener("pageshow", () => busy(false));
