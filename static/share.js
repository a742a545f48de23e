// The pages of sharing: times in the reader's own clock.

const language = document.documentElement.lang;
const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });

for (const time of document.querySelectorAll("time[data-until]")) {
  time.textContent = moment.format(new Date(time.dateTime));
}
