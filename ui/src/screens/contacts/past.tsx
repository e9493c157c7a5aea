import { api, type Contact, type HistoryEntry } from '../../api/index.ts'
import { contactName, phoneNumber } from '../../i18n/format.ts'
import { PastDialog } from '../../parts/past-dialog.tsx'
import { maybeW, w } from './words.ts'

const PAGE_SIZE = 30

type Personal = {
  readonly name?: string | null
  readonly phone?: string | null
  readonly address?: { readonly kind: string; readonly value: string }
}
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

const addressOf = ({ address }: Personal): string =>
  address?.kind === 'phone' ? phoneNumber(address.value) : (address?.value ?? '')

/** A type that is younger than this screen is named as it is. */
const line = ({ type, data }: HistoryEntry): string => {
  const personal = (data['personal'] ?? {}) as Personal
  const said = {
    name: personal.name ?? (personal.phone ? phoneNumber(personal.phone) : w('nameless')),
    address: addressOf(personal),
    joined: text(data['conversationsJoined']),
    closed: text(data['ticketsClosed']),
  }
  return maybeW(`${type}.${text(data['reason'])}`, said) ?? maybeW(type, said) ?? type
}

/** What happened to a contact: names, addresses, and who joined it to whom. */
export default function Past(props: { contact: Contact; onClose: () => void }) {
  return (
    <PastDialog
      title={w('history.title', { name: contactName(props.contact) })}
      testid="contact-past"
      page={cursor => api.contacts.history(props.contact.id, { limit: PAGE_SIZE, cursor })}
      line={line}
      by={who => w('by', { who: who ?? w('server') })}
      older={w('older')}
      onClose={() => props.onClose()}
    />
  )
}
