import { roleSchema, type Role } from '../events/company.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { Clock } from '../shared/clock.ts'
import { derivedKey, macMatches, macOf } from './jwt.ts'

/**
 * Links to a message's file for where neither cookie nor token goes: a download manager, a viewer, another program. Each is
 * one person's, in the role that the person had, for one message of one company, and for some minutes. Who opens it is
 * asked for anew as that person: who was deactivated, or may no longer see the ticket, has a dead link.
 */
export type MediaLinks = {
  make(who: UserPrincipal, messageId: string): { readonly url: string; readonly expiresAt: string }
  /** What a link says, if it was made here and unaltered, and has not expired. */
  read(messageId: string, query: MediaLinkQuery): MediaLinkClaims | 'expired' | null
}
export type MediaLinkQuery = {
  readonly company: string
  readonly user: string
  readonly role: string
  /** Seconds since the epoch. */
  readonly expires: string
  readonly signature: string
}
export type MediaLinkClaims = { readonly companyId: string; readonly userId: string; readonly role: Role }

export const MEDIA_LINK_SECONDS = 10 * 60
export const MEDIA_LINK_PATH = '/files'

/** Each part on a line of its own: none of them can hold a line's end, since only what was signed is ever compared. */
const canonical = (messageId: string, { company, user, role, expires }: Omit<MediaLinkQuery, 'signature'>) =>
  ['fio media link 1', company, user, role, messageId, expires].join('\n')

export const createMediaLinks = (options: {
  readonly secretKey: string
  readonly publicUrl: string
  readonly clock: Clock
}): MediaLinks => {
  const { publicUrl, clock } = options
  const key = derivedKey(options.secretKey, 'media links v1')
  return {
    make: ({ companyId, userId, role }, messageId) => {
      const at = Math.floor(clock.now() / 1_000) + MEDIA_LINK_SECONDS
      const said = { company: companyId, user: userId, role, expires: String(at) }
      const query = new URLSearchParams({ ...said, signature: macOf(key, canonical(messageId, said)) })
      return {
        url: `${publicUrl}${MEDIA_LINK_PATH}/${messageId}?${query.toString()}`,
        expiresAt: new Date(at * 1_000).toISOString(),
      }
    },
    read: (messageId, query) => {
      if (!macMatches(key, canonical(messageId, query), query.signature)) return null
      const role = roleSchema.safeParse(query.role)
      if (!role.success) return null
      if (Number(query.expires) * 1_000 <= clock.now()) return 'expired'
      return { companyId: query.company, userId: query.user, role: role.data }
    },
  }
}
