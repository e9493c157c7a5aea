import { z } from 'zod'
import type { Graph } from './graph.ts'
import { fetchFile } from './fetch-file.ts'

const profile = z.looseObject({
  name: z.string().nullish(),
  username: z.string().nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  profile_pic: z.string().nullish(),
})

/** How a person is called who wrote; `null` where Meta does not say, or not now. */
export const profileName = async (
  graph: Graph,
  token: string,
  personId: string,
  fields: string,
): Promise<string | null> => {
  const answer = await graph.get(`${encodeURIComponent(personId)}?fields=${fields}`, token)
  const said = answer.outcome === 'ok' ? profile.safeParse(answer.body).data : undefined
  if (!said) return null
  const parts = [said.first_name, said.last_name].filter(Boolean).join(' ')
  return said.name || parts || said.username || null
}

const PICTURE_BYTES_MAX = 5 * 1024 * 1024

export const profilePicture = async (
  options: { readonly graph: Graph; readonly graphUrl: string; readonly token: string },
  personId: string,
) => {
  const answer = await options.graph.get(`${encodeURIComponent(personId)}?fields=profile_pic`, options.token)
  const url = answer.outcome === 'ok' ? profile.safeParse(answer.body).data?.profile_pic : null
  if (!url) return null
  return fetchFile(url, { graphUrl: options.graphUrl, limit: PICTURE_BYTES_MAX })
}
