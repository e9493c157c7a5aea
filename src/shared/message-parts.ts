/**
 * A message of a channel may come in as several of ours, one a file: the first under its own id, the others under these.
 * `nth` counts from 1.
 */
export const partId = (providerMessageId: string, nth: number): string => `${providerMessageId}#${nth}`
