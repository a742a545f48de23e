// A link of the older form, /#/cast/<key>?…: what stands behind # never reaches a server, so the page goes on by itself.

function follow() {
  const found = /^#\/cast\/([A-Za-z0-9_-]{1,64})\/?(\?.*)?$/.exec(window.location.hash);
  if (found) window.location.replace(`/cast/${found[1]}${found[2] ?? ""}`);
}

follow();
window.addEventListener("hashchange", follow);
