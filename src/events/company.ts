import { z } from 'zod'
import { fact, personalFact, revised, type FactOf, type OpenFactOf } from './define.ts'

export const ROLES = ['super-admin', 'admin', 'supervisor', 'agent', 'auditor', 'analyst'] as const
export const roleSchema = z.enum(ROLES)
export type Role = z.output<typeof roleSchema>

export const companyEvents = {
  'company.created': fact({ name: z.string(), locale: z.string(), timeZone: z.string() }),
  /** Ticket numbers come in blocks reserved per node: unique, increasing per node, gaps allowed. `to` is inclusive. */
  'company.ticketNumbersReserved': fact({
    from: z.int().positive(),
    to: z.int().positive(),
    node: z.string(),
  }),
  /**
   * What an admin chose; absent: as it was. Bytes of one file, as a customer sends it and as we do; `null`: what the
   * installation takes. `tellTooLarge`: whether a customer is told that a file was over the limit. Version 2:
   * `largeFilesAsLinks`, whether a file that is over a channel's limit goes out as a link, instead of being refused.
   */
  'company.settingsChanged': revised(
    fact({
      inboundMediaBytesMax: z.int().positive().nullable().optional(),
      outboundMediaBytesMax: z.int().positive().nullable().optional(),
      tellTooLarge: z.boolean().optional(),
      largeFilesAsLinks: z.boolean().optional(),
    }),
    2,
    { 1: data => ({ ...data }) },
  ),
} as const
export type CompanyEvent = FactOf<typeof companyEvents>
export type CompanyOpenFact = OpenFactOf<typeof companyEvents>

export const userEvents = {
  'user.created': personalFact(
    { role: roleSchema, queueIds: z.array(z.uuid()), locale: z.string() },
    { name: z.string(), email: z.string() },
  ),
  'user.changed': personalFact(
    { role: roleSchema.optional(), queueIds: z.array(z.uuid()).optional(), locale: z.string().optional() },
    { name: z.string().optional(), email: z.string().optional() },
  ),
  'user.passwordChanged': fact({}),
  'user.deactivated': fact({}),
  'user.reactivated': fact({}),
  /** The scanner found malware in what they uploaded; nothing of it was kept. `found`: what the scanner calls it. */
  'user.uploadRefused': personalFact({ found: z.string() }, { fileName: z.string().nullable() }),
} as const
export type UserEvent = FactOf<typeof userEvents>
export type UserOpenFact = OpenFactOf<typeof userEvents>

export const queueEvents = {
  /** `color`: `#rrggbb`. */
  'queue.created': fact({ name: z.string(), color: z.string() }),
  'queue.changed': fact({ name: z.string().optional(), color: z.string().optional() }),
  'queue.removed': fact({}),
} as const
export type QueueEvent = FactOf<typeof queueEvents>
export type QueueOpenFact = OpenFactOf<typeof queueEvents>

/** Something that could not be processed, kept whole until an admin retries or drops it. */
export const deadLetterEvents = {
  /**
   * Sealed with a key of its own (subject = its id): nobody knows yet whose it is, but `aliasIds`, the keyed hashes of the
   * addresses that stand in it, tell when one of them is erased. `rawKey`: where an over-long payload was put.
   * Version 1 was sealed with the company's key and knew neither.
   */
  'deadLetter.recorded': revised(
    personalFact(
      {
        source: z.string(),
        reason: z.string(),
        sessionId: z.uuid().nullable(),
        aliasIds: z.array(z.uuid()),
        rawKey: z.string().nullable(),
      },
      { payload: z.string() },
    ),
    2,
    { 1: data => ({ ...data, aliasIds: [], rawKey: null }) },
  ),
  'deadLetter.retried': fact({
    userId: z.uuid(),
    outcome: z.enum(['processed', 'failed']),
    reason: z.string().optional(),
  }),
  'deadLetter.dropped': fact({ userId: z.uuid() }),
  /** Somebody whom it is about was erased: its payload can never be opened again. */
  'deadLetter.erased': fact({}),
} as const
export type DeadLetterEvent = FactOf<typeof deadLetterEvents>
export type DeadLetterOpenFact = OpenFactOf<typeof deadLetterEvents>
