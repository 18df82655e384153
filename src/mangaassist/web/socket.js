// The line to the assistant: connects, resumes where it left off, waits longer after each failure (W-1, W-2, W-7).

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 20_000;
const STEADY_MS = 10_000; // a line that held for so long was a good one
const CONNECT_LIMIT_MS = 10_000;
const PONG_LIMIT_MS = 5_000;
const STUCK_MS = 5_000; // for so long a shopper waits for the line, then there must be another way

const TOKEN_EXPIRED = 4401;
const REVOKED = 4403;
const IDLE = 4408;

/**
 * States: `off` (never asked for), `connecting`, `open` (the server has greeted us), `waiting` (lost; tries again soon),
 * `asleep` (closed because nobody said anything; wakes with the next word).
 */
export class Line {
  /**
   * `assistant` is the origin; `dial(address, protocols)` gives a socket; `token` gives the shopper's token or null; `heard(frame)` takes every server frame once
   * and in order; `changed(state)` hears of every change; `revoked()` when the conversation has become somebody else's;
   * `stuck()` when the line has not opened for five seconds, and every five seconds from then on.
   */
  constructor({ assistant, ...parts }) {
    Object.assign(this, parts);
    this.address = assistant.replace(/^http/, "ws") + "/ws";
    this.watchdog = null;
    this.pinned = this.memory.kept.handoff; // a new page hears again all that was said since a person was asked for
    this.state = "off";
    this.socket = null;
    this.failures = 0;
    this.refusals = 0;
    this.refusedToken = null;
    this.usedToken = null;
    this.cursor = this.memory.kept.sessionId ? this.memory.kept.lastSeq : null;
    this.epoch = this.memory.kept.epoch;
    this.jumpedAt = null;
    this.reconnectAfter = null;
    this.timers = {};
  }

  listen(signal) {
    window.addEventListener("online", () => this.comeBack(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.probe(), { signal });
  }

  get open() {
    return this.state === "open";
  }

  /** Be connected: somebody wants something, so that no pause before the next try is sat out. */
  wake() {
    if (this.state === "off" || this.state === "asleep") this.connect();
    else this.hurry();
  }

  /** The network is back: the line has its five seconds again. */
  comeBack() {
    if (this.state !== "waiting") return;
    this.watchdog = clearInterval(this.watchdog) ?? null;
    this.connect();
  }

  hurry() {
    if (this.state === "waiting") this.connect();
  }

  /** Sends a frame; false when there is no line (what must arrive is sent again by its owner after the greeting). */
  say(frame) {
    if (!this.open || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The shopper signed in or got a fresh token: the conversation goes along (W-2, W-6). */
  authenticate() {
    const token = this.token();
    if (token === this.usedToken || (token && token === this.refusedToken)) return;
    if (token && this.say({ type: "auth", token })) this.usedToken = token;
    else if (this.open) this.restart(); // signed out: an open line would still speak for the customer
  }

  usableToken() {
    const token = this.token();
    return token === this.refusedToken ? null : token;
  }

  /** Hang up and connect again at once, from where we are. */
  restart() {
    this.hangUp();
    this.connect();
  }

  /** Forget the session and start another. */
  renew() {
    this.memory.forget();
    this.leap();
  }

  /** The memory names another conversation now. */
  leap() {
    this.cursor = null;
    this.epoch = null;
    this.pin(false);
    this.restart();
  }

  /** While a person is asked for or there, a new page begins where that began. */
  pin(pinned) {
    if (pinned === this.pinned) return;
    this.pinned = pinned;
    this.memory.save({ handoff: pinned });
  }

  connect() {
    this.clear();
    this.become("connecting");
    this.usedToken = this.usableToken();
    const protocols = ["mangaassist.v1", ...(this.usedToken ? [`bearer.${this.usedToken}`] : [])];
    let socket;
    try {
      socket = this.dial(this.resumeAddress(), protocols);
    } catch {
      this.refusedToken = this.usedToken; // a token with characters that no header may carry
      this.retry();
      return;
    }
    this.socket = socket;
    this.reconnectAfter = null;
    let opened = false;
    let greeted = false;
    socket.onopen = () => {
      opened = true;
    };
    this.timers.connect = setTimeout(() => socket.close(), CONNECT_LIMIT_MS);
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      const frame = parsed(data);
      if (!frame) return;
      if (frame.type === "session" && !greeted) {
        greeted = true;
        this.greet(frame);
      } else if (greeted) {
        this.receive(frame);
      }
    };
    socket.onclose = ({ code }) => socket === this.socket && this.lost(code, opened);
  }

  resumeAddress() {
    const { sessionId } = this.memory.kept;
    if (!sessionId) return this.address;
    const asked = new URLSearchParams({ session_id: sessionId });
    if (this.cursor !== null) asked.set("last_seq", this.cursor);
    if (this.cursor !== null && this.epoch) asked.set("epoch", this.epoch);
    return `${this.address}?${asked}`;
  }

  greet(session) {
    clearTimeout(this.timers.connect);
    this.timers.steady = setTimeout(() => (this.failures = 0), STEADY_MS);
    const isNew = !session.resumed || this.cursor === null;
    if (isNew) this.memory.save({ lastSeq: session.last_seq });
    if (isNew || session.recovered) this.stand(session.last_seq, session.epoch); // else a gap says where we are
    this.memory.save({ sessionId: session.session_id });
    this.become("open");
    this.heard(session);
  }

  receive(frame) {
    if (frame.type === "pong") clearTimeout(this.timers.pong);
    if (frame.type === "gap") {
      this.stand(frame.to_seq, frame.epoch);
      this.memory.save({ lastSeq: frame.to_seq });
    }
    if (frame.type === "drain") this.reconnectAfter = Math.max(0, Number(frame.reconnect_after_ms) || 0);
    if (Number.isSafeInteger(frame.seq) && !this.follows(frame.seq)) return;
    if (frame.type === "handoff") this.pin(frame.state === "requested" || frame.state === "joined");
    if (frame.type === "start" && !this.pinned) this.memory.save({ lastSeq: frame.seq - 1 }); // a new page replays the last answer whole
    this.heard(frame);
  }

  /** A place in the conversation is a number of one epoch (W-2). */
  stand(seq, epoch) {
    this.cursor = seq;
    this.epoch = typeof epoch === "string" ? epoch : null;
    this.memory.save({ epoch: this.epoch });
  }

  /** W-2: each number once and in order. A hole is asked for again, once. */
  follows(seq) {
    if (seq <= this.cursor) return false;
    if (seq > this.cursor + 1 && this.jumpedAt !== this.cursor) {
      this.jumpedAt = this.cursor;
      this.restart();
      return false;
    }
    this.cursor = seq;
    return true;
  }

  /** `opened`: there was a connection; without one the upgrade was refused, or nobody is there. */
  lost(code, opened) {
    this.hangUp();
    if (code === IDLE) return this.become("asleep");
    if (code === TOKEN_EXPIRED) this.refusedToken = this.usedToken;
    if (code === REVOKED && this.usableToken() === this.usedToken) this.part(); // with a fresh token it may be ours after all
    this.refusals = opened ? 0 : this.refusals + 1;
    if (this.usedToken && this.refusals > 1) this.suspectToken(this.usedToken);
    return this.retry();
  }

  part() {
    this.memory.part();
    this.cursor = null;
    this.revoked();
  }

  /** A browser does not say why an upgrade was refused: when the assistant is otherwise well, it was the token (W-1). */
  async suspectToken(token) {
    try {
      const health = await fetch(this.address.replace(/^ws/, "http").replace(/\/ws$/, "/healthz"));
      if (health.ok) this.refusedToken = token;
    } catch {
      // The assistant is away altogether; the token may be good.
    }
  }

  retry() {
    const wait = this.reconnectAfter ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    this.become("waiting");
    this.timers.retry = setTimeout(() => this.connect(), wait * (0.5 + Math.random())); // not all of a shop in one second
  }

  /** After sleep or a change of network a dead socket looks alive: ask, and reconnect when nothing comes. */
  probe() {
    if (this.state === "waiting") this.hurry();
    if (!this.say({ type: "ping" })) return;
    clearTimeout(this.timers.pong);
    this.timers.pong = setTimeout(() => this.restart(), PONG_LIMIT_MS);
  }

  /** The widget was taken off the page. */
  end() {
    this.hangUp();
    this.become("off");
  }

  hangUp() {
    const socket = this.socket;
    this.socket = null;
    this.clear();
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close();
  }

  clear() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.timers = {};
  }

  become(state) {
    const wanted = state === "connecting" || state === "waiting";
    if (!wanted) this.watchdog = clearInterval(this.watchdog) ?? null;
    else this.watchdog ??= setInterval(() => this.stuck(), STUCK_MS);
    if (state === this.state) return;
    this.state = state;
    this.changed(state);
  }
}

function parsed(data) {
  try {
    const frame = JSON.parse(data);
    return typeof frame?.type === "string" ? frame : null;
  } catch {
    return null;
  }
}
