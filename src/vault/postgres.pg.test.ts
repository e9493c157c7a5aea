import { randomBytes } from 'node:crypto'
import { Pool } from 'pg'
import { expect, test } from 'vitest'
import { describeColumn } from '../../test/columns.ts'
import { testPostgres } from '../../test/support/database.ts'
import { vaultContract } from './contract.ts'
import { openPostgresVault } from './postgres.ts'

await describeColumn('pg', 'vault in PostgreSQL', () => {
  vaultContract(async () => {
    const { url, drop } = await testPostgres()
    return {
      open: masterKey => openPostgresVault({ url, masterKey }),
      atRest: async () => {
        const pool = new Pool({ connectionString: url })
        const { rows } = await pool.query<{ key: string; value: Buffer }>(
          'select key, value from vault.entry',
        )
        await pool.end()
        return Buffer.concat(rows.flatMap(({ key, value }) => [Buffer.from(key), value]))
      },
      drop,
    }
  })

  test('many processes may make its tables at once, and a pool of ours stays ours', async () => {
    const { url, drop } = await testPostgres()
    const masterKey = randomBytes(32)
    const pool = new Pool({ connectionString: url })
    const vaults = await Promise.all(
      Array.from({ length: 4 }, (_, i) => openPostgresVault(i ? { url, masterKey } : { pool, masterKey })),
    )
    expect(await vaults[1]?.create('emails', 'a', 'b')).toBe(true)
    expect(await vaults[0]?.get('emails', 'a')).toBe('b')
    await Promise.all(vaults.map(vault => vault.close()))
    expect((await pool.query('select 1')).rowCount).toBe(1)
    await pool.end()
    await drop()
  })
})
