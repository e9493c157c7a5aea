import { For, Match, Show, Switch } from 'solid-js'
import type { Message } from '../../api/index.ts'
import { bytes } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../parts/icons.tsx'
import { kindName } from './preview.ts'

const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/

/** Text with its links. Split by pattern, never parsed as HTML. */
export function Words(props: { text: string }) {
  return (
    <p class="break-words whitespace-pre-wrap [overflow-wrap:anywhere]">
      <For each={props.text.split(LINK)}>
        {(part, index) => (
          <Show when={index() % 2 === 1} fallback={part}>
            <a href={part} target="_blank" rel="noopener noreferrer" class="text-info underline">
              {part}
            </a>
          </Show>
        )}
      </For>
    </p>
  )
}

export function MessageBody(props: { message: Message }) {
  const media = () => props.message.media
  return (
    <Show when={!props.message.deletedAt} fallback={<Note icon="block" text={t('deleted')} />}>
      <Show when={media()}>{present => <Media media={present()} kind={props.message.kind} />}</Show>
      <Switch fallback={<Show when={props.message.body}>{body => <Words text={body()} />}</Show>}>
        <Match when={props.message.kind === 'unsupported'}>
          <Note
            icon="help"
            text={t('kind.unsupported.text', { kind: props.message.body || t('kind.unsupported') })}
          />
        </Match>
        <Match when={props.message.kind === 'undecryptable'}>
          <Note icon="lock" text={t('kind.undecryptable.text')} />
        </Match>
        <Match
          when={
            (props.message.kind === 'location' || props.message.kind === 'contacts') && !props.message.body
          }
        >
          <Note icon="info" text={kindName(props.message.kind)} />
        </Match>
      </Switch>
    </Show>
  )
}

function Note(props: { icon: 'block' | 'help' | 'lock' | 'info' | 'alert' | 'clock'; text: string }) {
  return (
    <p class="flex items-center gap-1.5 py-0.5 text-faint italic">
      <Icon name={props.icon} size={15} class="shrink-0" />
      <span>{props.text}</span>
    </p>
  )
}

type MediaOf = NonNullable<Message['media']>

/** The media, in a box that has its size before the bytes are there. */
function Media(props: { media: MediaOf; kind: Message['kind'] }) {
  const url = () => props.media.url
  const picture = () => props.kind === 'image' || props.kind === 'sticker'
  return (
    <Switch fallback={<FileCard media={props.media} />}>
      <Match when={props.media.tooLarge}>
        <Note
          icon="alert"
          text={t('media.tooLarge', { size: props.media.size === null ? '' : bytes(props.media.size) })}
        />
      </Match>
      <Match when={props.media.error}>
        <Note icon="alert" text={t('media.failed', { reason: props.media.error ?? '' })} />
      </Match>
      <Match when={picture()}>
        <div class="media-box -mx-1.5 my-1 grid w-72 max-w-full place-items-center overflow-hidden rounded-xl bg-hover text-faint">
          <Show when={url()} fallback={<Icon name="image" size={28} class="animate-pulse" />}>
            {address => (
              <a href={address()} target="_blank" rel="noopener noreferrer" class="block size-full">
                <img
                  src={props.media.thumbnailUrl ?? address()}
                  alt={props.media.name ?? t('kind.image')}
                  loading="lazy"
                  decoding="async"
                  class="size-full object-cover"
                />
              </a>
            )}
          </Show>
        </div>
      </Match>
      <Match when={!url()}>
        <Note icon="clock" text={t('media.loading')} />
      </Match>
      <Match when={props.kind === 'audio' || props.kind === 'voice'}>
        <audio controls preload="none" src={url() ?? ''} class="my-1 h-10 w-64 max-w-full" />
      </Match>
      <Match when={props.kind === 'video'}>
        <video
          controls
          preload="none"
          src={url() ?? ''}
          class="media-box my-1 w-72 max-w-full rounded-xl bg-hover"
        />
      </Match>
    </Switch>
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
