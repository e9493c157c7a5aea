import { createSignal, type Accessor } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import { api, type Page, type Queue, type Session, type User } from '../api/index.ts'

/** A short list that is loaded whole: sessions, queues, users. */
export type Shelf<T> = {
  readonly items: readonly T[]
  readonly state: Accessor<'idle' | 'loading' | 'ready' | 'failed'>
  readonly error: Accessor<unknown>
  readonly load: () => Promise<void>
  readonly ensure: () => void
  readonly put: (item: T) => void
  readonly remove: (id: string) => void
  readonly forget: () => void
}

export const createShelf = <T extends { id: string; revision: number }>(
  list: () => Promise<Page<T>>,
): Shelf<T> => {
  const [store, setStore] = createStore<{ items: T[] }>({ items: [] })
  const [state, setState] = createSignal<'idle' | 'loading' | 'ready' | 'failed'>('idle')
  const [error, setError] = createSignal<unknown>()
  const set = (items: T[]) => setStore('items', reconcile(items, { key: 'id' }))
  const load = async () => {
    if (state() !== 'ready') setState('loading')
    try {
      set((await list()).items)
      setState('ready')
    } catch (failure) {
      setError(failure)
      if (state() !== 'ready') setState('failed')
    }
  }
  return {
    get items() {
      return store.items
    },
    state,
    error,
    load,
    ensure: () => {
      if (state() === 'idle') void load()
    },
    put: item => {
      const old = store.items.find(other => other.id === item.id)
      if (old && old.revision > item.revision) return
      set(old ? store.items.map(other => (other.id === item.id ? item : other)) : [...store.items, item])
    },
    remove: id => set(store.items.filter(other => other.id !== id)),
    forget: () => {
      set([])
      setState('idle')
    },
  }
}

export const sessions = createShelf<Session>(api.sessions.list)
export const queues = createShelf<Queue>(api.queues.list)
export const users = createShelf<User>(api.users.list)
