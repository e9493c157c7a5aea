import { randomUUID } from 'node:crypto'
import type { InboundMedia } from '../provider.ts'
import { boundedMap } from '../../shared/bounded-map.ts'
import { SimulatorFault } from './fault.ts'
import { SIMULATED_MEDIA_BYTES_MAX } from './frames.ts'

/** The files of one session, its own and its customers'; the oldest is gone when the shelf is full, as on the real network. */
const SHELF_CHARACTERS_MAX = 128 * 1024 * 1024

type Written = { readonly mime: string; readonly name?: string | undefined; readonly base64: string }

export const createMediaShelf = () => {
  const shelf = boundedMap<{ mime: string; base64: string }>(SHELF_CHARACTERS_MAX, m => m.base64.length)
  return {
    /** @throws SimulatorFault for a file over `SIMULATED_MEDIA_BYTES_MAX`. */
    keep({ mime, name, base64 }: Written): InboundMedia {
      const size = Buffer.byteLength(base64, 'base64')
      if (size > SIMULATED_MEDIA_BYTES_MAX)
        throw new SimulatorFault('invalid', 'media: too large for the simulator')
      const providerMediaId = randomUUID()
      shelf.set(providerMediaId, { mime, base64 })
      return { mime, size, providerMediaId, ...(name === undefined ? {} : { name }) }
    },
    get: (id: string) => shelf.get(id),
  }
}
export type MediaShelf = ReturnType<typeof createMediaShelf>
