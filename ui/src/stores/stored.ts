import { createEffect, createRoot, createSignal, type Signal } from 'solid-js'

export const readStored = <T>(name: string, fallback: T): T => {
  try {
    const text = localStorage.getItem(`fio.${name}`)
    return text === null ? fallback : (JSON.parse(text) as T)
  } catch {
    // Private windows and damaged values: the fallback is always good.
    return fallback
  }
}

export const writeStored = (name: string, value: unknown): void => {
  try {
    if (value === undefined || value === null || value === '') localStorage.removeItem(`fio.${name}`)
    else localStorage.setItem(`fio.${name}`, JSON.stringify(value))
  } catch {
    // A full or forbidden storage costs only the memory of this preference.
  }
}

/** A signal that this browser remembers. */
export const createStored = <T>(name: string, fallback: T): Signal<T> =>
  createRoot(() => {
    const [value, setValue] = createSignal<T>(readStored(name, fallback))
    createEffect((first: boolean) => {
      const now = value()
      if (!first) writeStored(name, now)
      return false
    }, true)
    return [value, setValue]
  })
