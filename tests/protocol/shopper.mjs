// Does with the protocol page's client what standard input says, one JSON object a line, and tells on standard output how answers grow.

import { createInterface } from "node:readline";

const [client, address] = process.argv.slice(2);
const { Conversation } = await import(client);

const tell = ({ frame, text, products, problem, receipt }) =>
  console.log(JSON.stringify({ asked: frame.message, text, products: products.length, problem: problem?.code ?? null, receipt }));
const conversation = new Conversation(address, { changed: tell });

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, lose, stop } = JSON.parse(line);
  if (ask) conversation.ask(ask);
  if (stop) conversation.stop();
  if (lose) conversation.socket.close();
}
conversation.close();
