import { api, type SnoozeWish, type Ticket, type TicketAction } from '../../api/index.ts'
import { isSupervisor, mayAct, me } from '../../stores/auth.ts'
import { setTab } from '../../stores/inbox.ts'
import { loadTicket } from '../../stores/tickets.ts'
import { attempt } from '../../parts/toasts.tsx'

/** What this person may do with this ticket now. The server decides; the screen only offers what can work. */
export const actionsOf = (ticket: Ticket): readonly TicketAction[] => {
  if (!mayAct()) return []
  const owner = ticket.user?.id === me().id
  const live = ['bot', 'pending', 'open', 'snoozed'].includes(ticket.status)
  const waiting = ticket.status === 'pending' || ticket.status === 'bot'
  const allowed: Record<Exclude<TicketAction, 'read'>, boolean> = {
    accept: waiting,
    wake: ticket.status === 'snoozed' && (owner || isSupervisor()),
    takeover: ticket.status === 'open' && !owner && isSupervisor(),
    return: ticket.status === 'open' && (owner || isSupervisor()),
    close: live && (waiting || owner || isSupervisor()),
    reopen: (ticket.status === 'closed' || ticket.status === 'rating') && (isSupervisor() || owner),
  }
  return (Object.keys(allowed) as (keyof typeof allowed)[]).filter(action => allowed[action])
}

const becomesMine: readonly TicketAction[] = ['accept', 'takeover', 'reopen']

/** The push brings the change; when it was refused, or the line is down, the look afterwards does. */
const asking = (ticket: Ticket, ask: () => Promise<unknown>): Promise<boolean> =>
  attempt(async () => {
    try {
      await ask()
    } finally {
      await loadTicket(ticket.id).catch(() => undefined)
    }
  })

/** Asks with the revision on the screen: if somebody was quicker, they are named instead. */
export const act = (ticket: Ticket, action: TicketAction): Promise<boolean> =>
  asking(ticket, async () => {
    await api.tickets.act(ticket.id, action, ticket.revision)
    // The ticket is now one of the user's own: the list goes where it went.
    if (becomesMine.includes(action)) setTab('mine')
  })

/** Where there is one now: an answer is what usually comes next. */
export const focusComposer = (): void =>
  void requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('[data-testid="composer-input"]')?.focus(),
  )

/** Puts the ticket aside until a time, or until the customer writes. */
export const putAside = (ticket: Ticket, wish: SnoozeWish): Promise<boolean> =>
  asking(ticket, () => api.tickets.snooze(ticket.id, wish, ticket.revision))

/** Why no answer can be written; `null`: it can. */
export const whyNotWrite = (ticket: Ticket): 'reader' | 'accept' | 'other' | 'closed' | 'snoozed' | null => {
  if (!mayAct()) return 'reader'
  if (ticket.status === 'pending' || ticket.status === 'bot') return 'accept'
  if (ticket.status === 'closed' || ticket.status === 'rating') return 'closed'
  if (ticket.user?.id !== me().id) return 'other'
  return ticket.status === 'snoozed' ? 'snoozed' : null
}
