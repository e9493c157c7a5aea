import { z } from 'zod'
import type { MessageKind } from '../../events/message.ts'
import type { Upload } from '../../media/uploads.ts'
import {
  isPlainParameter,
  TEMPLATE_BUTTONS,
  TEMPLATE_CODE_CHARS_MAX,
  TEMPLATE_FILES,
  TEMPLATE_HEADER_CHARS_MAX,
  TEMPLATE_URL_CHARS_MAX,
  type TemplateFile,
} from '../../shared/template-parts.ts'
import { kindOf, UPLOAD_KINDS } from '../../shared/upload-kind.ts'
import type { Act } from '../act.ts'
import { refused, type Refusal } from '../define.ts'

/** What one agent may write at once; channels have lower limits of their own. */
export const BODY_LENGTH_MAX = 4_096

const words = (max: number) => z.string().trim().min(1).max(max)

export const messageBody = z
  .string()
  .max(BODY_LENGTH_MAX)
  .refine(body => body.trim().length > 0, 'must not be empty')

const location = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: words(1_000).optional(),
  address: words(1_000).optional(),
})

const contactCard = z.object({
  name: words(200),
  phones: z.array(words(40)).min(1).max(10),
  emails: z.array(words(254)).max(10).optional(),
  organisation: words(200).optional(),
})

/** As much as any channel takes; each has limits of its own. */
const button = z.object({ id: words(200), title: words(24) })
const row = z.object({ id: words(200), title: words(24), description: words(72).optional() })
const choices = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('buttons'), buttons: z.array(button).min(1).max(13) }),
    z.object({
      type: z.literal('list'),
      button: words(20),
      sections: z
        .array(z.object({ title: z.string().trim().max(24), rows: z.array(row).min(1).max(10) }))
        .min(1)
        .max(10),
    }),
  ])
  .refine(
    given =>
      given.type === 'buttons' ||
      given.sections.length === 1 ||
      given.sections.every(({ title }) => title !== ''),
    { path: ['sections'], message: 'where there are several, each needs a title' },
  )
  .refine(given => new Set(offeredIn(given).map(({ id }) => id)).size === offeredIn(given).length, {
    message: 'two choices with the same id',
  })

type Offered = { readonly id: string; readonly title: string; readonly description?: string | undefined }
/** Everything that can be chosen, in its order. */
export const offeredIn = (
  given:
    | { readonly type: 'buttons'; readonly buttons: readonly Offered[] }
    | { readonly type: 'list'; readonly sections: readonly { readonly rows: readonly Offered[] }[] },
): readonly Offered[] =>
  given.type === 'buttons' ? given.buttons : given.sections.flatMap(({ rows }) => rows)

const templateHeader = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: words(TEMPLATE_HEADER_CHARS_MAX),
    parameter: words(TEMPLATE_HEADER_CHARS_MAX).optional(),
  }),
  z.object({ type: z.enum(TEMPLATE_FILES) }),
  location.extend({ type: z.literal('location') }),
])
const templateButton = z
  .object({
    type: z.enum(TEMPLATE_BUTTONS),
    text: words(200),
    value: words(TEMPLATE_URL_CHARS_MAX).optional(),
    parameter: words(TEMPLATE_URL_CHARS_MAX).optional(),
  })
  .refine(({ type, parameter }) => parameter !== undefined || (type !== 'copy-code' && type !== 'otp'), {
    path: ['parameter'],
    message: 'the code is missing',
  })
  .refine(
    ({ type, parameter = '' }) =>
      parameter.length <= TEMPLATE_CODE_CHARS_MAX || (type !== 'copy-code' && type !== 'otp'),
    { path: ['parameter'], message: `a code has at most ${TEMPLATE_CODE_CHARS_MAX} characters` },
  )
/** The header, footer and buttons are said as the customer sees them, with what fills them. */
const template = z.object({
  name: words(512),
  language: words(20),
  parameters: z
    .array(words(1_024).refine(isPlainParameter, 'no line breaks, tabs or more than four spaces in a row'))
    .max(32)
    .default([]),
  header: templateHeader.optional(),
  footer: words(200).optional(),
  buttons: z.array(templateButton).min(1).max(10).optional(),
})

/** What is to be said: a text, or a file, or one of the structured kinds. */
export const contentFields = {
  /** Text, caption, the question above choices, or the template as the customer reads it. */
  body: messageBody.optional(),
  /** Of a file, where it is not to be sent as what it was uploaded as. */
  kind: z.enum(UPLOAD_KINDS).optional(),
  uploadId: z.uuid().optional(),
  location: location.optional(),
  contacts: z.array(contactCard).min(1).max(20).optional(),
  interactive: choices.optional(),
  template: template.optional(),
}
const asked = z.object(contentFields)
export type AskedContent = z.output<typeof asked>

const PARTS = ['uploadId', 'location', 'contacts', 'interactive', 'template'] as const

/** The kind of file that stands in a template's header; `null`: none does. */
export const headerFileOf = (content: {
  readonly template?: { readonly header?: { readonly type: string } | undefined } | undefined
}): TemplateFile | null => {
  const type = content.template?.header?.type
  return TEMPLATE_FILES.find(known => known === type) ?? null
}

/** What is said; the file of a template's header is no thing of its own. */
const partsOf = (content: AskedContent) =>
  PARTS.filter(
    name => content[name] !== undefined && !(name === 'uploadId' && headerFileOf(content) !== null),
  )

/** One thing at a time: nothing that was asked for is silently left out. Pure. */
export const contentRefusal = (content: AskedContent): Refusal | null => {
  const [part, ...others] = partsOf(content)
  if (others.length > 0)
    return refused('invalid', `${others[0]}: a message is one thing, and has ${part} already.`)
  const above = headerFileOf(content)
  if (above && content.uploadId === undefined)
    return refused('invalid', `uploadId: the template's header wants a file (${above}).`)
  if (content.kind && part !== 'uploadId') return refused('invalid', 'kind: only of an uploaded file.')
  const hasBody = content.body !== undefined
  if ((part === undefined || part === 'interactive' || part === 'template') && !hasBody)
    return refused('invalid', 'body: must not be empty.')
  if ((part === 'location' || part === 'contacts') && hasBody)
    return refused('invalid', `body: ${part} goes without words.`)
  return null
}

/** What a screen makes room for before the bytes are there. */
type MediaLooks = {
  readonly seconds?: number | undefined
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly thumbnail?: boolean | undefined
}
export const looksOf = ({ seconds, width, height, thumbnail }: MediaLooks): MediaLooks => ({
  ...(seconds === undefined ? {} : { seconds }),
  ...(width === undefined ? {} : { width }),
  ...(height === undefined ? {} : { height }),
  ...(thumbnail === undefined ? {} : { thumbnail }),
})

/** Content as a message holds it. */
export type Content = Pick<AskedContent, 'location' | 'contacts' | 'interactive' | 'template'> & {
  readonly kind: MessageKind
  /** Text, caption, or what a person reads of the details. */
  readonly body: string
  readonly media?: Pick<Upload, 'key' | 'mime' | 'size' | 'sha256'> & MediaLooks
  readonly mediaName?: string | undefined
  readonly forwardedId?: string
  /** The file goes as a link that ends then; `text` is what the customer reads. */
  readonly link?: { readonly expiresAt: string; readonly text: string }
}

const readable = ({ location: place, contacts }: AskedContent): string => {
  if (place) {
    const map = `https://maps.google.com/?q=${place.latitude},${place.longitude}`
    return [place.name, place.address, map].filter(Boolean).join('\n')
  }
  return (contacts ?? []).map(({ name, phones }) => [name, ...phones].join(' ')).join('\n')
}

/** The content that was asked for, its file found. */
export const contentOf = async (act: Act, content: AskedContent): Promise<Content | Refusal> => {
  const wrong = contentRefusal(content)
  if (wrong) return wrong
  const { body = readable(content), uploadId, kind: asKind, ...details } = content
  if (uploadId === undefined) {
    const [part] = partsOf(content)
    return { ...details, kind: part === undefined || part === 'uploadId' ? 'text' : part, body }
  }
  const above = headerFileOf(content)
  const kind = asKind ?? above ?? undefined
  const upload = await act.tools.uploads.take(act.principal.companyId, uploadId)
  if (!upload) return refused('invalid', 'uploadId: there is no such upload, or it has expired.')
  const { key, mime, size, sha256, name } = upload
  // A picture that is sent as speech is nothing that a phone can play.
  if (kind && kindOf(mime, kind) !== kind)
    return refused(
      'invalid',
      `${above ? 'template.header' : 'kind'}: a file of ${mime} cannot be sent as ${kind}.`,
    )
  return {
    ...details,
    kind: above ? 'template' : (kind ?? upload.kind),
    body,
    media: { key, mime, size, sha256, ...looksOf(upload) },
    ...(name === null ? {} : { mediaName: name }),
  }
}
