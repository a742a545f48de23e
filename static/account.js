// The account page: times in the reader's own clock.

const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });

const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());

for (const time of document.querySelectorAll("time[data-when], time[data-day]")) {
  const moment = new Date(time.dateTime);
  // A day of summer time has 23 hours.
  const days = Math.round((midnight(new Date()) - midnight(moment)) / 86_400_000);
  time.textContent = "when" in time.dataset && (days === 0 || days === 1)
    ? `${relative.format(-days, "day")} ${clock.format(moment)}`
    : day.format(moment);
  time.title = full.format(moment);
}
