// A fetch for AG-UI's HttpAgent: a run whose line breaks goes on where it was, and the agent does not notice.

const OVER = /^data: \{"type":"RUN_(FINISHED|ERROR)"/m;
const LATER = [429, 503];

export const resuming = (fetch, { tries = 30, waitMs = 500, longestMs = 5000 } = {}) => async (url, init) => {
  let heard = null; // the id of the last event that was passed on
  const open = () => fetch(url, heard === null ? init : { ...init, headers: { ...init.headers, "Last-Event-ID": heard } });
  const first = await open();
  if (!first.ok) return first;

  async function* events() {
    let response = first;
    for (let failures = 0; ; ) {
      try {
        if (response === null) response = await open();
        if (LATER.includes(response.status)) throw new Error("later");
        if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { isFinal: true });
        let rest = "";
        for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
          const whole = (rest + text).split("\n\n");
          rest = whole.pop(); // half an event is not passed on: it comes again, whole
          for (const event of whole) {
            heard = /^id: (.+)$/m.exec(event)?.[1] ?? heard;
            failures = 0;
            yield `${event}\n\n`;
            if (OVER.test(event)) return;
          }
        }
      } catch (error) {
        if (init.signal?.aborted || error.isFinal) throw error;
      }
      if (++failures > tries) throw new Error("The line is lost.");
      await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs * 2 ** (failures - 1), longestMs)));
      response = null;
    }
  }
  const body = ReadableStream.from(events()).pipeThrough(new TextEncoderStream());
  return new Response(body, { status: first.status, headers: first.headers });
};
