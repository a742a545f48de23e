// What the real client does with its address: the socket's path comes from the query, else "websockify" at the root.
const asked = new URLSearchParams(location.search).get('path') ?? 'websockify';
const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/${asked}`, ['binary']);
socket.binaryType = 'arraybuffer';
socket.onmessage = (event) => {
  document.title = new TextDecoder().decode(event.data.slice(0, 11));
};
