import { createSignal, onCleanup, untrack } from 'solid-js'
import { api, type SessionActivity } from '../../api/index.ts'

type Told = { readonly activity: SessionActivity; readonly at: number }

/** How long what is shown may be behind. */
const FRESH_MILLISECONDS = 60_000

const [told, setTold] = createSignal<Readonly<Record<string, Told>>>({})
export const activityOf = (id: string): SessionActivity | undefined => told()[id]?.activity

/** One after the other: a page of many channels does not ask about all of them at once. */
let last: Promise<void> = Promise.resolve()
const ask = async (id: string): Promise<void> => {
  const known = untrack(told)[id]
  if (known && Date.now() - known.at < FRESH_MILLISECONDS) return
  const activity = await api.sessions.activity(id).catch(() => undefined)
  if (activity) setTold(all => ({ ...all, [id]: { activity, at: Date.now() } }))
}

/** Keeps it on the screen as long as the effect that it is called in lives. A line that is down leaves what was told. */
export const followActivity = (id: string): void => {
  const look = (): void => {
    last = last.then(() => ask(id))
  }
  look()
  const timer = setInterval(look, FRESH_MILLISECONDS)
  onCleanup(() => clearInterval(timer))
}
