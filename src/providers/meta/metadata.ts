/**
 * Our reference as it travels in a message's `metadata`, which comes back with its echo. Other apps on the same page
 * write there too, so ours is marked.
 */
const MARK = 'fio:'

export const metadataOf = (ref: string): string => `${MARK}${ref}`
export const refOf = (metadata: string | null | undefined): string | null =>
  metadata?.startsWith(MARK) ? metadata.slice(MARK.length) : null
