import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { vaultContract } from './contract.ts'
import { openEmbeddedVault } from './embedded.ts'

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'fio-vault-'))

describe('embedded vault', () => {
  vaultContract(async () => {
    const folder = await temporary()
    return {
      open: masterKey => openEmbeddedVault({ folder, masterKey }),
      atRest: () => readFile(join(folder, 'data.mdb')),
      drop: () => rm(folder, { recursive: true }),
    }
  })

  test('what was answered before kill -9 is there', async () => {
    const folder = await temporary()
    const masterKey = randomBytes(32)
    const program = `
      const { openEmbeddedVault } = await import(${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)})
      const masterKey = Buffer.from('${masterKey.toString('hex')}', 'hex')
      const vault = await openEmbeddedVault({ folder: ${JSON.stringify(folder)}, masterKey })
      for (let i = 0; ; i++) {
        await vault.write([{ put: ['emails', 'k' + i, 'v' + i] }, { put: ['passwords', 'k' + i, 'v' + i] }])
        process.stdout.write(i + '\\n')
      }`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let heard = ''
    child.stdout.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    const gone = new Promise(resolve => child.once('exit', resolve))
    const answered = (): number => heard.split('\n').length - 1
    await expect.poll(answered, { timeout: 20_000 }).toBeGreaterThan(50)
    child.kill('SIGKILL')
    await gone

    const vault = await openEmbeddedVault({ folder, masterKey })
    for (let i = 0; i < answered(); i++) {
      expect(await vault.get('emails', `k${i}`)).toBe(`v${i}`)
      expect(await vault.get('passwords', `k${i}`)).toBe(`v${i}`)
    }
    // The one that was under way is there in both drawers or in neither.
    expect(await vault.keys('emails', 'k')).toEqual(await vault.keys('passwords', 'k'))
    await vault.close()
    await rm(folder, { recursive: true })
  })

  test('a master key that is too short is refused', async () => {
    await expect(openEmbeddedVault({ folder: '/nowhere', masterKey: Buffer.from('short') })).rejects.toThrow(
      /SECRET_KEY has 5 bytes/,
    )
  })
})
