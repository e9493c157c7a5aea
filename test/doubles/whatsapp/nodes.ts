import type { BinaryNode } from '@whiskeysockets/baileys'

/** What is said over the line: WhatsApp's XML-like nodes, and the few helpers that make them pleasant to read and write. */
export type Node = BinaryNode
type Content = Node['content']

export const SERVER_JID = 's.whatsapp.net'

/** A node without the attributes that are undefined. */
export const node = (
  tag: string,
  attrs: Record<string, string | undefined> = {},
  content?: Content,
): Node => {
  const given: Record<string, string> = {}
  for (const [name, value] of Object.entries(attrs)) if (value !== undefined) given[name] = value
  return content === undefined ? { tag, attrs: given } : { tag, attrs: given, content }
}

export const childrenOf = (parent: Node | undefined, tag?: string): Node[] =>
  Array.isArray(parent?.content) ? parent.content.filter(child => tag === undefined || child.tag === tag) : []

export const childOf = (parent: Node | undefined, tag: string): Node | undefined => childrenOf(parent, tag)[0]

/** The bytes in that child. It is an error of the client that they are missing. */
export const bytesOf = (parent: Node | undefined, ...path: string[]): Buffer => {
  const found = path.reduce<Node | undefined>((at, tag) => childOf(at, tag), parent)
  if (found?.content instanceof Uint8Array) return Buffer.from(found.content)
  if (typeof found?.content === 'string') return Buffer.from(found.content)
  throw new Error(`no bytes at ${[parent?.tag, ...path].join(' > ')}`)
}

export const numberOf = (bytes: Buffer): number => bytes.readUIntBE(0, bytes.length)

export const attr = (of: Node | undefined, name: string): string => of?.attrs[name] ?? ''

/** Seconds since 1970, as stanzas carry them. */
export const seconds = (at = Date.now()): string => String(Math.floor(at / 1000))

/** `5511…:3@s.whatsapp.net` → `5511…` and 3. */
export const userOf = (jid: string): { user: string; device: number; server: string } => {
  const [name = '', server = ''] = jid.split('@')
  const [user = '', device = '0'] = name.split(':')
  return { user, device: Number(device), server }
}
