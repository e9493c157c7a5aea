import type { Capabilities, OutboundKind } from '../../providers/provider.ts'
import type { Act } from '../act.ts'
import { settingsOf } from '../company/settings.ts'
import type { ChannelLimits } from './channel-limits.ts'
import type { Content } from './content.ts'

/** As long as a customer may take to fetch a file. */
export const FILE_LINK_DAYS = 7
const DAY_MS = 24 * 3_600_000
const MIB = 1024 * 1024

const WORDS = {
  'pt-BR': (what: string, until: string, url: string) =>
    `📎 ${what}\nO arquivo é grande demais para ser enviado por aqui. Baixe-o até ${until}:\n${url}`,
  en: (what: string, until: string, url: string) =>
    `📎 ${what}\nThe file is too large to be sent here. Download it until ${until}:\n${url}`,
  es: (what: string, until: string, url: string) =>
    `📎 ${what}\nEl archivo es demasiado grande para enviarlo por aquí. Descárgalo hasta el ${until}:\n${url}`,
} as const
const wordsIn = (locale: string): keyof typeof WORDS =>
  locale === 'en' || locale === 'es' ? locale : 'pt-BR'

/** What the customer reads instead of getting the file, in the company's language. Pure. */
export const linkText = (
  locale: string,
  file: { readonly body: string; readonly name: string; readonly size: number },
  expiresAt: string,
  url: string,
): string => {
  const known = wordsIn(locale)
  const size = new Intl.NumberFormat(known, { maximumFractionDigits: 1 }).format(file.size / MIB)
  const until = new Intl.DateTimeFormat(known, { dateStyle: 'long', timeZone: 'UTC' }).format(
    Date.parse(expiresAt),
  )
  const words = WORDS[known](`${file.name} (${size} MB)`, until, url)
  return file.body === '' ? words : `${file.body}\n\n${words}`
}

/** Whether a file is of a kind that the channel carries, and only too large for it. Pure. */
export const isOverChannel = (
  { kinds, mediaBytesMax }: Capabilities,
  { kind, media, template }: Content,
): boolean => {
  const max = mediaBytesMax[kind as OutboundKind]
  return (
    !template &&
    media !== undefined &&
    kinds.includes(kind as OutboundKind) &&
    max !== undefined &&
    media.size > max
  )
}

/**
 * The content as a link to its file, where the file is over the channel's limit and the company wants that; otherwise as it
 * is, to be refused with the limit. A server that only its own machine can reach gives links to nobody but the simulator.
 */
export const asLink = async (
  act: Act,
  content: Content,
  { capabilities, provider }: ChannelLimits,
  messageId: string,
): Promise<Content> => {
  const { media } = content
  if (!capabilities || !media || !isOverChannel(capabilities, content)) return content
  const { largeFilesAsLinks, locale } = await settingsOf(act)
  const { fileLinks, clock } = act.tools
  if (!largeFilesAsLinks || !(fileLinks.reachable || provider === 'simulator')) return content
  const expiresAt = new Date(
    Math.floor((clock.now() + FILE_LINK_DAYS * DAY_MS) / 1_000) * 1_000,
  ).toISOString()
  const url = fileLinks.make(act.principal.companyId, messageId, expiresAt)
  const file = { body: content.body, name: content.mediaName ?? media.mime, size: media.size }
  return { ...content, link: { expiresAt, text: linkText(locale, file, expiresAt, url) } }
}
