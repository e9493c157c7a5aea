import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGraphServer, type GraphServer } from '../doubles/graph/server.ts'
import { logOf, startApp } from '../support/app.ts'
import { cloudSession, NUMBER, postDelivery, sample, texts } from '../support/cloud.ts'
import { until } from '../support/until.ts'
import { columnAvailable } from '../support/world.ts'

/** What could not be processed at once, and what a kill left half done. */
type Letter = { id: string; status: string; reason: string; attempts: number; lastError: string | null }
type Letters = { items: Letter[] }

const NEW_NUMBER = '200000000000002'
const IMAGE = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')

for (const column of ['embedded', 'outside'] as const)
  describe.skipIf(!(await columnAvailable(column)))(`what is left over, ${column}`, () => {
    let app: Awaited<ReturnType<typeof startApp>>
    let graph: GraphServer
    let sessionId = ''
    const ticketOf = (session: string, name: string) =>
      until(`a ticket of ${name}`, async () => (await app.api.ticketsOf(session, name))[0])

    beforeAll(async () => {
      graph = await startGraphServer()
      app = await startApp({ column, env: { GRAPH_URL: graph.url } })
      sessionId = await app.api.openSession(cloudSession(graph))
    })
    afterAll(async () => {
      await app.close()
      await graph.close()
    })

    test('a message for a number that nobody has waits as a dead letter, and becomes a message once', async () => {
      const raw = JSON.stringify(texts('5511922223333', 'Rui', [{ id: 'w-1', body: 'alguém aí?' }]))
      const delivery: unknown = JSON.parse(raw.replaceAll(NUMBER, NEW_NUMBER))
      for (let time = 0; time < 2; time++)
        expect((await postDelivery(app.url, sessionId, delivery)).status).toBe(200)
      const letter = await until('the dead letter', async () => {
        const { items } = await app.api.get<Letters>('/dead-letters?status=waiting')
        expect(items.length).toBeLessThan(2)
        return items[0]
      })
      expect(letter.reason).toContain(NEW_NUMBER)
      const read = await app.api.get<{ payload: string }>(`/dead-letters/${letter.id}`)
      expect(read.payload).toContain('alguém aí?')

      await app.api.post(`/dead-letters/${letter.id}/retry`)
      expect(await app.api.get(`/dead-letters/${letter.id}`)).toMatchObject({
        status: 'waiting',
        attempts: 1,
        lastError: expect.stringContaining(NEW_NUMBER),
      })

      const given = cloudSession(graph)
      graph.addNumber(NEW_NUMBER, given.settings.accessToken)
      const second = await app.api.openSession({
        ...given,
        name: 'Second',
        settings: { ...given.settings, phoneNumberId: NEW_NUMBER },
      })
      await Promise.allSettled([
        app.api.ask('POST', `/dead-letters/${letter.id}/retry`, { body: {} }),
        app.api.ask('POST', `/dead-letters/${letter.id}/retry`, { body: {} }),
      ])
      expect(await app.api.get(`/dead-letters/${letter.id}`)).toMatchObject({ status: 'processed' })
      const { id } = await ticketOf(second, 'Rui')
      expect((await app.api.messages(id)).map(({ body }) => body)).toEqual(['alguém aí?'])
      expect((await postDelivery(app.url, sessionId, delivery)).status).toBe(200)
      expect(await app.api.messages(id)).toHaveLength(1)
      expect((await app.api.get<Letters>('/dead-letters?status=waiting')).items).toEqual([])
    })

    test('media that was not fetched when the server was killed is there once after the restart', async () => {
      graph.addMedia('1003383421387256', 'image/jpeg', IMAGE)
      graph.fault({ kind: 'silence' }, 1_000, 'GET')
      expect((await postDelivery(app.url, sessionId, sample('image'))).status).toBe(200)
      const { id } = await ticketOf(sessionId, 'Ana Souza')
      const asked = () => graph.requests.filter(({ path }) => path.includes('1003383421387256')).length
      await until('somebody asks for the image', () => asked() > 0)
      await app.kill('SIGKILL')
      graph.clearFaults()
      await app.start()
      const image = await until('the image', async () =>
        (await app.api.messages(id)).find(({ kind, media }) => kind === 'image' && media?.url),
      )
      expect(image.media?.size).toBe(IMAGE.length)
      const log = await logOf(app.world, app)
      expect(log.filter(({ type }) => type === 'message.mediaStored')).toHaveLength(1)
    })

    test('an unreadable part is dropped and is gone from the waiting ones, also after a restart', async () => {
      expect((await postDelivery(app.url, sessionId, sample('burst-with-a-broken-one'))).status).toBe(200)
      const [letter] = await until('it', async () => {
        const { items } = await app.api.get<Letters>('/dead-letters?status=waiting')
        return items.length > 0 && items
      })
      await app.api.post(`/dead-letters/${letter!.id}/drop`)
      await app.restart()
      expect(await app.api.get(`/dead-letters/${letter!.id}`)).toMatchObject({ status: 'dropped' })
      expect((await app.api.get<Letters>('/dead-letters?status=waiting')).items).toEqual([])
    })
  })
