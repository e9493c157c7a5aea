import { createSignal, onCleanup, onMount } from 'solid-js'
import { t } from '../../i18n/index.ts'
import { IconButton } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { say } from '../../parts/toasts.tsx'
import { playTime } from './media-of.ts'

/** The first that the browser has. The server makes voice notes of the first two; the third (Safari) goes as sound. */
const FORMS = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'] as const
const BITS_PER_SECOND = 32_000
/** What was said so far is handed over so often. */
const SLICE_MILLISECONDS = 1_000
const TICK_MILLISECONDS = 200
const RECORDING_SECONDS_MAX = 15 * 60

const nameOf = (mime: string): string => (mime.startsWith('audio/mp4') ? 'voice.m4a' : 'voice.ogg')

const trouble = (error: unknown) =>
  error instanceof DOMException && error.name === 'NotAllowedError' ? 'voice.denied' : 'voice.none'

/** Records from the moment it is shown; `onDone` is told the recording, or `null` when there is none. */
export default function VoiceRecorder(props: { onDone: (voice: File | null) => void }) {
  const [seconds, setSeconds] = createSignal(0)
  const parts: Blob[] = []
  let recorder: MediaRecorder | undefined
  let timer: ReturnType<typeof setInterval> | undefined
  let gone = false
  let sendButton!: HTMLButtonElement

  const letGo = () => {
    gone = true
    clearInterval(timer)
    if (recorder?.state !== 'inactive') recorder?.stop()
    for (const track of recorder?.stream.getTracks() ?? []) track.stop()
  }
  onCleanup(letGo)

  const start = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } })
    if (gone) {
      for (const track of stream.getTracks()) track.stop()
      return
    }
    const mimeType = FORMS.find(form => MediaRecorder.isTypeSupported(form))
    recorder = new MediaRecorder(stream, {
      audioBitsPerSecond: BITS_PER_SECOND,
      ...(mimeType ? { mimeType } : {}),
    })
    recorder.addEventListener('dataavailable', event => parts.push(event.data))
    recorder.start(SLICE_MILLISECONDS)
    const began = performance.now()
    timer = setInterval(() => {
      setSeconds((performance.now() - began) / 1_000)
      if (seconds() < RECORDING_SECONDS_MAX) return
      clearInterval(timer)
      recorder?.pause()
    }, TICK_MILLISECONDS)
  }
  const begin = async () => {
    try {
      await start()
    } catch (error) {
      if (gone) return
      say(t(trouble(error)), true)
      props.onDone(null)
    }
  }
  onMount(() => {
    sendButton.focus()
    void begin()
  })

  const send = () => {
    const running = recorder
    // Nothing was said yet: the microphone is still being asked for.
    if (!running || running.state === 'inactive') return
    running.addEventListener('stop', () => {
      const type = (running.mimeType || FORMS[1]).split(';')[0] ?? ''
      props.onDone(parts.length > 0 ? new File(parts, nameOf(type), { type }) : null)
    })
    running.stop()
  }
  return (
    <div
      role="group"
      aria-label={t('voice.recording')}
      data-testid="voice-recorder"
      class="flex h-10 items-center gap-2"
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        props.onDone(null)
      }}
    >
      <IconButton
        label={t('voice.cancel')}
        icon="trash"
        size={20}
        class="size-10!"
        data-testid="voice-cancel"
        onClick={() => props.onDone(null)}
      />
      <span class="flex min-w-0 flex-1 items-center gap-2 rounded-xl border border-line-strong bg-canvas px-3 py-2">
        <span class="size-2.5 shrink-0 animate-pulse rounded-full bg-danger" />
        <span class="truncate text-soft" role="status">
          {t('voice.recording')}
        </span>
        <span class="ml-auto tabular-nums" role="timer" data-testid="voice-time">
          {playTime(seconds())}
        </span>
      </span>
      <button
        ref={sendButton}
        type="button"
        data-testid="voice-send"
        aria-label={t('voice.send')}
        title={t('voice.send')}
        class="grid size-10 shrink-0 place-items-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-hover"
        onClick={send}
      >
        <Icon name="send" />
      </button>
    </div>
  )
}
