import { createSignal } from 'solid-js'

const TICK_MILLISECONDS = 20_000
const [now, setNow] = createSignal(Date.now())
setInterval(() => setNow(Date.now()), TICK_MILLISECONDS)

/** The time as far as the screen shows it: relative times move with it. */
export { now }
