import { createSignal } from 'solid-js'
import type { ServerEvents } from '../../../src/realtime/protocol.ts'

type Typing = Parameters<ServerEvents['typing']>[0]
const TYPING_MILLISECONDS = 6000
/** A phone says that somebody writes when they begin, and again only every ten seconds or so. */
const CUSTOMER_MILLISECONDS = 15_000
const [typing, setTyping] = createSignal<readonly Typing[]>([])
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const keyOf = (push: Pick<Typing, 'ticketId' | 'userId'>) => `${push.ticketId} ${push.userId ?? ''}`

/** Typing has a life: who says nothing more is no longer typing. */
export const showTyping = (push: Typing): void => {
  const key = keyOf(push)
  clearTimeout(timers.get(key))
  timers.delete(key)
  if (!push.typing && !typing().some(other => keyOf(other) === key)) return
  setTyping(all => all.filter(other => keyOf(other) !== key).concat(push.typing ? [push] : []))
  if (push.typing)
    timers.set(
      key,
      setTimeout(
        () => showTyping({ ...push, typing: false }),
        push.userId === null ? CUSTOMER_MILLISECONDS : TYPING_MILLISECONDS,
      ),
    )
}

/** What came from the customer ends their typing: the phone often does not say so. */
export const customerWrote = (ticketId: string): void =>
  showTyping({ ticketId, userId: null, name: '', typing: false })

/** The colleagues who write in a ticket. */
export const typersOf = (ticketId: string): readonly string[] =>
  typing()
    .filter(push => push.ticketId === ticketId && push.userId !== null)
    .map(push => push.name)

/** What the ticket's customer is doing right now. */
export const customerDoing = (ticketId: string): 'typing' | 'recording' | null => {
  const push = typing().find(one => one.ticketId === ticketId && one.userId === null)
  return push ? (push.recording ? 'recording' : 'typing') : null
}
