import { latest } from '../../actors/latest.ts'
import { sessionKind } from '../../actors/session/chart.ts'
import { ticketKind } from '../../actors/ticket/chart.ts'
import type { ProviderKind } from '../../events/session.ts'
import type { Capabilities, ChoiceLimits, OutboundKind } from '../../providers/provider.ts'
import { windowHoursOf } from '../../shared/writing-window.ts'
import type { Act } from '../act.ts'
import { refused, type Refusal } from '../define.ts'
import { conversationEnd } from '../conversation/way.ts'
import { headerFileOf, offeredIn, type Content } from './content.ts'

/** What a ticket's channel can carry, how long whoever asks may write freely, and when the customer last wrote, where that counts. */
export type ChannelLimits = {
  /** `null`: a channel that this release does not have; it decides itself. */
  readonly capabilities: Capabilities | null
  /** After the customer's last word; `null`: always. */
  readonly windowHours: number | null
  readonly lastInboundAt: string | null
  /** Which channel it is, as far as somebody asked it. */
  readonly provider?: ProviderKind
}

/** Settings of a session may be this old where other processes change them. */
const SESSION_FRESH_MS = 2_000
const HOUR_MS = 3_600_000

export const limitsOf = async (
  act: Act,
  sessionId: string,
  conversationId: string,
): Promise<ChannelLimits> => {
  const { state } = await act.state(sessionKind, sessionId, SESSION_FRESH_MS)
  const { provider } = state.context
  const capabilities = state.matches('existing') ? act.tools.capabilities(provider) : null
  const windowHours = capabilities
    ? windowHoursOf(capabilities, {
        humanAgentTag: state.context.settings.humanAgentTag === true,
        byPerson: act.principal.kind === 'user',
      })
    : null
  if (windowHours === null) return { capabilities, windowHours, lastInboundAt: null, provider }
  return {
    capabilities,
    windowHours,
    provider,
    lastInboundAt: await lastInboundOf(act.state, conversationId),
  }
}

/** When the customer last wrote in a conversation: to the live ticket, the one before, or none. */
export const lastInboundOf = async (
  stateOf: Pick<Act, 'state'>['state'],
  conversationId: string,
): Promise<string | null> => {
  const { state } = await conversationEnd(stateOf, conversationId)
  const { live, last, lastInboundAt } = state.context
  let at = lastInboundAt
  for (const id of [live?.ticketId, last?.ticketId]) {
    if (id === undefined) continue
    const { state: ticket } = await stateOf(ticketKind, id)
    if (ticket.context.lastInboundAt !== null) at = latest(at, ticket.context.lastInboundAt)
  }
  return at
}

type Missing = 'kind' | 'caption' | 'quote' | 'length' | 'size' | 'type' | 'choices'
const cannot = (what: Missing, kind: string, detail: string, max?: number): Refusal =>
  refused('unsupported-by-channel', detail, { what, kind, ...(max === undefined ? {} : { max }) })

/** Pure: whether the channel takes such a thing at all. */
export const kindRefusal = ({ capabilities }: ChannelLimits, kind: OutboundKind): Refusal | null =>
  capabilities && !capabilities.kinds.includes(kind)
    ? cannot('kind', kind, `This channel cannot carry this kind of message (${kind}).`)
    : null

const takes = (types: readonly string[], mime: string): boolean => {
  const [bare = ''] = mime.toLowerCase().split(';')
  return types.some(type =>
    type.endsWith('/*') ? bare.startsWith(type.slice(0, -1)) : type.toLowerCase() === bare.trim(),
  )
}

/** Pure: what the channel cannot carry of a message, said before anything is queued. */
export const contentLimits = (
  limits: ChannelLimits,
  { kind, body: words, media, template, interactive, link }: Content,
  quotes: boolean,
): Refusal | null => {
  const { capabilities } = limits
  if (!capabilities) return null
  const outbound = kind as OutboundKind
  const wrong = kindRefusal(limits, outbound)
  if (wrong) return wrong
  const body = link?.text ?? words
  if (quotes && !capabilities.quotes) return cannot('quote', kind, 'This channel cannot quote messages.')
  if (body.length > capabilities.textLengthMax)
    return cannot(
      'length',
      kind,
      `This channel takes ${capabilities.textLengthMax} characters at most.`,
      capabilities.textLengthMax,
    )
  if (interactive) return choicesRefusal(capabilities, body, interactive)
  // The words are all that goes.
  if (!media || link) return null
  const above = headerFileOf({ template })
  if (!above && body !== '' && !capabilities.captions.includes(outbound))
    return cannot('caption', kind, `This channel carries no words with this kind of message (${kind}).`)
  return fileRefusal(capabilities, above ?? outbound, media)
}

/** Over which of the channel's limits the choices are. */
const choicesRefusal = (
  { choices: can }: Capabilities,
  body: string,
  given: NonNullable<Content['interactive']>,
): Refusal | null => {
  const over = (detail: string, max?: number) => cannot('choices', 'interactive', detail, max)
  const limits = given.type === 'buttons' ? can?.buttons : can?.list
  if (!limits) return over(`This channel offers no ${given.type === 'buttons' ? 'buttons' : 'lists'}.`)
  const { titleMax, bodyMax } = limits
  const offered = offeredIn(given)
  const most = 'max' in limits ? limits.max : limits.rowsMax
  if (offered.length > most) return over(`This channel takes ${most} choices at most.`, most)
  if (body.length > bodyMax)
    return over(`Above them this channel takes ${bodyMax} characters at most.`, bodyMax)
  const long = offered.find(({ title }) => title.length > titleMax)
  if (long) return over(`"${long.title}": a choice has ${titleMax} characters at most.`, titleMax)
  return given.type === 'list' && can?.list ? listRefusal(can.list, given, over) : null
}

type List = Extract<NonNullable<Content['interactive']>, { type: 'list' }>
const listRefusal = (
  { sectionsMax, titleMax, descriptionMax, openerMax }: NonNullable<ChoiceLimits['list']>,
  { button, sections }: List,
  over: (detail: string, max: number) => Refusal,
): Refusal | null => {
  if (sections.length > sectionsMax)
    return over(`This channel takes ${sectionsMax} sections at most.`, sectionsMax)
  if (button.length > openerMax)
    return over(`The button that opens the list has ${openerMax} characters at most.`, openerMax)
  const wide = sections.find(({ title }) => title.length > titleMax)
  if (wide) return over(`"${wide.title}": a section's title has ${titleMax} characters at most.`, titleMax)
  const wordy = offeredIn({ type: 'list', sections }).find(
    ({ description = '' }) => description.length > descriptionMax,
  )
  return wordy
    ? over(`"${wordy.title}": a description has ${descriptionMax} characters at most.`, descriptionMax)
    : null
}

const fileRefusal = (
  { mediaBytesMax, mediaTypes }: Capabilities,
  kind: OutboundKind,
  { mime, size }: NonNullable<Content['media']>,
): Refusal | null => {
  const bytesMax = mediaBytesMax[kind]
  if (bytesMax !== undefined && size > bytesMax)
    return cannot('size', kind, `This channel takes ${bytesMax} bytes at most (${kind}).`, bytesMax)
  const types = mediaTypes[kind]
  if (types && !takes(types, mime))
    return cannot('type', kind, `This channel does not take ${mime} as ${kind}: ${types.join(', ')}.`)
  return null
}

const closedWords = (hours: number, hasTemplates: boolean): string =>
  hasTemplates
    ? `The customer has not written for ${hours} hours: send a template.`
    : `The customer has not written for ${hours} hours: wait until they do.`

/** Pure: whether the customer has been silent for longer than the channel lets one write freely. */
export const windowRefusal = (
  { capabilities, windowHours: hours, lastInboundAt }: ChannelLimits,
  kind: OutboundKind,
  at: string,
): Refusal | null => {
  if (hours === null || kind === 'template') return null
  const open = lastInboundAt !== null && Date.parse(at) - Date.parse(lastInboundAt) < hours * HOUR_MS
  return open
    ? null
    : refused('window-closed', closedWords(hours, capabilities?.kinds.includes('template') === true), {
        hours,
        lastInboundAt,
      })
}
