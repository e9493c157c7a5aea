import { createEffect, createSignal, For, on, onMount, Show } from 'solid-js'
import { api, type Session } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { Modal } from '../../parts/dialog.tsx'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { Failure, SkeletonRows } from '../../parts/states.tsx'
import { ChannelForm, type Created } from './channel-form.tsx'
import { w } from './words.ts'

type Provider = Session['provider']
/** In the order in which they are offered. */
const CHANNELS: readonly { provider: Provider; icon: IconName }[] = [
  { provider: 'baileys', icon: 'phone' },
  { provider: 'cloud', icon: 'plug' },
  { provider: 'messenger', icon: 'send' },
  { provider: 'instagram', icon: 'image' },
  { provider: 'simulator', icon: 'help' },
]

/** The channels of this server, asked for when somebody wants to connect one. */
const createOffer = () => {
  const [offered, setOffered] = createSignal<typeof CHANNELS>()
  const [error, setError] = createSignal<unknown>()
  const load = async (): Promise<void> => {
    setError(undefined)
    try {
      const { items } = await api.channels.list()
      setOffered(CHANNELS.filter(({ provider }) => items.some(item => item.provider === provider)))
    } catch (failure) {
      setError(failure)
    }
  }
  return { offered, error, load }
}

/** Which channel, with what follows from choosing it; then what it needs. */
export function ConnectWizard(props: { onClose: () => void; onCreated: (created: Created) => void }) {
  const [provider, setProvider] = createSignal<Provider>()
  const text = () => {
    const chosen = provider()
    if (!chosen) return w('connect.text')
    return chosen === 'cloud' ? t('cloud.text') : w(`form.${chosen}.text`)
  }
  const title = () => {
    const chosen = provider()
    return chosen ? w(`choose.${chosen}`) : w('connect')
  }
  const { offered, error, load } = createOffer()
  onMount(() => void load())
  let step!: HTMLDivElement
  // What had the focus went with its step: without this, neither Tab nor Escape would know where they are.
  createEffect(
    on([provider, offered], () => step.querySelector<HTMLElement>('input, [data-start]')?.focus(), {
      defer: true,
    }),
  )
  const Offer = () => (
    <Show when={!error()} fallback={<Failure error={error()} onRetry={() => void load()} />}>
      <Show when={offered()} fallback={<SkeletonRows count={CHANNELS.length} class="h-20" />}>
        {channels => <Choice channels={channels()} onChoose={setProvider} />}
      </Show>
    </Show>
  )
  return (
    <Modal open onClose={props.onClose} title={title()} text={text()} wide>
      <div ref={step}>
        <Show when={provider()} keyed fallback={<Offer />}>
          {chosen => (
            <ChannelForm
              provider={chosen}
              onBack={() => setProvider(undefined)}
              onCreated={created => props.onCreated(created)}
            />
          )}
        </Show>
      </div>
    </Modal>
  )
}

function Choice(props: { channels: typeof CHANNELS; onChoose: (provider: Provider) => void }) {
  return (
    <ul class="grid gap-2" data-testid="channel-choice">
      <For each={props.channels}>
        {({ provider, icon }, index) => (
          <li>
            <button
              type="button"
              data-testid={`connect-${provider}`}
              data-start={index() === 0 ? '' : undefined}
              class="flex w-full items-start gap-3 rounded-xl border border-line p-3 text-left hover:bg-hover"
              onClick={() => props.onChoose(provider)}
            >
              <span class="grid size-9 shrink-0 place-items-center rounded-lg bg-active text-accent-ink">
                <Icon name={icon} />
              </span>
              <span class="min-w-0 flex-1">
                <strong class="block font-medium">{w(`choose.${provider}`)}</strong>
                <span class="block text-[13px] text-faint">{w(`choose.${provider}.text`)}</span>
              </span>
              <Icon name="next" size={16} class="mt-2 shrink-0 text-faint" />
            </button>
          </li>
        )}
      </For>
    </ul>
  )
}
