import { createSignal } from 'solid-js'

/** The simulator session whose virtual phone lies beside the screen; `null`: none. */
export const [phoneSession, openPhone] = createSignal<string | null>(null)
export const closePhone = () => openPhone(null)
