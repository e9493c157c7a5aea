import { createSignal, For } from 'solid-js'
import { api } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { isAdmin } from '../../stores/auth.ts'
import { sessions } from '../../stores/directory.ts'
import { openPhone } from '../../stores/phone.ts'

/** Nothing was ever connected, and this person may change that. */
export const isFirstRun = () => isAdmin() && sessions.state() === 'ready' && sessions.items.length === 0

/** Creates a simulator session, starts it and lays its phone beside the screen. */
export const tryIt = async (name: string): Promise<void> => {
  const { id } = await api.sessions.create({ name, provider: 'simulator', queueIds: [], settings: {} })
  await api.sessions.act(id, 'start')
  await sessions.load()
  openPhone(id)
}

export function FirstRun() {
  const [busy, setBusy] = createSignal(false)
  const start = async () => {
    setBusy(true)
    await attempt(() => tryIt(t('session.defaultName')))
    setBusy(false)
  }
  return (
    <section class="mx-auto grid max-w-md gap-5 p-6" data-testid="first-run">
      <div>
        <h2 class="text-lg font-semibold">{t('first.title')}</h2>
        <p class="mt-1 text-faint">{t('first.text')}</p>
      </div>
      <ol class="grid gap-3">
        <For each={[1, 2, 3] as const}>
          {step => (
            <li class="flex gap-3">
              <span class="grid size-7 shrink-0 place-items-center rounded-full bg-active font-semibold text-accent-ink">
                {step}
              </span>
              <span>
                <strong class="block font-medium">{t(`first.${step}.title`)}</strong>
                <span class="text-faint">{t(`first.${step}.text`)}</span>
              </span>
            </li>
          )}
        </For>
      </ol>
      <Button
        look="primary"
        icon="phone"
        busy={busy()}
        data-testid="first-run-start"
        onClick={() => void start()}
      >
        {t('first.start')}
      </Button>
      <p class="text-xs text-faint">
        {t('first.note')}{' '}
        <a href="/sessions" class="font-medium text-accent-ink underline underline-offset-2">
          {t('nav.sessions')}
        </a>
        . {t('first.noQueue')}{' '}
        <a href="/settings/queues" class="font-medium text-accent-ink underline underline-offset-2">
          {t('nav.queues')}
        </a>
        .
      </p>
    </section>
  )
}
