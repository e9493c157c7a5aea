import type { Capabilities, OutboundMedia, OutboundMessage, SendResult } from './provider.ts'
import { mediaOf } from './media-of.ts'
import { textOf } from './text-of.ts'
import { unsupported } from './unsupported.ts'

const HOUR_MS = 3_600_000

/** Why a channel of these capabilities would not carry this; `null`: it may go. Asked before anything reaches the wire. */
export const refusalBefore = (
  can: Capabilities,
  message: OutboundMessage,
  now: number,
): SendResult | null => {
  const { kind } = message
  if (!can.kinds.includes(kind)) return unsupported(kind)
  if (message.quoted && !can.quotes) return refusal('unsupported-quote', 'this channel cannot quote')
  if (!can.groups && message.to.some(a => a.kind === 'group'))
    return refusal('unsupported-group', 'this channel has no groups')
  return mediaRefusal(can, message) ?? textRefusal(can, message) ?? windowRefusal(can, message, now)
}

export const refusal = (code: string, reason: string): SendResult => ({
  outcome: 'refused',
  reason,
  code,
  retryable: false,
})

const mediaRefusal = (can: Capabilities, message: OutboundMessage): SendResult | null => {
  const carried = mediaOf(message)
  if (!carried) return null
  const { kind, media } = carried
  const max = can.mediaBytesMax[kind]
  if (max !== undefined && media.size > max)
    return refusal('media-too-large', `${media.size} bytes; this channel takes ${max} of a ${kind}`)
  const types = can.mediaTypes[kind]
  if (types && !types.some(type => isOfType(media, type)))
    return refusal('media-type-unsupported', `this channel takes no ${media.mime} as ${kind}`)
  if (message.kind !== 'template' && textOf(message) !== '' && !can.captions.includes(kind))
    return refusal('unsupported-caption', `this channel carries no text with: ${kind}`)
  return null
}

/** `audio/ogg; codecs=opus` is of the types `audio/ogg` and `audio/*`. */
const isOfType = ({ mime }: OutboundMedia, type: string): boolean => {
  const plain = (mime.split(';')[0] ?? '').trim().toLowerCase()
  return type.endsWith('/*') ? plain.startsWith(type.slice(0, -1)) : plain === type
}

const textRefusal = (can: Capabilities, message: OutboundMessage): SendResult | null => {
  const { length } = textOf(message)
  if (length > can.textLengthMax)
    return refusal('text-too-long', `${length} characters; this channel takes ${can.textLengthMax}`)
  return null
}

/** Templates are what the window is opened with. Of a customer who is not known to have written, the channel judges itself. */
const windowRefusal = (can: Capabilities, message: OutboundMessage, now: number): SendResult | null => {
  if (can.windowHours === null || message.kind === 'template' || message.lastInboundAt === undefined)
    return null
  if (now < Date.parse(message.lastInboundAt) + can.windowHours * HOUR_MS) return null
  return refusal('window-closed', windowReason(can.windowHours))
}

const windowReason = (hours: number): string =>
  `the customer last wrote more than ${hours} hours ago: only a template may be sent`
