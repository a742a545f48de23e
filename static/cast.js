// The form of a cast: what is wrong comes first, and what the chosen type cannot do is folded away. The server checks
// all of it in any case.

document.querySelector("[data-focus]")?.focus();

const kind = document.getElementById("desktop_type");

function fold() {
  const can = (kind.selectedOptions[0]?.dataset.can ?? "").split(" ");
  const none = kind.value === "";
  for (const part of document.querySelectorAll("[data-needs]")) {
    const field = part.querySelector("input, textarea");
    const filled = field.type === "checkbox" ? field.checked : field.value.trim() !== "";
    // What holds something stays in sight, so that it can be taken out.
    part.hidden = !none && !can.includes(part.dataset.needs) && !filled;
  }
}

kind.addEventListener("change", fold);
fold();
