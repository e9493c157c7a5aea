import type { AuditDoor, AuditReport } from '../http/doors.ts'
import type { EventStore } from '../eventstore/port.ts'
import { readRoots } from '../eventstore/roots.ts'
import { makeSigningKey, type SigningKey } from '../eventstore/signing.ts'
import { verifyLog, type Verified } from '../eventstore/verify.ts'
import { signRoot, type RootTools } from '../reactions/sign-roots.ts'
import type { Clock } from '../shared/clock.ts'
import { SYSTEM_COMPANY } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import { shortTurns } from '../shared/short-turns.ts'
import type { Vault } from '../vault/port.ts'

const KEY = 'audit-signing-key'
const LAST = 'audit-last-verification'

/** The installation's signing key, made durably at its first use; two at once get the same. */
export const signingKey = async (vault: Vault): Promise<SigningKey> => {
  const stored = await vault.get('installation', KEY)
  if (stored !== null) return JSON.parse(stored) as SigningKey
  await vault.create('installation', KEY, JSON.stringify(makeSigningKey()))
  return signingKey(vault)
}

type Last = Verified & { readonly at: string }

/** Verifies the log in the background, one run at a time on this node, and remembers what the last one found. */
export const createAuditor = (tools: {
  readonly store: EventStore
  readonly vault: Vault
  readonly roots: RootTools
  readonly clock: Clock
  readonly log: Log
  readonly stop: AbortSignal
}): AuditDoor => {
  const { store, vault, roots, clock, log, stop } = tools
  let running: { since: string; events: number } | null = null
  let failed: string | null = null

  const verify = async (): Promise<void> => {
    try {
      await signRoot(roots)
      const { publicKey } = await signingKey(vault)
      const verified = await verifyLog(store, {
        publicKey,
        signal: stop,
        turns: shortTurns(),
        onProgress: events => void (running = running && { ...running, events }),
      })
      const last: Last = { ...verified, at: new Date(clock.now()).toISOString() }
      await vault.write([{ put: ['installation', LAST, JSON.stringify(last)] }])
      if (!verified.ok) log.error({ finding: verified.findings[0] }, 'the log is not what was written')
      failed = null
    } catch (error) {
      if (stop.aborted) return
      failed = error instanceof Error ? error.message : String(error)
      log.error({ err: error }, 'the log could not be verified')
    } finally {
      running = null
    }
  }

  /** What is wrong in another company's streams is said, and not whose or where. */
  const seenBy = (companyId: string, { findings, ...last }: Last): AuditReport['last'] => ({
    ok: last.ok,
    at: last.at,
    events: last.events,
    streams: last.streams,
    root: last.root,
    findings: findings.map(finding => {
      const mine = [companyId, SYSTEM_COMPANY].some(id => finding.stream.includes(`-${id}.`))
      const { what, stream, revision, position, detail } = finding
      return mine
        ? { what, stream, revision, position, detail }
        : { what, stream: null, revision: null, position, detail: 'in a stream of another company' }
    }),
  })

  return {
    report: async who => {
      const [text, { publicKey }, all] = await Promise.all([
        vault.get('installation', LAST),
        signingKey(vault),
        readRoots(store),
      ])
      const root = all.at(-1)
      return {
        root: root ? { ordinal: root.ordinal, place: root.place, hash: root.hash, at: root.at } : null,
        publicKey,
        running,
        failed,
        last: text === null ? null : seenBy(who.companyId, JSON.parse(text) as Last),
      }
    },
    start: () => {
      if (running) return false
      running = { since: new Date(clock.now()).toISOString(), events: 0 }
      void verify()
      return true
    },
  }
}
