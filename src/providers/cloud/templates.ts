import { z } from 'zod'
import { ChannelError } from '../channel-error.ts'
import type { Graph } from '../meta/graph.ts'
import type { ChannelTemplate } from '../provider.ts'
import { ask } from './ask.ts'

const PAGE = 100
const PAGES_MAX = 60
const FIELDS = 'name,language,status,category,parameter_format,components'

const template = z.looseObject({
  name: z.string(),
  language: z.string(),
  status: z.string(),
  category: z.string().default(''),
  parameter_format: z.string().optional(),
  components: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).default([]),
})
const page = z.looseObject({
  data: z.array(z.unknown()),
  paging: z
    .looseObject({
      cursors: z.looseObject({ after: z.string().optional() }).optional(),
      next: z.string().optional(),
    })
    .optional(),
})

/** With the names of its places, where they have names. */
export type CloudTemplate = ChannelTemplate & { readonly placeNames: readonly string[] | null }

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

const shown = (raw: z.output<typeof template>): CloudTemplate => {
  const body = raw.components.find(({ type }) => type.toUpperCase() === 'BODY')?.text ?? ''
  const names = [...new Set([...body.matchAll(/\{\{\s*([\w]+)\s*\}\}/g)].map(([, name = '']) => name))]
  return {
    name: raw.name,
    language: raw.language,
    category: raw.category.toLowerCase(),
    status: STATUSES[raw.status.toUpperCase()] ?? 'disabled',
    body,
    places: names.length,
    placeNames: raw.parameter_format?.toUpperCase() === 'NAMED' ? names : null,
  }
}
