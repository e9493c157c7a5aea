import { createEffect, createMemo, createSignal, For, on, Show, untrack } from 'solid-js'
import { api } from '../api/index.ts'
import { explain } from '../i18n/explain.ts'
import { clockTime } from '../i18n/format.ts'
import { t } from '../i18n/index.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { inputClass, SelectField } from '../parts/field.tsx'
import { Icon } from '../parts/icons.tsx'
import { SessionPill } from '../parts/pills.tsx'
import { attempt, say } from '../parts/toasts.tsx'
import { sessions } from '../stores/directory.ts'
import { closePhone } from '../stores/phone.ts'
import { createStored } from '../stores/stored.ts'
import {
  createVirtualPhone,
  inventCustomer,
  type Customer,
  type PhoneMessage,
} from '../stores/virtual-phone.ts'

const IMAGE_BYTES_MAX = 4_000_000
const [autoRead, setAutoRead] = createStored('phone.autoRead', false)

const readFile = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () =>
      resolve(typeof reader.result === 'string' ? reader.result.replace(/^[^,]*,/, '') : '')
    reader.onerror = () => reject(reader.error ?? new Error('unreadable file'))
    reader.readAsDataURL(file)
  })

/** A customer's phone beside the screen: what you write on it arrives as it would from WhatsApp. */
export default function Phone(props: { sessionId: string }) {
  return (
    <aside
      aria-label={t('phone.title')}
      data-testid="phone"
      class="flex w-88 shrink-0 flex-col border-l border-line bg-canvas max-xl:fixed max-xl:inset-y-0 max-xl:right-0 max-xl:z-30 max-xl:max-w-full max-xl:shadow-pop max-sm:w-full"
    >
      <Show when={props.sessionId} keyed>
        {id => <Device sessionId={id} />}
      </Show>
    </aside>
  )
}

function Device(props: { sessionId: string }) {
  const phone = createVirtualPhone(untrack(() => props.sessionId))
  const [customer, setCustomer] = createSignal<Customer>(phone.state.customers.at(-1) ?? inventCustomer([]))
  const [text, setText] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  let thread!: HTMLDivElement
  const session = () => sessions.items.find(item => item.id === props.sessionId)
  const digits = () => customer().from.replace(/\D/g, '')
  const shown = createMemo(() => phone.state.messages.filter(message => message.with === digits()))
  const down = () => session()?.status === 'reconnecting'

  createEffect(
    on(
      () => shown().length,
      () => queueMicrotask(() => (thread.scrollTop = thread.scrollHeight)),
    ),
  )
  createEffect(() => {
    if (!autoRead()) return
    for (const message of shown())
      if (!message.mine && message.ack === 'delivered') void attempt(() => phone.mark(message.id, 'read'))
  })

  const write = async (content: Parameters<typeof phone.write>[1]) => {
    setBusy(true)
    const done = await attempt(() => phone.write({ from: digits(), name: customer().name.trim() }, content))
    setBusy(false)
    return done
  }
  const send = async () => {
    const words = text().trim()
    if (words === '' || digits() === '' || busy()) return
    if (await write({ text: words })) setText('')
  }
  const sendImage = async (file: File | undefined) => {
    if (!file) return
    if (file.size > IMAGE_BYTES_MAX) return say(t('phone.image.tooLarge'), true)
    await attempt(async () => {
      const media = { mime: file.type, name: file.name, base64: await readFile(file) }
      if (await write({ media, ...(text().trim() ? { text: text().trim() } : {}) })) setText('')
    })
  }

  return (
    <>
      <header class="flex h-16 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
        <Icon name="phone" class="text-accent-ink" />
        <div class="min-w-0 flex-1">
          <h2 class="truncate font-semibold">{t('phone.title')}</h2>
          <p class="truncate text-xs text-faint">{session()?.name}</p>
        </div>
        <Show when={session()}>{present => <SessionPill status={present().status} />}</Show>
        <IconButton label={t('phone.close')} icon="close" onClick={closePhone} />
      </header>
      <div class="grid shrink-0 gap-2 border-b border-line bg-surface p-3">
        <Show when={phone.state.customers.length > 0}>
          <div class="flex items-end gap-2">
            <SelectField
              class="flex-1"
              label={t('phone.customer')}
              hideLabel
              value={phone.state.customers.some(other => other.from === digits()) ? digits() : ''}
              onPick={from =>
                setCustomer(
                  phone.state.customers.find(other => other.from === from) ??
                    inventCustomer(phone.state.customers),
                )
              }
              choices={[
                ...phone.state.customers.map(other => ({
                  value: other.from,
                  label: `${other.name || other.from}`,
                })),
                { value: '', label: t('phone.newCustomer') },
              ]}
            />
            <IconButton
              label={t('phone.newCustomer')}
              icon="plus"
              class="border border-line-strong"
              data-testid="phone-new"
              onClick={() => setCustomer(inventCustomer(phone.state.customers))}
            />
          </div>
        </Show>
        <div class="grid grid-cols-2 gap-2">
          <input
            class={inputClass}
            data-testid="phone-name"
            aria-label={t('phone.name')}
            placeholder={t('phone.name')}
            value={customer().name}
            onInput={e => setCustomer({ ...customer(), name: e.currentTarget.value })}
          />
          <input
            class={inputClass}
            data-testid="phone-from"
            aria-label={t('phone.number')}
            placeholder={t('phone.number')}
            inputmode="tel"
            value={customer().from}
            onInput={e => setCustomer({ ...customer(), from: e.currentTarget.value })}
          />
        </div>
        <div class="flex items-center justify-between gap-2 text-[13px]">
          <label class="flex items-center gap-2">
            <input
              type="checkbox"
              class="size-4 accent-[var(--accent)]"
              data-testid="phone-auto-read"
              checked={autoRead()}
              onChange={e => setAutoRead(e.currentTarget.checked)}
            />
            {t('phone.autoRead')}
          </label>
          <Button
            small
            look="ghost"
            icon="plug"
            data-testid="phone-connection"
            onClick={() =>
              void attempt(() => api.simulator.connection(props.sessionId, down() ? 'restore' : 'drop'))
            }
          >
            {down() ? t('phone.restore') : t('phone.drop')}
          </Button>
        </div>
      </div>
      <Show when={phone.error()}>
        <p role="alert" class="bg-warn-bg px-3 py-1.5 text-[13px] text-warn">
          {explain(phone.error())}
        </p>
      </Show>
      <div
        ref={thread}
        class="min-h-0 flex-1 overflow-y-auto p-3"
        role="log"
        aria-label={t('messages')}
        tabindex="0"
      >
        <Show when={shown().length === 0}>
          <p class="mx-auto mt-8 max-w-60 text-center text-faint">{t('phone.empty')}</p>
        </Show>
        <For each={shown()}>
          {message => (
            <PhoneBubble
              message={message}
              onMark={() => void attempt(() => phone.mark(message.id, 'read'))}
            />
          )}
        </For>
      </div>
      <form
        class="flex shrink-0 items-center gap-2 border-t border-line bg-surface p-3"
        onSubmit={event => {
          event.preventDefault()
          void send()
        }}
      >
        <label
          class="grid size-9 shrink-0 cursor-pointer place-items-center rounded-lg text-soft hover:bg-hover focus-within:outline-2 focus-within:outline-[var(--ring)]"
          title={t('phone.image')}
        >
          <Icon name="image" />
          <input
            type="file"
            accept="image/*"
            class="sr-only"
            aria-label={t('phone.image')}
            data-testid="phone-image"
            onChange={e => {
              void sendImage(e.currentTarget.files?.[0])
              e.currentTarget.value = ''
            }}
          />
        </label>
        <input
          class={inputClass}
          data-testid="phone-input"
          aria-label={t('phone.write')}
          placeholder={t('phone.write')}
          value={text()}
          onInput={e => setText(e.currentTarget.value)}
        />
        <Button
          type="submit"
          look="primary"
          busy={busy()}
          data-testid="phone-send"
          disabled={text().trim() === '' || digits() === ''}
        >
          {t('send')}
        </Button>
      </form>
    </>
  )
}

function PhoneBubble(props: { message: PhoneMessage; onMark: () => void }) {
  return (
    <div
      class="mb-2 flex flex-col gap-1"
      classList={{ 'items-end': props.message.mine, 'items-start': !props.message.mine }}
      data-testid="phone-message"
      data-mine={String(props.message.mine)}
      data-ack={props.message.ack}
    >
      <div
        class="max-w-[85%] rounded-2xl border px-3 py-1.5"
        classList={{
          'bg-bubble-out border-transparent': props.message.mine,
          'bg-bubble-in border-line': !props.message.mine,
        }}
      >
        <p class="flex items-center gap-1.5 break-words whitespace-pre-wrap [overflow-wrap:anywhere]">
          <Show when={props.message.kind === 'image'}>
            <Icon name="image" size={15} class="shrink-0" />
          </Show>
          {props.message.text}
        </p>
        <time class="block text-right text-[11px] text-faint" datetime={props.message.at}>
          {clockTime(props.message.at)}
        </time>
      </div>
      <Show when={!props.message.mine && props.message.ack !== 'read'}>
        <Button small icon="checks" data-testid="phone-mark-read" onClick={() => props.onMark()}>
          {t('phone.markRead')}
        </Button>
      </Show>
    </div>
  )
}
