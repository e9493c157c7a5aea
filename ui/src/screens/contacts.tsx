import { A, useNavigate, useParams } from '@solidjs/router'
import { createEffect, createSignal, For, Match, on, onCleanup, Show, Switch } from 'solid-js'
import { api, type Contact } from '../api/index.ts'
import { contactName, phoneNumber } from '../i18n/format.ts'
import { t } from '../i18n/index.ts'
import { Avatar } from '../parts/avatar.tsx'
import { Button } from '../parts/button.tsx'
import { inputClass } from '../parts/field.tsx'
import { Empty, Failure, Page, SkeletonRows } from '../parts/states.tsx'
import { mayAct } from '../stores/auth.ts'
import { onContactChange } from '../stores/contacts.ts'
import { onRefetch } from '../sync/visible.ts'
import { ContactDetail } from './contacts/contact-detail.tsx'
import { NewContact } from './contacts/new-contact.tsx'

const PAGE_SIZE = 50
const SEARCH_MILLISECONDS = 220

/** Everybody who ever wrote, and whom somebody entered. */
export default function Contacts() {
  const params = useParams<{ id?: string }>()
  const go = useNavigate()
  const [items, setItems] = createSignal<readonly Contact[]>([])
  const [cursor, setCursor] = createSignal<string | null>(null)
  const [state, setState] = createSignal<'loading' | 'ready' | 'failed'>('loading')
  const [error, setError] = createSignal<unknown>()
  const [q, setQ] = createSignal('')
  const [adding, setAdding] = createSignal(false)
  let round = 0

  const load = async (fresh: boolean) => {
    const mine = ++round
    try {
      const page = await api.contacts.list({
        q: q().trim(),
        limit: PAGE_SIZE,
        cursor: fresh ? null : cursor(),
      })
      if (mine !== round) return
      setItems(old => (fresh ? page.items : [...old, ...page.items]))
      setCursor(page.nextCursor)
      setState('ready')
    } catch (failure) {
      if (mine !== round) return
      setError(failure)
      setState('failed')
    }
  }
  createEffect(
    on(q, (_, before) => {
      const timer = setTimeout(() => void load(true), before === undefined ? 0 : SEARCH_MILLISECONDS)
      onCleanup(() => clearTimeout(timer))
    }),
  )
  onCleanup(onRefetch(() => load(true)))
  onCleanup(
    onContactChange(contact => {
      // Another contact stands for it, and tells of itself.
      if (contact.mergedInto) return void setItems(old => old.filter(({ id }) => id !== contact.id))
      const known = items().some(item => item.id === contact.id)
      setItems(old => (known ? old.map(item => (item.id === contact.id ? contact : item)) : old))
      if (!known && q().trim() === '' && cursor() === null && state() === 'ready')
        setItems(old => [contact, ...old])
    }),
  )

  return (
    <Page
      title={t('nav.contacts')}
      actions={
        <Show when={mayAct()}>
          <Button icon="plus" look="primary" data-testid="contact-create" onClick={() => setAdding(true)}>
            {t('contact.new')}
          </Button>
        </Show>
      }
    >
      <input
        type="search"
        data-testid="contact-search"
        class={`${inputClass} mb-4 max-w-md`}
        aria-label={t('contact.search')}
        placeholder={t('contact.search')}
        value={q()}
        onInput={e => setQ(e.currentTarget.value)}
      />
      <Switch>
        <Match when={state() === 'failed' && items().length === 0}>
          <Failure error={error()} onRetry={() => void load(true)} />
        </Match>
        <Match when={state() === 'loading'}>
          <SkeletonRows count={8} class="h-14" />
        </Match>
        <Match when={items().length === 0}>
          <Show
            when={q().trim() === ''}
            fallback={
              <Empty icon="search" title={t('contact.notFound.title')} text={t('contact.notFound.text')}>
                <Button onClick={() => setQ('')}>{t('filter.clear')}</Button>
              </Empty>
            }
          >
            <Empty icon="contacts" title={t('contact.none.title')} text={t('contact.none.text')}>
              <Show when={mayAct()}>
                <Button icon="plus" onClick={() => setAdding(true)}>
                  {t('contact.new')}
                </Button>
              </Show>
            </Empty>
          </Show>
        </Match>
        <Match when={true}>
          <ul class="overflow-hidden rounded-2xl border border-line bg-surface">
            <For each={items()}>
              {contact => (
                <li class="border-b border-line last:border-0">
                  <A
                    href={`/contacts/${contact.id}`}
                    data-testid="contact-row"
                    class="ring-inner flex items-center gap-3 px-4 py-2.5 hover:bg-hover"
                  >
                    <Avatar id={contact.id} name={contact.name} group={contact.isGroup} />
                    <span class="min-w-0 flex-1">
                      <span class="block truncate font-medium">{contactName(contact)}</span>
                      <span class="block truncate text-[13px] text-faint">
                        {[contact.name?.trim() && contact.phone && phoneNumber(contact.phone), contact.email]
                          .filter(Boolean)
                          .join(' · ')}
                      </span>
                    </span>
                    <Show when={contact.blocked}>
                      <span class="rounded-full bg-danger-bg px-2 text-xs text-danger">
                        {t('contact.blocked')}
                      </span>
                    </Show>
                  </A>
                </li>
              )}
            </For>
          </ul>
          <Show when={cursor() !== null}>
            <div class="mt-3 grid justify-center">
              <Button onClick={() => void load(false)}>{t('showMore')}</Button>
            </div>
          </Show>
        </Match>
      </Switch>
      <Show when={params.id} keyed>
        {id => <ContactDetail id={id} onClose={() => go('/contacts')} />}
      </Show>
      <Show when={adding()}>
        <NewContact
          onClose={() => setAdding(false)}
          onCreated={id => {
            setAdding(false)
            void load(true)
            go(`/contacts/${id}`)
          }}
        />
      </Show>
    </Page>
  )
}
