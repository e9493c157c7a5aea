import type { Clock } from '../shared/clock.ts'
import { derivedKey, macMatches, macOf } from './jwt.ts'

/**
 * Links that customers get instead of a file which is over their channel's limit. Each is for the file of one message of
 * one company, until a time. It names no account and needs none; it dies with the file: when the message is deleted for
 * everyone, or its person erased.
 */
export type FileLinks = {
  /** Whether anybody but this machine can open them. */
  readonly reachable: boolean
  /** `expiresAt`: ISO 8601 UTC, to the second. */
  make(companyId: string, messageId: string, expiresAt: string): string
  /** Whose file a link is for, if it was made here and unaltered, and has not expired. */
  read(messageId: string, query: FileLinkQuery): { readonly companyId: string } | 'expired' | null
}
export type FileLinkQuery = {
  readonly company: string
  /** Seconds since the epoch. */
  readonly expires: string
  readonly signature: string
}

export const FILE_LINK_PATH = '/files/shared'
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Another first line than that of a person's own links, and another key: neither is ever taken for the other. */
const canonical = (messageId: string, { company, expires }: Omit<FileLinkQuery, 'signature'>) =>
  ['fio file link 1', company, messageId, expires].join('\n')

export const createFileLinks = (options: {
  readonly secretKey: string
  readonly publicUrl: string
  readonly clock: Clock
}): FileLinks => {
  const { publicUrl, clock } = options
  const key = derivedKey(options.secretKey, 'file links v1')
  return {
    reachable: !LOOPBACK.test(new URL(publicUrl).hostname),
    make: (companyId, messageId, expiresAt) => {
      const said = { company: companyId, expires: String(Math.floor(Date.parse(expiresAt) / 1_000)) }
      const query = new URLSearchParams({ ...said, signature: macOf(key, canonical(messageId, said)) })
      return `${publicUrl}${FILE_LINK_PATH}/${messageId}?${query.toString()}`
    },
    read: (messageId, query) => {
      if (!macMatches(key, canonical(messageId, query), query.signature)) return null
      return Number(query.expires) * 1_000 <= clock.now() ? 'expired' : { companyId: query.company }
    },
  }
}
