import { Match, Switch } from 'solid-js'
import type { Message } from '../api/index.ts'
import { t } from '../i18n/index.ts'
import { Icon } from './icons.tsx'

/** How far an own message got. The words are there for who cannot tell the colours apart. */
export function AckMark(props: { ack: Message['ack']; size?: number }) {
  const size = () => props.size ?? 15
  return (
    <span class="inline-flex shrink-0" title={t(`ack.${props.ack}`)} data-ack={props.ack}>
      <Switch>
        <Match when={props.ack === 'queued' || props.ack === 'sending'}>
          <Icon
            name="clock"
            size={size() - 2}
            class={props.ack === 'sending' ? 'animate-pulse text-faint' : 'text-faint'}
          />
        </Match>
        <Match when={props.ack === 'sent'}>
          <Icon name="check" size={size()} class="text-faint" />
        </Match>
        <Match when={props.ack === 'delivered'}>
          <Icon name="checks" size={size() + 1} class="text-faint" />
        </Match>
        <Match when={props.ack === 'read' || props.ack === 'played'}>
          <Icon name="checks" size={size() + 1} class="text-info" />
        </Match>
        <Match when={props.ack === 'failed'}>
          <Icon name="alert" size={size()} class="text-danger" />
        </Match>
        <Match when={props.ack === 'unknown'}>
          <Icon name="help" size={size()} class="text-warn" />
        </Match>
      </Switch>
      <span class="sr-only">{t(`ack.${props.ack}`)}</span>
    </span>
  )
}
