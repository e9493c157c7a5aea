import { Show } from 'solid-js'
import { explain } from '../../i18n/explain.ts'
import { clockTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { AckMark } from '../../parts/ack.tsx'
import { Button } from '../../parts/button.tsx'
import { discardDraft, sendReply, type Draft } from '../../stores/threads.ts'
import { choicesIn, templateIn } from './media-of.ts'
import { Media } from './media.tsx'
import { ChoicesCard, TemplateEnd, TemplateTop } from './structured.tsx'

/** What was typed and is on its way to the server. It looks like the bubble that replaces it, so nothing jumps. */
export function DraftBubble(props: { draft: Draft; ticketId: string }) {
  const parts = () => templateIn(props.draft.template)
  return (
    <article data-testid="draft" class="mt-2.5 flex flex-row-reverse">
      <div class="grid max-w-[85%] min-w-0 justify-items-end gap-1 md:max-w-[70%]">
        <div
          class="min-w-16 rounded-2xl rounded-br-md border border-transparent bg-bubble-out px-3 py-1.5"
          classList={{ 'opacity-75': !props.draft.messageId }}
        >
          <Show when={props.draft.file}>{file => <Media media={file().media} kind={file().kind} />}</Show>
          <TemplateTop parts={parts()} />
          <Show when={props.draft.body}>
            <p class="break-words whitespace-pre-wrap">{props.draft.body}</p>
          </Show>
          <TemplateEnd parts={parts()} />
          <Show when={choicesIn(props.draft.interactive)}>
            {choices => <ChoicesCard choices={choices()} />}
          </Show>
          <p class="-mb-0.5 flex items-center justify-end gap-1.5 text-[11px] text-faint">
            <time datetime={props.draft.at}>{clockTime(props.draft.at)}</time>
            <AckMark ack={props.draft.error ? 'failed' : 'queued'} />
          </p>
        </div>
        <Show when={props.draft.error}>
          <div role="alert" class="flex flex-wrap items-center justify-end gap-2 text-xs text-danger">
            <span>{explain(props.draft.error)}</span>
            <Button small icon="refresh" onClick={() => void sendReply(props.ticketId, props.draft)}>
              {t('sendAgain')}
            </Button>
            <Button small look="ghost" onClick={() => discardDraft(props.ticketId, props.draft.key)}>
              {t('discard')}
            </Button>
          </div>
        </Show>
      </div>
    </article>
  )
}
