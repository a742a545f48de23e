// The pages of sharing: times in the reader's own clock, and a button that copies a new link.

const language = document.documentElement.lang;
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });

for (const time of document.querySelectorAll("time[data-until]")) {
  time.textContent = moment.format(new Date(time.dateTime));
}

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
