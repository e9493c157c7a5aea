import { createSignal } from 'solid-js'

/** `live`: every change arrives. `reconnecting`: the line is down and being tried. `offline`: the browser has no network. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline'
const [connection, setConnection] = createSignal<ConnectionState>('connecting')
export { connection, setConnection }
