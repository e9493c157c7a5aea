import { createEffect, createSignal, onCleanup, Show, Suspense, untrack } from 'solid-js'
import type { Message, Ticket } from '../../api/index.ts'
import { contactName } from '../../i18n/format.ts'
import { t, tn } from '../../i18n/index.ts'
import { IconButton } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { say } from '../../parts/toasts.tsx'
import { abilitiesOf } from '../../stores/abilities.ts'
import { attach, attachmentsOf, ATTACHMENTS_MAX, draftsFrom } from '../../stores/attachments.ts'
import { carriesFiles, carriesVoice } from '../../stores/carried.ts'
import { readStored, writeStored } from '../../stores/stored.ts'
import { sendReply } from '../../stores/threads.ts'
import { tellTyping } from '../../sync/rooms.ts'
import { QuoteBlock } from './bubble.tsx'
import { createFileDrops } from './file-drops.ts'
import { fitted } from './fitted.ts'
import { SpecialButtons } from './special-buttons.tsx'
import { WindowNotice } from './window-notice.tsx'
import { lazyPart } from '../../sync/load-part.ts'

/** What records is loaded when somebody wants to. */
const VoiceRecorder = lazyPart(() => import('./voice-recorder.tsx'))
const Strip = lazyPart(() => import('./attachment-strip.tsx'))

const BODY_CHARS_MAX = 4096

/** Where an answer is written: words, and files beside them. */
export function Editor(props: {
  ticket: Ticket
  quoted: Message | undefined
  onQuote: (message: Message | undefined) => void
}) {
  // The composer is made anew for every ticket.
  const id = untrack(() => props.ticket.id)
  let area!: HTMLTextAreaElement
  let picker!: HTMLInputElement
  const [text, setTextNow] = createSignal(readStored(`draft.${id}`, ''))
  /** Enter was pressed while a file was still on its way. */
  const [wanted, setWanted] = createSignal(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  const remember = () => writeStored(`draft.${id}`, text())
  const setText = (next: string) => {
    setTextNow(next)
    clearTimeout(timer)
    timer = setTimeout(remember, 300)
  }
  onCleanup(() => {
    clearTimeout(timer)
    remember()
  })
  const can = () => abilitiesOf(props.ticket)
  const files = () => attachmentsOf(id)
  const stuck = () => files().some(one => one.refused || one.error)
  const uploading = () => files().some(one => !one.upload && !one.refused && !one.error)
  const longest = () => Math.min(BODY_CHARS_MAX, can()?.textLengthMax ?? BODY_CHARS_MAX)
  const empty = () => text().trim() === '' && files().length === 0
  const sendable = () => (text().trim() !== '' || files().length > 0) && !stuck()

  const take = (given: readonly File[]) => {
    const able = can()
    if (given.length === 0 || !able || !carriesFiles(able)) return
    if (attach(id, given, able) > 0) say(tn('attach.many', ATTACHMENTS_MAX), true)
    area.focus()
  }
  const [recording, setRecording] = createSignal(false)
  /** A recording goes as soon as it is uploaded; a failed one waits in the strip. */
  const recorded = (voice: File | null) => {
    setRecording(false)
    const able = can()
    if (voice && able) {
      attach(id, [voice], able, 'voice')
      setWanted(true)
    }
    area.focus()
  }
  const dragging = createFileDrops(() => carriesFiles(can()), take)

  const send = () => {
    const body = text().trim()
    if (!sendable() || body.length > longest()) return
    if (uploading()) return void setWanted(true)
    setWanted(false)
    const quotedId = props.quoted?.id
    const said = { body, ...(quotedId ? { quotedId } : {}) }
    for (const draft of draftsFrom(id, said, can())) void sendReply(id, draft)
    tellTyping(id, false)
    setTextNow('')
    clearTimeout(timer)
    remember()
    props.onQuote(undefined)
    area.value = ''
    fitted(area)
    area.focus()
  }
  createEffect(() => {
    if (!wanted()) return
    if (stuck() || files().length === 0) setWanted(false)
    else if (!uploading()) untrack(send)
  })
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      send()
    }
  }
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...(event.clipboardData?.files ?? [])]
    // Of what an office program copies, the words are meant and not their picture.
    if (pasted.length === 0 || event.clipboardData?.types.includes('text/plain')) return
    event.preventDefault()
    take(pasted)
  }
  return (
    <div class="mx-auto max-w-4xl">
      <WindowNotice ticket={props.ticket} />
      <Show when={props.quoted}>
        {quoted => (
          <div class="mb-1.5 flex items-center gap-1">
            <div class="min-w-0 flex-1">
              <QuoteBlock fromMe={quoted().fromMe} text={quoted().body} kind={quoted().kind} />
            </div>
            <IconButton label={t('quote.drop')} icon="close" onClick={() => props.onQuote(undefined)} />
          </div>
        )}
      </Show>
      <Show when={files().length > 0 && can()}>
        {able => (
          <Suspense fallback={<div class="mb-2 h-16" />}>
            <Strip
              ticketId={id}
              files={files()}
              can={able()}
              hasWords={text().trim() !== ''}
              waiting={wanted()}
            />
          </Suspense>
        )}
      </Show>
      <Show
        when={!recording()}
        fallback={
          <Suspense fallback={<div class="h-10" />}>
            <VoiceRecorder onDone={recorded} />
          </Suspense>
        }
      >
        <div class="flex items-end gap-2">
          <Show when={carriesFiles(can())}>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              data-testid="attach-input"
              onChange={event => {
                take([...(event.currentTarget.files ?? [])])
                event.currentTarget.value = ''
              }}
            />
            <IconButton
              label={t('attach')}
              icon="clip"
              size={20}
              class="size-10!"
              data-testid="attach"
              onClick={() => picker.click()}
            />
          </Show>
          <SpecialButtons ticket={props.ticket} />
          <textarea
            ref={el => {
              area = el
              queueMicrotask(() => fitted(area))
            }}
            rows="1"
            data-testid="composer-input"
            aria-label={t('composer.label', { name: contactName(props.ticket.contact) })}
            placeholder={t(files().length > 0 ? 'attach.caption' : 'composer.placeholder')}
            maxlength={longest()}
            class="min-h-10 min-w-0 flex-1 resize-none rounded-xl border border-field bg-canvas px-3 py-2 leading-snug focus-visible:outline-offset-0"
            value={text()}
            onInput={e => {
              setText(e.currentTarget.value)
              tellTyping(id, e.currentTarget.value.trim() !== '')
              fitted(area)
            }}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={() => tellTyping(id, false)}
          />
          <Show when={carriesVoice(can())}>
            <IconButton
              label={t(empty() ? 'voice.record' : 'voice.unavailable')}
              icon="mic"
              size={20}
              // Where it is narrow, it and what sends are never of use at once: they share one place.
              class={`size-10! ${empty() ? '' : 'max-md:hidden'}`}
              data-testid="voice-record"
              disabled={!empty()}
              onClick={() => setRecording(true)}
            />
          </Show>
          <button
            type="button"
            data-testid="composer-send"
            aria-label={t('send')}
            title={`${t('send')} (Enter)`}
            aria-busy={wanted()}
            disabled={!sendable()}
            class="size-10 shrink-0 place-items-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-hover disabled:cursor-not-allowed disabled:opacity-50"
            classList={{ grid: true, 'max-md:hidden': empty() && carriesVoice(can()) }}
            onClick={send}
          >
            <Icon name="send" classList={{ 'animate-pulse': wanted() }} />
          </button>
        </div>
      </Show>
      <Show when={dragging()}>
        <p class="pointer-events-none absolute inset-1 z-10 grid place-items-center rounded-xl border-2 border-dashed border-accent bg-surface font-medium text-accent-ink">
          {t('attach.drop')}
        </p>
      </Show>
    </div>
  )
}
