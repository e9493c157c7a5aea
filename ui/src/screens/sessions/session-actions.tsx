import { createSignal, Show } from 'solid-js'
import { api, type Session } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Menu, type MenuItem } from '../../parts/menu.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { sessions } from '../../stores/directory.ts'
import { isRunning } from './states.ts'

type Drastic = 'stop' | 'restart' | 'logout' | 'remove'

const run = async (session: Session, action: Drastic | 'start'): Promise<void> => {
  if (action === 'remove') await api.sessions.remove(session.id)
  else await api.sessions.act(session.id, action)
  // The push brings the new state; with the line down this does.
  await sessions.load()
}

/** Connects it; `onStarted`: what a channel that wants a phone shows next. */
export function StartButton(props: {
  session: Session
  small?: boolean
  class?: string
  onStarted?: () => void
}) {
  const [busy, setBusy] = createSignal(false)
  const start = async () => {
    setBusy(true)
    if (await attempt(() => run(props.session, 'start'))) props.onStarted?.()
    setBusy(false)
  }
  return (
    <Button
      small={props.small ?? false}
      look="primary"
      icon="play"
      class={props.class}
      busy={busy()}
      data-testid="session-start"
      onClick={() => void start()}
    >
      {t('session.start')}
    </Button>
  )
}

/** Everything else that may be done with a channel; what has consequences says them first. */
export function SessionMenu(props: { session: Session; onEdit: () => void; onWebhook?: () => void }) {
  const [asking, setAsking] = createSignal<Drastic>()
  const ask = (action: Drastic) => () => void setAsking(action)
  const items = (): MenuItem[] => [
    { label: t('edit'), icon: 'edit', testid: 'session-edit-open', run: () => props.onEdit() },
    ...(isRunning(props.session)
      ? [
          { label: t('session.stop'), icon: 'pause' as const, run: ask('stop') },
          { label: t('session.restart'), icon: 'refresh' as const, run: ask('restart') },
          { label: t('session.logout'), icon: 'logout' as const, run: ask('logout') },
        ]
      : []),
    ...(props.onWebhook
      ? [{ label: t('webhook.title'), icon: 'plug' as const, run: () => props.onWebhook?.() }]
      : []),
    { label: t('session.remove'), icon: 'trash', danger: true, run: ask('remove') },
  ]
  return (
    <>
      <Menu label={t('more')} trigger={<Icon name="more" />} items={items()} testid="session-menu" />
      <Show when={asking()}>
        {action => (
          <Confirm
            open
            danger={action() !== 'restart'}
            title={t(`session.${action()}.title`, { name: props.session.name })}
            text={t(`session.${action()}.text`)}
            confirm={t(`session.${action()}`)}
            onClose={() => setAsking(undefined)}
            run={() => run(props.session, action())}
          />
        )}
      </Show>
    </>
  )
}
