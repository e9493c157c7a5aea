import { auditKind } from '../actors/audit/chart.ts'
import type { Directory } from '../actors/directory.ts'
import { HEADS_PER_FACT_MAX } from '../commands/audit.ts'
import { isRefusal, type Door } from '../commands/define.ts'
import type { SystemPrincipal } from '../events/principal.ts'
import { rootHash } from '../eventstore/heads.ts'
import type { EventStore } from '../eventstore/port.ts'
import { AUDIT_ID } from '../eventstore/roots.ts'
import { signHash, type SigningKey } from '../eventstore/signing.ts'
import { headsSince } from '../eventstore/verify.ts'
import type { Lease } from '../jobs/lease.ts'
import { pause, type Clock } from '../shared/clock.ts'
import { SYSTEM_COMPANY, newId } from '../shared/ids.ts'
import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'
import { shortTurns } from '../shared/short-turns.ts'

export type RootTools = {
  readonly door: Door
  readonly directory: Directory
  readonly store: EventStore
  /** The installation's, made at its first use. */
  signingKey(): Promise<SigningKey>
}

const WHO: SystemPrincipal = {
  kind: 'system',
  companyId: SYSTEM_COMPANY,
  actor: { kind: 'system', id: 'audit' },
}

/**
 * Lists the heads of all streams written since the last root, and signs them together with that root. Reads only what is
 * new. Answers the root's number, or `null` when nothing was written since.
 */
export const signRoot = async ({ door, directory, store, signingKey }: RootTools): Promise<number | null> => {
  const ask = async (command: string, input: object): Promise<void> => {
    const answer = await door.ask(WHO, command, input, { correlationId: newId(), rule: 'sign-root' })
    if (isRefusal(answer)) throw new Error(`${command}: ${answer.refused}: ${answer.detail}`)
  }
  const { state } = await directory.state(auditKind, { company: SYSTEM_COMPANY, id: AUDIT_ID })
  const { root } = state.context
  const turns = shortTurns()
  const { heads, place } = await headsSince(store, root?.place ?? null, turns)
  // The root before this one is a fact too: alone it is nothing new.
  const news = heads.filter(([stream]) => !stream.startsWith('audit-'))
  if (place === null || news.length === 0) return null
  const parts = Math.ceil(heads.length / HEADS_PER_FACT_MAX)
  for (let part = 0; part < parts; part++) {
    const some = heads.slice(part * HEADS_PER_FACT_MAX, (part + 1) * HEADS_PER_FACT_MAX)
    await ask('audit.listHeads', { place, part, heads: some })
  }
  const ordinal = (root?.ordinal ?? 0) + 1
  const previous = root?.hash ?? ''
  const hash = await rootHash({ ordinal, place, previous }, heads, turns)
  const key = await signingKey()
  await ask('audit.signRoot', {
    ordinal,
    place,
    parts,
    streams: heads.length,
    previous,
    hash,
    signature: signHash(key, hash),
    publicKey: key.publicKey,
  })
  return ordinal
}

const LOOK_EVERY_MS = 60_000
const dayOf = (time: string | number): string => new Date(time).toISOString().slice(0, 10)

/** Signs a root once a UTC day: the first look after midnight does it, on whichever node holds the lease. */
export const signRootsDaily = (
  tools: RootTools & {
    acquireLease(): Promise<Lease | null>
    readonly clock: Clock
    readonly log: Log
  },
): Service => {
  const { directory, clock, log } = tools
  const look = async (): Promise<void> => {
    const { state } = await directory.state(auditKind, { company: SYSTEM_COMPANY, id: AUDIT_ID })
    const { root } = state.context
    if (root && dayOf(root.at) >= dayOf(clock.now())) return
    const lease = await tools.acquireLease()
    if (!lease) return
    try {
      const ordinal = await signRoot(tools)
      if (ordinal !== null) log.info({ ordinal }, 'signed a root of the log')
    } finally {
      await lease.release()
    }
  }
  return {
    name: 'sign-roots',
    run: async stop => {
      while (!stop.aborted) {
        try {
          await look()
        } catch (error) {
          log.warn({ err: error }, 'could not sign a root of the log; trying again')
        }
        await pause(clock, LOOK_EVERY_MS, stop)
      }
    },
  }
}
