import type { Capabilities } from './provider.ts'

/** What the plainest channel can: texts between two people. Others say what they can beyond that. */
export const PLAIN_CAPABILITIES: Capabilities = {
  kinds: ['text'],
  captions: [],
  quotes: false,
  readReceipts: false,
  typing: false,
  groups: false,
  pairing: [],
  keepsKeys: false,
  deduplicatesSends: false,
  textLengthMax: 4_096,
  mediaBytesMax: {},
  mediaTypes: {},
  windowHours: null,
}
