// The assistant over plain requests: what the socket does not carry, and what stands in when it cannot open.

const LIMIT_MS = 10_000;
const ANSWER_LIMIT_MS = 40_000;

export class Rest {
  /** `assistant` is the origin; `token()` gives the shopper's token or null. */
  constructor({ assistant, token }) {
    this.assistant = assistant;
    this.token = token;
  }

  /** The whole answer to a message. The same id, sent again, is answered once. */
  message({ id, text }, sessionId, page) {
    const body = { message: text, ...(sessionId && { session_id: sessionId }), ...(page && { page_context: page }) };
    return this.call("/chat/message", { body, headers: { "idempotency-key": id }, limit: ANSWER_LIMIT_MS });
  }

  turns(sessionId) {
    return this.call(`/chat/sessions/${encodeURIComponent(sessionId)}`);
  }

  rate(sessionId, responseId, feedback, comment) {
    const body = { response_id: responseId, session_id: sessionId, feedback, ...(comment && { comment }) };
    return this.call("/chat/feedback", { body });
  }

  escalate(sessionId, reason) {
    return this.call("/chat/escalate", { body: { session_id: sessionId, reason } });
  }

  leaveLine(sessionId) {
    return this.call("/chat/escalate/cancel", { body: { session_id: sessionId } });
  }

  /** `{status, body}`; status 0 when nobody could be reached. */
  async call(path, { body, headers = {}, limit = LIMIT_MS } = {}) {
    const token = this.token();
    try {
      const response = await fetch(this.assistant + path, {
        method: body ? "POST" : "GET",
        headers: { ...(body && { "content-type": "application/json" }), ...(token && { authorization: `Bearer ${token}` }), ...headers },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(limit),
      });
      return { status: response.status, body: await response.json() };
    } catch {
      return { status: 0, body: null };
    }
  }

  /**
   * Why there is no line. A browser does not say why an upgrade failed: "offline", "away" (nobody answers), "refused" (files may be
   * had, but this page may not ask anything: its origin is not allowed), or "blocked" (all is well but the socket).
   */
  async diagnose() {
    if (navigator.onLine === false) return "offline";
    if (await reached(`${this.assistant}/healthz`)) return "blocked";
    return (await reached(`${this.assistant}/widget/icon.svg`)) ? "refused" : "away";
  }
}

async function reached(address) {
  try {
    return (await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(LIMIT_MS) })).ok;
  } catch {
    return false;
  }
}
