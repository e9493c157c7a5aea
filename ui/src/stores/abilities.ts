import { createStore } from 'solid-js/store'
import type { Capabilities, Ticket } from '../api/index.ts'

/** What each kind of channel can carry. Every opened ticket says it; rows that are pushed do not repeat it. */
const [known, setKnown] = createStore<Partial<Record<Ticket['session']['provider'], Capabilities>>>({})

export const learnAbilities = (provider: Ticket['session']['provider'], can: Capabilities): void =>
  setKnown(provider, can)

/** `undefined`: not known (yet); then nothing is offered that a channel might lack. */
export const abilitiesOf = (ticket: Pick<Ticket, 'session'>): Capabilities | undefined =>
  known[ticket.session.provider]
