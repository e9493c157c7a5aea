import { z } from 'zod'
import type { Graph } from '../meta/graph.ts'
import type { ChannelHealth } from '../provider.ts'
import { answered, ask } from './ask.ts'
import type { Line } from './send-message.ts'

const BASIC = ['verified_name', 'display_phone_number', 'quality_rating'] as const
/** Graph refuses a question with a field that its version does not have, so these are asked for on top. */
const MORE = [
  'throughput',
  'messaging_limit_tier',
  'whatsapp_business_manager_messaging_limit',
  'name_status',
  'status',
  'account_mode',
] as const
const INVALID_PARAMETER = 100

const word = z.string().optional()
const told = z.looseObject({
  verified_name: word,
  display_phone_number: word,
  quality_rating: word,
  messaging_limit_tier: word,
  whatsapp_business_manager_messaging_limit: word,
  throughput: z.looseObject({ level: word }).optional(),
  name_status: word,
  status: word,
  account_mode: word,
})
type Told = z.output<typeof told>

const QUALITIES = ['green', 'yellow', 'red'] as const
const LIMITS: Readonly<Record<string, number | null>> = {
  TIER_50: 50,
  TIER_250: 250,
  TIER_1K: 1_000,
  TIER_2K: 2_000,
  TIER_10K: 10_000,
  TIER_100K: 100_000,
  TIER_UNLIMITED: null,
  UNLIMITED: null,
}
/** Messages a second, by Meta's levels. */
const THROUGHPUTS: Readonly<Record<string, number>> = { STANDARD: 80, HIGH: 1_000 }
const FINE = { name_status: ['APPROVED', 'AVAILABLE_WITHOUT_REVIEW', 'NONE'], status: ['CONNECTED'] } as const

/** How a number is doing. @throws ChannelError */
export const healthOf = async (graph: Graph, { phoneNumberId, token }: Line): Promise<ChannelHealth> => {
  const path = (fields: readonly string[]) =>
    `${encodeURIComponent(phoneNumberId)}?fields=${fields.join(',')}`
  const answer = await graph.get(path([...BASIC, ...MORE]), token)
  const body =
    answer.outcome === 'refused' && answer.code === INVALID_PARAMETER
      ? await ask(graph, path(BASIC), token)
      : answered(answer)
  return shown(told.parse(body))
}

const shown = (about: Told): ChannelHealth => {
  const rating = about.quality_rating?.toLowerCase()
  const limit = LIMITS[about.whatsapp_business_manager_messaging_limit ?? about.messaging_limit_tier ?? '']
  const throughput = THROUGHPUTS[about.throughput?.level ?? '']
  const problems = problemsOf(about)
  return {
    ...(about.verified_name ? { displayName: about.verified_name } : {}),
    ...(about.display_phone_number ? { phone: about.display_phone_number } : {}),
    quality: QUALITIES.find(known => known === rating) ?? 'unknown',
    ...(limit === undefined ? {} : { dailyLimit: limit }),
    ...(throughput === undefined ? {} : { throughput }),
    ...(problems.length > 0
      ? { notes: problems.map(({ code, detail }) => `${NOTED[code]}: ${detail}`), problems }
      : {}),
  }
}

const NOTED = { 'display-name': 'display name', 'number-status': 'number', 'account-mode': 'mode' } as const
type NumberProblem = { readonly code: keyof typeof NOTED; readonly detail: string }

const problemsOf = ({ name_status, status, account_mode }: Told): NumberProblem[] => [
  ...(name_status && !FINE.name_status.some(fine => fine === name_status)
    ? [{ code: 'display-name' as const, detail: name_status }]
    : []),
  ...(status && !FINE.status.some(fine => fine === status)
    ? [{ code: 'number-status' as const, detail: status }]
    : []),
  ...(account_mode && account_mode !== 'LIVE'
    ? [{ code: 'account-mode' as const, detail: account_mode }]
    : []),
]
