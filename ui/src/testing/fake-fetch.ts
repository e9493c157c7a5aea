import { vi } from 'vitest'

export type Asked = { method: string; path: string; query: URLSearchParams; body: unknown; headers: Headers }
type Answer = { status?: number; body?: unknown; headers?: Record<string, string> }

/** Stands where the network begins: the client under test builds and reads real requests and responses. */
export const answerFetch = (answer: (asked: Asked) => Answer | Promise<Answer>): Asked[] => {
  const all: Asked[] = []
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    const url = new URL(address, 'http://localhost')
    const asked = {
      method: init.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : init.body,
      headers: new Headers(init.headers),
    }
    all.push(asked)
    const { status = 200, body, headers = {} } = await answer(asked)
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers })
  })
  return all
}
