// The page of one desktop: noVNC's core with the outside of the KasmVNC client, that is, its query
// parameters and the messages it exchanges with the page around it.
//
// The connection state is also readable at <html data-state="...">.

import RFB from './core/rfb.js';

const query = new URLSearchParams(location.search);
const framed = window.parent !== window;

const settings = {
  path: (query.get('path') || 'websockify').replace(/^\/+/, ''),
  resize: query.get('resize') || 'remote',
  viewOnly: flag('view_only', false),
  clipboardUp: flag('clipboard_up', !framed),
  clipboardDown: flag('clipboard_down', !framed),
  clipboardSeamless: flag('clipboard_seamless', !framed),
  reconnect: flag('reconnect', false),
  reconnectDelay: Number(query.get('reconnect_delay')) || 5000,
  autoconnect: flag('autoconnect', true),
};

const screen = document.getElementById('screen');
const message = document.getElementById('message');
const button = document.getElementById('connect');

let rfb = null;
let wasConnected = false;
let endWanted = false;
let retry = 0;

/** Like KasmVNC: 0, no and false are false, anything else that is given is true. */
function flag(name, otherwise) {
  const value = query.get(name);
  return value === null ? otherwise : !['0', 'no', 'false'].includes(value.toLowerCase());
}

function tell(action, value) {
  if (framed) {
    window.parent.postMessage({ action, value }, location.origin);
  }
}

const SENTENCES = {
  init: '',
  connecting: 'Connecting to the desktop …',
  connected: '',
  disconnecting: 'Leaving the desktop …',
  disconnected: 'The connection to the desktop has ended.',
  reconnecting: 'The connection was lost. Trying again …',
};

function enter(state) {
  document.documentElement.dataset.state = state;
  message.textContent = SENTENCES[state];
  button.hidden = state !== 'init' && state !== 'disconnected';
  button.textContent = wasConnected ? 'Connect again' : 'Connect';
  tell('connection_state', state);
}

/** The socket's address: `path` counts from the root of the site, whatever page this is. */
function socketUrl() {
  const url = new URL(`/${settings.path}`, location.origin);
  url.protocol = location.protocol === 'http:' ? 'ws:' : 'wss:';
  return url.href;
}

function connect() {
  clearTimeout(retry);
  endWanted = false;
  enter('connecting');
  rfb = new RFB(screen, socketUrl(), { shared: true, wsProtocols: ['binary'] });
  rfb.viewOnly = settings.viewOnly;
  rfb.background = 'transparent';
  rfb.focusOnClick = true;
  applyResize(settings.resize);
  rfb.addEventListener('connect', () => {
    wasConnected = true;
    enter('connected');
    takeKeyboard();
  });
  rfb.addEventListener('desktopname', (event) => {
    document.title = event.detail.name;
  });
  rfb.addEventListener('clipboard', (event) => copiedInDesktop(event.detail.text));
  rfb.addEventListener('disconnect', (event) => ended(event.detail.clean));
}

function ended(clean) {
  rfb = null;
  if (settings.reconnect && wasConnected && !endWanted) {
    enter('reconnecting');
    retry = setTimeout(connect, settings.reconnectDelay);
    return;
  }
  enter('disconnected');
  tell('disconnectrx', clean ? undefined : SENTENCES.disconnected);
}

function disconnect() {
  endWanted = true;
  clearTimeout(retry);
  if (rfb) {
    enter('disconnecting');
    rfb.disconnect();
  } else {
    enter('disconnected');
  }
}

/** off: as it is; scale: shrink the picture to the page; remote: the desktop takes the page's size. */
function applyResize(way) {
  if (!rfb || !['off', 'scale', 'remote'].includes(way)) {
    return;
  }
  settings.resize = way;
  rfb.scaleViewport = way === 'scale';
  rfb.resizeSession = way === 'remote';
  rfb.clipViewport = way === 'off';
}

function takeKeyboard() {
  if (rfb && !settings.viewOnly) {
    rfb.focus({ preventScroll: true });
  }
}

function copiedInDesktop(text) {
  if (!settings.clipboardDown) {
    return;
  }
  tell('clipboardrx', text);
  if (settings.clipboardSeamless && document.hasFocus()) {
    // Without permission the text stays with the page around us.
    navigator.clipboard?.writeText(text).catch(() => {});
  }
}

let lastPasted = null;

function pasteIntoDesktop(text) {
  if (rfb && settings.clipboardUp && typeof text === 'string' && text !== lastPasted) {
    lastPasted = text;
    rfb.clipboardPasteFrom(text);
  }
}

window.addEventListener('focus', () => {
  takeKeyboard();
  if (settings.clipboardUp && settings.clipboardSeamless) {
    navigator.clipboard?.readText?.().then(pasteIntoDesktop, () => {});
  }
});

window.addEventListener('message', (event) => {
  if (!framed || event.source !== window.parent || event.origin !== location.origin) {
    return;
  }
  const { action, value } = event.data ?? {};
  switch (action) {
    case 'clipboardsnd':
      lastPasted = null;
      pasteIntoDesktop(value);
      break;
    case 'resize':
      applyResize(value);
      break;
    case 'terminate':
      disconnect();
      break;
    default: // what this client does not offer, such as set_resolution or setvideoquality
  }
});

button.addEventListener('click', connect);

tell('noVNC_initialized', null);
enter('init');
if (settings.autoconnect) {
  connect();
}
