import { createSignal, Match, Show, Switch } from 'solid-js'
import { Dialog } from '@kobalte/core/dialog'
import type { Message } from '../../api/index.ts'
import { bytes } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { IconButton } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { boxOf, type MediaOf } from './media-of.ts'
import { Note } from './note.tsx'
import { Player } from './player.tsx'

/** What the server's scanner found, where a file was withheld for it. */
const malwareIn = (error: string | null): string | undefined => /^malware-found: (.+)$/.exec(error ?? '')?.[1]

/** The media, in a box that has its size before the bytes are there. `onPhone`: nobody fetches it. */
export function Media(props: { media: MediaOf; kind: Message['kind']; onPhone?: boolean }) {
  const url = () => props.media.url
  return (
    <Switch fallback={<FileCard media={props.media} />}>
      <Match when={props.media.tooLarge}>
        <Note
          icon="alert"
          text={t('media.tooLarge', { size: props.media.size === null ? '' : bytes(props.media.size) })}
        />
      </Match>
      <Match when={malwareIn(props.media.error)}>
        {name => <Note icon="alert" text={t('media.withheld', { name: name() })} />}
      </Match>
      <Match when={props.media.error}>
        <Note icon="alert" text={t('media.failed', { reason: props.media.error ?? '' })} />
      </Match>
      <Match when={props.onPhone && !url()}>
        <Note icon="info" text={t('media.onPhone', { name: props.media.name ?? '' })} />
      </Match>
      <Match when={props.kind === 'image' || props.kind === 'sticker'}>
        <Picture media={props.media} sticker={props.kind === 'sticker'} />
      </Match>
      <Match when={!url()}>
        <Note icon="clock" text={t('media.loading')} />
      </Match>
      <Match when={props.kind === 'audio' || props.kind === 'voice'}>
        <Player url={url() ?? ''} seconds={props.media.seconds} />
      </Match>
      <Match when={props.kind === 'video'}>
        <video
          controls
          preload="metadata"
          src={url() ?? ''}
          class="media-box my-1 w-72 max-w-full rounded-xl bg-hover"
        />
      </Match>
    </Switch>
  )
}

function Picture(props: { media: MediaOf; sticker: boolean }) {
  const [large, setLarge] = createSignal(false)
  const [broken, setBroken] = createSignal(false)
  /** Without a thumbnail the file itself is shown small. */
  const [whole, setWhole] = createSignal(false)
  const thumbnail = () => (whole() ? null : props.media.thumbnailUrl)
  const box = () => boxOf(props.media, props.sticker)
  const name = () => props.media.name ?? t(props.sticker ? 'kind.sticker' : 'kind.image')
  return (
    <div
      data-testid="picture"
      class="my-1 grid max-w-full place-items-center overflow-hidden rounded-xl text-faint"
      classList={{ 'bg-hover': !props.sticker, 'media-box w-72': !box() }}
      style={
        box() ? { width: `${box()?.width}px`, 'aspect-ratio': `${box()?.width} / ${box()?.height}` } : {}
      }
    >
      <Switch fallback={<Icon name="image" size={28} class="animate-pulse" />}>
        <Match when={broken()}>
          <a
            href={props.media.url ?? undefined}
            download={props.media.name ?? ''}
            class="p-2 text-xs underline"
          >
            {t('media.broken')}
          </a>
        </Match>
        <Match when={props.media.url}>
          {address => (
            <button
              type="button"
              class="block size-full cursor-zoom-in"
              aria-label={t('media.enlarge', { name: name() })}
              onClick={() => setLarge(true)}
            >
              <img
                src={thumbnail() ?? address()}
                alt={name()}
                loading="lazy"
                decoding="async"
                class={props.sticker ? 'size-full object-contain' : 'size-full object-cover'}
                onError={() => (thumbnail() ? setWhole(true) : setBroken(true))}
              />
            </button>
          )}
        </Match>
      </Switch>
      <Show when={large() && props.media.url}>
        {address => <Lightbox url={address()} name={name()} onClose={() => setLarge(false)} />}
      </Show>
    </div>
  )
}

/** The picture as large as the screen. Escape, a press beside it and the button close it; focus goes back. */
function Lightbox(props: { url: string; name: string; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={open => !open && props.onClose()} preventScroll={false}>
      <Dialog.Portal>
        <Dialog.Overlay class="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-modal="true"
          data-testid="lightbox"
          class="fixed inset-0 z-50 grid grid-rows-[auto_1fr] gap-2 p-3 outline-none"
          onClick={event => event.target === event.currentTarget && props.onClose()}
        >
          <div class="flex items-center justify-between gap-3 rounded-xl bg-raised px-3 py-1.5 text-ink shadow-pop">
            <Dialog.Title class="min-w-0 truncate font-medium">{props.name}</Dialog.Title>
            <span class="flex items-center gap-1">
              <a href={props.url} download={props.name} class="px-2 text-info underline">
                {t('media.download')}
              </a>
              <IconButton label={t('close')} icon="close" onClick={() => props.onClose()} />
            </span>
          </div>
          <div
            class="grid min-h-0 place-items-center"
            onClick={event => event.target === event.currentTarget && props.onClose()}
          >
            <img src={props.url} alt={props.name} class="max-h-full max-w-full rounded-lg object-contain" />
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  )
}

function FileCard(props: { media: MediaOf }) {
  return (
    <a
      href={props.media.url ?? undefined}
      download={props.media.name ?? ''}
      class="my-1 flex max-w-72 items-center gap-3 rounded-xl border border-line bg-surface px-3 py-2 hover:bg-hover"
    >
      <span class="grid size-9 shrink-0 place-items-center rounded-lg bg-hover text-soft">
        <Icon name="file" />
      </span>
      <span class="min-w-0">
        <span class="block truncate font-medium">{props.media.name ?? t('kind.document')}</span>
        <span class="text-xs text-faint">
          {[props.media.mime, props.media.size === null ? '' : bytes(props.media.size)]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
    </a>
  )
}
