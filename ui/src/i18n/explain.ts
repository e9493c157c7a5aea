import { ApiProblem } from '../api/problem.ts'
import { users } from '../stores/directory.ts'
import { bytes } from './format.ts'
import { maybeT, t } from './index.ts'

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/** Who it was, if the refusal says so and we know the person. */
const whoIn = (problem: ApiProblem['problem']): string => {
  const data = (problem['data'] ?? problem) as Record<string, unknown>
  const given = text(data['name'] ?? data['userName'] ?? data['actorName'])
  const id = text(data['userId'] ?? data['actorId'])
  return given || users.items.find(user => user.id === id)?.name || t('someone')
}

/** More exact words, where the refusal says the limit that a file was over, or what was found in it. */
const exactly = ({ code, ...problem }: ApiProblem['problem']): string | undefined => {
  const { max, found } = (problem['data'] ?? {}) as { max?: unknown; found?: unknown }
  if (typeof max === 'number') return maybeT(`problem.${code}.max`, { max: bytes(max) })
  return typeof found === 'string' ? maybeT(`problem.${code}.named`, { found }) : undefined
}

/** What went wrong in the user's language: by the stable code; else the server's own sentence. */
export const explain = (error: unknown): string => {
  if (!(error instanceof ApiProblem)) return t('problem.unknown')
  const { problem } = error
  const known = exactly(problem) ?? maybeT(`problem.${problem.code}`, { who: whoIn(problem) })
  const issues = (problem.issues ?? []).map(issue => `${issue.path}: ${issue.message}`).join('; ')
  if (known) return issues && problem.code === 'invalid' ? `${known} ${issues}` : known
  if (problem.status >= 500) return t('problem.server')
  return issues || problem.detail || t('problem.unknown')
}
