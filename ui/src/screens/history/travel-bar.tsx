import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js'
import type { HistoryEntry } from '../../api/index.ts'
import { fullTime, shortMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { IconButton } from '../../parts/button.tsx'
import { narrow } from '../../stores/narrow.ts'

const STEP_MILLISECONDS = 700

type TravelProps = {
  revision: number
  last: number
  entry: HistoryEntry | undefined
  onGo: (revision: number) => void
}

/** Moves through time: by slider, by arrow keys, or by itself. */
export function TravelBar(props: TravelProps) {
  const [playing, setPlaying] = createSignal(false)
  createEffect(() => {
    if (!playing()) return
    if (props.revision >= props.last) return void setPlaying(false)
    const timer = setTimeout(() => props.onGo(props.revision + 1), STEP_MILLISECONDS)
    onCleanup(() => clearTimeout(timer))
  })
  /** Revisions begin at 0, people count from 1. */
  const where = () => t('history.at', { at: props.revision + 1, count: props.last + 1 })
  const play = () => {
    if (!playing() && props.revision >= props.last) props.onGo(0)
    setPlaying(on => !on)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || document.querySelector('[role="menu"]')) return
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    props.onGo(props.revision + by)
  }
  onMount(() => document.addEventListener('keydown', onKey))
  onCleanup(() => document.removeEventListener('keydown', onKey))
  return (
    <div class="flex shrink-0 items-center gap-2 border-b border-line bg-surface px-2 py-2 md:px-4">
      <IconButton
        label={playing() ? t('history.pause') : t('history.play')}
        icon={playing() ? 'pause' : 'play'}
        onClick={play}
        data-testid="history-play"
      />
      <IconButton
        label={t('history.back')}
        icon="back"
        disabled={props.revision <= 0}
        onClick={() => props.onGo(props.revision - 1)}
      />
      <input
        type="range"
        data-testid="history-slider"
        aria-label={t('history.slider')}
        aria-valuetext={where()}
        min="0"
        max={props.last}
        step="1"
        value={props.revision}
        class="slider h-9 min-w-0 flex-1"
        onInput={e => {
          setPlaying(false)
          props.onGo(Number(e.currentTarget.value))
        }}
      />
      <IconButton
        label={t('history.next')}
        icon="next"
        disabled={props.revision >= props.last}
        onClick={() => props.onGo(props.revision + 1)}
      />
      <p
        class="w-31 shrink-0 text-right text-xs whitespace-nowrap text-faint tabular-nums md:w-56"
        aria-live="polite"
      >
        <span class="font-medium text-ink">{where()}</span>
        <Show when={props.entry}>
          {entry => (
            <time class="block" datetime={entry().at} title={fullTime(entry().at)}>
              {narrow() ? shortMoment(entry().at) : fullTime(entry().at)}
            </time>
          )}
        </Show>
      </p>
    </div>
  )
}
