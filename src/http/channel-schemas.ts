import { z } from '@hono/zod-openapi'
import { TEMPLATE_BUTTONS, TEMPLATE_FILES } from '../shared/template-parts.ts'
import type {
  Capabilities as ChannelCapabilities,
  ChannelTemplate as KnownTemplate,
  OutboundKind,
} from '../providers/provider.ts'

const OUTBOUND_KINDS = [
  'text',
  'image',
  'video',
  'audio',
  'voice',
  'document',
  'sticker',
  'location',
  'contacts',
  'interactive',
  'template',
  'reaction',
  'edit',
  'revoke',
] as const satisfies readonly OutboundKind[]
const kind = z.enum(OUTBOUND_KINDS)

/** What a channel can carry, so that a screen offers nothing else. */
export const Capabilities = z
  .object({
    kinds: z.array(kind).meta({ description: 'What may be sent, and done to messages' }),
    captions: z.array(kind).meta({ description: 'Files that may carry a text' }),
    quotes: z.boolean(),
    readReceipts: z.boolean(),
    typing: z.boolean(),
    groups: z.boolean(),
    pairing: z.array(z.enum(['qr', 'code', 'token'])),
    textLengthMax: z.int(),
    mediaBytesMax: z.partialRecord(kind, z.int()),
    mediaTypes: z
      .partialRecord(kind, z.array(z.string()))
      .meta({ description: '`type/subtype` or `type/*`' }),
    choices: z
      .object({
        buttons: z.object({ max: z.int(), titleMax: z.int(), bodyMax: z.int() }),
        list: z
          .object({
            rowsMax: z.int(),
            sectionsMax: z.int(),
            titleMax: z.int(),
            descriptionMax: z.int(),
            openerMax: z.int(),
            bodyMax: z.int(),
          })
          .nullable()
          .meta({ description: 'null: the channel has no lists' }),
      })
      .nullable()
      .meta({
        description: 'How many choices a message may offer, and the length of their words; null: none',
      }),
    editMinutesMax: z
      .int()
      .nullable()
      .meta({ description: 'How long a message may be edited; null: always' }),
    windowHours: z
      .int()
      .nullable()
      .meta({ description: 'How long after the customer wrote one may write freely; null: always' }),
    humanAgentHours: z
      .int()
      .nullable()
      .meta({ description: 'The same for people where humanAgentTag is set; null: as windowHours' }),
  })
  .meta({ id: 'Capabilities' })

/** What the channel says of a session's number. What it does not tell is absent. */
export const ChannelHealth = z
  .object({
    checkedAt: z.iso.datetime().meta({ description: 'When the channel said it' }),
    displayName: z.string().optional(),
    phone: z.string().optional(),
    quality: z.enum(['green', 'yellow', 'red', 'unknown']).optional(),
    dailyLimit: z
      .int()
      .nullable()
      .optional()
      .meta({ description: 'People that may be written to first in a day; null: no limit' }),
    throughput: z.int().optional().meta({ description: 'Messages a second' }),
    notes: z.array(z.string()).optional().meta({ description: 'What the channel holds against the number' }),
    tokenExpiresAt: z.iso
      .datetime()
      .nullable()
      .optional()
      .meta({ description: 'Until when the token is good; null: it does not run out' }),
    problems: z
      .array(
        z.object({
          code: z.enum([
            'display-name',
            'number-status',
            'account-mode',
            'page-does-not-match-token',
            'not-subscribed',
            'permission-missing',
            'app-secret-rejected',
            'token-expires',
          ]),
          detail: z.string().optional(),
        }),
      )
      .optional()
      .meta({ description: "What somebody has to put right; `detail`: the channel's own word for it" }),
  })
  .meta({ id: 'ChannelHealth' })

/** A template as the channel has it. */
export const ChannelTemplate = z
  .object({
    name: z.string(),
    language: z.string(),
    category: z.string(),
    status: z.enum(['approved', 'pending', 'rejected', 'paused', 'disabled']),
    body: z.string(),
    places: z.int().meta({ description: 'How many parameters its body wants' }),
    header: z
      .union([
        z.object({ type: z.literal('text'), text: z.string() }),
        z.object({ type: z.enum([...TEMPLATE_FILES, 'location']) }),
      ])
      .optional()
      .meta({ description: 'What stands above its words; a text may hold a place' }),
    footer: z.string().optional(),
    buttons: z
      .array(
        z.object({
          type: z.enum(TEMPLATE_BUTTONS),
          text: z.string(),
          value: z
            .string()
            .optional()
            .meta({ description: 'The address or number that it opens; an address may end in a place' }),
        }),
      )
      .optional(),
    unsupported: z
      .array(z.string())
      .optional()
      .meta({ description: "Parts that cannot be filled from here, by the channel's name: it is not sent" }),
  })
  .meta({ id: 'ChannelTemplate' })

/** Name by name: what a channel keeps beside these is its own business. */
export const templateView = (known: KnownTemplate): z.output<typeof ChannelTemplate> => {
  const { name, language, category, status, body, places, header, footer, buttons, unsupported } = known
  return {
    ...{ name, language, category, status, body, places },
    ...(header ? { header } : {}),
    ...(footer === undefined ? {} : { footer }),
    ...(buttons
      ? {
          buttons: buttons.map(({ type, text, value }) => ({
            type,
            text,
            ...(value === undefined ? {} : { value }),
          })),
        }
      : {}),
    ...(unsupported ? { unsupported: [...unsupported] } : {}),
  }
}

type Shown = z.output<typeof Capabilities>

/** A channel's abilities as they go over the wire. What is our own business (keys, deduplication) stays here. */
export const capabilitiesView = (known: ChannelCapabilities): Shown => ({
  kinds: [...known.kinds],
  captions: [...known.captions],
  quotes: known.quotes,
  readReceipts: known.readReceipts,
  typing: known.typing,
  groups: known.groups,
  pairing: [...known.pairing],
  textLengthMax: known.textLengthMax,
  mediaBytesMax: known.mediaBytesMax,
  mediaTypes: Object.fromEntries(
    Object.entries(known.mediaTypes).map(([name, types]) => [name, [...types]]),
  ) as Shown['mediaTypes'],
  choices: known.choices ?? null,
  editMinutesMax: known.editMinutesMax ?? null,
  windowHours: known.windowHours,
  humanAgentHours: known.humanAgentHours ?? null,
})
