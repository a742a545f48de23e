// Over plain http no name of a cookie is safe from scripts: a page of a desktop, which has our origin, can push our
// cookies out of the browser and put others in their place, so that its visitor goes on as somebody else. Ours are
// shown to the server alone. One that a script can read was planted: it is taken away, and the sign-in page says so.

const forTheServer = ["deskcast", "deskcast-device", "deskcast-login"];

const planted = () =>
  document.cookie
    .split(";")
    .map((pair) => pair.split("=")[0].trim())
    .filter((name) => forTheServer.includes(name));

// Every path a cookie may have that was sent to this page, and every name of a site.
function* places() {
  const steps = location.pathname.split("/").filter(Boolean);
  const folders = ["/"];
  for (let count = 1; count <= steps.length; count += 1) {
    const folder = `/${steps.slice(0, count).join("/")}`;
    folders.push(folder, `${folder}/`);
  }
  const labels = location.hostname.split(".");
  const sites = labels.map((_, from) => `; domain=${labels.slice(from).join(".")}`);
  for (const folder of folders) {
    for (const site of ["", ...sites]) yield `; path=${folder}${site}`;
  }
}

const found = planted();
if (found.length > 0) {
  for (const name of found) {
    for (const place of places()) document.cookie = `${name}=; max-age=0${place}`;
  }
  // One that cannot be taken away must not lead in circles.
  if (planted().length === 0) location.replace("/login?planted=1");
}
