// Runs of the real client of AG-UI against our server: `node agent.mjs FOLDER_OF_THE_CLIENT URLS SCENE`, and what it holds as JSON.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [folder, addresses, scene, ...given] = process.argv.slice(2)
const [url, ...others] = addresses.split(',')
const require = createRequire(join(folder, 'package.json'))
const { HttpAgent, randomUUID } = require('@ag-ui/client')
const schemas = require('@ag-ui/core/schemas')
const { resuming } = await import(new URL('../../docs/examples/resuming.mjs', import.meta.url))

const complaints = []
for (const kind of ['warn', 'error']) console[kind] = (...words) => complaints.push(words.map(String).join(' '))
process.stdout.on('error', () => process.exit(1))

/** An agent, and what its runs were told. `fetch` is the network. */
class Shopper {
  constructor({ fetch, threadId = randomUUID(), headers } = {}) {
    this.events = []
    this.agent = new HttpAgent({ url: `${url}/ag-ui`, threadId, headers, ...(fetch && { fetch }) })
    this.agent.subscribe({ onEvent: ({ event }) => void this.events.push(structuredClone(event)) })
    this.texts = []
    this.agent.subscribe({ onMessagesChanged: ({ messages }) => void this.texts.push(text(messages)) })
  }

  async say(words, run = {}) {
    this.agent.addMessage({ id: randomUUID(), role: 'user', content: words })
    return this.run(run)
  }

  async run(run = {}) {
    try {
      const { result } = await this.agent.runAgent(run)
      this.result = result
    } catch (error) {
      this.failed = { status: error.status, payload: error.payload, message: error.message }
    }
    return this
  }

  /** Resolves once an event is there that is wanted. */
  hears(wanted) {
    return new Promise(resolve => {
      const told = this.agent.subscribe({
        onEvent: ({ event }) => {
          if (wanted(event)) told.unsubscribe(), resolve(event)
        },
      })
    })
  }

  get session() {
    return this.events.find(event => event.type === 'RUN_STARTED').metadata.mangaassist.session_id
  }

  get seen() {
    for (const event of this.events) schemas.EventSchemas.parse(event)
    const { events, texts, result, failed } = this
    return { kinds: events.map(event => event.type), texts, messages: this.agent.messages, last: events.at(-1), result, failed }
  }
}

const text = messages => messages.filter(each => each.role === 'assistant').map(each => each.content).join('|')
const said = event => event.type === 'TEXT_MESSAGE_CONTENT'
const post = (path, body) =>
  fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

/** A network that breaks off each response behind so many bytes, and then behind twice as many. */
const breaking = enough => {
  const asked = []
  const broken = async (input, init) => {
    asked.push(init.headers['Last-Event-ID'] ?? null)
    const response = await fetch(input, init)
    let left = (enough *= 2) / 2
    const body = response.body.pipeThrough(
      new TransformStream({
        transform(chunk, passed) {
          passed.enqueue(chunk.slice(0, left))
          left -= chunk.length
          if (left <= 0) passed.error(new TypeError('network error'))
        },
      }),
    )
    return new Response(body, response)
  }
  return { fetch: broken, asked }
}

/** A network that leads to the next of our addresses once one does not answer. */
const wherever = () => {
  const open = [url, ...others]
  return async (input, init) => {
    try {
      return await fetch(input.replace(url, open[0]), init)
    } catch (error) {
      open.push(open.shift())
      throw error
    }
  }
}

const scenes = {
  async talk() {
    const shopper = new Shopper()
    await shopper.say('one pause wrong card')
    await shopper.say('two')
    return shopper.seen
  },
  async regenerate() {
    const shopper = new Shopper()
    await shopper.say('one')
    shopper.agent.setMessages(shopper.agent.messages.filter(message => message.role === 'user'))
    await shopper.run()
    return shopper.seen
  },
  async again() {
    const [shopper, runId] = [new Shopper(), randomUUID()]
    await shopper.say('one wrong card', { runId })
    const posted = shopper.agent.messages.filter(message => message.role === 'user')
    const other = new Shopper({ threadId: shopper.agent.threadId })
    other.agent.setMessages(posted)
    await other.run({ runId })
    return { first: shopper.seen, again: other.seen }
  },
  async fail() {
    return (await new Shopper().say('one boom')).seen
  },
  async refused() {
    return (await new Shopper({ threadId: 'a-name' }).say('one')).failed
  },
  async trimmed() {
    const shopper = new Shopper()
    shopper.agent.use((input, next) => next.run({ ...input, messages: input.messages.slice(-1) }))
    await shopper.say('one')
    await shopper.say('two wrong')
    return shopper.seen
  },
  async stop() {
    const [shopper, runId] = [new Shopper(), randomUUID()]
    const heard = shopper.hears(said)
    const running = shopper.say('one forever two', { runId })
    await heard
    const messageId = shopper.agent.messages.find(message => message.role === 'user').id
    const stopped = await post('/ag-ui/stop', { threadId: shopper.agent.threadId, runId, messageId })
    await running
    return { status: stopped.status, ...shopper.seen }
  },
  async abort() {
    const [shopper, runId] = [new Shopper(), randomUUID()]
    const heard = shopper.hears(said)
    const running = shopper.say('one pause pause two card', { runId })
    await heard
    shopper.agent.abortRun()
    await running
    const left = shopper.seen
    shopper.events = []
    shopper.agent.setMessages(shopper.agent.messages.filter(message => message.role === 'user'))
    await shopper.run({ runId })
    return { left, ...shopper.seen }
  },
  async resume() {
    const runs = given.map(async enough => {
      const network = breaking(Number(enough))
      const shopper = new Shopper({ fetch: resuming(network.fetch, { waitMs: 1 }) })
      await shopper.say('one pause wrong two pause three card')
      return { asked: network.asked, ...shopper.seen }
    })
    return { runs: await Promise.all(runs) }
  },
  async handoff() {
    const shopper = new Shopper()
    await shopper.say('one card')
    const asked = await post('/chat/escalate', { session_id: shopper.session, reason: 'a person, please' })
    process.stdout.write(`${JSON.stringify({ session: shopper.session, ticket: await asked.json() })}\n`)
    for await (const _ of process.stdin) break // the person is in, and has written
    await shopper.run() // nothing new is asked: the thread as it stands
    await shopper.say('thank you')
    return shopper.seen
  },
  async long() {
    const shopper = new Shopper({ fetch: resuming(wherever(), { waitMs: 50, tries: 200, longestMs: 1000 }) })
    shopper.hears(said).then(event => process.stdout.write(`${JSON.stringify({ said: event.delta })}\n`))
    await shopper.say(given[0])
    return shopper.seen
  },
  async capabilities() {
    const told = await (await fetch(`${url}/ag-ui`)).json()
    return schemas.AgentCapabilitiesSchema.parse(told)
  },
}

const shown = await scenes[scene]()
process.stdout.write(`${JSON.stringify({ ...shown, complaints })}\n`, () => process.exit(0))
