import { createSignal, Show } from 'solid-js'
import { api, type Session } from '../../api/index.ts'
import { dayTime, fullTime, phoneNumber, since } from '../../i18n/format.ts'
import { maybeT, t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icons.tsx'
import { Menu, type MenuItem } from '../../parts/menu.tsx'
import { SessionPill } from '../../parts/pills.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { queues, sessions } from '../../stores/directory.ts'
import { EditSession } from './edit-dialog.tsx'
import { openPhone, phoneSession } from '../../stores/phone.ts'

type Drastic = 'stop' | 'restart' | 'logout' | 'remove'
const RUNNING: readonly Session['status'][] = [
  'connecting',
  'awaiting-scan',
  'syncing',
  'connected',
  'reconnecting',
]

const run = async (session: Session, action: Drastic | 'start'): Promise<void> => {
  if (action === 'remove') await api.sessions.remove(session.id)
  else await api.sessions.act(session.id, action)
  // The push brings the new state; with the line down this does.
  await sessions.load()
}

/** One number: its state, since when and why, and what an admin may do with it. */
export function SessionCard(props: { session: Session; onWebhook: () => void }) {
  const [asking, setAsking] = createSignal<Drastic>()
  const [editing, setEditing] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const running = () => RUNNING.includes(props.session.status)
  const simulator = () => props.session.provider === 'simulator'
  /** What customers see as the sender; a simulator's own name for itself says nothing to anybody. */
  const account = () => {
    const { account: known } = props.session
    if (!known || simulator()) return ''
    return ` · ${/^\d+$/.test(known) ? phoneNumber(known) : known}`
  }
  const start = async () => {
    setBusy(true)
    await attempt(() => run(props.session, 'start'))
    setBusy(false)
  }
  const items = (): MenuItem[] => [
    { label: t('edit'), icon: 'edit', testid: 'session-edit-open', run: () => void setEditing(true) },
    ...(running()
      ? [{ label: t('session.stop'), icon: 'pause' as const, run: () => void setAsking('stop') }]
      : []),
    ...(running()
      ? [{ label: t('session.restart'), icon: 'refresh' as const, run: () => void setAsking('restart') }]
      : []),
    ...(running()
      ? [{ label: t('session.logout'), icon: 'logout' as const, run: () => void setAsking('logout') }]
      : []),
    ...(props.session.provider === 'cloud'
      ? [{ label: t('webhook.title'), icon: 'plug' as const, run: () => props.onWebhook() }]
      : []),
    { label: t('session.remove'), icon: 'trash', danger: true, run: () => void setAsking('remove') },
  ]
  return (
    <li
      data-testid="session-card"
      data-status={props.session.status}
      data-session-id={props.session.id}
      class="grid grid-cols-1 content-start gap-3 rounded-2xl border border-line bg-surface p-4"
    >
      <div class="flex items-start gap-3">
        <span class="grid size-10 shrink-0 place-items-center rounded-xl bg-active text-accent-ink">
          <Icon name={simulator() ? 'phone' : 'plug'} size={20} />
        </span>
        <div class="min-w-0 flex-1">
          <h2 class="font-semibold [overflow-wrap:anywhere]">{props.session.name}</h2>
          <p class="truncate text-[13px] text-faint">
            {t(`provider.${props.session.provider}`)}
            {account()}
          </p>
          <p class="mt-1.5 flex">
            <SessionPill status={props.session.status} />
          </p>
        </div>
        <Menu label={t('more')} trigger={<Icon name="more" />} items={items()} testid="session-menu" />
      </div>
      <p class="text-[13px] text-faint">
        <time
          datetime={props.session.since}
          title={`${fullTime(props.session.since)} · ${since(props.session.since)}`}
        >
          {t('session.since', { time: dayTime(props.session.since) })}
        </time>
        <Show when={props.session.reason}>
          {reason => <span class="text-soft"> · {maybeT(`session.reason.${reason()}`) ?? reason()}</span>}
        </Show>
        <Show when={props.session.queueIds.length}>
          <span>
            {' · '}
            {queues.items
              .filter(queue => props.session.queueIds.includes(queue.id))
              .map(queue => queue.name)
              .join(', ')}
          </span>
        </Show>
      </p>
      <Show when={props.session.queueIds.length === 0}>
        <p class="text-[13px] text-soft" data-testid="session-no-queue">
          {t('session.noQueue')}{' '}
          <button
            type="button"
            class="font-medium text-accent-ink underline underline-offset-2"
            onClick={() => setEditing(true)}
          >
            {t('session.noQueue.edit')}
          </button>
        </p>
      </Show>
      <div class="flex flex-wrap gap-2">
        <Show when={!running()}>
          <Button
            small
            look="primary"
            icon="play"
            busy={busy()}
            data-testid="session-start"
            onClick={() => void start()}
          >
            {t('session.start')}
          </Button>
        </Show>
        <Show when={simulator()}>
          <Button
            small
            icon="phone"
            data-testid="session-phone"
            disabled={phoneSession() === props.session.id}
            onClick={() => openPhone(props.session.id)}
          >
            {t('phone.open')}
          </Button>
        </Show>
      </div>
      <Show when={editing()}>
        <EditSession session={props.session} running={running()} onClose={() => setEditing(false)} />
      </Show>
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
    </li>
  )
}
