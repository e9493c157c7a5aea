import { createResource, createSignal, onCleanup, Show } from 'solid-js'
import { api } from '../../api/index.ts'
import { fullTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { isAdmin, user } from '../../stores/auth.ts'

const LOOK_EVERY_MILLISECONDS = 2_000

/** For those who answer for the records: up to when they were verified, and a way to verify them again. */
export function Verified() {
  return (
    <Show when={isAdmin() || user()?.role === 'auditor'}>
      <Panel />
    </Show>
  )
}

function Panel() {
  const [state, { refetch }] = createResource(api.audit.get)
  const [busy, setBusy] = createSignal(false)
  const timer = setInterval(() => {
    if (state.latest?.running) void refetch()
  }, LOOK_EVERY_MILLISECONDS)
  onCleanup(() => clearInterval(timer))
  const start = async () => {
    setBusy(true)
    await attempt(async () => {
      await api.audit.start()
      await refetch()
    })
    setBusy(false)
  }
  const words = (): string => {
    const now = state.latest
    if (now?.running) return t('audit.running', { count: String(now.running.events) })
    if (now?.failed) return t('audit.failed')
    if (!now?.last) return t('audit.none')
    const [finding] = now.last.findings
    return finding
      ? t('audit.altered', { detail: finding.detail })
      : t('audit.verified', { time: fullTime(now.last.at) })
  }
  return (
    <Show when={!state.error && state.latest}>
      <div class="flex min-w-0 items-center gap-2 max-md:hidden" data-testid="verified">
        <span
          role="status"
          class="max-w-80 truncate text-xs"
          classList={{
            'text-danger': (state.latest?.last?.findings.length ?? 0) > 0,
            'text-faint': (state.latest?.last?.findings.length ?? 0) === 0,
          }}
          title={words()}
        >
          {words()}
        </span>
        <Button small busy={busy() || Boolean(state.latest?.running)} onClick={() => void start()}>
          {t('audit.start')}
        </Button>
      </div>
    </Show>
  )
}
