import { isIPv6 } from 'node:net'
import type { Ctx, HttpParts } from './context.ts'
import { Problem } from './problem.ts'

/** Where a request comes from: the socket's address, or what the trusted proxies in front wrote. */
export const clientAddress = (c: Ctx, trustProxy: number): string => {
  const socket = c.env.incoming?.socket.remoteAddress ?? 'unknown'
  if (trustProxy === 0) return socket
  const hops = (c.req.header('x-forwarded-for') ?? '').split(',').map(hop => hop.trim())
  return hops.at(-trustProxy) || socket
}

/** Whom guesses are counted against: one IPv6 line has 2^64 addresses, so there it is the whole line. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('%')[0]!.split('::')
  const groups = (text: string): string[] => text.split(':').filter(group => group !== '')
  const zeros = Array<string>(8).fill('0')
  const left = groups(head)
  const missing = address.includes('::') ? 8 - left.length - groups(tail).length : 0
  return `${[...left, ...zeros.slice(0, missing), ...groups(tail)].slice(0, 4).join(':')}::/64`
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']
export const isSafe = (c: Ctx): boolean => SAFE_METHODS.includes(c.req.method)

const sameOrigin = (c: Ctx, origin: string, publicUrl: string): boolean => {
  if (!URL.canParse(origin)) return false
  return new URL(origin).host === c.req.header('host') || origin === new URL(publicUrl).origin
}

/** What the browser says about where the request was made. `null`: not a browser, or an old one. */
const cameFromHere = (c: Ctx, publicUrl: string): boolean | null => {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const origin = c.req.header('origin')
  return origin === undefined ? null : sameOrigin(c, origin, publicUrl)
}

/**
 * Refuses a request that another site made the browser send. A cookie is sent by the browser itself, so what rests on
 * one must prove where it was made (`strict`); without a cookie only a plain contradiction is refused.
 */
export const refuseCrossSite = (c: Ctx, parts: Pick<HttpParts, 'config'>, strict: boolean): void => {
  const here = cameFromHere(c, parts.config.publicUrl)
  if (here === true || (here === null && !strict)) return
  throw new Problem('cross-site', 'Requests that rest on a cookie must come from our own pages.')
}
