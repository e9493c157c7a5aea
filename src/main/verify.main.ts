import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { ConfigError, loadConfig } from '../config.ts'
import { readRoots } from '../eventstore/roots.ts'
import { verifyLog, type KnownRoot } from '../eventstore/verify.ts'
import { systemClock } from '../shared/clock.ts'
import { silentLog } from '../shared/log.ts'
import { signingKey } from './auditor.ts'
import { openGround } from './ground.ts'

/**
 * `verify [--export-roots FILE] [--against FILE] [--public-key KEY]`: walks the whole log that the environment names, says
 * whether it is what was written, and ends with 1 when it is not (2: it could not be read). The embedded log is opened by
 * one process at a time: stop the server first, or ask the server itself (`POST /api/v1/audit/verification`).
 */
type Exported = { readonly publicKey: string; readonly roots: readonly KnownRoot[] }
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      'export-roots': { type: 'string' },
      against: { type: 'string' },
      'public-key': { type: 'string' },
    },
  })
  const kept = values.against ? (JSON.parse(await readFile(values.against, 'utf8')) as Exported) : null
  const ground = await openGround(loadConfig(process.env), systemClock, silentLog)
  try {
    // A key from outside counts more than the one that lies beside the log.
    const publicKey = values['public-key'] ?? kept?.publicKey ?? (await signingKey(ground.vault)).publicKey
    const verified = await verifyLog(ground.store, { publicKey, known: kept?.roots ?? [] })
    say(`${verified.events} facts in ${verified.streams} streams, ${verified.roots} signed roots`)
    say(`public key ${publicKey}`)
    const { root } = verified
    say(
      root
        ? `root ${root.ordinal} of ${root.at}: ${root.hash}`
        : 'no root was signed yet: only the chains count',
    )
    for (const { what, stream, revision, position, detail } of verified.findings)
      say(`${what}: ${stream} revision ${revision} at ${position ?? 'the end'}: ${detail}`)
    const file = values['export-roots']
    if (file !== undefined) {
      const roots = (await readRoots(ground.store)).map(({ ordinal, place, hash }) => ({
        ordinal,
        place,
        hash,
      }))
      await writeFile(file, `${JSON.stringify({ publicKey, roots } satisfies Exported, null, 2)}\n`)
      say(`wrote ${roots.length} roots to ${file}`)
    }
    say(verified.ok ? 'The log is what was written.' : 'The log is NOT what was written.')
    return verified.ok ? 0 : 1
  } finally {
    await ground.close()
  }
}

try {
  process.exitCode = await run()
} catch (error) {
  const known = error instanceof ConfigError || error instanceof Error
  process.stderr.write(`${known ? (error as Error).message : String(error)}\n`)
  process.exitCode = 2
}
