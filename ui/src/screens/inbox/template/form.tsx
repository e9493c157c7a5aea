import { createSignal, For, onMount, Show, untrack } from 'solid-js'
import type { Template, Ticket } from '../../../api/index.ts'
import { Button } from '../../../parts/button.tsx'
import { Field } from '../../../parts/field.tsx'
import { abilitiesOf } from '../../../stores/abilities.ts'
import type { Draft } from '../../../stores/threads.ts'
import { createHeaderFile } from './file.ts'
import { FileField } from './file-field.tsx'
import { finished, guessFor, tooLong, wantsOf, wrongWith, type Given, type Want } from './fill.ts'
import { TemplatePreview } from './preview.tsx'
import { w } from './words.ts'

const labelOf = ({ id, part, kind, about }: Want): string => {
  if (kind === 'suffix') return w('suffix', { about })
  if (kind === 'code') return part === 'body' ? w('loginCode') : w('code', { about })
  if (id === 'point' || id === 'point-name' || id === 'point-address') return w(id)
  const place = /^\d+$/.test(about) ? w('place', { number: about }) : about.replaceAll('_', ' ')
  return part === 'header' ? w('headerPlace', { about: place }) : place
}

/** The template as the customer will read it, and exactly what it asks for; nothing goes before all of it is right. */
export function TemplateForm(props: {
  template: Template
  ticket: Ticket
  onBack: () => void
  onSend: (said: Pick<Draft, 'body' | 'template' | 'file'>) => void
}) {
  let form!: HTMLFormElement
  const { wants, fileKind } = untrack(() => {
    const type = props.template.header?.type
    const file = type === 'image' || type === 'video' || type === 'document' ? type : null
    return { wants: wantsOf(props.template), fileKind: file }
  })
  const file = fileKind ? createHeaderFile(fileKind, () => abilitiesOf(props.ticket)) : null
  const [given, setGiven] = createSignal<Given>(
    untrack(() =>
      Object.fromEntries(wants.map(({ id, about }) => [id, guessFor(about, props.ticket.contact.name)])),
    ),
  )
  /** What is missing is said once somebody wanted to send; what is wrong, at once. */
  const [tried, setTried] = createSignal(false)
  const problemOf = (want: Want): string | undefined => {
    const wrong = wrongWith(want, given())
    if (wrong === null || (wrong === 'missing' && !tried())) return undefined
    return w(`wrong.${wrong}`, { max: want.max, count: given()[want.id]?.trim().length ?? 0 })
  }
  const over = () => tooLong(props.template, given())
  const fileReady = () => !file || !!file.held()?.upload
  const ready = () => fileReady() && !over() && wants.every(want => wrongWith(want, given()) === null)

  const send = (event: Event) => {
    event.preventDefault()
    setTried(true)
    if (!ready()) {
      form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
      return
    }
    const held = file?.held()
    file?.keep()
    props.onSend({
      ...finished(props.template, given()),
      ...(held?.upload && fileKind ? { file: draftFile(held.upload, fileKind, held.url) } : {}),
    })
  }
  onMount(() => form.querySelector<HTMLElement>('input:not([type=file]), [type=submit]')?.focus())
  return (
    <form ref={form} onSubmit={send} noValidate>
      <div class="grid grid-cols-1 gap-4 md:grid-cols-2">
        <div class="grid min-w-0 grid-cols-1 content-start gap-3">
          <Show when={file}>
            {taken => (
              <FileField
                kind={fileKind ?? 'document'}
                file={taken()}
                can={abilitiesOf(props.ticket)}
                tried={tried()}
              />
            )}
          </Show>
          <For each={wants}>
            {want => (
              <Field
                label={labelOf(want)}
                hint={want.id === 'point' ? w('point.hint') : undefined}
                error={problemOf(want)}
                data-testid="template-parameter"
                data-want={want.id}
                autocomplete="off"
                value={given()[want.id] ?? ''}
                onInput={event => setGiven(all => ({ ...all, [want.id]: event.currentTarget.value }))}
              />
            )}
          </For>
          <Show when={over()}>
            {long => (
              <p role="alert" class="text-xs text-danger">
                {w(`tooLong.${long().part}`, { max: long().max })}
              </p>
            )}
          </Show>
        </div>
        <TemplatePreview template={props.template} given={given()} file={file?.held()} />
      </div>
      <div class="mt-5 flex justify-between gap-2">
        <Button icon="back" look="ghost" onClick={() => props.onBack()}>
          {w('back')}
        </Button>
        <Button type="submit" look="primary" icon="send" data-testid="template-send">
          {w('send')}
        </Button>
      </div>
    </form>
  )
}

type DraftFile = NonNullable<Draft['file']>
const draftFile = (
  upload: { id: string; mime: string; size: number; name: string | null; width?: number; height?: number },
  kind: DraftFile['kind'],
  url: string,
): DraftFile => {
  const { id, mime, size, name, width, height } = upload
  return {
    uploadId: id,
    kind,
    media: {
      ...{ url, mime, size, name, thumbnailUrl: null, tooLarge: false, error: null },
      ...(width === undefined || height === undefined ? {} : { width, height }),
    },
  }
}
