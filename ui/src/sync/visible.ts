/** What is on the screen right now knows how to load itself again; nothing else needs to. */
const loaders = new Set<() => Promise<unknown>>()

export const onRefetch = (load: () => Promise<unknown>): (() => void) => {
  loaders.add(load)
  return () => loaders.delete(load)
}

export const refetchVisible = async (): Promise<void> => {
  await Promise.allSettled([...loaders].map(load => load()))
}
