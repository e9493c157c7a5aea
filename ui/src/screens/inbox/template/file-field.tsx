import { createUniqueId, Show } from 'solid-js'
import type { Capabilities } from '../../../api/index.ts'
import { explain } from '../../../i18n/explain.ts'
import { bytes } from '../../../i18n/format.ts'
import { t } from '../../../i18n/index.ts'
import { Button, IconButton } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icons.tsx'
import type { createHeaderFile } from './file.ts'
import { w } from './words.ts'

/** Where the file above a template is chosen, and what is wrong with it. */
export function FileField(props: {
  kind: 'image' | 'video' | 'document'
  file: ReturnType<typeof createHeaderFile>
  can: Capabilities | undefined
  tried: boolean
}) {
  const id = createUniqueId()
  let input!: HTMLInputElement
  const held = () => props.file.held()
  const accept = () =>
    (props.can?.mediaTypes[props.kind] ?? (props.kind === 'document' ? [] : [`${props.kind}/*`])).join(',')
  const wrong = (): string | undefined => {
    const { refused, error, upload } = held() ?? {}
    if (refused?.what === 'company') return t('attach.company', { max: bytes(refused.max ?? 0) })
    if (refused)
      return refused.what === 'size' ? w('file.size', { max: bytes(refused.max ?? 0) }) : w('file.type')
    if (error !== undefined) return explain(error)
    if (!props.tried || upload) return undefined
    return w(held() ? 'file.wait' : 'file.missing')
  }
  return (
    <div class="grid grid-cols-1 gap-1">
      <label for={id} class="text-[13px] font-medium text-soft">
        {w(`file.${props.kind}`)}
      </label>
      <input
        ref={input}
        id={id}
        type="file"
        class="sr-only"
        tabindex="-1"
        accept={accept()}
        data-testid="template-file"
        onChange={event => {
          const [file] = event.currentTarget.files ?? []
          if (file) void props.file.take(file)
          event.currentTarget.value = ''
        }}
      />
      <Show
        when={held()}
        fallback={
          <Button
            icon="clip"
            aria-invalid={wrong() ? 'true' : 'false'}
            aria-describedby={`${id}-note`}
            onClick={() => input.click()}
          >
            {w('file.choose')}
          </Button>
        }
      >
        {taken => (
          <div
            class="flex items-center gap-2 rounded-lg border py-1 pr-1 pl-3"
            classList={{ 'border-field': !wrong(), 'border-danger': !!wrong() }}
          >
            <Icon name={props.kind === 'image' ? 'image' : 'file'} size={16} class="shrink-0 text-soft" />
            <span class="min-w-0 flex-1 text-[13px]">
              <span class="block truncate" title={taken().file.name}>
                {taken().file.name}
              </span>
              <span class="block text-xs text-faint" role="status">
                {taken().upload || taken().refused || taken().error !== undefined
                  ? bytes(taken().file.size)
                  : w('file.uploading', { percent: Math.round(taken().progress * 100) })}
              </span>
            </span>
            <Show when={taken().error !== undefined}>
              <IconButton
                label={w('file.again')}
                icon="refresh"
                size={16}
                class="size-8!"
                onClick={() => void props.file.take(taken().file)}
              />
            </Show>
            <IconButton
              label={w('file.remove')}
              icon="close"
              size={16}
              class="size-8!"
              aria-invalid={wrong() ? 'true' : undefined}
              onClick={() => props.file.drop()}
            />
          </div>
        )}
      </Show>
      <p id={`${id}-note`} role="alert" class="text-xs text-danger empty:hidden">
        {wrong()}
      </p>
    </div>
  )
}
