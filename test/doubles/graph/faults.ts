import type { GraphFault } from './types.ts'

type Method = 'GET' | 'POST' | 'any'

/** Trouble that was ordered, in order. */
export const createFaults = () => {
  const ordered: { fault: GraphFault; times: number; only: Method }[] = []
  return {
    order: (fault: GraphFault, times: number, only: Method) => void ordered.push({ fault, times, only }),
    clear: () => void (ordered.length = 0),
    next(method: string): GraphFault | null {
      const index = ordered.findIndex(f => f.only === 'any' || f.only === method)
      const found = ordered[index]
      if (!found) return null
      found.times -= 1
      if (found.times <= 0) ordered.splice(index, 1)
      return found.fault
    },
  }
}
