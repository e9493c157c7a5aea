import { createMemo, createSignal, onCleanup, type Accessor } from 'solid-js'

const TICK_MILLISECONDS = 500

/** Whole seconds until then; 0: it is over, or nobody knows when. */
export const createCountdown = (until: () => string | null | undefined): Accessor<number> => {
  const [now, setNow] = createSignal(Date.now())
  const timer = setInterval(() => setNow(Date.now()), TICK_MILLISECONDS)
  onCleanup(() => clearInterval(timer))
  const left = createMemo(() => Math.max(0, Math.ceil((Date.parse(until() ?? '') - now()) / 1000) || 0))
  return left
}

/** `2:05`, as on a clock that runs down. */
export const minutesAndSeconds = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
