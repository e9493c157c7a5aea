import { z } from 'zod'
import { aliasKind, contactKind } from '../../actors/contact/chart.ts'
import { validPhone } from '../../shared/phone.ts'
import { answerOf } from '../act.ts'
import { command, HANDLERS } from '../command.ts'
import { refused, type Refusal } from '../define.ts'
import { aliasIdOf } from './addresses.ts'
import { nameHashOf, ownerOf } from './identity.ts'
import { personOf } from './person.ts'

const name = z.string().trim().min(1).max(200)
const email = z.email().max(254)
const unknownContact = (): Refusal => refused('not-found', 'There is no such contact.')

/** Adds a person by hand. A number that somebody has already is refused, naming who. */
export const createContact = command({
  name: 'contact.create',
  summary: 'Add a contact',
  roles: HANDLERS,
  input: z.object({ name, phone: z.string().max(40).optional(), email: email.optional() }),
  run: async (act, input) => {
    const key = await act.tools.tenantKey(act.principal.companyId)
    const id = act.idFor<string>('contact')
    const phone = input.phone === undefined ? null : validPhone(input.phone)
    if (input.phone !== undefined && !phone)
      return refused('invalid', 'phone: no country knows such a number.')
    const addresses = phone ? [{ kind: 'phone' as const, value: phone }] : []
    if (phone) {
      const aliasId = aliasIdOf(key, { kind: 'phone', value: phone })
      const owner = await ownerOf(act, aliasId)
      const claim = await act.transact(aliasKind, aliasId, alias => {
        const { contactId } = alias.context
        if (contactId === id) return []
        if (contactId)
          return refused('contact-exists', 'A contact with this number exists.', {
            contactId: owner.contactId ?? contactId,
          })
        return [{ type: 'alias.claimed', data: { contactId: id } }]
      })
      if (claim.outcome !== 'done') return answerOf(id, claim)
    }
    const outcome = await act.transact(contactKind, id, contact =>
      contact.matches('absent')
        ? [
            {
              type: 'contact.created',
              subject: id,
              data: {
                isGroup: false,
                nameHash: nameHashOf(key, input.name),
                source: 'user',
                personal: { name: input.name, phone, email: input.email ?? null, addresses },
              },
            },
          ]
        : [],
    )
    return answerOf(id, outcome)
  },
})

/** A name given by a user stays, whatever the person calls themselves on the channel. */
export const changeContact = command({
  name: 'contact.change',
  summary: 'Change a contact',
  roles: HANDLERS,
  input: z.object({ id: z.uuid(), name: name.optional(), email: email.nullable().optional() }),
  run: async (act, input) => {
    const key = await act.tools.tenantKey(act.principal.companyId)
    const { id } = await personOf(act, input.id, 0)
    const outcome = await act.transact(contactKind, id, contact => {
      if (!contact.matches('known')) return unknownContact()
      const renamed = input.name && {
        type: 'contact.renamed' as const,
        subject: id,
        data: {
          nameHash: nameHashOf(key, input.name),
          source: 'user' as const,
          personal: { name: input.name },
        },
      }
      const changed = input.email !== undefined && {
        type: 'contact.changed' as const,
        subject: id,
        data: { fields: ['email'], personal: { email: input.email } },
      }
      return [...(renamed ? [renamed] : []), ...(changed ? [changed] : [])]
    })
    return answerOf(id, outcome)
  },
})

const switchBlock = (blocked: boolean) =>
  command({
    name: blocked ? 'contact.block' : 'contact.unblock',
    summary: blocked ? 'Stop writing to and hearing from a contact' : 'Let a contact write again',
    roles: HANDLERS,
    input: z.object({ id: z.uuid() }),
    run: async (act, input) => {
      const { id } = await personOf(act, input.id, 0)
      const outcome = await act.transact(contactKind, id, contact => {
        if (!contact.matches('known')) return unknownContact()
        if (contact.matches({ known: 'blocked' }) === blocked) return []
        const userId = act.principal.kind === 'user' ? act.principal.userId : id
        return [
          { type: blocked ? ('contact.blocked' as const) : ('contact.unblocked' as const), data: { userId } },
        ]
      })
      return answerOf(id, outcome)
    },
  })

export const blockContact = switchBlock(true)
export const unblockContact = switchBlock(false)
