import type { OutboundContent } from './provider.ts'

/** What a person reads of it: text, caption or label; empty where there are no words. */
export const textOf = (content: OutboundContent): string => ('body' in content ? content.body : '')
