import { createEffect, createSignal, Show } from 'solid-js'
import type { Session } from '../../api/index.ts'
import { dayTime, fullTime, phoneNumber, since } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { SessionPill } from '../../parts/pills.tsx'
import { isAdmin, isSupervisor } from '../../stores/auth.ts'
import { queues } from '../../stores/directory.ts'
import { openPhone, phoneSession } from '../../stores/phone.ts'
import { ActivityLine } from './activity-panel.tsx'
import { EditSession } from './edit-dialog.tsx'
import { checkOf, ensureCheck, hasHealth, isBad } from './health-checks.ts'
import { RetryNote } from './retry-note.tsx'
import { SessionMenu, StartButton } from './session-actions.tsx'
import { hasWebhook, isRunning } from './states.ts'
import { reasonText, w } from './words.ts'

/** One number: its state, since when and why, and what an admin may do with it. */
export function SessionCard(props: { session: Session; onWebhook: () => void; onScan: () => void }) {
  const [editing, setEditing] = createSignal(false)
  const running = () => isRunning(props.session)
  createEffect(() => {
    if (isSupervisor() && running() && hasHealth(props.session)) ensureCheck(props.session.id)
  })
  const simulator = () => props.session.provider === 'simulator'
  /** What customers see as the sender; a simulator's own name for itself says nothing to anybody. */
  const account = () => {
    const { account: known } = props.session
    if (!known || simulator()) return ''
    return ` · ${/^\d+$/.test(known) ? phoneNumber(known) : known}`
  }
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
          <h2 class="font-semibold [overflow-wrap:anywhere]">
            <a href={`/sessions/${props.session.id}`} class="hover:underline" title={w('detail.open')}>
              {props.session.name}
            </a>
          </h2>
          <p class="truncate text-[13px] text-faint">
            {t(`provider.${props.session.provider}`)}
            {account()}
          </p>
          <p class="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1">
            <SessionPill status={props.session.status} />
            <Show when={isBad(checkOf(props.session.id))}>
              <span data-testid="health-bad" class="inline-flex items-center gap-1 text-[12.5px] text-ink">
                <Icon name="alert" size={14} class="text-warn" />
                {w('health.bad')}
              </span>
            </Show>
          </p>
        </div>
        <Show when={isAdmin()}>
          <SessionMenu
            session={props.session}
            onEdit={() => setEditing(true)}
            {...(hasWebhook(props.session) ? { onWebhook: () => props.onWebhook() } : {})}
          />
        </Show>
      </div>
      <p class="text-[13px] text-faint">
        <time
          datetime={props.session.since}
          title={`${fullTime(props.session.since)} · ${since(props.session.since)}`}
        >
          {t('session.since', { time: dayTime(props.session.since) })}
        </time>
        <Show when={props.session.reason}>
          {reason => <span class="text-soft"> · {reasonText(reason())}</span>}
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
      <Show when={props.session.status === 'connected' ? props.session.lastLoss : undefined}>
        {loss => (
          <p class="text-[13px] text-faint" data-testid="session-loss">
            {w('loss')}: <time datetime={loss().at}>{dayTime(loss().at)}</time> · {reasonText(loss().reason)}
          </p>
        )}
      </Show>
      <ActivityLine session={props.session} />
      <RetryNote session={props.session} />
      <Show when={isAdmin() && props.session.queueIds.length === 0}>
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
      <div class="flex flex-wrap gap-2 empty:hidden">
        <Show when={isAdmin() && !running()}>
          <StartButton
            small
            session={props.session}
            onStarted={() => props.session.provider === 'baileys' && props.onScan()}
          />
        </Show>
        <Show when={isAdmin() && props.session.status === 'awaiting-scan'}>
          <Button small look="primary" icon="phone" data-testid="session-scan" onClick={() => props.onScan()}>
            {w('scan.open')}
          </Button>
        </Show>
        <Show when={isAdmin() && simulator()}>
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
    </li>
  )
}
