import { For, Show } from 'solid-js'
import { phoneNumber } from '../../i18n/format.ts'
import { t } from '../../i18n/index.ts'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { mapLink, type Card, type Choices, type Place, type TemplateParts } from './media-of.ts'

/** A place, and the way to a map. Nothing is fetched from elsewhere by itself. */
export function PlaceCard(props: { place: Place }) {
  return (
    <a
      href={mapLink(props.place)}
      target="_blank"
      rel="noopener noreferrer"
      class="my-1 flex max-w-72 items-center gap-3 rounded-xl border border-line bg-surface px-3 py-2 hover:bg-hover"
    >
      <span class="grid size-9 shrink-0 place-items-center rounded-lg bg-hover text-soft">
        <Icon name="globe" />
      </span>
      <span class="min-w-0">
        <span class="block truncate font-medium">{props.place.name ?? t('kind.location')}</span>
        <Show when={props.place.address}>
          {address => <span class="block text-xs text-soft">{address()}</span>}
        </Show>
        <span class="text-xs text-info underline">{t('location.open')}</span>
      </span>
    </a>
  )
}

const digitsOf = (phone: string): string => phone.replace(/\D/g, '')

export function ContactCards(props: { cards: readonly Card[] }) {
  return (
    <ul class="my-1 grid max-w-72 gap-1.5">
      <For each={props.cards}>
        {card => (
          <li class="flex items-center gap-3 rounded-xl border border-line bg-surface px-3 py-2">
            <span class="grid size-9 shrink-0 place-items-center rounded-lg bg-hover text-soft">
              <Icon name="users" />
            </span>
            <span class="min-w-0">
              <span class="block truncate font-medium">{card.name}</span>
              <For each={card.phones}>
                {phone => (
                  <a href={`tel:+${digitsOf(phone)}`} class="block text-xs text-info underline">
                    {phoneNumber(digitsOf(phone))}
                  </a>
                )}
              </For>
            </span>
          </li>
        )}
      </For>
    </ul>
  )
}

/** What the customer may choose from, below its question: as it was sent, and nothing to press here. */
export function ChoicesCard(props: { choices: Choices }) {
  return (
    <div data-testid="choices" class="my-1 grid max-w-72 gap-1.5">
      <Show when={props.choices.opensBy}>
        {label => <p class="text-center text-[13px] font-medium text-soft">{label()}</p>}
      </Show>
      <For each={props.choices.groups}>
        {group => (
          <div>
            <Show when={group.title}>{title => <p class="text-xs text-faint">{title()}</p>}</Show>
            <ul class="grid gap-1">
              <For each={group.choices}>
                {choice => (
                  <li class="rounded-xl border border-line bg-surface px-3 py-1.5 wrap-anywhere">
                    {choice.title}
                    <Show when={choice.description}>
                      {words => <span class="block text-xs text-soft">{words()}</span>}
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          </div>
        )}
      </For>
    </div>
  )
}

const BUTTON_ICONS: Record<TemplateParts['buttons'][number]['type'], IconName> = {
  'quick-reply': 'reply',
  url: 'link',
  phone: 'phone',
  'copy-code': 'copy',
  otp: 'copy',
  flow: 'template',
}

/** What a template has above its words. */
export function TemplateTop(props: { parts: TemplateParts }) {
  return (
    <>
      <Show when={props.parts.title}>
        {title => (
          <p data-testid="template-title" class="font-semibold wrap-anywhere">
            {title()}
          </p>
        )}
      </Show>
      <Show when={props.parts.place}>{place => <PlaceCard place={place()} />}</Show>
    </>
  )
}

/** What it has below them: as the customer sees it, and what each button opens or copies; nothing to press here. */
export function TemplateEnd(props: { parts: TemplateParts }) {
  return (
    <>
      <Show when={props.parts.footer}>{footer => <p class="text-xs text-faint">{footer()}</p>}</Show>
      <Show when={props.parts.buttons.length > 0}>
        <ul data-testid="template-buttons" class="my-1 grid max-w-72 gap-1">
          <For each={props.parts.buttons}>
            {button => (
              <li class="rounded-xl border border-line bg-surface px-3 py-1.5 text-center">
                <span class="flex items-center justify-center gap-1.5 font-medium">
                  <Icon name={BUTTON_ICONS[button.type]} size={14} class="shrink-0 text-soft" />
                  <span class="min-w-0 wrap-anywhere">{button.text}</span>
                </span>
                <Show when={button.value ?? (button.type === 'quick-reply' ? undefined : button.parameter)}>
                  {more => <span class="block text-xs wrap-anywhere text-soft">{more()}</span>}
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  )
}
