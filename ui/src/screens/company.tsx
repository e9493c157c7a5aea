import { createSignal, For, Match, Show, Switch } from 'solid-js'
import { api, type CompanySettings } from '../api/index.ts'
import { explain } from '../i18n/explain.ts'
import { bytes } from '../i18n/format.ts'
import { t } from '../i18n/index.ts'
import { Button } from '../parts/button.tsx'
import { CheckField, Field } from '../parts/field.tsx'
import { fieldsOf } from '../parts/form.ts'
import { Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { say } from '../parts/toasts.tsx'
import { w } from './company/words.ts'

const MIB = 1024 * 1024
const FIELDS = ['inbound', 'outbound'] as const
type FieldName = (typeof FIELDS)[number]
type Limits = Record<FieldName, number | null>

const shown = (limit: number | null): string => (limit === null ? '' : String(+(limit / MIB).toFixed(2)))

/** Bytes of what was typed as megabytes; `null`: left empty; `undefined`: no number between the bounds. */
const typed = (text: string, { mediaBytesMin, mediaBytesMax }: CompanySettings['bounds']) => {
  if (text === '') return null
  const size = Math.round(Number(text.replace(',', '.')) * MIB)
  return size >= mediaBytesMin && size <= mediaBytesMax ? size : undefined
}

/** What a company chooses for itself. */
export default function Company() {
  const [settings, setSettings] = createSignal<CompanySettings>()
  const [error, setError] = createSignal<unknown>()
  const load = async (): Promise<void> => {
    setError(undefined)
    try {
      setSettings(await api.settings.get())
    } catch (failure) {
      setError(failure)
    }
  }
  void load()
  return (
    <Page title={t('nav.company')} text={w('text')}>
      <Switch fallback={<SkeletonRows count={3} class="h-14" />}>
        <Match when={error()}>
          <Failure error={error()} onRetry={() => void load()} />
        </Match>
        <Match when={settings()} keyed>
          {known => <Files settings={known} onSaved={load} />}
        </Match>
      </Switch>
    </Page>
  )
}

function Files(props: { settings: CompanySettings; onSaved: () => Promise<void> }) {
  const [tell, setTell] = createSignal<boolean>()
  const [links, setLinks] = createSignal<boolean>()
  const [wrong, setWrong] = createSignal<readonly FieldName[]>([])
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<unknown>()
  const bounds = () => props.settings.bounds
  const known = (): Limits => ({
    inbound: props.settings.inboundMediaBytesMax,
    outbound: props.settings.outboundMediaBytesMax,
  })
  const range = () => w('range', { min: bytes(bounds().mediaBytesMin), max: bytes(bounds().mediaBytesMax) })
  const save = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const field = fieldsOf(event.currentTarget)
    const [inbound, outbound] = FIELDS.map(name => typed(field(name), bounds()))
    setWrong(FIELDS.filter(name => typed(field(name), bounds()) === undefined))
    if (inbound === undefined || outbound === undefined) return
    setBusy(true)
    setError(undefined)
    try {
      await api.settings.change({
        inboundMediaBytesMax: inbound,
        outboundMediaBytesMax: outbound,
        tellTooLarge: tell() ?? props.settings.tellTooLarge,
        largeFilesAsLinks: links() ?? props.settings.largeFilesAsLinks,
      })
      say(w('saved'))
      await props.onSaved()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      class="grid max-w-xl gap-4 rounded-2xl border border-line bg-surface p-4 md:p-6"
      novalidate
      onSubmit={e => void save(e)}
    >
      <h2 class="font-semibold">{w('files')}</h2>
      <For each={FIELDS}>
        {name => (
          <Field
            name={name}
            label={w(name)}
            inputmode="decimal"
            data-testid={`limit-${name}`}
            value={shown(known()[name])}
            hint={w('hint', { max: bytes(bounds().mediaBytesMax) })}
            error={wrong().includes(name) ? range() : undefined}
          />
        )}
      </For>
      <CheckField
        label={w('tell')}
        hint={w('tellHint')}
        checked={tell() ?? props.settings.tellTooLarge}
        onToggle={setTell}
      />
      <CheckField
        label={w('links')}
        hint={w('linksHint')}
        checked={links() ?? props.settings.largeFilesAsLinks}
        onToggle={setLinks}
      />
      <Show when={error()}>
        <p role="alert" class="rounded-lg bg-danger-bg px-3 py-2 text-danger">
          {explain(error())}
        </p>
      </Show>
      <Button type="submit" look="primary" class="justify-self-start" busy={busy()}>
        {t('save')}
      </Button>
    </form>
  )
}
