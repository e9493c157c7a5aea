import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Vault, VaultWrite } from './port.ts'

export type VaultUnderTest = {
  /** Opens it, again and again on the same data. */
  open(masterKey: Buffer): Promise<Vault>
  /** Everything that lies at rest, as bytes. */
  atRest(): Promise<Buffer>
  drop: () => Promise<void>
}

/** What every vault does. */
export const vaultContract = (make: () => Promise<VaultUnderTest>): void => {
  const masterKey = randomBytes(32)
  let place: VaultUnderTest
  let vault: Vault
  beforeAll(async () => {
    place = await make()
    vault = await place.open(masterKey)
  })
  afterAll(async () => {
    await vault.close()
    await place.drop()
  })

  test('what was never written is null', async () => {
    expect(await vault.get('emails', 'nobody@example.com')).toBeNull()
  })

  test('a value comes back as it was written, in its own space only', async () => {
    await vault.write([{ put: ['passwords', 'c/u', 'pässword 😀\n'] }])
    expect(await vault.get('passwords', 'c/u')).toBe('pässword 😀\n')
    expect(await vault.get('emails', 'c/u')).toBeNull()
    await vault.write([{ put: ['passwords', 'c/empty', ''] }])
    expect(await vault.get('passwords', 'c/empty')).toBe('')
    await vault.write([{ put: ['session-secrets', 'c/big', 'x'.repeat(300_000)] }])
    expect(await vault.get('session-secrets', 'c/big')).toHaveLength(300_000)
  })

  test('of creates at once exactly one wins, and its value stays', async () => {
    const tries = await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        (await vault.create('emails', 'same', `${i}`)) ? `${i}` : null,
      ),
    )
    const winners = tries.filter(value => value !== null)
    expect(winners).toHaveLength(1)
    expect(await vault.get('emails', 'same')).toBe(winners[0])
    expect(await vault.create('emails', 'same', 'later')).toBe(false)
  })

  test('fifty increments at once, from two openings of it, are fifty', async () => {
    const other = await place.open(masterKey)
    const increment = (current: string | null): string => String(Number(current ?? '0') + 1)
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        (i % 2 ? vault : other).update('installation', 'count', increment),
      ),
    )
    expect(await vault.get('installation', 'count')).toBe('50')
    await other.close()
  })

  test('an update may leave, remove, or fail, and then nothing else happens', async () => {
    await vault.write([{ put: ['installation', 'u', 'a'] }])
    expect(await vault.update('installation', 'u', () => undefined)).toBe('a')
    const broken = vault.update('installation', 'u', () => {
      throw new Error('no idea')
    })
    await expect(broken).rejects.toThrow('no idea')
    expect(await vault.get('installation', 'u')).toBe('a')
    expect(await vault.update('installation', 'u', current => `${current}b`)).toBe('ab')
    expect(await vault.update('installation', 'u', () => null)).toBeNull()
    expect(await vault.get('installation', 'u')).toBeNull()
    expect(await vault.update('installation', 'u', () => null)).toBeNull()
  })

  test('a write is all or nothing', async () => {
    await vault.write([{ put: ['emails', 'kept', 'before'] }])
    const bad = vault.write([
      { put: ['emails', 'kept', 'after'] },
      { put: ['emails', 'fresh', 'new'] },
      { put: ['emails', 'nul\0key', 'refused'] },
    ])
    await expect(bad).rejects.toThrow()
    expect(await vault.get('emails', 'kept')).toBe('before')
    expect(await vault.get('emails', 'fresh')).toBeNull()
  })

  test('writes that cross each other both happen', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `cross/${i}`)
    const writes = (value: string, order: readonly string[]) =>
      vault.write(order.map(name => ({ put: ['emails', name, value] as const })))
    await Promise.all([writes('a', names), writes('b', [...names].reverse()), writes('c', names)])
    const values = await Promise.all(names.map(name => vault.get('emails', name)))
    expect(new Set(values).size).toBe(1)
  })

  test('several values come at once, without those that are not there', async () => {
    await vault.write([{ put: ['channel-keys', 'm/1', 'a'] }, { put: ['channel-keys', 'm/2', ''] }])
    const found = await vault.getMany('channel-keys', ['m/1', 'm/2', 'm/3', 'm/1'])
    expect(Object.fromEntries(found)).toEqual({ 'm/1': 'a', 'm/2': '' })
    expect(await vault.getMany('emails', ['m/1'])).toEqual(new Map())
    expect(await vault.getMany('channel-keys', [])).toEqual(new Map())
  })

  test('a guarded write happens whole while the guard is as said, and not at all otherwise', async () => {
    const writes = (value: string): VaultWrite[] => [
      { put: ['channel-keys', 'g/a', value] },
      { put: ['channel-keys', 'g/b', value] },
      { remove: ['channel-keys', 'g/gone'] },
    ]
    await vault.write([{ put: ['channel-keys', 'g/gone', 'x'] }])
    expect(await vault.writeIf(['channel-fences', 'g', '1'], writes('none'))).toBe(false)
    await vault.write([{ put: ['channel-fences', 'g', '1'] }])
    expect(await vault.writeIf(['channel-fences', 'g', '2'], writes('none'))).toBe(false)
    expect(await vault.keys('channel-keys', 'g/')).toEqual(['g/gone'])
    expect(await vault.writeIf(['channel-fences', 'g', '1'], writes('first'))).toBe(true)
    expect(await vault.keys('channel-keys', 'g/')).toEqual(['g/a', 'g/b'])
    // The same value, sealed anew.
    await vault.write([{ put: ['channel-fences', 'g', '1'] }])
    expect(await vault.writeIf(['channel-fences', 'g', '1'], writes('again'))).toBe(true)
    await vault.write([{ put: ['channel-fences', 'g', '2'] }])
    expect(await vault.writeIf(['channel-fences', 'g', '1'], writes('late'))).toBe(false)
    expect([...(await vault.getMany('channel-keys', ['g/a', 'g/b'])).values()]).toEqual(['again', 'again'])
  })

  test('of guarded writes at once each happens behind its own guard, in the order asked', async () => {
    const guard = (n: number) => ['channel-fences', `many/${n}`, '1'] as const
    await vault.write(
      Array.from({ length: 5 }, (_, n) => ({ put: ['channel-fences', `many/${n}`, n === 3 ? '2' : '1'] })),
    )
    for (let n = 0; n < 5; n++) await vault.writeIf(guard(n), [])
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        vault.writeIf(guard(i % 5), [
          { put: ['channel-keys', `many/${i % 5}/last`, `${i}`] },
          { put: ['channel-keys', `many/${i % 5}/${i}`, `${i}`] },
          { remove: ['channel-keys', `many/${i % 5}/${i - 5}`] },
          // The same place behind all guards.
          { put: ['channel-keys', 'many/all', `${i}`] },
        ]),
      ),
    )
    expect(outcomes).toEqual(Array.from({ length: 40 }, (_, i) => i % 5 !== 3))
    const keys = await vault.keys('channel-keys', 'many/')
    const lasts = [35, 36, 37, 39].flatMap(i => [`many/${i % 5}/${i}`, `many/${i % 5}/last`])
    expect(keys).toEqual([...lasts, 'many/all'].sort())
    const found = await vault.getMany('channel-keys', keys)
    expect(found.get('many/all')).toBe('39')
    for (const i of [35, 36, 37, 39]) expect(found.get(`many/${i % 5}/last`)).toBe(`${i}`)
  })

  test('guarded writes that race with a change of the guard are all before it', async () => {
    const other = await place.open(masterKey)
    await vault.write([{ put: ['channel-fences', 'race', '1'] }])
    const writing = Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        vault.writeIf(['channel-fences', 'race', '1'], [{ put: ['channel-keys', 'race', `${i}`] }]),
      ),
    )
    await other.update('channel-fences', 'race', () => '2')
    const seen = await other.get('channel-keys', 'race')
    await writing
    expect(await vault.writeIf(['channel-fences', 'race', '1'], [{ remove: ['channel-keys', 'race'] }])).toBe(
      false,
    )
    expect(await other.get('channel-keys', 'race')).toBe(seen)
    await other.close()
  })

  test('in one write the last word on a key counts', async () => {
    await vault.write([
      { put: ['emails', 'word', '1'] },
      { remove: ['emails', 'word'] },
      { put: ['emails', 'word', '2'] },
    ])
    expect(await vault.get('emails', 'word')).toBe('2')
    await vault.write([{ put: ['emails', 'word', '3'] }, { remove: ['emails', 'word'] }])
    expect(await vault.get('emails', 'word')).toBeNull()
  })

  test('keys come by prefix, in order, with no letter having a special meaning', async () => {
    const names = ['a_1/x', 'a%1/x', 'ab1/x', 'a_1/é', 'a_1/Z', 'a_1/', 'a_', 'a\\_1/x', 'a_2']
    await vault.write(names.map(name => ({ put: ['session-directory', name, 'v'] as const })))
    expect(await vault.keys('session-directory', 'a_1/')).toEqual(['a_1/', 'a_1/Z', 'a_1/x', 'a_1/é'])
    expect(await vault.keys('session-directory', 'a%')).toEqual(['a%1/x'])
    expect(await vault.keys('session-directory', 'a\\')).toEqual(['a\\_1/x'])
    expect(await vault.keys('session-directory', '')).toHaveLength(names.length)
    expect(await vault.keys('session-directory', 'b')).toEqual([])
  })

  test('it opens again with what it held, and not with another key', async () => {
    await vault.write([{ put: ['tenant-keys', 'again', 'here'] }])
    await vault.close()
    await expect(place.open(randomBytes(32))).rejects.toThrow(/SECRET_KEY is not the one/)
    vault = await place.open(masterKey)
    expect(await vault.get('tenant-keys', 'again')).toBe('here')
  })

  test('what lies at rest shows no value', async () => {
    await vault.write([{ put: ['passwords', 'visible-key', 'a-very-secret-value'] }])
    const bytes = await place.atRest()
    expect(bytes.includes('visible-key')).toBe(true)
    expect(bytes.includes('a-very-secret-value')).toBe(false)
  })
}
