import { useParams } from '@solidjs/router'
import { createSignal, Match, onCleanup, Show, Switch } from 'solid-js'
import type { Session as SessionRow } from '../api/index.ts'
import { dayTime, fullTime, phoneNumber, since } from '../i18n/format.ts'
import { t } from '../i18n/index.ts'
import { Button } from '../parts/button.tsx'
import { Icon } from '../parts/icons.tsx'
import { SessionPill } from '../parts/pills.tsx'
import { Empty, Failure, SkeletonRows } from '../parts/states.tsx'
import { isAdmin, isSupervisor } from '../stores/auth.ts'
import { queues, sessions } from '../stores/directory.ts'
import { onRefetch } from '../sync/visible.ts'
import { ActivityPanel } from './sessions/activity-panel.tsx'
import { EditSession } from './sessions/edit-dialog.tsx'
import { hasHealth } from './sessions/health-checks.ts'
import { HealthPanel } from './sessions/health-panel.tsx'
import { Line } from './sessions/line.tsx'
import { RetryNote } from './sessions/retry-note.tsx'
import { ScanDialog } from './sessions/scan-dialog.tsx'
import { SessionMenu, StartButton } from './sessions/session-actions.tsx'
import { SessionHistory } from './sessions/session-history.tsx'
import { StateChart } from './sessions/state-chart.tsx'
import { hasWebhook, isRunning } from './sessions/states.ts'
import { WebhookDialog } from './sessions/webhook-dialog.tsx'
import { reasonText, w } from './sessions/words.ts'

/** One channel: where it stands and why, and everything that ever happened to it. */
export default function Session() {
  const params = useParams<{ id: string }>()
  sessions.ensure()
  queues.ensure()
  onCleanup(onRefetch(sessions.load))
  const session = () => sessions.items.find(one => one.id === params.id && one.status !== 'removed')
  return (
    <main class="flex h-full min-w-0 flex-1 flex-col overflow-y-auto">
      <Switch>
        <Match when={session()}>{found => <Found session={found()} />}</Match>
        <Match when={sessions.state() === 'failed'}>
          <Failure error={sessions.error()} onRetry={() => void sessions.load()} />
        </Match>
        <Match when={sessions.state() !== 'ready'}>
          <div class="mx-auto w-full max-w-6xl p-4 md:p-6">
            <SkeletonRows count={6} class="h-16" />
          </div>
        </Match>
        <Match when={true}>
          <Empty icon="plug" title={w('detail.gone')} text={w('detail.gone.text')}>
            <a href="/sessions" class="font-medium text-accent-ink underline underline-offset-2">
              {t('nav.sessions')}
            </a>
          </Empty>
        </Match>
      </Switch>
    </main>
  )
}

function Found(props: { session: SessionRow }) {
  const [editing, setEditing] = createSignal(false)
  const [webhook, setWebhook] = createSignal(false)
  const [scanning, setScanning] = createSignal(false)
  const byPhone = () => props.session.provider === 'baileys'
  /** What customers see; a simulator's own name for itself says nothing to anybody. */
  const account = () => (props.session.provider === 'simulator' ? '' : (props.session.account ?? ''))
  return (
    <>
      <header class="sticky top-0 z-10 border-b border-line bg-canvas">
        <div class="mx-auto flex w-full max-w-6xl flex-wrap items-center gap-3 px-4 py-2.5 md:px-6">
          <a
            href="/sessions"
            aria-label={t('back')}
            title={t('back')}
            class="-ml-2 grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:bg-hover hover:text-ink"
          >
            <Icon name="back" />
          </a>
          <div class="min-w-0 flex-1">
            <h1 class="truncate text-lg font-semibold">{props.session.name}</h1>
            <p class="truncate text-[13px] text-faint">{t(`provider.${props.session.provider}`)}</p>
          </div>
          <Show when={isAdmin() && !isRunning(props.session)}>
            <StartButton
              class="max-sm:order-last max-sm:w-full"
              small
              session={props.session}
              onStarted={() => byPhone() && setScanning(true)}
            />
          </Show>
          <Show when={isAdmin() && props.session.status === 'awaiting-scan'}>
            <Button
              small
              look="primary"
              icon="phone"
              class="max-sm:order-last max-sm:w-full"
              onClick={() => setScanning(true)}
            >
              {w('scan.open')}
            </Button>
          </Show>
          <Show when={isAdmin()}>
            <SessionMenu
              session={props.session}
              onEdit={() => setEditing(true)}
              {...(hasWebhook(props.session) ? { onWebhook: () => setWebhook(true) } : {})}
            />
          </Show>
        </div>
      </header>
      <div class="mx-auto grid w-full max-w-6xl grid-cols-1 gap-4 p-4 md:p-6 xl:grid-cols-2">
        <div class="grid min-w-0 content-start gap-4">
          <section
            aria-labelledby="session-state"
            class="grid content-start gap-4 rounded-2xl border border-line bg-surface p-4"
          >
            <div class="flex items-center justify-between gap-3">
              <h2 id="session-state" class="font-semibold">
                {w('chart')}
              </h2>
              <SessionPill status={props.session.status} />
            </div>
            <StateChart session={props.session} />
            <RetryNote session={props.session} />
            <dl class="grid gap-2 border-t border-line pt-3">
              <Line name={w('since')}>
                {fullTime(props.session.since)} <span class="text-faint">({since(props.session.since)})</span>
              </Line>
              <Line name={w('reason')}>{props.session.reason ? reasonText(props.session.reason) : '—'}</Line>
              <Line name={w('loss')}>
                <Show when={props.session.lastLoss} fallback={w('loss.none')}>
                  {loss => (
                    <>
                      {dayTime(loss().at)} · {reasonText(loss().reason)}
                    </>
                  )}
                </Show>
              </Line>
              <Line name={w('account')}>
                {/^\d+$/.test(account()) ? phoneNumber(account()) : account() || '—'}
              </Line>
              <Line name={t('nav.queues')}>
                {queues.items
                  .filter(queue => props.session.queueIds.includes(queue.id))
                  .map(queue => queue.name)
                  .join(', ') || '—'}
              </Line>
            </dl>
          </section>
          <ActivityPanel session={props.session} />
          <Show when={isSupervisor() && hasHealth(props.session)}>
            <HealthPanel session={props.session} />
          </Show>
        </div>
        <SessionHistory sessionId={props.session.id} revision={props.session.revision} />
      </div>
      <Show when={editing()}>
        <EditSession
          session={props.session}
          running={isRunning(props.session)}
          onClose={() => setEditing(false)}
        />
      </Show>
      <Show when={webhook()}>
        <WebhookDialog session={props.session} verifyToken="" onClose={() => setWebhook(false)} />
      </Show>
      <Show when={scanning()}>
        <ScanDialog sessionId={props.session.id} onClose={() => setScanning(false)} />
      </Show>
    </>
  )
}
