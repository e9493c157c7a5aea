import type { RecordedEvent } from '../events/all.ts'

/** The actor's id: what follows the tenant. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('.') + 1)

export const streamOf = (kind: 'ticket' | 'deadletter', companyId: string, id: string): string =>
  `${kind}-${companyId}.${id}`

/** The id of the actor, if the fact lives in a stream of this kind. */
export const idIn = (kind: string, fact: RecordedEvent): string | null =>
  fact.stream.startsWith(`${kind}-`) ? idOf(fact.stream) : null
