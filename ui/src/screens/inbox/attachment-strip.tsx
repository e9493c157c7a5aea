import { For, Match, Show, Switch } from 'solid-js'
import type { Capabilities } from '../../api/index.ts'
import { codeOf } from '../../api/problem.ts'
import { explain } from '../../i18n/explain.ts'
import { bytes } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { IconButton } from '../../parts/button.tsx'
import { Icon } from '../../parts/icons.tsx'
import { removeAttachment, uploadAgain, type Attachment } from '../../stores/attachments.ts'
import type { NotCarried } from '../../stores/carried.ts'
import { kindName } from './preview.ts'

const whyNot = ({ what, kind, max = 0 }: NotCarried): string => {
  switch (what) {
    case 'size':
      return t('attach.size', { max: bytes(max) })
    case 'company':
      return t('attach.company', { max: bytes(max) })
    case 'type':
      return t('attach.type')
    case 'kind':
      return t('attach.kind', { kind: kindName(kind) })
  }
}

/** Of these bytes nothing else will come. */
const FOR_GOOD: readonly unknown[] = ['file-refused', 'malware-found', 'too-large']

/** The files that go with the answer: what they are, how far they are, and what is wrong with them. */
export default function AttachmentStrip(props: {
  ticketId: string
  files: readonly Attachment[]
  can: Capabilities
  hasWords: boolean
  waiting: boolean
}) {
  const uncaptioned = () =>
    props.hasWords && props.files.every(({ kind, refused }) => refused || !props.can.captions.includes(kind))
  return (
    <div class="mb-2">
      <ul
        aria-label={t('attach.strip')}
        data-testid="attachments"
        class="flex max-h-40 flex-wrap gap-2 overflow-y-auto"
      >
        <For each={props.files}>
          {file => (
            <Row
              file={file}
              onRetry={() => void uploadAgain(props.ticketId, file.key, props.can)}
              onRemove={() => removeAttachment(props.ticketId, file.key)}
            />
          )}
        </For>
      </ul>
      <Show when={props.waiting || uncaptioned()}>
        <p role="status" class="pt-1 text-xs text-faint">
          {t(props.waiting ? 'attach.waiting' : 'attach.noCaption')}
        </p>
      </Show>
    </div>
  )
}

function Row(props: { file: Attachment; onRetry: () => void; onRemove: () => void }) {
  const trouble = () =>
    props.file.refused
      ? whyNot(props.file.refused)
      : props.file.error === undefined
        ? null
        : explain(props.file.error)
  const state = () =>
    props.file.upload ? 'ready' : props.file.refused ? 'refused' : props.file.error ? 'failed' : 'uploading'
  const percent = () => Math.round(props.file.progress * 100)
  return (
    <li
      data-testid="attachment"
      data-state={state()}
      class="relative flex h-16 w-full items-center gap-2 overflow-hidden rounded-xl border bg-canvas pr-1 pl-1.5 md:w-72"
      classList={{ 'border-line': !trouble(), 'border-danger': !!trouble() }}
    >
      <span class="grid size-12 shrink-0 place-items-center overflow-hidden rounded-lg bg-hover text-soft">
        <Switch fallback={<Icon name="file" />}>
          <Match when={props.file.kind === 'image' && !props.file.refused}>
            <img src={props.file.url} alt="" class="size-full object-cover" />
          </Match>
          <Match when={props.file.kind === 'video' && !props.file.refused}>
            <video src={props.file.url} muted preload="metadata" class="size-full object-cover" />
          </Match>
          <Match when={props.file.kind === 'voice'}>
            <Icon name="mic" />
          </Match>
          <Match when={props.file.kind === 'audio'}>
            <Icon name="play" />
          </Match>
        </Switch>
      </span>
      <span class="min-w-0 flex-1 text-[13px]">
        <span class="block truncate font-medium" title={props.file.file.name}>
          {props.file.file.name}
        </span>
        <Show
          when={trouble()}
          fallback={
            <span class="block truncate text-xs text-faint">
              {props.file.asLink ? t('attach.asLink') : kindName(props.file.kind)} ·{' '}
              {bytes(props.file.file.size)}
            </span>
          }
        >
          {words => (
            <span role="alert" class="line-clamp-2 text-xs leading-tight text-danger" title={words()}>
              {words()}
            </span>
          )}
        </Show>
      </span>
      <Show when={state() === 'failed' && !FOR_GOOD.includes(codeOf(props.file.error))}>
        <IconButton
          label={t('attach.retry', { name: props.file.file.name })}
          icon="refresh"
          size={16}
          class="size-8!"
          onClick={() => props.onRetry()}
        />
      </Show>
      <IconButton
        label={t('attach.remove', { name: props.file.file.name })}
        icon="close"
        size={16}
        class="size-8!"
        onClick={() => props.onRemove()}
      />
      <Show when={state() === 'uploading'}>
        <span
          role="progressbar"
          aria-label={t('attach.uploading', { name: props.file.file.name })}
          aria-valuenow={percent()}
          class="absolute inset-x-0 bottom-0 h-1 bg-hover"
        >
          <span
            class="block h-full origin-left bg-accent transition-transform"
            style={{ transform: `scaleX(${props.file.progress})` }}
          />
        </span>
      </Show>
    </li>
  )
}
