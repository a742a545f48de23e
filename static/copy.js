// A button that copies what is shown this once.

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      document.querySelector("[data-copy-says]").textContent = button.dataset.copied;
      button.querySelector("use").setAttribute("href", button.querySelector("use").getAttribute("href").replace("#copy", "#check"));
    } catch {
      // Without TLS browsers let no page write the clipboard: the reader copies what is selected.
      getSelection().selectAllChildren(source);
    }
  });
}
