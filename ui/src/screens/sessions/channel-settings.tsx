import { createSignal, For, Match, Show, Switch, untrack } from 'solid-js'
import type { Session, SessionChange } from '../../api/index.ts'
import { t } from '../../i18n/index.ts'
import { CheckField, Field, SelectField } from '../../parts/field.tsx'
import { w } from './words.ts'

type Settings = SessionChange['settings']
type Secret = 'accessToken' | 'pageAccessToken' | 'appSecret' | 'verifyToken'

/** What is written once and never shown again, by channel. */
const SECRETS: { readonly [P in Session['provider']]: readonly Secret[] } = {
  cloud: ['accessToken', 'appSecret', 'verifyToken'],
  messenger: ['pageAccessToken', 'appSecret', 'verifyToken'],
  instagram: ['pageAccessToken', 'appSecret', 'verifyToken'],
  baileys: [],
  simulator: [],
}
const secretLabel = (name: Secret): string =>
  name === 'pageAccessToken' ? w('pageAccessToken') : t(`cloud.${name}`)

/** What the form says of the channel itself; only what changed. Secrets that were left empty stay. */
export const channelSettings = (
  session: Session,
  field: (name: string) => string,
): Omit<Settings, 'reopenPolicy' | 'reopenMinutes'> => {
  const { settings, provider } = session
  const secrets = Object.fromEntries(
    SECRETS[provider].map(name => [name, field(name)]).filter(([, value]) => value !== ''),
  )
  const on = (name: string) => field(name) === 'on'
  switch (provider) {
    case 'cloud': {
      const businessAccountId = field('businessAccountId')
      const other = businessAccountId !== '' && businessAccountId !== (settings.businessAccountId ?? '')
      return { ...secrets, ...(other ? { businessAccountId } : {}) }
    }
    case 'messenger':
    case 'instagram': {
      const humanAgentTag = on('humanAgentTag')
      return { ...secrets, ...(humanAgentTag === (settings.humanAgentTag === true) ? {} : { humanAgentTag }) }
    }
    case 'baileys': {
      const historySync = on('historySync')
      const importContacts = on('importContacts')
      const pacing = field('pacing') as NonNullable<Settings['pacing']>
      const rejectCalls = on('rejectCalls') ? { text: field('rejectText') || null } : null
      const before = settings.rejectCalls ?? null
      const sameCalls = (rejectCalls === null) === (before === null) && rejectCalls?.text === before?.text
      return {
        ...(historySync === (settings.historySync === true) ? {} : { historySync }),
        ...(importContacts === (settings.importContacts === true) ? {} : { importContacts }),
        ...(sameCalls ? {} : { rejectCalls }),
        ...(pacing === (settings.pacing ?? 'normal') ? {} : { pacing }),
      }
    }
    case 'simulator':
      return {}
  }
}

const box = 'grid gap-3 rounded-xl border border-line p-3'
const legend = 'px-1 text-[13px] font-medium text-soft'

/** The part of a channel's form that is its own. */
export function ChannelSettings(props: { session: Session }) {
  const { settings, provider } = untrack(() => props.session)
  const account = settings.phoneNumberId ?? settings.pageId
  return (
    <>
      <Show when={account}>
        {id => (
          <p class="text-[13px] text-soft">
            {w('edit.account')} <strong class="font-medium break-all text-ink">{id()}</strong>.{' '}
            {w('edit.account.text')}
          </p>
        )}
      </Show>
      <Switch>
        <Match when={provider === 'cloud'}>
          <Field
            name="businessAccountId"
            label={t('cloud.businessAccountId')}
            hint={w('edit.businessAccountId')}
            value={settings.businessAccountId ?? ''}
            pattern="[\w\-]{1,64}"
            autocomplete="off"
          />
        </Match>
        <Match when={provider === 'messenger' || provider === 'instagram'}>
          <fieldset class={box}>
            <legend class={legend}>{w('edit.page')}</legend>
            <Check name="humanAgentTag" on={settings.humanAgentTag === true} />
          </fieldset>
        </Match>
        <Match when={provider === 'baileys'}>
          <Device settings={settings} />
        </Match>
      </Switch>
      <Show when={SECRETS[provider].length > 0}>
        <fieldset class={`${box} sm:grid-cols-2`}>
          <legend class={legend}>{t('session.secrets')}</legend>
          <For each={SECRETS[provider]}>
            {name => (
              <Field
                name={name}
                label={secretLabel(name)}
                type="password"
                autocomplete="off"
                hint={t('session.secret.keep')}
              />
            )}
          </For>
          <p class="text-xs text-faint sm:col-span-2">{t('session.secrets.text')}</p>
        </fieldset>
      </Show>
    </>
  )
}

function Device(props: { settings: Session['settings'] }) {
  const calls = untrack(() => props.settings.rejectCalls ?? null)
  const [rejects, setRejects] = createSignal(calls !== null)
  return (
    <fieldset class={box}>
      <legend class={legend}>{w('edit.device')}</legend>
      <div class="grid gap-2">
        <Check name="rejectCalls" on={rejects()} onToggle={setRejects} />
        <Show when={rejects()}>
          <Field
            class="ml-6"
            name="rejectText"
            label={w('edit.rejectText')}
            hint={w('edit.rejectText.hint')}
            maxlength="1000"
            value={calls?.text ?? ''}
          />
        </Show>
      </div>
      <Pacing now={props.settings.pacing ?? 'normal'} />
      <Check name="importContacts" on={props.settings.importContacts === true} />
      <Check name="historySync" on={props.settings.historySync === true} />
      <p class="text-xs text-faint">{w('edit.restarts')}</p>
    </fieldset>
  )
}

const PACES = ['normal', 'careful', 'established', 'off'] as const

function Pacing(props: { now: (typeof PACES)[number] }) {
  const [pace, setPace] = createSignal<string>(untrack(() => props.now))
  return (
    <>
      <SelectField
        label={w('pacing')}
        value={pace()}
        onPick={setPace}
        choices={PACES.map(value => ({ value, label: w(`pacing.${value}`) }))}
      />
      <input type="hidden" name="pacing" value={pace()} />
    </>
  )
}

const HINTS = {
  humanAgentTag: 'edit.humanAgentTag.hint',
  rejectCalls: 'edit.rejectCalls.hint',
  historySync: 'edit.historySync.hint',
  importContacts: undefined,
} as const

/** The form holds what was chosen, under the setting's own name. */
function Check(props: { name: keyof typeof HINTS; on: boolean; onToggle?: (on: boolean) => void }) {
  const [on, setOn] = createSignal(untrack(() => props.on))
  const hint = () => HINTS[props.name]
  return (
    <>
      <CheckField
        label={w(`edit.${props.name}`)}
        {...(hint() ? { hint: w(hint() as 'edit.rejectCalls.hint') } : {})}
        checked={on()}
        onToggle={value => {
          setOn(value)
          props.onToggle?.(value)
        }}
      />
      <input type="hidden" name={props.name} value={on() ? 'on' : ''} />
    </>
  )
}
