import { A } from '@solidjs/router'
import { createResource, createSignal, For, Show, Suspense } from 'solid-js'
import { api, type Contact } from '../../api/index.ts'
import { contactName, phoneNumber } from '../../i18n/format.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { say } from '../../parts/toasts.tsx'
import { isSupervisor, maySeeChannels } from '../../stores/auth.ts'
import { contactOf, loadContact } from '../../stores/contacts.ts'
import { w } from './words.ts'
import { lazyPart } from '../../sync/load-part.ts'

const Merge = lazyPart(() => import('./merge-contact.tsx'))
const Past = lazyPart(() => import('./past.tsx'))

type Merged = NonNullable<Contact['merged']>[number]

/** Which contacts are one person, who said so, and how it is said and taken back. */
export default function SamePerson(props: { contact: Contact }) {
  const [open, setOpen] = createSignal<'merge' | 'past'>()
  const [parting, setParting] = createSignal<{ readonly goes: Merged; readonly stays: string }>()
  const [stays] = createResource(
    () => props.contact.mergedInto,
    async id => {
      await loadContact(id)
      return contactOf(id)
    },
  )
  const part = async (goes: Merged) => {
    await api.contacts.unmerge(goes.id)
    await Promise.all([goes.id, props.contact.id].map(loadContact))
    say(w('unmerge.done', { name: contactName(goes) }))
  }
  return (
    <>
      <Show when={!stays.error && stays()}>
        {other => (
          <div
            class="flex flex-wrap items-center gap-2 rounded-xl bg-hover px-3 py-2"
            data-testid="contact-merged-into"
          >
            <p class="min-w-0 flex-1">{w('mergedInto', { name: contactName(other()) })}</p>
            <A class="text-accent-ink underline" href={`/contacts/${other().id}`}>
              {w('open')}
            </A>
            <Show when={isSupervisor()}>
              <Button
                small
                data-testid="contact-unmerge"
                onClick={() => setParting({ goes: props.contact, stays: contactName(other()) })}
              >
                {w('unmerge')}
              </Button>
            </Show>
          </div>
        )}
      </Show>
      <Show when={props.contact.merged?.length}>
        <section>
          <h3 class="mb-1 text-[13px] font-medium text-faint">{w('merged')}</h3>
          <ul class="rounded-xl border border-line">
            <For each={props.contact.merged}>
              {other => (
                <li
                  class="flex items-center gap-3 border-b border-line px-3 py-2 last:border-0"
                  data-testid="contact-also"
                >
                  <A class="min-w-0 flex-1 truncate hover:underline" href={`/contacts/${other.id}`}>
                    {contactName(other)}
                    <Show when={other.name && other.phone}>
                      {phone => <span class="text-faint"> · {phoneNumber(phone())}</span>}
                    </Show>
                  </A>
                  <Show when={isSupervisor()}>
                    <Button
                      small
                      data-testid="contact-unmerge"
                      onClick={() => setParting({ goes: other, stays: contactName(props.contact) })}
                    >
                      {w('unmerge')}
                    </Button>
                  </Show>
                </li>
              )}
            </For>
          </ul>
        </section>
      </Show>
      <div class="flex flex-wrap gap-2">
        <Show when={isSupervisor() && !props.contact.mergedInto}>
          <Button small data-testid="contact-same" onClick={() => setOpen('merge')}>
            {w('same')}
          </Button>
        </Show>
        <Show when={maySeeChannels()}>
          <Button small data-testid="contact-history" onClick={() => setOpen('past')}>
            {w('history')}
          </Button>
        </Show>
      </div>
      <Suspense>
        <Show when={open() === 'merge'}>
          <Merge contact={props.contact} onClose={() => setOpen(undefined)} />
        </Show>
        <Show when={open() === 'past'}>
          <Past contact={props.contact} onClose={() => setOpen(undefined)} />
        </Show>
      </Suspense>
      <Show when={parting()}>
        {both => (
          <Confirm
            open
            title={w('unmerge.title', { name: contactName(both().goes) })}
            text={w('unmerge.text', { stays: both().stays })}
            confirm={w('unmerge')}
            onClose={() => setParting(undefined)}
            run={() => part(both().goes)}
          />
        )}
      </Show>
    </>
  )
}
