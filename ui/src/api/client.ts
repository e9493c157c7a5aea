import { hc, type ClientResponse } from 'hono/client'
import type { AppType } from '../../../src/http/app.ts'
import { request } from './http.ts'

/** The API as its own routes type it: a path, field or answer that the server does not have stops the compiler. */
export const { v1 } = hc<AppType>('/', { fetch: request }).api

type Body<R> = R extends ClientResponse<infer T, number, 'json'> ? T : never

/** The body of a success; failures were thrown by `request`. */
export const bodyOf = async <R extends ClientResponse<unknown, number, string>>(
  response: Promise<R>,
): Promise<Body<R>> => (await (await response).json()) as Body<R>

type Said<V> = V extends number ? string : V extends string ? V : never

/** A query without what was not asked; numbers as the text that they become in the address. */
export const asked = <Q extends object>(query: Q): { [K in keyof Q]?: Said<Q[K]> } => {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)])) as {
    [K in keyof Q]?: Said<Q[K]>
  }
}

export const ifMatch = (revision: number | undefined): { headers: Record<string, string> } => ({
  headers: revision === undefined ? {} : { 'If-Match': String(revision) },
})
