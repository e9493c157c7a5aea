import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commandHandler } from '../../src/commands/handle.ts'
import { createPasswords } from '../../src/http/passwords.ts'
import { vaultAccounts, vaultSessions } from '../../src/main/accounts.ts'
import { openEngine, type Engine } from '../support/engine.ts'

/** What lies outside the log (passwords, e-mails, credentials of channels) is not changed by a request that is refused. */
let engine: Engine
let place: Awaited<ReturnType<Engine['found']>>
beforeEach(async () => {
  engine = await openEngine()
  place = await engine.found()
})
afterEach(() => engine.close())

const ana = {
  name: 'Ana',
  email: 'ana@example.com',
  password: 'the first password',
  role: 'agent',
  queueIds: [],
}
const cloud = {
  name: 'Official',
  provider: 'cloud',
  settings: { phoneNumberId: '1', accessToken: 'first', appSecret: 'first', verifyToken: 'first' },
}

const withVault = () => {
  const passwords = createPasswords(engine.vault)
  const accounts = vaultAccounts(engine.vault, {
    setPassword: passwords.set,
    revokeAll: () => Promise.resolve(),
  })
  const door = commandHandler({ ...engine.node().tools, accounts })
  const ask = (command: string, input: unknown, key: string) =>
    door.ask(place.admin, command, input, { key, correlationId: 'test' })
  const opens = (userId: string, password: string) => passwords.matches(engine.companyId, userId, password)
  return { ask, opens }
}
const idOf = (answer: object): string => (answer as { id: string }).id

describe('a key that is used again with another body', () => {
  test('gives an existing user no other password and no other e-mail', async () => {
    const { ask, opens } = withVault()
    const id = idOf(await ask('user.create', ana, 'k'))
    const other = { ...ana, email: 'mallory@example.com', password: 'the second password' }
    expect(await ask('user.create', other, 'k')).toMatchObject({ refused: 'idempotency-key-reused' })
    expect(await opens(id, ana.password)).toBe(true)
    expect(await opens(id, other.password)).toBe(false)
    expect(await engine.vault.get('emails', other.email)).toBeNull()
  })

  test('changes nobody, and does not bring an older password back', async () => {
    const { ask, opens } = withVault()
    const id = idOf(await ask('user.create', ana, 'k'))
    await ask('user.change', { id, password: 'the second password' }, 'second')
    await ask('user.change', { id, password: 'the third password' }, 'third')
    await ask('user.change', { id, password: 'the second password' }, 'second')
    expect(await ask('user.change', { id, password: 'the fourth password' }, 'third')).toMatchObject({
      refused: 'idempotency-key-reused',
    })
    expect(await opens(id, 'the third password')).toBe(true)
  })

  test('gives a session no other credentials, nor any back to one that was removed', async () => {
    const { ask } = withVault()
    const sessions = vaultSessions(engine.vault)
    const id = idOf(await ask('session.create', cloud, 'k'))
    const settings = { ...cloud.settings, appSecret: 'second' }
    expect(await ask('session.create', { ...cloud, settings }, 'k')).toMatchObject({
      refused: 'idempotency-key-reused',
    })
    expect(await sessions.credentials(engine.companyId, id)).toMatchObject({ appSecret: 'first' })
    await ask('session.remove', { id }, 'remove')
    await ask('session.create', cloud, 'k')
    expect(await sessions.companyOf(id)).toBeNull()
  })
})

test('who got another e-mail no longer logs in with the one before, which is free again', async () => {
  const { ask } = withVault()
  const id = idOf(await ask('user.create', ana, 'k'))
  await ask('user.change', { id, email: 'ana.maria@example.com' }, 'mail')
  expect(await engine.vault.get('emails', ana.email)).toBeNull()
  expect(await engine.vault.get('emails', 'ana.maria@example.com')).toContain(id)
  expect(await ask('user.create', ana, 'another')).toMatchObject({ duplicate: false })
})

test('what the log remembers of a request does not let anybody guess a password', async () => {
  const { ask } = withVault()
  await ask('user.create', ana, 'k')
  const [event] = await engine.events('user-')
  const input = JSON.stringify({ ...ana, locale: 'pt-BR' })
  const guess = createHash('sha256').update(input).digest('base64url').slice(0, 22)
  expect(event?.metadata['commandHash']).toEqual(expect.any(String))
  expect(event?.metadata['commandHash']).not.toBe(guess)
})
