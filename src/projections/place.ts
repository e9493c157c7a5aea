import type { RecordedEvent } from '../events/all.ts'

const DASH = '-'.charCodeAt(0)

/** The actor's id: what follows the tenant. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('.') + 1)

export const streamOf = (
  kind: 'ticket' | 'deadletter' | 'session' | 'user' | 'contact',
  companyId: string,
  id: string,
): string => `${kind}-${companyId}.${id}`

/** The id of the actor, if the fact lives in a stream of this kind. */
export const idIn = (kind: string, { stream }: RecordedEvent): string | null =>
  stream.charCodeAt(kind.length) === DASH && stream.startsWith(kind) ? idOf(stream) : null
