// Sockets for the line: shared by all tabs of a shopper where the page's origin has the worker that holds them (shared-line.js).

/** Gives `dial(address, protocols)`. `worker` is where the page says that the worker is; our own pages have it beside this file. */
export function dialer(worker) {
  const place = new URL(worker ?? "./shared-line.js", worker ? document.baseURI : import.meta.url);
  let shares = place.origin === window.location.origin && window.SharedWorker && navigator.locks;
  return (...where) => (shares ? new SharedSocket(place, where, () => (shares = false)) : new WebSocket(...where));
}

/** As much of a WebSocket as the line needs. `broken()`: there is no such worker. */
class SharedSocket {
  constructor(place, dials, broken) {
    Object.assign(this, { readyState: WebSocket.CONNECTING, broken });
    const worker = new SharedWorker(place, { type: "module", name: "mangaassist" });
    worker.onerror = () => this.close();
    this.port = worker.port;
    this.port.onmessage = ({ data }) => this.heard(data);
    const life = `mangaassist:${Math.random()}`; // held until we hang up: so the worker learns of a tab that is no more
    navigator.locks.request(life, () => this.readyState !== WebSocket.CLOSED && this.live({ dials, life }));
  }

  live(told) {
    this.port.postMessage(told);
    return new Promise((end) => (this.end = end));
  }

  heard({ type, ...told }) {
    if (type === "here") this.broken = null;
    if (type === "open") this.readyState = WebSocket.OPEN;
    if (type === "close") this.close(told);
    else this[`on${type}`]?.(told);
  }

  send(says) {
    this.port.postMessage({ says });
  }

  close(told = {}) {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.broken?.();
    this.end?.();
    queueMicrotask(() => this.onclose(told));
  }
}
