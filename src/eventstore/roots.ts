import type { ListedHead } from './heads.ts'
import type { EventStore } from './port.ts'
import { streamName } from './streams.ts'
import { SYSTEM_COMPANY } from '../shared/ids.ts'

/** The one stream of roots, which belongs to no company. */
export const AUDIT_ID = 'roots'
export const AUDIT_STREAM = streamName({ company: SYSTEM_COMPANY, type: 'audit', id: AUDIT_ID })

/** A root as the log holds it, with the heads that were listed for it. Nothing of it is believed yet. */
export type Root = {
  readonly ordinal: number
  readonly place: string
  readonly previous: string
  readonly hash: string
  readonly signature: string
  readonly publicKey: string
  readonly heads: readonly ListedHead[]
  readonly at: string
  readonly stream: string
  readonly revision: number
  readonly position: string
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** All roots, oldest first, read without trust: what is not there is empty, and the checks say so. */
export const readRoots = async (store: Pick<EventStore, 'readStream'>): Promise<Root[]> => {
  const roots: Root[] = []
  // A listing that a crash cut short is listed again; the last listing of each part of a place counts.
  const parts = new Map<string, readonly ListedHead[]>()
  for await (const { type, data, metadata, revision, position } of store.readStream(AUDIT_STREAM)) {
    const place = text(data['place'])
    if (type === 'audit.headsListed') {
      const { part, heads } = data
      if (Array.isArray(heads)) parts.set(`${place} ${Number(part)}`, heads as unknown as ListedHead[])
      continue
    }
    const count = Number(data['parts'])
    const heads = Array.from(
      { length: Math.min(count, parts.size) },
      (_, part) => parts.get(`${place} ${part}`) ?? [],
    )
    roots.push({
      ordinal: Number(data['ordinal']),
      place,
      previous: text(data['previous']),
      hash: text(data['hash']),
      signature: text(data['signature']),
      publicKey: text(data['publicKey']),
      heads: heads.flat(),
      at: text(metadata['at']),
      stream: AUDIT_STREAM,
      revision,
      position,
    })
    parts.clear()
  }
  return roots
}
