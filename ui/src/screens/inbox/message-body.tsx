import { For, Match, Show, Switch } from 'solid-js'
import type { Message } from '../../api/index.ts'
import { dayTime } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { mayReadPeople } from '../../stores/auth.ts'
import { Icon } from '../../parts/icons.tsx'
import { cardsIn, choicesIn, placeIn, templateIn } from './media-of.ts'
import { Media } from './media.tsx'
import { Note } from './note.tsx'
import { kindName } from './preview.ts'
import { ChoicesCard, ContactCards, PlaceCard, TemplateEnd, TemplateTop } from './structured.tsx'

const LINK = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/

/** Text with its links. Split by pattern, never parsed as HTML. */
export function Words(props: { text: string }) {
  return (
    <p class="wrap-anywhere whitespace-pre-wrap">
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
  const cards = () => cardsIn(props.message.details)
  const parts = () => (props.message.kind === 'template' ? templateIn(props.message.details) : undefined)
  return (
    <Show when={!props.message.deletedAt} fallback={<Note icon="block" text={t('deleted')} />}>
      <Show when={media()}>
        {present => (
          <Media
            media={present()}
            kind={parts()?.file ?? props.message.kind}
            onPhone={props.message.ticketId === null}
          />
        )}
      </Show>
      <Show when={media()?.linkUntil}>
        {until => (
          <p data-testid="as-link" class="flex items-center gap-1 text-xs text-faint">
            <Icon name="link" size={13} class="shrink-0" />
            {t('media.asLink', { until: dayTime(until()) })}
          </p>
        )}
      </Show>
      <Switch fallback={<Show when={props.message.body}>{body => <Words text={body()} />}</Show>}>
        <Match when={!mayReadPeople()}>
          <Note icon="lock" text={kindName(props.message.kind)} />
        </Match>
        <Match when={props.message.kind === 'unsupported'}>
          <Note
            icon="help"
            text={
              props.message.body
                ? t('kind.unsupported.text', { kind: props.message.body })
                : t('kind.unsupported.plain')
            }
          />
        </Match>
        <Match when={props.message.kind === 'undecryptable'}>
          <Note icon="lock" text={t('kind.undecryptable.text')} />
        </Match>
        <Match when={props.message.kind === 'location' && placeIn(props.message.details)}>
          {place => <PlaceCard place={place()} />}
        </Match>
        <Match when={props.message.kind === 'contacts' && cards().length > 0}>
          <ContactCards cards={cards()} />
        </Match>
        <Match when={parts()}>
          {shown => (
            <>
              <TemplateTop parts={shown()} />
              <Words text={props.message.body} />
              <TemplateEnd parts={shown()} />
            </>
          )}
        </Match>
        <Match when={props.message.kind === 'interactive' && choicesIn(props.message.details)}>
          {choices => (
            <>
              <Words text={props.message.body} />
              <ChoicesCard choices={choices()} />
            </>
          )}
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
