import { z } from 'zod'
import { hasMessage, ticketKind } from '../../actors/ticket/chart.ts'
import type { MessageKind } from '../../events/message.ts'
import type { Act } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { refused, type Refusal } from '../define.ts'
import { maySee, notFound } from '../ticket/rights.ts'
import { BODY_LENGTH_MAX, contentFields, headerFileOf, looksOf, type Content } from './content.ts'
import type { KnownMessage } from './read-message.ts'
import { queueInto } from './send.ts'

const UNREADABLE: readonly MessageKind[] = ['unsupported', 'undecryptable']

/** The structured part, where it has the shape that we send; what a channel told otherwise goes as the words it came to. */
const detailsOf = ({ kind, personal }: KnownMessage): Pick<Content, 'location' | 'contacts'> => {
  if (!personal) return {}
  const given = 'details' in personal ? personal.details : undefined
  const written = 'location' in personal || 'contacts' in personal ? personal : {}
  if (kind === 'location') {
    const location = contentFields.location.safeParse('location' in written ? written.location : given).data
    return location ? { location } : {}
  }
  if (kind !== 'contacts') return {}
  const contacts = contentFields.contacts.safeParse('contacts' in written ? written.contacts : given).data
  return contacts ? { contacts } : {}
}

/** Pure: the content of a message, to be said again elsewhere. */
export const forwardedContent = (message: KnownMessage, messageId: string): Content | Refusal => {
  const { kind, personal, media, deleted } = message
  if (deleted || !personal) return refused('not-found', 'There is no such message.')
  if (UNREADABLE.includes(kind)) return refused('invalid', 'messageId: there is nothing in it to forward.')
  const body = personal.body.slice(0, BODY_LENGTH_MAX)
  if (media) {
    const { key, mime, size, sha256 } = media
    if (key === undefined || size === undefined || sha256 === undefined)
      return refused('invalid', 'messageId: its file is not here.')
    // A template is said again as the words and the file that it came to.
    const above = 'template' in personal ? headerFileOf(personal) : null
    return {
      kind: above ?? kind,
      body,
      media: { key, mime, size, sha256, ...looksOf(media) },
      ...(personal.mediaName === undefined ? {} : { mediaName: personal.mediaName }),
      forwardedId: messageId,
    }
  }
  const details = detailsOf(message)
  const said = details.location ? 'location' : details.contacts ? 'contacts' : 'text'
  if (said === 'text' && body.trim() === '')
    return refused('invalid', 'messageId: there is nothing in it to forward.')
  return { kind: said, body, ...details, forwardedId: messageId }
}

const readFor = async (act: Act, ticketId: string, messageId: string): Promise<Content | Refusal> => {
  const { state } = await act.state(ticketKind, ticketId)
  if (!maySee(act.principal, state)) return notFound()
  const found = hasMessage(state, messageId)
    ? await act.tools.messages.message(act.principal.companyId, ticketId, messageId)
    : null
  return found ? forwardedContent(found, messageId) : refused('not-found', 'There is no such message.')
}

/** Says a message's content again in another ticket (or the same), as a message of its own. */
export const forwardMessage = command({
  name: 'message.forward',
  summary: 'Forward a message to another ticket',
  roles: HANDLERS,
  input: z.object({ ticketId: z.uuid(), messageId: z.uuid(), toTicketId: z.uuid() }),
  run: (act, { ticketId, messageId, toTicketId }) =>
    queueInto(act, toTicketId, undefined, () => readFor(act, ticketId, messageId)),
})
