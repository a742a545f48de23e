// A page that says "not right now": asks every ten seconds whether it works again, and then shows it.

const EVERY = 10_000;

async function tryAgain() {
  if (document.hidden) return;
  try {
    const answer = await fetch(window.location.href, { cache: "no-store" });
    // 405 is an address that only takes forms: the desktops' page is where to go on from there.
    if (answer.status === 405) window.location.replace("/");
    else if (answer.status !== 503) window.location.replace(window.location.href);
  } catch {
    // The server itself is away; the next round asks again.
  }
}

setInterval(tryAgain, EVERY);
document.addEventListener("visibilitychange", tryAgain);
