import { createSignal } from 'solid-js'

const TYPING_MILLISECONDS = 6000
type Typing = { ticketId: string; userId: string | null; name: string; typing: boolean }
const [typing, setTyping] = createSignal<readonly Typing[]>([])
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const keyOf = (push: Typing) => `${push.ticketId} ${push.userId ?? ''}`

/** Typing has a life: who says nothing more is no longer typing. */
export const showTyping = (push: Typing): void => {
  const key = keyOf(push)
  clearTimeout(timers.get(key))
  timers.delete(key)
  setTyping(all => all.filter(other => keyOf(other) !== key).concat(push.typing ? [push] : []))
  if (push.typing)
    timers.set(
      key,
      setTimeout(() => showTyping({ ...push, typing: false }), TYPING_MILLISECONDS),
    )
}

export const typersOf = (ticketId: string): readonly string[] =>
  typing()
    .filter(push => push.ticketId === ticketId)
    .map(push => push.name)
