import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { StoredMedia } from './media.ts'
import type { SentMessage } from './types.ts'

/** What Meta takes of each type, strictly where a mistake of ours would be ignored or refused by the real one. */
const uploaded = (more: Record<string, z.ZodType> = {}) => z.strictObject({ id: z.string(), ...more })
const caption = { caption: z.string().min(1).max(1024).optional() }
const reply = z.strictObject({ id: z.string().min(1).max(256), title: z.string().min(1).max(20) })
const row = z.strictObject({
  id: z.string().min(1).max(200),
  title: z.string().min(1).max(24),
  description: z.string().min(1).max(72).optional(),
})
const plain = z
  .string()
  .min(1)
  .regex(/^(?!.* {5})[^\n\r\t]*$/)
const placed = z.strictObject({
  type: z.literal('text'),
  parameter_name: z.string().optional(),
  text: plain,
})
const header = z.strictObject({
  type: z.literal('header'),
  parameters: z
    .array(
      z.discriminatedUnion('type', [
        placed,
        z.strictObject({ type: z.literal('image'), image: uploaded() }),
        z.strictObject({ type: z.literal('video'), video: uploaded() }),
        z.strictObject({
          type: z.literal('document'),
          document: uploaded({ filename: z.string().optional() }),
        }),
        z.strictObject({
          type: z.literal('location'),
          location: z.strictObject({
            latitude: z.string().regex(/^-?\d+(\.\d+)?$/),
            longitude: z.string().regex(/^-?\d+(\.\d+)?$/),
            name: z.string().min(1).optional(),
            address: z.string().min(1).optional(),
          }),
        }),
      ]),
    )
    .length(1),
})
const words = z.strictObject({ type: z.literal('body'), parameters: z.array(placed).min(1) })
const ofButton = <P extends z.ZodType>(subType: string, parameter: P) =>
  z.strictObject({
    type: z.literal('button'),
    sub_type: z.literal(subType),
    index: z.string().regex(/^\d$/),
    parameters: z.array(parameter).length(1),
  })
const button = z.discriminatedUnion('sub_type', [
  ofButton('url', z.strictObject({ type: z.literal('text'), text: z.string().min(1).regex(/^\S+$/) })),
  ofButton('quick_reply', z.strictObject({ type: z.literal('payload'), payload: z.string().min(1) })),
  ofButton(
    'copy_code',
    z.strictObject({ type: z.literal('coupon_code'), coupon_code: z.string().min(1).max(15) }),
  ),
  ofButton(
    'flow',
    z.strictObject({
      type: z.literal('action'),
      action: z.strictObject({ flow_token: z.string().min(1) }),
    }),
  ),
])
const parts = {
  text: z.strictObject({ body: z.string().min(1).max(4096), preview_url: z.boolean().optional() }),
  image: uploaded(caption),
  video: uploaded(caption),
  audio: uploaded({ voice: z.boolean().optional() }),
  document: uploaded({ ...caption, filename: z.string().optional() }),
  sticker: uploaded(),
  location: z.strictObject({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  contacts: z
    .array(
      z.strictObject({
        name: z.strictObject({ formatted_name: z.string().min(1), first_name: z.string().min(1) }),
        phones: z
          .array(
            z.strictObject({ phone: z.string(), wa_id: z.string().optional(), type: z.string().optional() }),
          )
          .optional(),
        emails: z.array(z.strictObject({ email: z.string(), type: z.string().optional() })).optional(),
        org: z.strictObject({ company: z.string() }).optional(),
      }),
    )
    .min(1)
    .max(257),
  interactive: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('button'),
      body: z.strictObject({ text: z.string().min(1).max(1024) }),
      action: z.strictObject({
        buttons: z
          .array(z.strictObject({ type: z.literal('reply'), reply }))
          .min(1)
          .max(3),
      }),
    }),
    z.strictObject({
      type: z.literal('list'),
      body: z.strictObject({ text: z.string().min(1).max(4096) }),
      action: z.strictObject({
        button: z.string().min(1).max(20),
        sections: z
          .array(z.strictObject({ title: z.string().min(1).max(24).optional(), rows: z.array(row).min(1) }))
          .min(1)
          .max(10),
      }),
    }),
  ]),
  template: z.strictObject({
    name: z.string().min(1),
    language: z.strictObject({ code: z.string().min(2) }),
    components: z.array(z.discriminatedUnion('type', [header, words, button])).optional(),
  }),
  reaction: z.strictObject({ message_id: z.string().min(1), emoji: z.string() }),
} satisfies Record<string, z.ZodType>

/** The file that a message, or the header of a template, names. */
export const fileIn = (part: unknown): string | undefined => {
  const { id, components = [] } = part as {
    id?: string
    components?: { parameters: { image?: Named; video?: Named; document?: Named }[] }[]
  }
  const above = components.flatMap(one => one.parameters).find(one => one.image ?? one.video ?? one.document)
  return id ?? (above?.image ?? above?.video ?? above?.document)?.id
}
type Named = { id: string }

type Made = { message: SentMessage } | { error: number; details: string }

export const sendOf = (
  phoneNumberId: string,
  body: Record<string, unknown>,
  files: ReadonlyMap<string, StoredMedia>,
): Made => {
  const to = body['to'] ?? body['recipient']
  // The real one answers 200 to a business-scoped id in `to` and delivers to nobody; here that is an error to be noticed.
  if (typeof to !== 'string' || (body['to'] !== undefined && /^[A-Z]{2}\./.test(to)))
    return { error: 131009, details: 'to' }
  const type = Object.keys(parts).find((known): known is keyof typeof parts => known === body['type'])
  if (!type) return { error: 100, details: `unknown type ${String(body['type'])}` }
  const part = parts[type].safeParse(body[type])
  if (!part.success) return { error: 100, details: z.prettifyError(part.error) }
  const id = fileIn(part.data)
  if (id !== undefined && !files.has(id)) return { error: 100, details: `no media ${id}` }
  const ref = body['biz_opaque_callback_data']
  return {
    message: {
      id: `wamid.${randomUUID().replaceAll('-', '').toUpperCase()}`,
      phoneNumberId,
      to,
      body,
      ref: typeof ref === 'string' ? ref : undefined,
    },
  }
}
