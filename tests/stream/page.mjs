// A page that talks to the assistant by the AI SDK alone: `node page.mjs FOLDER_OF_AI URL SCENE`, and what it shows as JSON.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, url, scene] = process.argv.slice(2)
const sdk = await import(pathToFileURL(createRequire(join(folder, 'package.json')).resolve('ai')))
const resets = Number(createRequire(import.meta.url)(join(folder, 'package.json')).version.split('.')[0]) >= 7
const api = `${url}/chat/stream${resets ? '?reset=1' : ''}`

/** What `useChat` is without React. `fetch` is the network, which may break. */
class Page extends sdk.AbstractChat {
  constructor({ transport = new sdk.DefaultChatTransport({ api }), ...init } = {}) {
    const held = {
      status: 'ready',
      error: undefined,
      messages: init.messages ?? [],
      pushMessage: message => (held.messages = [...held.messages, structuredClone(message)]),
      popMessage: () => (held.messages = held.messages.slice(0, -1)),
      replaceMessage: (place, message) => (held.messages = held.messages.with(place, structuredClone(message))),
      snapshot: thing => structuredClone(thing),
    }
    super({ ...init, state: held, transport })
  }

  /** What it shows, by the rules of docs/protocol.md. */
  get shown() {
    return this.messages.filter(message => message.role === 'assistant').map(shown)
  }

  get seen() {
    const { shown, status, error } = this
    return { shown, status, error: error?.message }
  }
}

function shown(message) {
  const parts = message.parts.slice(message.parts.findLastIndex(part => part.type === 'data-restart') + 1)
  const data = kind => parts.findLast(part => part.type === `data-${kind}`)?.data
  const text = parts.filter(part => part.type === 'text').map(part => part.text).join('')
  return {
    id: message.id,
    text: data('correction')?.text ?? text,
    streamed: text,
    products: data('products') ?? [],
    sources: parts.filter(part => part.type === 'source-document'),
    kinds: parts.map(part => part.type),
    metadata: message.metadata,
  }
}

/** The transport that docs/protocol.md tells pages to set up. */
function connected(fetch) {
  let session
  return new sdk.DefaultChatTransport({
    api,
    fetch: async (...request) => {
      const response = await fetch(...request)
      session = response.headers.get('x-mangaassist-session') ?? session
      return response
    },
    prepareSendMessagesRequest: ({ id, messages, trigger, messageId }) => ({
      body: { id, messages: messages.slice(-1), trigger, messageId, session_id: session },
    }),
    prepareReconnectToStreamRequest: () => ({ api: api.replace('/chat/stream', `/chat/stream/${session}/stream`) }),
  })
}

/** A network that is cut once enough has come through; `cut` tells that it was. */
function breaking(enough) {
  let session, tell
  const cut = new Promise(resolve => (tell = resolve))
  const fetch = async (input, init) => {
    const line = new AbortController()
    const response = await globalThis.fetch(input, { ...init, signal: line.signal })
    session = response.headers.get('x-mangaassist-session')
    let heard = ''
    const body = response.body.pipeThrough(
      new TransformStream({
        transform(chunk, passed) {
          passed.enqueue(chunk)
          heard += new TextDecoder().decode(chunk)
          if (heard.split('text-delta').length > enough) {
            line.abort()
            passed.error(new TypeError('network error'))
            tell(session)
          }
        },
      }),
    )
    return new Response(body, response)
  }
  return { fetch, cut }
}

const over = fetch => new sdk.DefaultChatTransport({ api, fetch })
const say = (page, text) => page.sendMessage({ text })
const scenes = {
  async talk() {
    const page = new Page()
    await say(page, 'one wrong card')
    await say(page, 'two')
    return page.seen
  },
  async regenerate() {
    const page = new Page()
    await say(page, 'one')
    const before = page.shown[0].id
    await page.regenerate()
    return { ...page.seen, before }
  },
  async edit() {
    const page = new Page()
    await say(page, 'one')
    await page.sendMessage({ text: 'two', messageId: page.messages[0].id })
    return page.seen
  },
  async fail() {
    const page = new Page()
    await say(page, 'one boom')
    return page.seen
  },
  async refused() {
    const page = new Page()
    await say(page, 'x'.repeat(2001))
    return page.seen
  },
  async reload() {
    const network = breaking(1)
    const left = new Page({ transport: over(network.fetch) })
    await say(left, 'one pause wrong pause card')
    const page = new Page({ id: await network.cut, messages: [left.messages[0]] })
    await page.resumeStream()
    return { ...page.seen, left: left.seen }
  },
  async line() {
    const network = breaking(1)
    let calls = 0
    const page = new Page({ transport: connected((...request) => (++calls === 2 ? network.fetch : fetch)(...request)) })
    await say(page, 'hello')
    await say(page, 'one pause wrong pause card')
    await page.resumeStream()
    return page.seen
  },
  async rests() {
    const page = new Page()
    await say(page, 'alone wrong')
    return page.seen
  },
  async nothing() {
    const page = new Page()
    await say(page, 'one')
    const again = new Page({ id: page.shown[0].metadata.session_id, messages: page.messages })
    await again.resumeStream()
    return again.seen
  },
  async read() {
    const transport = new sdk.DefaultChatTransport({ api })
    const messages = [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'one wrong card' }] }]
    const sent = await transport.sendMessages({ chatId: 'chat', messages, trigger: 'submit-message' })
    const states = []
    for await (const message of sdk.readUIMessageStream({ stream: sent, terminateOnError: true })) states.push(shown(message))
    return { states }
  },
  async crowd() {
    const talks = Array.from({ length: 12 }, async (_, number) => {
      const network = breaking(1 + (number % 2))
      const left = new Page({ transport: over(number % 3 ? network.fetch : undefined) })
      await say(left, `${number}a pause ${number}b wrong pause ${number}c card`)
      if (left.status !== 'error') return left.seen
      const page = new Page({ id: await network.cut, messages: [left.messages[0]] })
      await page.resumeStream()
      if (!page.shown.length) await page.regenerate() // it was over before it was asked for
      return page.seen
    })
    return { talks: await Promise.all(talks) }
  },
}

console.log(JSON.stringify(await scenes[scene]()))
