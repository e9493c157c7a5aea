import { For, Match, Show, Switch } from 'solid-js'
import type { Template } from '../../../api/index.ts'
import { Icon } from '../../../parts/icons.tsx'
import { templateIn } from '../media-of.ts'
import { PlaceCard, TemplateEnd } from '../structured.tsx'
import type { HeaderFile } from './file.ts'
import { bodyId, finished, headerId, piecesOf, pointIn, type Given } from './fill.ts'
import { w } from './words.ts'

/** The whole message as the customer will see it, places not yet filled standing out. */
export function TemplatePreview(props: { template: Template; given: Given; file: HeaderFile | undefined }) {
  const title = () => (props.template.header?.type === 'text' ? props.template.header.text : null)
  const parts = () => templateIn(finished(props.template, props.given).template)
  const place = () => (pointIn(props.given['point'] ?? '') ? parts().place : null)
  return (
    <section aria-label={w('preview')} class="min-w-0 content-start rounded-xl bg-canvas p-3">
      <p class="mb-2 text-xs text-faint">{w('preview')}</p>
      <div class="ml-auto w-fit max-w-full min-w-24 rounded-2xl rounded-br-md bg-bubble-out px-3 py-1.5">
        <Switch>
          <Match when={title()}>
            {words => (
              <p class="font-semibold wrap-anywhere">
                <Pieces text={words()} given={props.given} of={headerId} />
              </p>
            )}
          </Match>
          <Match when={place()}>{at => <PlaceCard place={at()} />}</Match>
          <Match when={props.template.header?.type === 'location'}>
            <Empty icon="globe" />
          </Match>
          <Match when={props.template.header}>
            {header => (
              <Show
                when={props.file && !props.file.refused ? props.file : undefined}
                fallback={<Empty icon="image" />}
              >
                {file => (
                  <Switch>
                    <Match when={header().type === 'image'}>
                      <img src={file().url} alt="" class="my-1 max-h-48 rounded-xl object-cover" />
                    </Match>
                    <Match when={header().type === 'video'}>
                      <video src={file().url} muted preload="metadata" class="my-1 max-h-48 rounded-xl" />
                    </Match>
                    <Match when={header().type === 'document'}>
                      <p class="my-1 flex items-center gap-2 rounded-xl bg-surface px-3 py-2">
                        <Icon name="file" size={16} class="shrink-0 text-soft" />
                        <span class="truncate">{file().file.name}</span>
                      </p>
                    </Match>
                  </Switch>
                )}
              </Show>
            )}
          </Match>
        </Switch>
        <p data-testid="template-preview" class="wrap-anywhere whitespace-pre-wrap">
          <Pieces text={props.template.body} given={props.given} of={bodyId} />
        </p>
        <TemplateEnd parts={parts()} />
      </div>
    </section>
  )
}

/** Where something will stand that was not given yet. */
function Empty(props: { icon: 'globe' | 'image' }) {
  return (
    <span class="my-1 grid h-20 w-56 max-w-full place-items-center rounded-xl bg-hover text-faint">
      <Icon name={props.icon} />
    </span>
  )
}

function Pieces(props: { text: string; given: Given; of: (place: string) => string }) {
  return (
    <For each={piecesOf(props.text, props.given, props.of)}>
      {piece => (
        <Show when={piece.place} fallback={piece.text}>
          <span classList={{ 'font-medium': piece.filled, 'text-faint': !piece.filled }}>{piece.text}</span>
        </Show>
      )}
    </For>
  )
}
