import type { Ticket } from '../api/index.ts'
import { now } from './clock.ts'

/** When the channel stops taking free words; `undefined`: it always takes them; `null`: the customer never wrote. */
export const closesAt = ({ window }: Pick<Ticket, 'window'>): string | null | undefined => window?.closesAt

/** Whether only a template may be sent now. */
export const isOver = (ticket: Pick<Ticket, 'window'>): boolean => {
  const at = closesAt(ticket)
  return at === null || (at !== undefined && now() >= Date.parse(at))
}
