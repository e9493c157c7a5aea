import { createSignal, onCleanup, onMount } from 'solid-js'
import { createStore } from 'solid-js/store'
import { api } from '../api/index.ts'
import { readStored, writeStored } from './stored.ts'

export type PhoneMessage = {
  id: string
  with: string
  mine: boolean
  text: string
  kind: string
  at: string
  ack: 'none' | 'delivered' | 'read'
}
export type Customer = { from: string; name: string }

const POLL_MILLISECONDS = 1000
const SLOW_MILLISECONDS = 5000
const KEPT_MESSAGES_MAX = 300

/** Invented people: no real number starts like this. */
const people = ['Ana Souza', 'Bruno Lima', 'Carla Dias', 'Diego Rocha', 'Elisa Prado', 'Fábio Nunes']
export const inventCustomer = (taken: readonly Customer[]): Customer => ({
  from: `5511900${String(Math.floor(Math.random() * 1_000_000)).padStart(6, '0')}`,
  name: people[taken.length % people.length] ?? 'Ana Souza',
})

const digitsOf = (text: string): string => text.replace(/\D/g, '')

/** The other end of a simulator session: what its customers wrote, and what they were sent. */
export const createVirtualPhone = (sessionId: string) => {
  const key = `phone.${sessionId}`
  const kept = readStored<{ customers: Customer[]; messages: PhoneMessage[]; cursor: string | null }>(key, {
    customers: [],
    messages: [],
    cursor: null,
  })
  const [state, setState] = createStore(kept)
  const [error, setError] = createSignal<unknown>()
  const save = () => writeStored(key, { ...state, messages: state.messages.slice(-KEPT_MESSAGES_MAX) })

  const mark = async (id: string, ack: 'delivered' | 'read'): Promise<void> => {
    await api.simulator.ack(sessionId, id, ack)
    setState('messages', message => message.id === id, 'ack', ack)
    save()
  }

  const poll = async (): Promise<boolean> => {
    const page = await api.simulator.outbound(sessionId, state.cursor)
    const known = new Set(state.messages.map(message => message.id))
    const fresh = page.items
      .filter(item => !known.has(item.messageId))
      .map((item): PhoneMessage => ({
        id: item.messageId,
        with: digitsOf(item.to) || item.to,
        mine: false,
        text: item.body,
        kind: item.kind,
        at: item.at,
        ack: 'none',
      }))
    if (page.nextCursor !== null) setState('cursor', page.nextCursor)
    if (fresh.length > 0) setState('messages', old => [...old, ...fresh])
    save()
    // A phone that is on receives by itself; reading is what a person does.
    for (const message of fresh) await mark(message.id, 'delivered').catch(setError)
    return fresh.length > 0
  }

  let stopped = false
  let timer: ReturnType<typeof setTimeout>
  const loop = async (): Promise<void> => {
    let wait = POLL_MILLISECONDS
    try {
      while (!stopped && (await poll()));
      setError(undefined)
    } catch (failure) {
      setError(failure)
      wait = SLOW_MILLISECONDS
    }
    if (!stopped) timer = setTimeout(() => void loop(), document.hidden ? SLOW_MILLISECONDS : wait)
  }
  onMount(() => void loop())
  onCleanup(() => {
    stopped = true
    clearTimeout(timer)
  })

  return {
    state,
    error,
    mark,
    /** The customer writes. The bubble comes once the server has it for good. */
    write: async (
      customer: Customer,
      content: { text?: string; media?: { mime: string; name: string; base64: string } },
    ): Promise<void> => {
      const { messageId } = await api.simulator.inbound(sessionId, { ...customer, ...content })
      const message: PhoneMessage = {
        id: messageId,
        with: digitsOf(customer.from),
        mine: true,
        text: content.text ?? content.media?.name ?? '',
        kind: content.media ? 'image' : 'text',
        at: new Date().toISOString(),
        ack: 'none',
      }
      const known = state.customers.some(other => other.from === customer.from)
      setState('customers', old =>
        known ? old.map(other => (other.from === customer.from ? customer : other)) : [...old, customer],
      )
      setState('messages', old => [...old, message])
      save()
    },
  }
}
