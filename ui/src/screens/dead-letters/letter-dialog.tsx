import { createSignal, Match, onMount, Show, Switch } from 'solid-js'
import { api, type DeadLetterWithPayload } from '../../api/index.ts'
import { explain } from '../../i18n/explain.ts'
import { fullTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Modal } from '../../parts/dialog.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { say } from '../../parts/toasts.tsx'

const INDENT = 2

/** JSON made readable; anything else as it came. */
const readable = (payload: string): string => {
  try {
    return JSON.stringify(JSON.parse(payload), null, INDENT)
  } catch {
    return payload
  }
}

/** One dead letter: why it could not be processed, what it says, and what may become of it. */
export function LetterDialog(props: { id: string; onClose: () => void; onChanged: () => void }) {
  const [letter, setLetter] = createSignal<DeadLetterWithPayload>()
  const [failure, setFailure] = createSignal<unknown>()
  const [busy, setBusy] = createSignal<'retry' | 'drop'>()
  const [dropping, setDropping] = createSignal(false)
  const load = async () => {
    setFailure(undefined)
    try {
      setLetter(await api.deadLetters.get(props.id))
    } catch (error) {
      setFailure(error)
    }
  }
  onMount(() => void load())
  const act = async (action: 'retry' | 'drop') => {
    setBusy(action)
    try {
      await api.deadLetters.act(props.id, action)
    } catch (error) {
      say(explain(error), true)
    }
    // Whatever the answer was, the letter as it is now says more.
    await load()
    setBusy(undefined)
    props.onChanged()
    const { status } = letter() ?? {}
    if (status === 'processed') say(t('deadLetters.done'))
    if (status === 'processed' || status === 'dropped') props.onClose()
  }
  return (
    <Modal open wide onClose={props.onClose} title={t('deadLetters.one')}>
      <Switch>
        <Match when={failure()}>
          <Failure error={failure()} onRetry={() => void load()} />
        </Match>
        <Match when={!letter()}>
          <SkeletonRows count={3} class="h-12" />
        </Match>
        <Match when={letter()}>
          {shown => (
            <>
              <Facts letter={shown()} />
              <Payload letter={shown()} />
              <Show when={shown().status === 'waiting'}>
                <Show when={dropping()}>
                  <p role="alert" class="mt-4 rounded-lg bg-danger-bg px-3 py-2 text-danger">
                    {t('deadLetters.drop.text')}
                  </p>
                </Show>
                <div class="mt-5 flex justify-end gap-2">
                  <Button
                    look="danger"
                    icon="trash"
                    busy={busy() === 'drop'}
                    disabled={busy() !== undefined}
                    data-testid="dead-letter-drop"
                    onClick={() => (dropping() ? void act('drop') : setDropping(true))}
                  >
                    {dropping() ? t('deadLetters.drop.confirm') : t('deadLetters.drop')}
                  </Button>
                  <Button
                    look="primary"
                    icon="refresh"
                    busy={busy() === 'retry'}
                    disabled={busy() !== undefined}
                    data-testid="dead-letter-retry"
                    onClick={() => void act('retry')}
                  >
                    {t('deadLetters.retry')}
                  </Button>
                </div>
              </Show>
            </>
          )}
        </Match>
      </Switch>
    </Modal>
  )
}

function Facts(props: { letter: DeadLetterWithPayload }) {
  return (
    <dl class="mb-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[13px] [&_dt]:text-faint">
      <dt>{t('deadLetters.reason')}</dt>
      <dd class="break-words whitespace-pre-line">{props.letter.reason}</dd>
      <Show when={props.letter.lastError}>
        <dt>{t('deadLetters.lastError')}</dt>
        <dd class="break-words whitespace-pre-line text-danger" data-testid="dead-letter-error">
          {props.letter.lastError}
        </dd>
      </Show>
      <dt>{t('deadLetters.source')}</dt>
      <dd>{props.letter.source}</dd>
      <dt>{t('deadLetters.came')}</dt>
      <dd>{fullTime(props.letter.createdAt)}</dd>
    </dl>
  )
}

function Payload(props: { letter: DeadLetterWithPayload }) {
  return (
    <Show
      when={props.letter.payload !== null}
      fallback={<p class="text-faint">{t('deadLetters.payload.gone')}</p>}
    >
      <h3 class="mb-1 text-[13px] font-medium text-soft">{t('deadLetters.payload')}</h3>
      <pre
        tabindex="0"
        data-testid="dead-letter-payload"
        class="max-h-80 overflow-auto rounded-lg border border-line bg-canvas p-3 text-[12px] break-all whitespace-pre-wrap"
      >
        {readable(props.letter.payload ?? '')}
      </pre>
      <Show when={props.letter.payloadCut}>
        <p class="mt-1 text-[13px] text-faint">{t('deadLetters.payload.cut')}</p>
      </Show>
    </Show>
  )
}
