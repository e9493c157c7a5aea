import { createEffect, createSignal, Match, on, onCleanup, onMount, Show, Switch, untrack } from 'solid-js'
import { api, type Session } from '../../api/index.ts'
import { explain } from '../../i18n/explain.ts'
import { t } from '../../i18n/index.ts'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { typed, type TypedCode } from '../../stores/codes.ts'
import { createCountdown, minutesAndSeconds } from './countdown.ts'
import { loadPhoneInput, type PhoneInput } from './phone-input.ts'
import { Steps, Waiting } from './steps.tsx'
import { w } from './words.ts'

/** A code that has not come by then does not come: the channel says nothing when it gives none. */
const CODE_WAIT_MILLISECONDS = 25_000

type Number = NonNullable<ReturnType<PhoneInput['read']>>

/** Asks for a code, and waits for the one that comes after the one that is there. */
const createAsking = (sessionId: () => string) => {
  const [number, setNumber] = createSignal<Number>()
  const [waiting, setWaiting] = createSignal(false)
  const [error, setError] = createSignal<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const rest = (): void => {
    clearTimeout(timer)
    setWaiting(false)
  }
  onCleanup(rest)
  createEffect(on(() => typed.of(sessionId())?.pairingCode, rest, { defer: true }))
  const ask = async (wanted: Number): Promise<void> => {
    setNumber(wanted)
    setError(undefined)
    setWaiting(true)
    clearTimeout(timer)
    timer = setTimeout(() => {
      setError(w('phone.none'))
      rest()
    }, CODE_WAIT_MILLISECONDS)
    try {
      await api.sessions.requestPairingCode(sessionId(), wanted.phone)
    } catch (failure) {
      setError(explain(failure))
      rest()
    }
  }
  return { number, waiting, error, ask }
}

/** Links a number by a code that its owner types into the phone: for a phone without a camera, or far away. */
export function PhoneLink(props: { session: Session; onBack: () => void; onClose: () => void }) {
  const asking = createAsking(() => props.session.id)
  const [other, setOther] = createSignal(false)
  const code = () => (other() ? undefined : typed.of(props.session.id))
  const left = createCountdown(() => code()?.expiresAt)
  const live = (): TypedCode | undefined => (left() > 0 ? code() : undefined)
  const ask = (number: Number): void => {
    setOther(false)
    void asking.ask(number)
  }
  const again = (): void => {
    const number = asking.number()
    if (number) ask(number)
    else setOther(true)
  }
  return (
    <div class="grid content-start gap-5 sm:grid-cols-[17rem_1fr]" data-testid="phone-link">
      <div class="grid content-start gap-2" aria-live="polite">
        <Switch
          fallback={<Ask session={props.session} error={asking.error()} onAsk={ask} last={asking.number()} />}
        >
          <Match when={asking.waiting()}>
            <div class="grid min-h-32 place-items-center rounded-xl border border-line">
              <Waiting text={w('phone.asking')} />
            </div>
          </Match>
          <Match when={live()}>
            {shown => <Code code={shown().pairingCode} left={left()} phone={asking.number()?.shown} />}
          </Match>
          <Match when={code() && !asking.error()}>
            <div class="grid min-h-32 place-content-center justify-items-center gap-3 rounded-xl border border-line p-4 text-center">
              <p data-testid="phone-code-over">{w('phone.expired')}</p>
              <Button look="primary" icon="refresh" data-testid="phone-code-again" onClick={again}>
                {w('phone.again')}
              </Button>
            </div>
          </Match>
        </Switch>
        <Show when={live() && !asking.waiting()}>
          <Show when={asking.error()}>{text => <Alert text={text()} />}</Show>
          <div class="flex flex-wrap justify-center gap-2">
            <Button small look="ghost" icon="refresh" onClick={again}>
              {w('phone.again')}
            </Button>
            <Button small look="ghost" icon="edit" onClick={() => setOther(true)}>
              {w('phone.other')}
            </Button>
          </div>
        </Show>
      </div>
      <div class="grid content-start gap-3">
        <Steps steps={[w('phone.step.1'), w('phone.step.2'), w('phone.step.3')]} />
        <p class="text-[13px] text-faint">{w('scan.note')}</p>
        <div class="flex flex-wrap justify-end gap-2">
          <Button look="ghost" data-testid="back-to-qr" onClick={() => props.onBack()}>
            {w('phone.backToQr')}
          </Button>
          <Button data-start onClick={() => props.onClose()}>
            {w('scan.later')}
          </Button>
        </div>
      </div>
    </div>
  )
}

/** Which number: formatted as it is typed, and told back with its country before anybody is asked. */
function Ask(props: {
  session: Session
  error: string | undefined
  last: Number | undefined
  onAsk: (number: Number) => void
}) {
  const [input, setInput] = createSignal<PhoneInput>()
  const [text, setText] = createSignal(untrack(() => props.last?.shown ?? ''))
  const [tried, setTried] = createSignal(false)
  let field!: HTMLInputElement
  onMount(() => {
    field.focus()
    void loadPhoneInput().then(loaded => {
      setInput(() => loaded)
      // What was typed before the plans were there.
      if (field.selectionStart === field.value.length) setText(text => loaded.format(text))
    })
  })
  const number = () => input()?.read(text()) ?? null
  const type = (element: HTMLInputElement): void => {
    const atEnd = element.selectionStart === element.value.length
    // In the middle it is left alone: the caret would jump.
    const shown = atEnd ? (input()?.format(element.value) ?? element.value) : element.value
    // Formatted to what is known already, the field would keep what was typed.
    element.value = shown
    setText(shown)
  }
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const read = (input() ?? (await loadPhoneInput())).read(text())
    setTried(true)
    if (read) props.onAsk(read)
  }
  const hint = () => {
    const read = number()
    return read ? `${read.country} · ${read.shown}` : w('phone.number.hint')
  }
  return (
    <form class="grid gap-3" data-testid="phone-form" onSubmit={event => void submit(event)}>
      <Field
        ref={element => (field = element)}
        name="phone"
        type="tel"
        inputmode="tel"
        autocomplete="tel"
        label={w('phone.number')}
        value={text()}
        hint={hint()}
        error={tried() && text() !== '' && input() && !number() ? w('phone.number.wrong') : undefined}
        required
        onInput={event => type(event.currentTarget)}
      />
      <Show when={props.error}>{text => <Alert text={text()} />}</Show>
      <Button type="submit" look="primary" data-testid="phone-ask">
        {w('phone.ask')}
      </Button>
    </form>
  )
}

function Alert(props: { text: string }) {
  return (
    <p role="alert" class="rounded-lg bg-danger-bg px-3 py-2 text-danger">
      {props.text}
    </p>
  )
}

const HALF = 4

/** Large, in two halves as the phone shows its boxes. */
function Code(props: { code: string; left: number; phone: string | undefined }) {
  const [copied, setCopied] = createSignal(false)
  const halves = () => [props.code.slice(0, HALF), props.code.slice(HALF)].filter(Boolean).join('-')
  const copy = () =>
    navigator.clipboard.writeText(props.code).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <div class="grid justify-items-center gap-3 rounded-xl border border-line bg-surface px-3 py-4">
      <p class="text-[13px] text-faint">{w('phone.code')}</p>
      <p
        class="font-mono text-3xl font-semibold tracking-[0.12em] whitespace-nowrap select-all"
        data-testid="pairing-code"
        data-code={props.code}
      >
        <span aria-hidden="true">{halves()}</span>
        <span class="sr-only">{[...props.code].join(' ')}</span>
      </p>
      {/* Only where the page came over a safe line, or from this machine. */}
      <Show when={'clipboard' in navigator}>
        <Button
          small
          icon={copied() ? 'check' : 'file'}
          data-testid="pairing-copy"
          onClick={() => void copy()}
        >
          {copied() ? t('copied') : t('copy')}
        </Button>
      </Show>
      {/* Not told by screen readers second by second. */}
      <p class="text-xs text-faint tabular-nums" aria-live="off" data-testid="pairing-countdown">
        {w('phone.expires', { time: minutesAndSeconds(props.left) })}
      </p>
      <Show when={props.phone}>
        {phone => <p class="text-xs text-faint">{w('phone.for', { phone: phone() })}</p>}
      </Show>
    </div>
  )
}
