import type { ContactCard } from '../provider.ts'

/** The little of vCard (RFC 6350) that phones exchange: name, numbers, mail, organisation. */
const escaped = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n')
const unescaped = (text: string): string => text.replace(/\\n/gi, '\n').replace(/\\([\\;,])/g, '$1')

export const writeVcard = ({ name, phones, emails = [], organisation }: ContactCard): string =>
  [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:;${escaped(name)};;;`,
    `FN:${escaped(name)}`,
    ...(organisation ? [`ORG:${escaped(organisation)};`] : []),
    // WhatsApp offers to write to a number that says it is there.
    ...phones.map(phone => `TEL;type=CELL;type=VOICE;waid=${phone.replace(/\D/g, '')}:${escaped(phone)}`),
    ...emails.map(email => `EMAIL:${escaped(email)}`),
    'END:VCARD',
  ].join('\n')

export const readVcard = (text: string, displayName: string): ContactCard => {
  // A line that begins with a blank goes on with the line before.
  const lines = text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)
  const values = (name: string): string[] =>
    lines.flatMap(line => {
      const colon = line.indexOf(':')
      const label = line
        .slice(0, colon)
        .split(';')[0]
        ?.replace(/^item\d+\./i, '')
      return colon > 0 && label?.toUpperCase() === name ? [unescaped(line.slice(colon + 1)).trim()] : []
    })
  const emails = values('EMAIL').filter(Boolean)
  const organisation = values('ORG')[0]?.replace(/;+$/, '').replace(/;/g, ', ')
  return {
    name: displayName || values('FN')[0] || values('TEL')[0] || '',
    phones: values('TEL').filter(Boolean),
    ...(emails.length > 0 ? { emails } : {}),
    ...(organisation ? { organisation } : {}),
  }
}
