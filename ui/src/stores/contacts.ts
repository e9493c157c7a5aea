import { createStore, reconcile, unwrap } from 'solid-js/store'
import { api, type Contact } from '../api/index.ts'

const [rows, setRows] = createStore<Record<string, Contact>>({})
export const contactOf = (id: string): Contact | undefined => rows[id]

const listeners = new Set<(contact: Contact) => void>()
export const onContactChange = (listener: (contact: Contact) => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const putContact = (contact: Contact): void => {
  const old = unwrap(rows)[contact.id]
  if (old && old.revision > contact.revision) return
  setRows(contact.id, reconcile(contact))
  for (const listener of listeners) listener(contact)
}

export const loadContact = async (id: string): Promise<void> => putContact(await api.contacts.get(id))
export const forgetContacts = (): void => setRows(reconcile({}))
