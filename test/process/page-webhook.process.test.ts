import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Message } from '../../src/realtime/protocol.ts'
import { must } from '../../src/shared/must.ts'
import { signatureOf } from '../../src/providers/meta/signature.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { logOf, startApp } from '../support/app.ts'
import { APP_SECRET, postDelivery, VERIFY_TOKEN } from '../support/cloud.ts'
import { isOwnWork } from '../support/own-work.ts'
import {
  ACCOUNTS,
  pageEvent,
  pageSample,
  pageSampleNames,
  pageSession,
  pageText,
  type PageChannelName,
} from '../support/pages.ts'
import { until } from '../support/until.ts'
import { columnAvailable } from '../support/world.ts'

/** What Meta documents of Messenger and Instagram, posted to a real server as Meta posts it. */
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const WEBHOOK_BYTES_MAX = 3 * 1024 * 1024
type Channel = 'messenger' | 'instagram'

let people = 6_000_000_000_000_000
const somebody = () => String(++people)

/** What each documented event of a person's own shows, beside texts and files; `null`: it shows nothing. */
const SHOWN: Readonly<Record<PageChannelName, Readonly<Record<string, Partial<Message> | null>>>> = {
  messenger: {
    'quick-reply': { kind: 'interactive', body: 'Hello, world!' },
    postback: { kind: 'interactive', body: 'Get started' },
    location: { kind: 'location', body: 'Facebook HQ\nhttps://maps.google.com/?q=37.4845,-122.1477' },
    fallback: { kind: 'text', body: 'see https://example.com/shoes' },
    reel: { kind: 'text', body: 'A reel\nhttps://www.facebook.com/reel/1' },
    'from-an-ad': { kind: 'text', body: 'Is this available?' },
    'unknown-attachment': { kind: 'unsupported', body: 'unsupported: hologram' },
    'unknown-event': { kind: 'unsupported', body: 'unsupported: wave' },
    'echo-from-inbox': { kind: 'text', body: 'from the inbox', fromMe: true },
    referral: null,
    optin: null,
    'pass-thread-control': null,
    standby: null,
  },
  instagram: {
    'story-reply': { kind: 'text', body: 'so nice' },
    'story-mention': {
      kind: 'text',
      body: 'story mention\nhttps://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=2&signature=s',
    },
    share: {
      kind: 'text',
      body: 'https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=4&signature=s',
    },
    reel: {
      kind: 'text',
      body: 'Verão\nhttps://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=5&signature=s',
    },
    postback: { kind: 'interactive', body: 'Preços' },
    unsupported: { kind: 'unsupported' },
    'echo-from-app': { kind: 'text', body: 'from the phone', fromMe: true },
    referral: null,
  },
}

/** What differs between the columns does not differ between the channels: each is tried in one. */
const CHANNEL_IN = { embedded: ['instagram'], outside: ['messenger'] } as const

for (const column of ['embedded', 'outside'] as const)
  describe.skipIf(!(await columnAvailable(column)))(`webhooks of pages, ${column}`, () => {
    let app: Awaited<ReturnType<typeof startApp>>
    let graph: GraphServer
    const sessions = { messenger: '', instagram: '' }
    beforeAll(async () => {
      graph = await startGraphServer()
      app = await startApp({ column, env: { GRAPH_URL: graph.url, SHUTDOWN_DELAY_MS: '0' } })
      for (const channel of CHANNEL_IN[column])
        sessions[channel] = await app.api.openSession(pageSession(graph, channel))
    })
    afterAll(async () => {
      await app.close()
      await graph.close()
    })

    /** What a server writes about itself, and how files are fetched in the background, is another story. */
    const settledLog = async () =>
      (await logOf(app.world, app)).filter(one => !isOwnWork(one) && !one.type.startsWith('message.media'))

    describe.each<Channel>([...CHANNEL_IN[column]])('%s', channel => {
      const post = (delivery: unknown, signature?: string | null) =>
        postDelivery(app.url, sessions[channel], delivery, signature, channel)
      const taken = async (delivery: unknown) => expect(await post(delivery)).toMatchObject({ status: 200 })
      const urlOf = `/webhooks/${channel}/`
      /** Somebody who wrote already, under a name that Graph tells. */
      const acquaintance = async () => {
        const id = somebody()
        const name = `Ana ${id}`
        graph.pages.addPerson(
          id,
          channel === 'messenger' ? { first_name: 'Ana', last_name: id } : { name, username: 'ana' },
        )
        const mid = `m_first_${id}`
        await taken(pageText(channel, id, mid, 'bom dia'))
        const ticket = await until(
          `a ticket of ${name}`,
          async () => (await app.api.ticketsOf(sessions[channel], name))[0],
        )
        return { id, mid, ticketId: ticket.id, contact: ticket.contact }
      }
      const shows = async (ticketId: string, what: string, is: (message: Message) => boolean) =>
        until(what, async () => (await app.api.messages(ticketId)).find(is))

      test('the handshake answers the challenge to whoever knows the token', async () => {
        const ask = (sessionId: string, token: string) =>
          fetch(
            `${app.url}${urlOf}${sessionId}?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`,
          )
        const right = await ask(sessions[channel], VERIFY_TOKEN)
        expect([right.status, await right.text()]).toEqual([200, '1158201444'])
        expect((await ask(sessions[channel], 'guessed')).status).toBe(403)
        expect((await ask(randomUUID(), VERIFY_TOKEN)).status).toBe(404)
      })

      test('who writes is known by name, without a phone number, and is answered by the id that is known', async () => {
        const ana = await acquaintance()
        expect(ana.contact.phone).toBeNull()
        expect(await app.api.messages(ana.ticketId)).toMatchObject([{ kind: 'text', body: 'bom dia' }])
        await app.api.post(`/tickets/${ana.ticketId}/accept`)
        await app.api.post(`/tickets/${ana.ticketId}/messages`, { body: 'Oi Ana' })
        const sent = await until('the answer', () => graph.pages.sent.find(({ to }) => to === ana.id))
        expect(sent.body).toMatchObject({ messaging_type: 'RESPONSE', message: { text: 'Oi Ana' } })
      })

      test('files are fetched from Meta alone, and served to those who may see them', async () => {
        const ana = await acquaintance()
        const outsider = await startGraphServer()
        const elsewhere = [`${outsider.url}/page-files/x/a.jpg`]
        await taken(
          pageEvent(channel, 'image', { person: ana.id, mid: `m_outside_${ana.id}`, urls: elsewhere }),
        )
        graph.pages.files.set(`j-${ana.id}`, { mime: 'image/jpeg', bytes: JPEG })
        graph.pages.files.set(`p-${ana.id}`, { mime: 'image/png', bytes: PNG })
        const urls = [
          `${graph.url}/page-files/j-${ana.id}/a.jpg`,
          `${graph.url}/page-files/p-${ana.id}/b.png`,
        ]
        // Instagram's sample has one file, Messenger's two.
        const [sample, count] = channel === 'messenger' ? (['images', 2] as const) : (['image', 1] as const)
        await taken(pageEvent(channel, sample, { person: ana.id, mid: `m_files_${ana.id}`, urls }))
        const files = await until('the bytes of each', async () => {
          const all = (await app.api.messages(ana.ticketId)).filter(({ media }) => media?.url)
          return all.length === count && all
        })
        for (const [i, { media }] of files.entries()) {
          const { token } = await login(app.url)
          const file = await fetch(`${app.url}${media?.url}`, {
            headers: { authorization: `Bearer ${token}` },
          })
          expect(Buffer.from(await file.arrayBuffer())).toEqual([JPEG, PNG][i])
          expect((await fetch(`${app.url}${media?.url}`)).status).toBe(401)
        }
        expect(graph.requests.filter(r => r.path.startsWith('/page-files/')).map(r => r.token)).not.toContain(
          ACCOUNTS[channel].token,
        )
        expect(outsider.requests).toEqual([])
        await outsider.close()
      })

      test.each(Object.entries(SHOWN[channel]))('%s is shown, or only counted', async (name, shown) => {
        const ana = await acquaintance()
        await taken(pageEvent(channel, name, { person: ana.id, mid: `m_${name}_${ana.id}` }))
        await taken(pageText(channel, ana.id, `m_last_${ana.id}`, 'é isso'))
        await shows(ana.ticketId, 'the last word', ({ body }) => body === 'é isso')
        const between = (await app.api.messages(ana.ticketId)).slice(1, -1)
        expect(between).toMatchObject(shown === null ? [] : [{ fromMe: false, ...shown }])
      })

      test('a reaction, its taking back, and an unsent message are told of the message that they are about', async () => {
        const ana = await acquaintance()
        const about = { person: ana.id, mid: ana.mid }
        const first = async () => (await app.api.messages(ana.ticketId))[0]
        await taken(pageEvent(channel, 'reaction', about))
        await until('the reaction', async () => (await first())?.reactions.length === 1)
        const untold = pageEvent(channel, 'reaction', about)
        for (const { messaging = [] } of untold.entry)
          for (const event of messaging) event['reaction'] = { mid: ana.mid, action: 'unreact' }
        await taken(untold)
        await until('it is gone', async () => (await first())?.reactions.length === 0)
        await taken(pageEvent(channel, 'deleted', about))
        await until('it is deleted', async () => (await first())?.deletedAt !== undefined)
      })

      test('an answer comes back as an echo that is no message, and is moved by what Meta tells: delivered, read', async () => {
        const ana = await acquaintance()
        await app.api.post(`/tickets/${ana.ticketId}/accept`)
        const made = await app.api.post(`/tickets/${ana.ticketId}/messages`, { body: 'Já vejo' })
        const ackOf = async () => (await app.api.messages(ana.ticketId)).find(({ id }) => id === made.id)?.ack
        await until('sent', async () => (await ackOf()) === 'sent')
        const sent = must(
          graph.pages.sent.find(({ to }) => to === ana.id),
          'the answer',
        )
        const { metadata } = sent.body['message'] as { metadata: string }
        const about = { person: ana.id, mid: sent.id, ref: metadata.replace(/^fio:/, '') }
        const echo = channel === 'messenger' ? 'echo-of-ours' : 'echo-by-app-id'
        await taken(pageEvent(channel, echo, about))
        if (channel === 'messenger') {
          await taken(pageEvent(channel, 'delivery', about))
          await until('delivered', async () => (await ackOf()) === 'delivered')
        }
        await taken(pageEvent(channel, channel === 'messenger' ? 'read' : 'seen', about))
        await until('read', async () => (await ackOf()) === 'read')
        if (channel === 'messenger') await taken(pageEvent(channel, 'delivery', about))
        expect(await ackOf()).toBe('read')
        expect(await app.api.messages(ana.ticketId)).toHaveLength(2)
      })

      test('whoever does not sign as the app is refused and counted, and leaves nothing', async () => {
        const ana = await acquaintance()
        const before = await settledLog()
        const forged = pageText(channel, ana.id, `m_forged_${ana.id}`, 'forged')
        const raw = Buffer.from(JSON.stringify(forged))
        const signatures = [
          null,
          '',
          'sha256=',
          signatureOf(raw, 'another secret'),
          signatureOf(Buffer.from('{}'), APP_SECRET),
        ]
        const refused = await refusals(app.url, urlOf)
        for (const signature of signatures) expect((await post(forged, signature)).status).toBe(401)
        expect((await refusals(app.url, urlOf)) - refused).toBe(signatures.length)
        expect((await postDelivery(app.url, randomUUID(), forged, undefined, channel)).status).toBe(404)
        const large = { ...forged, padding: 'x'.repeat(WEBHOOK_BYTES_MAX) }
        expect((await post(large)).status).toBe(413)
        expect(await settledLog()).toEqual(before)
      })

      test('what is told of a page that no session of the company has is kept, and nobody’s message', async () => {
        const ana = await acquaintance()
        const stray = pageText(channel, ana.id, `m_stray_${ana.id}`, 'to another page')
        for (const entry of stray.entry) entry.id = '999000999000999'
        const letters = async () =>
          (await app.api.get<{ items: { reason: string }[] }>('/dead-letters?limit=100')).items.filter(
            ({ reason }) => reason.includes('999000999000999'),
          )
        const kept = (await letters()).length
        await taken(stray)
        await until('the dead letter', async () => (await letters()).length === kept + 1)
        await taken(stray)
        expect(await letters()).toHaveLength(kept + 1)
        expect(await app.api.messages(ana.ticketId)).toHaveLength(1)
      })

      test('every documented delivery is taken, at once and again, and changes nothing when it comes again', async () => {
        // What is told of a message comes after it.
        const about = new Set(['deleted', 'edit', 'reaction', 'unreaction'])
        const names = pageSampleNames(channel).sort((a, b) => Number(about.has(a)) - Number(about.has(b)))
        const all = names.map(name => [name, pageSample(channel, name)] as const)
        for (const [name, delivery] of all) expect([name, (await post(delivery)).status]).toEqual([name, 200])
        const log = await settledLog()
        const again = await Promise.all(all.map(([, delivery]) => post(delivery)))
        expect(again.map(({ status }) => status)).toEqual(all.map(() => 200))
        expect(await settledLog()).toEqual(log)
      })

      // The embedded store has no line that could be cut.
      if (column === 'outside')
        test('while the store is away Meta is told to come again, and one message comes of it', async () => {
          const ana = await acquaintance()
          const { pid } = app.world.eventStore!
          const told = pageText(channel, ana.id, `m_outage_${ana.id}`, 'alguém aí?')
          // Frozen: its port still takes connections, and nothing ever comes back.
          process.kill(pid, 'SIGSTOP')
          try {
            expect((await post(told)).status).toBe(503)
          } finally {
            process.kill(pid, 'SIGCONT')
          }
          await until('the delivery to be taken', async () => (await post(told)).status === 200)
          await taken(told)
          await shows(ana.ticketId, 'the message', ({ body }) => body === 'alguém aí?')
          expect(await app.api.messages(ana.ticketId)).toHaveLength(2)
        })
    })
  })

/** How many deliveries were refused for their signature, as `/metrics` tells it. */
const refusals = async (url: string, route: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text
    .split('\n')
    .find(
      one =>
        one.startsWith('http_request_duration_seconds_count') && one.includes(route) && one.includes('"401"'),
    )
  return Number(line?.split(' ').at(-1) ?? 0)
}

const login = async (url: string): Promise<{ token: string }> => {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@example.com', password: 'correct-horse-battery' }),
  })
  return { token: ((await response.json()) as { accessToken: string }).accessToken }
}
