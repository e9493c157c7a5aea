import { me } from '../stores/auth.ts'
import { forgetContacts } from '../stores/contacts.ts'
import { queues, sessions, users } from '../stores/directory.ts'
import { closePhone } from '../stores/phone.ts'
import { forgetAttachments } from '../stores/attachments.ts'
import { forgetThreads } from '../stores/threads.ts'
import { forgetTickets, loadCounts, onTicketChange, shiftCounts } from '../stores/tickets.ts'
import { makeLine } from './socket.ts'
import { onRefetch } from './visible.ts'

const COUNT_AGAIN_MILLISECONDS = 1500

/** Opens the line for as long as somebody is logged in, and forgets everything of theirs afterwards. */
export const startSync = (): (() => void) => {
  const line = makeLine()
  const myId = me().id
  let timer: ReturnType<typeof setTimeout> | undefined
  const countAgain = (): void => {
    // A number that cannot be loaded now comes with the next change or reconnect.
    timer ??= setTimeout(() => {
      timer = undefined
      loadCounts().catch(() => undefined)
    }, COUNT_AGAIN_MILLISECONDS)
  }
  const stops = [
    onTicketChange((now, before) => {
      if (before) shiftCounts(before, now, myId)
      // A row seen for the first time may be new or just loaded, and a count that was on its way may have known this
      // change already: the server's own numbers follow.
      countAgain()
    }),
    onRefetch(loadCounts),
    onRefetch(sessions.load),
    onRefetch(queues.load),
  ]
  loadCounts().catch(countAgain)
  return () => {
    clearTimeout(timer)
    for (const stop of stops) stop()
    line.close()
    closePhone()
    forgetThreads()
    forgetAttachments()
    forgetContacts()
    forgetTickets()
    for (const shelf of [sessions, queues, users]) shelf.forget()
  }
}
