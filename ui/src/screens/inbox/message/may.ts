import type { Capabilities, Message, Ticket } from '../../../api/index.ts'
import { isSupervisor, mayAct, me } from '../../../stores/auth.ts'
import { abilitiesOf } from '../../../stores/abilities.ts'
import { now } from '../../../stores/clock.ts'
import { ticketRows } from '../../../stores/tickets.ts'
import { isOver } from '../../../stores/window.ts'
import { whyNotWrite } from '../ticket-actions.ts'
import type { MessageWords } from './words/en.ts'

/** Why something cannot be done to a message, as a text of ours. */
export type Why = { readonly key: Extract<keyof MessageWords, `why.${string}`>; readonly minutes?: number }
export type Deed = 'react' | 'reply' | 'copy' | 'link' | 'edit' | 'forward' | 'delete' | 'details'

const LIVE: readonly Ticket['status'][] = ['bot', 'pending', 'open', 'snoozed']
const MINUTE_MS = 60_000
const why = (key: Why['key']): Why => ({ key })

/** Whether this person has the conversation's live ticket: its closed ones are theirs then, too. */
const hasLive = ({ contact, session }: Ticket): boolean =>
  Object.values(ticketRows()).some(
    other =>
      other.contact.id === contact.id &&
      other.session.id === session.id &&
      LIVE.includes(other.status) &&
      other.user?.id === me().id,
  )

/** Whether it was written here, and not on the company's phone. */
const isOurs = ({ fromMe, sentBy }: Message): boolean => fromMe && sentBy?.kind !== 'device'

const whyNotAct = (ticket: Ticket): Why | null => {
  if (!mayAct()) return why('why.reader')
  const mine = LIVE.includes(ticket.status) ? ticket.user?.id === me().id : hasLive(ticket)
  return mine || isSupervisor() ? null : why('why.other')
}

const whyNotReact = (ticket: Ticket, message: Message, can: Capabilities | undefined): Why | null => {
  if (!can?.kinds.includes('reaction')) return why('why.reaction')
  if (message.ack === 'failed') return why('why.not-sent')
  return isOver(ticket) ? why('why.window') : null
}

const whyNotChange = (message: Message): Why | null => {
  if (!isOurs(message)) return why('why.device')
  return message.ack === 'failed' ? why('why.not-sent') : null
}

const whyNotEdit = (message: Message, can: Capabilities | undefined): Why | null => {
  if (!can?.kinds.includes('edit')) return why('why.edit')
  const wrong = whyNotChange(message)
  if (wrong) return wrong
  // Other words would take the link's place.
  if (message.media?.linkUntil !== undefined) return why('why.linked')
  const captions: readonly string[] = can.captions
  if (message.kind !== 'text' && !captions.includes(message.kind)) return why('why.kind')
  const minutes = can.editMinutesMax
  if (minutes !== null && now() - Date.parse(message.timestamp) > minutes * MINUTE_MS)
    return { key: 'why.too-old', minutes }
  return null
}

const whyNotForward = (message: Message): Why | null => {
  if (!mayAct()) return why('why.reader')
  if (message.kind === 'unsupported' || message.kind === 'undecryptable') return why('why.empty')
  if (message.media) return message.media.url ? null : why('why.file')
  return message.body.trim() === '' ? why('why.empty') : null
}

/**
 * What is offered for a message, and why some of it is not possible now (`null`: it is). The server decides; these are
 * its rules as far as the screen can know them. What makes no sense for a message is not offered at all.
 */
export const deedsOf = (ticket: Ticket, message: Message): ReadonlyMap<Deed, Why | null> => {
  const can = abilitiesOf(ticket)
  const details: [Deed, Why | null] = ['details', null]
  if (message.deletedAt) return new Map([details])
  const act = whyNotAct(ticket)
  const deeds: [Deed, Why | null][] = [['react', act ?? whyNotReact(ticket, message, can)]]
  const reply = can?.quotes ? (whyNotWrite(ticket) === null ? null : why('why.write')) : why('why.quote')
  deeds.push(['reply', mayAct() ? reply : why('why.reader')])
  if (message.body.trim() !== '') deeds.push(['copy', null])
  if (message.media?.url) deeds.push(['link', null])
  if (message.fromMe) deeds.push(['edit', act ?? whyNotEdit(message, can)])
  deeds.push(['forward', whyNotForward(message)], details)
  if (message.fromMe)
    deeds.push(['delete', act ?? (can?.kinds.includes('revoke') ? whyNotChange(message) : why('why.revoke'))])
  return new Map(deeds)
}
