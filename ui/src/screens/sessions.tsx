import { createSignal, For, Match, onCleanup, Show, Switch } from 'solid-js'
import type { Session } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import { Button } from '../parts/button.tsx'
import { attempt } from '../parts/toasts.tsx'
import { Empty, Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { queues, sessions } from '../stores/directory.ts'
import { onRefetch } from '../sync/visible.ts'
import { tryIt } from './inbox/first-run.tsx'
import { CloudDialog, WebhookDialog } from './sessions/cloud-dialog.tsx'
import { SessionCard } from './sessions/session-card.tsx'

/** The numbers and accounts through which customers write. */
export default function Sessions() {
  const [cloud, setCloud] = createSignal(false)
  const [webhook, setWebhook] = createSignal<{ id: string; verifyToken: string }>()
  const [busy, setBusy] = createSignal(false)
  sessions.ensure()
  queues.ensure()
  onCleanup(onRefetch(sessions.load))
  const present = (): readonly Session[] => sessions.items.filter(session => session.status !== 'removed')
  const simulate = async () => {
    setBusy(true)
    const count = present().filter(session => session.provider === 'simulator').length
    await attempt(() =>
      tryIt(count === 0 ? t('session.defaultName') : `${t('session.defaultName')} ${count + 1}`),
    )
    setBusy(false)
  }
  return (
    <Page
      title={t('nav.sessions')}
      text={t('sessions.text')}
      actions={
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
            data-testid="session-create-cloud"
            onClick={() => setCloud(true)}
          >
            {t('sessions.addCloud')}
          </Button>
        </div>
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
          <Empty icon="plug" title={t('sessions.empty.title')} text={t('sessions.empty.text')} />
        </Match>
        <Match when={true}>
          <ul class="grid grid-cols-1 gap-3 lg:grid-cols-2">
            <For each={present()}>
              {session => (
                <SessionCard
                  session={session}
                  onWebhook={() => setWebhook({ id: session.id, verifyToken: '' })}
                />
              )}
            </For>
          </ul>
        </Match>
      </Switch>
      <Show when={cloud()}>
        <CloudDialog
          onClose={() => setCloud(false)}
          onCreated={(id, verifyToken) => {
            setCloud(false)
            setWebhook({ id, verifyToken })
          }}
        />
      </Show>
      <Show when={webhook()}>
        {given => (
          <WebhookDialog
            id={given().id}
            verifyToken={given().verifyToken}
            onClose={() => setWebhook(undefined)}
          />
        )}
      </Show>
    </Page>
  )
}
