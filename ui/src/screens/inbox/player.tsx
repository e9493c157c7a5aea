import { createSignal } from 'solid-js'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../parts/icons.tsx'
import { playTime } from './media-of.ts'

const SPEEDS = [1, 1.5, 2] as const

/** Sound, with a place to seek in and a speed. Nothing is loaded before it is played. */
export function Player(props: { url: string; seconds?: number | undefined }) {
  let audio!: HTMLAudioElement
  const [playing, setPlaying] = createSignal(false)
  const [at, setAt] = createSignal(0)
  const [found, setFound] = createSignal<number>()
  const [speed, setSpeed] = createSignal<number>(SPEEDS[0])
  const length = () => found() ?? props.seconds ?? 0
  const toggle = () => {
    if (playing()) audio.pause()
    else audio.play().catch(() => setPlaying(false))
  }
  const faster = () => {
    const next = SPEEDS[(SPEEDS.findIndex(one => one === speed()) + 1) % SPEEDS.length] ?? SPEEDS[0]
    setSpeed(next)
    audio.playbackRate = next
  }
  return (
    <div class="my-1 flex w-64 max-w-full items-center gap-2" data-testid="player">
      <button
        type="button"
        class="grid size-9 shrink-0 place-items-center rounded-full bg-accent text-on-accent hover:bg-accent-hover"
        aria-label={playing() ? t('media.pause') : t('media.play')}
        onClick={toggle}
      >
        <Icon name={playing() ? 'pause' : 'play'} size={16} />
      </button>
      <input
        type="range"
        class="slider min-w-0 flex-1"
        min="0"
        max={Math.max(length(), 0.1)}
        step="0.1"
        value={at()}
        aria-label={t('media.position')}
        aria-valuetext={playTime(at())}
        onInput={event => {
          audio.currentTime = event.currentTarget.valueAsNumber
          setAt(event.currentTarget.valueAsNumber)
        }}
      />
      <span class="w-9 text-right text-xs text-faint tabular-nums">
        {playTime(playing() || at() > 0 ? at() : length())}
      </span>
      <button
        type="button"
        class="w-9 shrink-0 rounded-lg border border-line px-1 py-0.5 text-xs text-soft hover:bg-hover"
        aria-label={t('media.speed', { speed: speed() })}
        onClick={faster}
      >
        {speed()}×
      </button>
      <audio
        ref={audio}
        preload="none"
        src={props.url}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={() => setAt(audio.currentTime)}
        onDurationChange={() => Number.isFinite(audio.duration) && setFound(audio.duration)}
      />
    </div>
  )
}
