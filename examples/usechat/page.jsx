// A chat page on `useChat` alone: answers as they are written, put right in place, and taken up again after a reload.
import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport } from "ai";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";

const api = `${document.body.dataset.assistant}/chat/stream`;
const kept = JSON.parse(sessionStorage.getItem("chat") ?? "{}");
const keep = (news) => sessionStorage.setItem("chat", JSON.stringify(Object.assign(kept, news)));

const transport = new DefaultChatTransport({
  api: `${api}?reset=1`,
  fetch: async (...request) => {
    const response = await fetch(...request);
    keep({ session: response.headers.get("x-mangaassist-session") ?? kept.session });
    return response;
  },
  prepareSendMessagesRequest: ({ id, messages, trigger, messageId }) => ({
    body: { id, messages: messages.slice(-1), trigger, messageId, session_id: kept.session },
  }),
  prepareReconnectToStreamRequest: () => ({ api: `${api}/${kept.session}/stream?reset=1` }),
});

function Chat() {
  const { messages, sendMessage, status, error } = useChat({ transport, messages: kept.messages, resume: Boolean(kept.session) });
  useEffect(() => void (["submitted", "ready"].includes(status) && keep({ messages })), [messages, status]);
  return (
    <main>
      {messages.map(({ id, role, parts }) => <article key={id} className={role}>{parts.map(Part)}</article>)}
      {error && <p role="alert">{error.message}</p>}
      <form onSubmit={(event) => (event.preventDefault(), sendMessage({ text: new FormData(event.target).get("text") }), event.target.reset())}>
        <input name="text" aria-label="Your message" disabled={status === "streaming"} required maxLength={2000} />
      </form>
    </main>
  );
}

function Part({ type, text, data }, place) {
  if (type === "text") return <p key={place}>{text}</p>;
  if (type === "data-products") return <ul key={place}>{data.map(({ asin, title, price }) => <li key={asin}>{title}, {price}</li>)}</ul>;
}

createRoot(document.getElementById("chat")).render(<Chat />);
