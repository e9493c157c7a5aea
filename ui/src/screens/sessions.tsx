import { createMemo, createSignal, For, Match, onCleanup, Show, Switch } from 'solid-js'
import type { Session } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import { Button } from '../parts/button.tsx'
import { attempt } from '../parts/toasts.tsx'
import { Empty, Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { isAdmin } from '../stores/auth.ts'
import { queues, sessions } from '../stores/directory.ts'
import { openPhone } from '../stores/phone.ts'
import { onRefetch } from '../sync/visible.ts'
import { tryIt } from './inbox/first-run.tsx'
import type { Created } from './sessions/channel-form.tsx'
import { ConnectWizard } from './sessions/connect-wizard.tsx'
import { ScanDialog } from './sessions/scan-dialog.tsx'
import { SessionCard } from './sessions/session-card.tsx'
import { checkOf, isBad } from './sessions/health-checks.ts'
import { byTrouble, groupOf, hasWebhook, type StateGroup } from './sessions/states.ts'
import { WebhookDialog } from './sessions/webhook-dialog.tsx'
import { w } from './sessions/words.ts'

/** Up to so many are seen at a glance. */
const UNFILTERED_MAX = 8
const FILTERS = ['all', 'on', 'busy', 'off'] as const
type Filter = 'all' | StateGroup

/** The numbers and accounts through which customers write. */
export default function Sessions() {
  const [connecting, setConnecting] = createSignal(false)
  const [scanning, setScanning] = createSignal<string>()
  const [webhook, setWebhook] = createSignal<Pick<Session, 'id' | 'provider'> & { verifyToken: string }>()
  const [busy, setBusy] = createSignal(false)
  const [wanted, setWanted] = createSignal<Filter>('all')
  sessions.ensure()
  queues.ensure()
  onCleanup(onRefetch(sessions.load))
  const present = createMemo((): readonly Session[] =>
    byTrouble(
      sessions.items.filter(session => session.status !== 'removed'),
      session => isBad(checkOf(session.id)),
    ),
  )
  const many = () => present().length > UNFILTERED_MAX
  const filter = () => (many() ? wanted() : 'all')
  const inGroup = (group: Filter) =>
    group === 'all' ? present() : present().filter(session => groupOf(session) === group)
  const simulate = async () => {
    setBusy(true)
    const count = present().filter(session => session.provider === 'simulator').length
    await attempt(() =>
      tryIt(count === 0 ? t('session.defaultName') : `${t('session.defaultName')} ${count + 1}`),
    )
    setBusy(false)
  }
  const onCreated = (created: Created) => {
    setConnecting(false)
    if (created.provider === 'baileys') setScanning(created.id)
    else if (hasWebhook(created)) setWebhook(created)
    else openPhone(created.id)
  }
  return (
    <Page
      title={t('nav.sessions')}
      text={t('sessions.text')}
      actions={
        <Show when={isAdmin()}>
          <div class="grid grid-cols-2 gap-2 max-sm:w-full">
            <Button
              icon="phone"
              class="max-sm:px-2"
              busy={busy()}
              data-testid="session-create-simulator"
              onClick={() => void simulate()}
            >
              {t('sessions.addSimulator')}
            </Button>
            <Button
              icon="plus"
              look="primary"
              class="max-sm:px-2"
              data-testid="session-connect"
              onClick={() => setConnecting(true)}
            >
              {w('connect')}
            </Button>
          </div>
        </Show>
      }
    >
      <Switch>
        <Match when={sessions.state() === 'failed'}>
          <Failure error={sessions.error()} onRetry={() => void sessions.load()} />
        </Match>
        <Match when={sessions.state() !== 'ready'}>
          <SkeletonRows count={3} class="h-28" />
        </Match>
        <Match when={present().length === 0}>
          <Empty
            icon="plug"
            title={t('sessions.empty.title')}
            text={isAdmin() ? t('sessions.empty.text') : ''}
          >
            <Show when={isAdmin()}>
              <div class="mt-1 flex flex-wrap justify-center gap-2">
                <Button icon="phone" busy={busy()} onClick={() => void simulate()}>
                  {t('sessions.addSimulator')}
                </Button>
                <Button icon="plus" onClick={() => setConnecting(true)}>
                  {w('connect')}
                </Button>
              </div>
            </Show>
          </Empty>
        </Match>
        <Match when={true}>
          <Show when={many()}>
            <div role="group" aria-label={w('filter')} class="mb-3 flex flex-wrap gap-1">
              <For each={FILTERS}>
                {group => (
                  <Button
                    small
                    look={filter() === group ? 'plain' : 'ghost'}
                    aria-pressed={filter() === group}
                    data-testid={`sessions-${group}`}
                    onClick={() => setWanted(group)}
                  >
                    {w(`filter.${group}`)}{' '}
                    <span class="text-faint tabular-nums">{inGroup(group).length}</span>
                  </Button>
                )}
              </For>
            </div>
          </Show>
          <ul class="grid grid-cols-1 gap-3 lg:grid-cols-2">
            <For each={inGroup(filter())} fallback={<li class="py-6 text-faint">{w('filter.none')}</li>}>
              {session => (
                <SessionCard
                  session={session}
                  onWebhook={() =>
                    setWebhook({ id: session.id, provider: session.provider, verifyToken: '' })
                  }
                  onScan={() => setScanning(session.id)}
                />
              )}
            </For>
          </ul>
        </Match>
      </Switch>
      <Show when={connecting()}>
        <ConnectWizard onClose={() => setConnecting(false)} onCreated={onCreated} />
      </Show>
      <Show when={scanning()} keyed>
        {id => <ScanDialog sessionId={id} onClose={() => setScanning(undefined)} />}
      </Show>
      <Show when={webhook()}>
        {given => (
          <WebhookDialog
            session={given()}
            verifyToken={given().verifyToken}
            onClose={() => setWebhook(undefined)}
          />
        )}
      </Show>
    </Page>
  )
}
