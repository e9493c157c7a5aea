import { getHeapStatistics } from 'node:v8'

/** Memory of this process as a share of what it may take: of the heap's limit, or of the container's where that is nearer. */
export const memoryPressure = (): number => {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  const container = process.constrainedMemory()
  // No limit is told as 0, or as a number beyond any memory.
  const rss = container > 0 && container < Number.MAX_SAFE_INTEGER ? process.memoryUsage.rss() / container : 0
  return Math.max(used / limit, rss)
}
