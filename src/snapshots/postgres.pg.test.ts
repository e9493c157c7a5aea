import { expect, test } from 'vitest'
import { describeColumn } from '../../test/columns.ts'
import { testPostgres } from '../../test/support/database.ts'
import { snapshotsContract } from './contract.ts'
import { openPostgresSnapshots } from './postgres.ts'

await describeColumn('pg', 'snapshots in PostgreSQL', () => {
  snapshotsContract('postgres', async () => {
    const { url, drop } = await testPostgres()
    return { open: () => openPostgresSnapshots({ url }), clear: drop }
  })

  test('many processes may make the table at once', async () => {
    const { url, drop } = await testPostgres()
    const all = await Promise.all(Array.from({ length: 4 }, () => openPostgresSnapshots({ url })))
    await all[0]!.put('a', Buffer.from('b'))
    expect((await all[3]!.get('a'))?.toString()).toBe('b')
    await Promise.all(all.map(one => one.close()))
    await drop()
  })
})
