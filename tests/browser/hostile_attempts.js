// What a hostile page of a desktop tries, in the realm P: its own window, or the page around it. Each attempt throws, or
// answers what it got. What only asks, and hears nothing, answers "asked": there the server's log decides.

const D = P.document;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const add = (tag, set, to = D.body) => to.appendChild(Object.assign(D.createElement(tag), set));
const refused = (why) => {
  throw new Error(why);
};
const asks = async (tag, set, to) => {
  add(tag, set, to);
  await wait(200);
  return "asked";
};
const framed = async (set) => {
  const frame = add("iframe", set);
  await wait(300);
  return frame.contentDocument?.body?.innerText || refused("an empty frame");
};
const posts = async (target) => {
  add("form", { method: "post", action: "/api/tokens", target }).submit();
  await wait(200);
  return "asked";
};
const opened = (window) => (window ? "a window" : refused("no window"));
const socket = (path) =>
  new Promise((open, closed) => {
    const one = new P.WebSocket(`${location.origin.replace("http", "ws")}${path}`);
    one.onopen = () => open("open");
    one.onerror = () => closed(new Error("closed"));
  });
const worker = async (one) => {
  await new Promise((said, failed) => {
    one.onmessage = said;
    one.onerror = () => failed(new Error("no worker"));
    setTimeout(() => failed(new Error("silent")), 400);
  });
  return "ran";
};
const code = `fetch("${location.origin}/api/tokens", { method: "POST" }).then(() => postMessage("sent"))`;
const blob = (type) => P.URL.createObjectURL(new P.Blob([code], { type }));
const json = { "content-type": "application/json" };

const attempts = {
  "read the start page": async () => (await P.fetch("/")).status,
  "read the account": async () => (await P.fetch("/account")).status,
  "read the administration": async () => (await P.fetch("/api/admin/users")).status,
  "read another desktop": async () => (await P.fetch("/desktop/somebody-else/")).status,
  "a path that climbs": async () => (await P.fetch(`${home}../../account`)).status,
  "make a token": async () => (await P.fetch("/api/tokens", { method: "POST", headers: json, body: '{"name":"x"}' })).status,
  "make a token that outlives the page": async () => (await P.fetch("/api/tokens", { method: "POST", keepalive: true })).status,
  "make a token, synchronously": () => {
    const request = new P.XMLHttpRequest();
    request.open("POST", "/api/tokens", false);
    request.send();
    return request.status;
  },
  "make a token later": async () => {
    P.fetchLater("/api/tokens", { method: "POST", activateAfter: 0 });
    await wait(300);
    return "asked";
  },
  "a beacon": async () => {
    P.navigator.sendBeacon("/api/tokens", "x");
    await wait(200);
    return "asked";
  },
  "a ping of a link": async () => {
    add("a", { href: "#", ping: "/api/tokens" }).click();
    await wait(200);
    return "asked";
  },
  "hear other events": () =>
    new Promise((open, closed) => {
      const source = new P.EventSource("/api/admin/events");
      source.onopen = () => open("open");
      source.onerror = () => closed(source.close());
    }),
  "a socket to another desktop": () => socket("/desktop/somebody-else/websockify"),
  "a socket to a page": () => socket("/api/events"),
  "open a window": () => opened(P.open("/admin")),
  "open an empty window": () => opened(P.open("about:blank")),
  "a link into a new window": async () => {
    add("a", { href: "/admin", target: "_blank", rel: "opener" }).click();
    await wait(300);
    return "asked";
  },
  "navigate the top": async () => {
    if (top === window) refused("it is the top");
    top.location.href = "/admin";
    await wait(200);
    return "asked";
  },
  "a form": () => posts("_self"),
  "a form into a window": () => posts("_blank"),
  "a form into a frame": async () => {
    add("iframe", { name: "into" });
    return posts("into");
  },
  "a frame of the administration": () => framed({ src: "/admin" }),
  "a frame of the account": () => framed({ src: "/account" }),
  "a frame with a page of its own": () => framed({ srcdoc: "<script>document.body.append(parent.location)</script>" }),
  "an empty frame's fetch": async () => (await add("iframe", {}).contentWindow.fetch("/api/tokens", { method: "POST" })).status,
  "a frame of data": () => framed({ src: "data:text/html,hello" }),
  "an object": () => asks("object", { data: "/admin" }),
  "an embedded page": () => asks("embed", { src: "/admin" }),
  "a picture": () => asks("img", { src: "/account" }),
  "a film": () => asks("video", { src: "/account", preload: "auto" }),
  "a style sheet": () => asks("link", { rel: "stylesheet", href: "/account" }, D.head),
  "a script": () => asks("script", { src: "/account" }),
  "a script with the page's own nonce": async () => {
    const nonce = D.querySelector("script[nonce]")?.nonce;
    add("script", { nonce, textContent: code.replace("postMessage", "void ") });
    await wait(200);
    return "asked";
  },
  "a preloaded module": () => asks("link", { rel: "modulepreload", href: "/account" }, D.head),
  "a page fetched ahead": () => asks("link", { rel: "prefetch", href: "/account" }, D.head),
  "rules of what to fetch ahead": () =>
    asks("script", {
      nonce: D.querySelector("script[nonce]")?.nonce,
      type: "speculationrules",
      textContent: '{"prefetch":[{"source":"list","urls":["/account"],"eagerness":"immediate"}]}',
    }),
  "a manifest": () => asks("link", { rel: "manifest", href: "/account" }, D.head),
  "a worker": () => worker(new P.Worker(blob("text/javascript"))),
  "a shared worker": () => worker(new P.SharedWorker("/account").port),
  "a service worker of its own": async () => (await P.navigator.serviceWorker.register(`${home}client/sw.js`)).scope,
  "a service worker of ours": async () => (await P.navigator.serviceWorker.register(`${files}/live.js`)).scope,
  "an audio worklet": async () => {
    await new P.AudioContext().audioWorklet.addModule("/account");
    return "loaded";
  },
  "a font": async () => (await new P.FontFace("x", "url(/account)").load()).status,
  "another base": async () => {
    const base = add("base", { href: "/admin/" }, D.head);
    const at = D.baseURI;
    base.remove();
    return at.endsWith("/admin/") ? at : refused("no base");
  },
  "read our cookie": () => (D.cookie.includes("deskcast=") ? D.cookie : refused("not there")),
  "set our cookie": () => {
    D.cookie = "deskcast=planted; path=/";
    return D.cookie.includes("planted") ? "planted" : refused("kept");
  },
  "hear a microphone": async () => (await P.navigator.mediaDevices.getUserMedia({ audio: true })).id,
};

const got = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    got[name] = String(await Promise.race([attempt(), wait(3_000).then(() => refused("never answered"))]));
  } catch (error) {
    got[name] = `refused: ${error}`;
  }
}
// What came before this was asked before this.
got.control = String((await P.fetch(`${home}last-of-all`)).status);
return got;
