import { z } from 'zod'
import { ChannelError } from '../channel-error.ts'
import { placesIn, type TemplateFile } from '../../shared/template-parts.ts'
import type { Graph } from '../meta/graph.ts'
import type { ChannelTemplate, TemplateButton, TemplateHeader } from '../provider.ts'
import { ask } from './ask.ts'

const PAGE = 100
const PAGES_MAX = 60
const FIELDS = 'name,language,status,category,parameter_format,components'

const button = z.looseObject({
  type: z.string(),
  text: z.string().default(''),
  url: z.string().optional(),
  phone_number: z.string().optional(),
})
const component = z.looseObject({
  type: z.string(),
  format: z.string().optional(),
  text: z.string().optional(),
  buttons: z.array(button).optional(),
})
const template = z.looseObject({
  name: z.string(),
  language: z.string(),
  status: z.string(),
  category: z.string().default(''),
  parameter_format: z.string().optional(),
  components: z.array(component).default([]),
})
type Raw = z.output<typeof template>
const page = z.looseObject({
  data: z.array(z.unknown()),
  paging: z
    .looseObject({
      cursors: z.looseObject({ after: z.string().optional() }).optional(),
      next: z.string().optional(),
    })
    .optional(),
})

/** With the names of its places, where they have names: the body's, and the header's. */
export type CloudTemplate = ChannelTemplate & {
  readonly placeNames: readonly string[] | null
  readonly headerPlace?: string
}

/** All templates of a business account. @throws ChannelError */
export const templatesOf = async (
  graph: Graph,
  line: { readonly businessAccountId: string; readonly token: string },
): Promise<readonly CloudTemplate[]> => {
  if (line.businessAccountId === '')
    throw new ChannelError(
      'business-account-missing',
      'Templates belong to the WhatsApp business account: set its id in the session first.',
      false,
    )
  const found: CloudTemplate[] = []
  let after: string | undefined
  for (let count = 0; count < PAGES_MAX; count += 1) {
    const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`
    const path = `${encodeURIComponent(line.businessAccountId)}/message_templates?fields=${FIELDS}&limit=${PAGE}${from}`
    const { data, paging } = page.parse(await ask(graph, path, line.token))
    for (const raw of data) {
      const read = template.safeParse(raw)
      if (read.success) found.push(shown(read.data))
    }
    after = paging?.next === undefined ? undefined : paging.cursors?.after
    if (after === undefined) break
  }
  return found
}

const STATUSES: Readonly<Record<string, ChannelTemplate['status']>> = {
  APPROVED: 'approved',
  PENDING: 'pending',
  IN_APPEAL: 'pending',
  REJECTED: 'rejected',
  PAUSED: 'paused',
}

const shown = (raw: Raw): CloudTemplate => {
  const body = componentOf(raw, 'BODY')?.text ?? ''
  const footer = componentOf(raw, 'FOOTER')?.text
  const names = placesIn(body)
  const header = headerOf(raw)
  const buttons = (componentOf(raw, 'BUTTONS')?.buttons ?? []).map(one => buttonOf(one, raw.category))
  const known = buttons.flatMap(one => (typeof one === 'string' ? [] : [one]))
  const unsupported = [
    ...raw.components.map(({ type }) => type.toUpperCase()).filter(type => !PARTS.includes(type)),
    ...(typeof header === 'string' ? [header] : []),
    ...buttons.filter(one => typeof one === 'string'),
  ]
  const named = raw.parameter_format?.toUpperCase() === 'NAMED'
  const [headerPlace] =
    named && typeof header === 'object' && header.type === 'text' ? placesIn(header.text) : []
  return {
    name: raw.name,
    language: raw.language,
    category: raw.category.toLowerCase(),
    status: STATUSES[raw.status.toUpperCase()] ?? 'disabled',
    body,
    places: names.length,
    ...(typeof header === 'object' ? { header } : {}),
    ...(footer ? { footer } : {}),
    ...(known.length > 0 ? { buttons: known } : {}),
    ...(unsupported.length > 0 ? { unsupported } : {}),
    placeNames: named ? names : null,
    ...(headerPlace === undefined ? {} : { headerPlace }),
  }
}

const PARTS: readonly string[] = ['HEADER', 'BODY', 'FOOTER', 'BUTTONS']

const componentOf = ({ components }: Raw, type: string) =>
  components.find(one => one.type.toUpperCase() === type)

/** A string: Meta's name of what we cannot fill. */
const headerOf = (raw: Raw): TemplateHeader | string | undefined => {
  const found = componentOf(raw, 'HEADER')
  if (!found) return undefined
  const format = (found.format ?? 'TEXT').toUpperCase()
  if (format === 'TEXT') return { type: 'text', text: found.text ?? '' }
  const type = FORMATS[format]
  return type ? { type } : `HEADER ${format}`
}
const FORMATS: Readonly<Record<string, TemplateFile | 'location'>> = {
  IMAGE: 'image',
  VIDEO: 'video',
  DOCUMENT: 'document',
  LOCATION: 'location',
}

/** Meta tells the button of a code for logging in as one with an address; its category gives it away. */
const buttonOf = (raw: z.output<typeof button>, category: string): TemplateButton | string => {
  const { text } = raw
  switch (raw.type.toUpperCase()) {
    case 'QUICK_REPLY':
      return { type: 'quick-reply', text }
    case 'URL':
      return category.toUpperCase() === 'AUTHENTICATION'
        ? { type: 'otp', text }
        : { type: 'url', text, ...(raw.url === undefined ? {} : { value: raw.url }) }
    case 'OTP':
      return { type: 'otp', text }
    case 'PHONE_NUMBER':
      return { type: 'phone', text, ...(raw.phone_number === undefined ? {} : { value: raw.phone_number }) }
    case 'COPY_CODE':
      return { type: 'copy-code', text }
    case 'FLOW':
      return { type: 'flow', text }
    default:
      return `BUTTON ${raw.type.toUpperCase()}`
  }
}
