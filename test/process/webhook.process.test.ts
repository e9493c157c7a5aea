import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signatureOf } from '../../src/providers/meta/signature.ts'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { logOf, startApp } from '../support/app.ts'
import {
  APP_SECRET,
  cloudSession,
  justWritten,
  postDelivery,
  sample,
  sampleNames,
  statusSample,
  texts,
  VERIFY_TOKEN,
} from '../support/cloud.ts'
import { until } from '../support/until.ts'
import { columnAvailable, type LogEntry } from '../support/world.ts'
import { isOwnWork } from '../support/own-work.ts'

/** What Meta documents, posted to a real server as Meta posts it. */
const IMAGE = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')
/** Connecting again after a start is the session's own story. */
const besidesSessions = (log: readonly LogEntry[]) => log.filter(one => !isOwnWork(one))

for (const column of ['embedded', 'outside'] as const)
  describe.skipIf(!(await columnAvailable(column)))(`webhooks of WhatsApp, ${column}`, () => {
    let app: Awaited<ReturnType<typeof startApp>>
    let graph: GraphServer
    let sessionId = ''
    const post = (delivery: unknown, signature?: string | null) =>
      postDelivery(app.url, sessionId, delivery, signature)
    const ticketOf = async (name: string) =>
      until(`a ticket of ${name}`, async () => (await app.api.ticketsOf(sessionId, name))[0])

    beforeAll(async () => {
      graph = await startGraphServer()
      app = await startApp({ column, env: { GRAPH_URL: graph.url } })
      sessionId = await app.api.openSession(cloudSession(graph))
    })
    afterAll(async () => {
      await app.close()
      await graph.close()
    })

    test('the handshake answers the challenge to whoever knows the token', async () => {
      const ask = (token: string) =>
        fetch(
          `${app.url}/webhooks/whatsapp/${sessionId}?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`,
        )
      const right = await ask(VERIFY_TOKEN)
      expect([right.status, await right.text()]).toEqual([200, '1158201444'])
      expect((await ask('guessed')).status).toBe(403)
    })

    test('a text and an image become messages of one ticket, the image with its bytes', async () => {
      graph.addMedia('1003383421387256', 'image/jpeg', IMAGE)
      expect(await post(sample('text'))).toMatchObject({ status: 200 })
      expect(await post(sample('image'))).toMatchObject({ status: 200 })
      const { id } = await ticketOf('Ana Souza')
      const url = await until('the image', async () => (await app.api.messages(id))[1]?.media?.url)
      expect(await app.api.messages(id)).toMatchObject([
        { kind: 'text', body: 'Olá, meu pedido chegou errado', late: true },
        { kind: 'image', body: 'A caixa amassada', media: { mime: 'image/jpeg', size: IMAGE.length } },
      ])
      const { token } = await login(app.url)
      const file = await fetch(`${app.url}${url}`, { headers: { authorization: `Bearer ${token}` } })
      expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
      expect(Buffer.from(await file.arrayBuffer())).toEqual(IMAGE)
      expect((await fetch(`${app.url}${url}`)).status).toBe(401)
    })

    test('a type that nobody knows is shown as one', async () => {
      expect(await post(sample('unknown-type'))).toMatchObject({ status: 200 })
      const { id } = await ticketOf('Ana Souza')
      const shown = await until('it', async () =>
        (await app.api.messages(id)).find(({ kind }) => kind === 'unsupported'),
      )
      expect(shown.body).toContain('hologram')
    })

    test('a person without a phone number is answered by the id that is known', async () => {
      expect(await post(justWritten(sample('text-without-phone')))).toMatchObject({ status: 200 })
      const { id, contact } = await ticketOf('Beto')
      expect(contact.phone).toBeNull()
      await app.api.post(`/tickets/${id}/accept`)
      await app.api.post(`/tickets/${id}/messages`, { body: 'Oi Beto' })
      const sent = await until('the reply', () => graph.sent.find(({ to }) => to === 'BR.2745019836471120'))
      expect(sent.body).toMatchObject({ recipient: 'BR.2745019836471120', text: { body: 'Oi Beto' } })
    })

    test('statuses move a reply: sent, delivered, read; and failed, with Meta’s reason', async () => {
      const { id } = await ticketOf('Ana Souza')
      await app.api.post(`/tickets/${id}/accept`)
      const late = await app.api.ask('POST', `/tickets/${id}/messages`, { body: { body: 'Vamos trocar' } })
      expect(late).toMatchObject({ status: 409, body: { code: 'window-closed' } })
      const again = texts('5511987654321', 'Ana Souza', [{ id: 'wamid.ana-again', body: 'E então?' }])
      expect(await post(again)).toMatchObject({ status: 200 })
      const ackOf = async (messageId: string) =>
        (await app.api.messages(id)).find(one => one.id === messageId)?.ack
      const reply = async (body: string) => {
        const made = await app.api.post(`/tickets/${id}/messages`, { body })
        const sent = await until(body, () =>
          graph.sent.find(one => (one.body['text'] as { body: string }).body === body),
        )
        await until('sent', async () => (await ackOf(made.id)) === 'sent')
        return { id: made.id, sent }
      }
      const first = await reply('Vamos trocar')
      for (const [name, ack] of [
        ['sent', 'sent'],
        ['delivered', 'delivered'],
        ['read', 'read'],
        ['delivered', 'read'],
      ] as const) {
        expect(await post(statusSample(`status-${name}`, first.sent))).toMatchObject({ status: 200 })
        await until(`${name}: ${ack}`, async () => (await ackOf(first.id)) === ack)
      }
      const second = await reply('Ainda aí?')
      expect(await post(statusSample('status-failed', second.sent))).toMatchObject({ status: 200 })
      await until('failed', async () => (await ackOf(second.id)) === 'failed')
      const failed = (await app.api.messages(id)).find(one => one.id === second.id)
      expect(failed?.error).toMatchObject({ code: 'window-closed', retryable: false })
      expect(failed?.error?.reason).toContain('24 hours')
    })

    test('a wrong signature leaves nothing, and the same delivery twice makes one message', async () => {
      const { id } = await ticketOf('Ana Souza')
      const before = await logOf(app.world, app)
      const messages = await app.api.messages(id)
      const forged = sample('text')
      forged.entry[0]!.changes[0]!.value.messages![0]!.id = 'wamid.forged'
      const raw = Buffer.from(JSON.stringify(forged))
      for (const signature of [
        null,
        '',
        'sha256=',
        signatureOf(raw, 'another secret'),
        signatureOf(Buffer.from('{}'), APP_SECRET),
      ])
        expect([401, 403]).toContain((await post(forged, signature)).status)
      expect((await postDelivery(app.url, crypto.randomUUID(), forged)).status).toBe(404)
      for (const name of ['text', 'image', 'unknown-type', 'text-without-phone'])
        expect(await post(sample(name))).toMatchObject({ status: 200 })
      const twice = [post(sample('text')), post(sample('text')), post(sample('image'))]
      expect((await Promise.all(twice)).map(({ status }) => status)).toEqual([200, 200, 200])
      expect(besidesSessions(await logOf(app.world, app))).toEqual(besidesSessions(before))
      expect(await app.api.messages(id)).toEqual(messages)
    })

    test('what a person was called and reached by when an old message was written comes back with it no more', async () => {
      const named = (name: string, n: number) =>
        texts('5511944440001', name, [{ id: `wamid.carlos-${n}`, body: `oi ${n}` }])
      expect(await post(named('Carlos', 1))).toMatchObject({ status: 200 })
      expect(await post(named('Carlos Lima', 2))).toMatchObject({ status: 200 })
      await ticketOf('Carlos Lima')
      const before = await logOf(app.world, app)
      expect(await post(named('Carlos', 1))).toMatchObject({ status: 200 })
      expect(besidesSessions(await logOf(app.world, app))).toEqual(besidesSessions(before))
    })

    test('every documented delivery is taken, and changes nothing when it comes again', async () => {
      // Files that the Graph server does not have are asked for some times in the background.
      const settled = async () =>
        besidesSessions(await logOf(app.world, app)).filter(({ type }) => !type.startsWith('message.media'))
      const postAll = async () => {
        for (const name of sampleNames())
          expect([name, (await post(sample(name))).status]).toEqual([name, 200])
      }
      await postAll()
      const log = await settled()
      // The burst holds one message that is none: kept as a dead letter, the others taken.
      expect(log.filter(({ type }) => type.startsWith('deadLetter.'))).toHaveLength(1)
      await postAll()
      expect(await settled()).toEqual(log)
    })
  })

const login = async (url: string): Promise<{ token: string }> => {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@example.com', password: 'correct-horse-battery' }),
  })
  return { token: ((await response.json()) as { accessToken: string }).accessToken }
}
