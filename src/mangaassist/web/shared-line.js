// One line to the assistant for all tabs of a shopper: a SharedWorker of the page's own origin. docs/embedding.md says how a page has it.
//
// Each tab dials as if it were alone, and so is greeted by the server and told what it missed. Then the tabs that were there move over to
// its socket, as long as that one tells them all they have yet to hear, and theirs is hung up. No tab waits for another.

const LINGER_MS = 5_000; // for what is still under way on a socket that nobody listens to any more
const MAX_ASKED = 64;
const RESTARTED = 1012;
const TOKEN_REFUSED = 4401;

const sockets = new Set();

class Shared {
  constructor(tab, address, protocols) {
    Object.assign(this, { tabs: new Set([tab]), token: protocols[1], server: address.split("?")[0] });
    this.session = null; // of the greeting: until then nobody else can use it
    this.from = Infinity; // what comes after this number is told on this socket
    this.epoch = null;
    this.asked = new Map(); // by the ids of messages, which tab sent them
    this.socket = new WebSocket(address, protocols);
    this.socket.onopen = () => tab.port.postMessage({ type: "open" });
    this.socket.onmessage = ({ data }) => this.hear(data);
    this.socket.onclose = ({ code }) => this.closed(code);
    sockets.add(this);
  }

  hear(data) {
    const frame = parsed(data);
    if (frame?.type === "error" && this.asked.has(frame.in_reply_to)) return tell(this.asked.get(frame.in_reply_to), data);
    if (frame?.type === "session") this.session = frame.session_id;
    if (frame?.type === "session" || frame?.type === "gap") this.epoch = frame.epoch;
    const place = placeOf(frame);
    for (const tab of this.tabs) if (isNews(frame, tab)) tell(tab, data, place);
    if (!("seq" in (frame ?? {})) && place !== null) this.begins(place);
    return undefined;
  }

  /** What comes from here on is told on this socket: whoever needs no more than that can use it. */
  begins(place) {
    this.from = place;
    for (const other of sockets) if (other !== this && this.isFor(other)) other.handOver(this);
  }

  isFor({ token, server, session, epoch }) {
    return session !== null && token === this.token && server === this.server && session === this.session && epoch === this.epoch;
  }

  handOver(next) {
    for (const tab of this.tabs) if (tab.place >= next.from) (this.tabs.delete(tab), next.tabs.add(tab), (tab.shared = next));
    if (!this.tabs.size) this.retire(LINGER_MS);
  }

  say(tab, text) {
    const frame = parsed(text);
    if (frame?.type === "auth") this.becomes(`bearer.${frame.token}`, tab);
    if (frame?.type === "message") this.asked.set(frame.id, tab);
    if (this.asked.size > MAX_ASKED) this.asked.delete(this.asked.keys().next().value);
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  /** A tab signed in: the others dial anew, each as who it is. */
  becomes(token, tab) {
    if (token === this.token) return;
    this.token = token;
    for (const other of [...this.tabs]) if (other !== tab) this.drop(other, RESTARTED);
  }

  drop(tab, code) {
    this.tabs.delete(tab);
    tab.shared = null;
    tab.port.postMessage({ type: "close", code });
  }

  leave(tab) {
    this.tabs.delete(tab);
    if (!this.tabs.size) this.retire(0);
  }

  retire(after) {
    sockets.delete(this);
    setTimeout(() => this.socket.close(), after);
  }

  closed(code) {
    sockets.delete(this);
    for (const tab of [...this.tabs]) this.drop(tab, code);
  }
}

/** Where in the conversation a frame leaves whoever hears it, or null. A greeting that did not recover all is followed by a gap. */
function placeOf(frame) {
  if (frame?.type === "session") return frame.resumed && !frame.recovered ? null : frame.last_seq;
  return (frame?.type === "gap" ? frame.to_seq : frame?.seq) ?? null;
}

/** W-2: each number once. A greeting is for the one that dialled: at that time there is no other. */
function isNews(frame, tab) {
  return frame?.type === "session" || placeOf(frame) === null || placeOf(frame) > tab.place;
}

function tell(tab, data, place = null) {
  if (place !== null) tab.place = place;
  tab.port.postMessage({ type: "message", data });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function dial(tab, [address, protocols]) {
  try {
    tab.shared = new Shared(tab, address, protocols);
  } catch {
    tab.port.postMessage({ type: "close", code: TOKEN_REFUSED }); // a token with characters that no header may carry
  }
}

function come(port) {
  const tab = { port, shared: null, place: -1 };
  const leave = () => (tab.shared?.leave(tab), (tab.shared = null), port.close());
  port.onmessage = ({ data: { dials, says, life } }) => {
    if (life) navigator.locks.request(life, leave); // ours once the tab has hung up, or is no more
    if (dials) dial(tab, dials);
    if (says) tab.shared?.say(tab, says);
  };
  port.postMessage({ type: "here" });
}

self.onconnect = ({ ports: [port] }) => come(port);
