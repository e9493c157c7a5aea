import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { ANA, arrived, linked } from './linked.ts'
import { startWhatsApp, type WhatsApp } from './whatsapp.ts'

let whatsapp: WhatsApp
beforeAll(async () => {
  whatsapp = await startWhatsApp({ quickPairing: true })
})
afterAll(async () => {
  await whatsapp.close()
})
let numbers = 5511900000100
const next = (): string => String((numbers += 1))
const online = async (account: string) =>
  (await whatsapp.sessions({})).find(s => s.account === account)?.online

describe('a session', () => {
  test.each([403, 440, 503])('that breaks with %i can log in again with the same credentials', async code => {
    const number = next()
    const fio = await linked(whatsapp, number)
    await whatsapp.streamError({ account: number, code })
    await until(`the end with ${code}`, () => fio.closedWith() === code)
    fio.connect()
    await fio.open()
    const { id } = await whatsapp.write({ from: ANA, to: number, content: { kind: 'text', text: 'back' } })
    await arrived(fio, id)
    await fio.end()
  })

  test('that is told to restart (515) restarts', async () => {
    const number = next()
    const fio = await linked(whatsapp, number)
    await whatsapp.streamError({ account: number, code: 515 })
    await until('the second login', async () =>
      (await whatsapp.sessions({})).some(s => s.account === number && s.logins === 2 && s.online),
    )
    await fio.end()
  })

  test('that the account unlinks (401) is known no more', async () => {
    const number = next()
    const fio = await linked(whatsapp, number)
    await whatsapp.streamError({ account: number, code: 401 })
    await until('the end', () => fio.closedWith() === 401)
    fio.connect()
    await until(
      'the refusal',
      () => fio.states.filter(s => s.connection === 'close').length >= 2 && fio.closedWith() === 401,
    )
    expect(await online(number)).toBeUndefined()
  })

  test('logs itself out', async () => {
    const number = next()
    const fio = await linked(whatsapp, number)
    await fio.socket.logout()
    await until('the unlinking', async () => (await online(number)) === undefined)
    expect(fio.closedWith()).toBe(401)
  })

  test('is refused at login, and its line is cut', async () => {
    const number = next()
    const fio = await linked(whatsapp, number)
    await whatsapp.cut({ account: number })
    await until('the cut', () => fio.closedWith() === 428)
    await whatsapp.misbehave({ account: number, refuseLogin: { times: 1, code: 405 } })
    fio.connect()
    await until('the refusal', () => fio.closedWith() === 405)
    fio.connect()
    await fio.open()
    await fio.end()
  })

  test('gives way to another with the same credentials', async () => {
    const number = next()
    const fio = await linked(whatsapp, number)
    fio.connect()
    await until('the conflict', () =>
      fio.states.some(s => String(s.lastDisconnect?.error).includes('conflict')),
    )
    await fio.end()
  })

  test('hears nothing from a silent server, and its questions get no answer', async () => {
    const number = next()
    const fio = await linked(whatsapp, number, { defaultQueryTimeoutMs: 500 })
    await whatsapp.misbehave({ account: number, silent: true })
    expect(await fio.socket.onWhatsApp(ANA)).toBeUndefined()
    await whatsapp.behave({ account: number })
    expect(await fio.socket.onWhatsApp(ANA)).toMatchObject([{ exists: true }])
    await fio.end()
  })
})

test('several accounts are online at once, each with its own messages', async () => {
  const accounts = [next(), next(), next()]
  const clients = await Promise.all(accounts.map(number => linked(whatsapp, number)))
  for (const [n, client] of clients.entries()) {
    const wish = { from: ANA, to: accounts[n] ?? '', content: { kind: 'text' as const, text: `for ${n}` } }
    const { id } = await whatsapp.write(wish)
    expect((await arrived(client, id)).message.message?.conversation).toBe(`for ${n}`)
  }
  for (const client of clients) expect(client.messages).toHaveLength(1)
  await Promise.all(clients.map(client => client.end()))
})
