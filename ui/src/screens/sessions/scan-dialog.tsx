import { createSignal, Match, onCleanup, onMount, Show, Suspense, Switch, type JSX } from 'solid-js'
import { api, type Session } from '../../api/index.ts'
import { phoneNumber } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Modal } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icons.tsx'
import { attempt } from '../../parts/toasts.tsx'
import { scanned, typed } from '../../stores/codes.ts'
import { sessions } from '../../stores/directory.ts'
import { onRefetch } from '../../sync/visible.ts'
import { createCountdown } from './countdown.ts'
import { QrCode } from './qr-code.tsx'
import { isRunning } from './states.ts'
import { Steps, Waiting } from './steps.tsx'
import { reasonText, w } from './words.ts'
import { lazyPart } from '../../sync/load-part.ts'

const PhoneLink = lazyPart(async () => ({ default: (await import('./phone-link.tsx')).PhoneLink }))

/** Links a number by a phone that reads codes from the screen, until it is linked or has ended. */
export function ScanDialog(props: { sessionId: string; onClose: () => void }) {
  const session = () => sessions.items.find(one => one.id === props.sessionId)
  // Whoever comes late, or was offline, asks for the code that is shown; the others are pushed.
  const ask = async () => {
    const { qr, expiresAt, pairingCode } = await api.sessions.qr(props.sessionId)
    if (qr && expiresAt) scanned.show(props.sessionId, { qr, expiresAt })
    if (pairingCode) typed.show(props.sessionId, pairingCode)
    return pairingCode
  }
  const [byPhone, setByPhone] = createSignal(false)
  const askQuietly = () => ask().catch(() => null)
  // Somebody is in the middle of typing one.
  onMount(() => void askQuietly().then(pairingCode => pairingCode && setByPhone(true)))
  onCleanup(onRefetch(askQuietly))
  return (
    <Show when={session()}>
      {found => (
        <Modal open onClose={props.onClose} title={w('scan.title', { name: found().name })} wide>
          <div data-testid="scan" data-status={found().status} class="grid min-h-[19rem]">
            <Switch fallback={<Ended session={found()} onClose={props.onClose} />}>
              <Match when={found().status === 'connected'}>
                <Linked session={found()} onClose={props.onClose} />
              </Match>
              <Match when={found().status === 'awaiting-scan' && byPhone()}>
                <Suspense fallback={<Waiting text={w('scan.waiting')} />}>
                  <PhoneLink session={found()} onBack={() => setByPhone(false)} onClose={props.onClose} />
                </Suspense>
              </Match>
              <Match when={isRunning(found())}>
                <Scanning session={found()} onPhone={() => setByPhone(true)} onClose={props.onClose} />
              </Match>
            </Switch>
          </div>
        </Modal>
      )}
    </Show>
  )
}

function Scanning(props: { session: Session; onPhone: () => void; onClose: () => void }) {
  const shown = () => (props.session.status === 'awaiting-scan' ? scanned.of(props.session.id) : undefined)
  const left = createCountdown(() => shown()?.expiresAt)
  const live = () => left() > 0 && shown()
  const progress = () => {
    if (props.session.status === 'syncing') return w('scan.syncing')
    if (props.session.status === 'reconnecting') return w('scan.reconnecting')
    return shown() ? w('scan.renewing') : w('scan.waiting')
  }
  return (
    <div class="grid content-start gap-5 sm:grid-cols-[17rem_1fr]">
      <div class="mx-auto grid w-full max-w-68 content-start gap-2">
        <div class="grid aspect-square w-full place-items-center overflow-hidden rounded-xl border border-line bg-white text-[#4b545e]">
          <Show when={live()} fallback={<Waiting text={progress()} />}>
            {code => <QrCode text={code().qr} />}
          </Show>
        </div>
        <p class="h-5 text-center text-xs text-faint tabular-nums" data-testid="qr-countdown">
          <Show when={live()}>{w('scan.expires', { seconds: left() })}</Show>
        </p>
      </div>
      <div class="grid content-start gap-3">
        <Steps steps={[w('scan.step.1'), w('scan.step.2'), w('scan.step.3')]} />
        <p class="text-[13px] text-faint">{w('scan.note')}</p>
        <p class="sr-only" aria-live="polite">
          {live() ? w('scan.qr') : progress()}
        </p>
        <div class="flex flex-wrap justify-end gap-2">
          <Show when={props.session.status === 'awaiting-scan'}>
            <Button look="ghost" icon="phone" data-testid="link-by-phone" onClick={() => props.onPhone()}>
              {w('scan.byPhone')}
            </Button>
          </Show>
          <Button data-start onClick={() => props.onClose()}>
            {w('scan.later')}
          </Button>
        </div>
      </div>
    </div>
  )
}

function Linked(props: { session: Session; onClose: () => void }) {
  const account = () => {
    const known = props.session.account
    return known ? (/^\d+$/.test(known) ? phoneNumber(known) : known) : props.session.name
  }
  return (
    <Outcome good title={w('scan.connected')} text={w('scan.connected.text', { account: account() })}>
      <Button look="primary" data-start data-testid="scan-done" onClick={() => props.onClose()}>
        {t('done')}
      </Button>
    </Outcome>
  )
}

/** It stopped before it was linked: why, and how to go on. */
function Ended(props: { session: Session; onClose: () => void }) {
  const [busy, setBusy] = createSignal(false)
  const unread = () => props.session.reason === 'qr-unread'
  const again = async () => {
    setBusy(true)
    await attempt(async () => {
      await api.sessions.act(props.session.id, 'start')
      await sessions.load()
    })
    setBusy(false)
  }
  const reason = () =>
    props.session.reason ? reasonText(props.session.reason) : t(`session.status.${props.session.status}`)
  return (
    <Outcome
      title={unread() ? w('scan.unread') : w('scan.ended')}
      text={unread() ? w('scan.unread.text') : w('scan.ended.text', { reason: reason() })}
    >
      <Button onClick={() => props.onClose()}>{t('close')}</Button>
      <Button
        look="primary"
        icon="refresh"
        busy={busy()}
        data-start
        data-testid="scan-again"
        onClick={() => void again()}
      >
        {w('scan.again')}
      </Button>
    </Outcome>
  )
}

function Outcome(props: { good?: true; title: string; text: string; children: JSX.Element }) {
  return (
    <div role="status" class="grid place-content-center justify-items-center gap-2 p-4 text-center">
      <span
        class="grid size-12 place-items-center rounded-full"
        classList={{ 'bg-good-bg text-good': !!props.good, 'bg-warn-bg text-warn': !props.good }}
      >
        <Icon name={props.good ? 'check' : 'alert'} size={24} />
      </span>
      <h3 class="font-semibold">{props.title}</h3>
      <p class="max-w-sm text-soft">{props.text}</p>
      <div class="mt-3 flex flex-wrap justify-center gap-2">{props.children}</div>
    </div>
  )
}
