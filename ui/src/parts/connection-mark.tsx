import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js'
import { t } from '../i18n/index.ts'
import { connection } from '../sync/connection.ts'

const colours = {
  connecting: 'bg-faint',
  live: 'bg-good',
  reconnecting: 'bg-warn',
  offline: 'bg-danger',
} as const

/** Whether what is on the screen is what is so. */
export function ConnectionMark() {
  return (
    <div
      role="status"
      data-testid="connection"
      data-state={connection()}
      title={t(`connection.${connection()}`)}
      class="grid size-9 place-items-center"
    >
      <span
        class={`size-2.5 rounded-full ${colours[connection()]}`}
        classList={{ 'animate-pulse': connection() !== 'live' }}
      />
      <span class="sr-only">{t(`connection.${connection()}`)}</span>
    </div>
  )
}

const SAY_AFTER_MILLISECONDS = 2000

/** Says in words that the line is down, once that lasts; it lies over the screen, so nothing moves. */
export function ConnectionBar() {
  const down = () => {
    const state = connection()
    return state === 'reconnecting' || state === 'offline' ? state : undefined
  }
  const [long, setLong] = createSignal(false)
  createEffect(
    on(
      () => down() !== undefined,
      isDown => {
        setLong(false)
        if (!isDown) return
        const timer = setTimeout(() => setLong(true), SAY_AFTER_MILLISECONDS)
        onCleanup(() => clearTimeout(timer))
      },
    ),
  )
  return (
    <div class="pointer-events-none fixed inset-x-0 top-0 z-30">
      <Show when={long() && down()}>
        {state => (
          <p
            data-testid="connection-bar"
            class="mx-auto w-fit max-w-full truncate rounded-b-lg px-3 text-xs leading-5 font-medium shadow-pop"
            classList={{
              'bg-warn-bg text-warn': state() === 'reconnecting',
              'bg-danger-bg text-danger': state() === 'offline',
            }}
          >
            {t(`connection.bar.${state()}`)}
          </p>
        )}
      </Show>
    </div>
  )
}
