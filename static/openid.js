// The form of an OpenID provider: addresses that are copied, and a test whose result appears in place.

// ---------- what is wrong comes first ----------

document.querySelector("[data-focus]")?.focus();

// ---------- copying ----------

const copied = document.getElementById("copied");

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      } catch {
        return;
      }
      const use = button.querySelector("use");
      const still = use.getAttribute("href");
      use.setAttribute("href", still.replace("#copy", "#check"));
      copied.textContent = copied.dataset.words;
      setTimeout(() => {
        use.setAttribute("href", still);
        copied.textContent = "";
      }, 2_000);
    });
  }
}

// ---------- trying the provider ----------

const check = document.querySelector("[data-check]");

function busy(on) {
  const button = check.querySelector("button");
  button.setAttribute("aria-disabled", String(on));
  for (const words of button.querySelectorAll("[data-words]")) {
    words.hidden = (words.dataset.words === "busy") !== on;
  }
}

check?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (check.querySelector("button").getAttribute("aria-disabled") === "true") return;
  busy(true);
  try {
    const answer = await fetch(check.action, { method: "POST", headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const result = page.getElementById("check-result");
    if (!result) throw new Error();
    document.getElementById("check-result").replaceChildren(...result.childNodes);
    busy(false);
  } catch {
    // Without the script the page of the result says what happened.
    check.submit();
  }
});

// Coming back with the browser's Back button shows the page as it was left.
if (check) window.addEventListener("pageshow", () => busy(false));
