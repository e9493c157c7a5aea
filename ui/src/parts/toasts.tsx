import { createSignal, For } from 'solid-js'
import { explain } from '../i18n/explain.ts'
import { t } from '../i18n/index.ts'
import { IconButton } from './button.tsx'

const TOAST_MILLISECONDS = 6000
type Toast = { id: number; text: string; bad: boolean }
const [toasts, setToasts] = createSignal<readonly Toast[]>([])
let lastId = 0

export const dismiss = (id: number) => setToasts(all => all.filter(toast => toast.id !== id))

export const say = (text: string, bad = false): void => {
  const id = ++lastId
  setToasts(all => [...all.slice(-3), { id, text, bad }])
  setTimeout(() => dismiss(id), TOAST_MILLISECONDS)
}

/** Runs something the user asked for; a failure is told, never swallowed. */
export const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await work()
    return true
  } catch (failure) {
    say(explain(failure), true)
    return false
  }
}

export function Toasts() {
  return (
    <div
      aria-live="polite"
      class="pointer-events-none fixed inset-x-0 z-50 grid justify-items-center gap-2 p-3 max-md:top-14 md:bottom-2"
    >
      <For each={toasts()}>
        {toast => (
          <div
            role={toast.bad ? 'alert' : 'status'}
            class="pop pointer-events-auto flex max-w-md items-center gap-2 rounded-xl border border-line bg-raised py-1 pr-1 pl-4 shadow-pop"
            classList={{ 'text-danger': toast.bad }}
          >
            <span>{toast.text}</span>
            <IconButton label={t('close')} icon="close" size={15} onClick={() => dismiss(toast.id)} />
          </div>
        )}
      </For>
    </div>
  )
}
