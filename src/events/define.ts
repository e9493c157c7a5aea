import { z } from 'zod'

/**
 * How a fact is defined: what it says openly, and under `personal` what it says about a person. Everything under
 * `personal` is sealed with that person's own key before it is stored; charts never see it, so replay needs no key and
 * erasing a person is destroying one key.
 */
export type FactDefinition = {
  /** The newest version that this release reads. Counts from 1; raise it together with an upcast from the one before. */
  readonly version: number
  readonly open: z.ZodObject
  readonly personal?: z.ZodObject
  /** `upcasts[1]` turns the open data of version 1 into version 2, and so on. */
  readonly upcasts?: Readonly<Record<number, Change>>
  /** The same for the personal part, where that changed. */
  readonly personalUpcasts?: Readonly<Record<number, Change>>
  /**
   * What this release writes while the one before it still runs beside it and reads no more than that: the older version,
   * and how a fact is said in it (open data with `personal` inside). Leave it away once every release reads `version`.
   */
  readonly writes?: { readonly version: number; readonly as: Change }
}

type Change = (data: Readonly<Record<string, unknown>>) => Record<string, unknown>

export type Vocabulary = { readonly [type: string]: FactDefinition }

/** A fact of version 1 that says nothing about a person. */
export const fact = <O extends z.ZodRawShape>(open: O) => ({ version: 1, open: z.object(open) }) as const

/** A fact of version 1 with a personal part. */
export const personalFact = <O extends z.ZodRawShape, P extends z.ZodRawShape>(open: O, personal: P) =>
  ({ version: 1, open: z.object(open), personal: z.object(personal) }) as const

/** A later version of a fact: `upcasts` as above. See docs/events.md. */
export const revised = <D extends FactDefinition, U extends Readonly<Record<number, Change>>>(
  definition: D,
  version: number,
  upcasts: U,
) => ({ ...definition, version, upcasts })

/** The version in which a release writes a fact. */
export const writtenVersion = ({ version, writes }: FactDefinition): number => writes?.version ?? version

type DataOf<D extends FactDefinition> = z.output<D['open']> &
  (D extends { readonly personal: infer P extends z.ZodObject } ? { personal: z.output<P> } : unknown)

/** The `{type, data}` union of a vocabulary, as `decide` makes them. */
export type FactOf<V extends Vocabulary> = {
  [T in keyof V & string]: { type: T; data: DataOf<V[T]> }
}[keyof V & string]

/** The same facts as a chart sees them: without their personal part. */
export type OpenFactOf<V extends Vocabulary> = {
  [T in keyof V & string]: {
    type: T
    data: z.output<V[T]['open']>
    meta: FactMeta
    id: string
    revision: number
  }
}[keyof V & string]

export const actorSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), id: z.uuid() }),
  z.object({ kind: z.literal('contact'), id: z.uuid() }),
  z.object({ kind: z.literal('channel'), id: z.uuid() }),
  z.object({ kind: z.literal('bot'), id: z.string() }),
  z.object({ kind: z.literal('system'), id: z.string() }),
])
/** Who did it. `channel` is a session (its id), `system` names the part of the server. */
export type FactActor = z.output<typeof actorSchema>

export const factMetaSchema = z.object({
  companyId: z.uuid(),
  actor: actorSchema,
  /** ISO 8601, UTC: when it was decided. */
  at: z.iso.datetime(),
  commandId: z.uuid(),
  /** Hash of the command's input, so that a reused idempotency key with another body is noticed. */
  commandHash: z.string().optional(),
  correlationId: z.string(),
  /** The fact or message that made this happen. */
  causationId: z.string().optional(),
  /** The rule by which the system acted on its own. */
  rule: z.string().optional(),
  settingsRevision: z.int().optional(),
  /** Whose key seals the personal part: a contact's or user's id. */
  subject: z.uuid().optional(),
  schema: z.int(),
  /** SHA-256 (base64url) of the stream's previous stored event; empty for the first. */
  prev: z.string(),
})
export type FactMeta = z.output<typeof factMetaSchema>

/** A fact as the log gives it back: opened, upcast to the newest version. `personal` is `null` once the person was erased. */
export type Recorded<F extends { type: string; data: unknown }> = F extends { type: infer T; data: infer D }
  ? {
      readonly id: string
      readonly type: T
      readonly data: D extends { personal: infer P } ? Omit<D, 'personal'> & { personal: P | null } : D
      readonly stream: string
      readonly revision: number
      readonly position: string
      readonly meta: FactMeta
    }
  : never
