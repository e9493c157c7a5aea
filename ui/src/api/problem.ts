/** RFC 9457, as the API answers every failure. `code` is stable and has its words in the dictionaries. */
export type Problem = {
  readonly status: number
  readonly code: string
  readonly title?: string
  readonly detail?: string
  readonly issues?: readonly { path: string; message: string }[]
  readonly [extra: string]: unknown
}

export class ApiProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? problem.code)
    this.problem = problem
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof ApiProblem ? error.problem.code : undefined

/** What the answer says went wrong; a proxy's HTML page becomes a problem of its status too. */
export const problemFrom = async (response: Response): Promise<ApiProblem> => {
  const parsed: unknown = await response.json().catch(() => null)
  const body = typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  const code = typeof body['code'] === 'string' ? body['code'] : `http-${response.status}`
  return new ApiProblem({ ...body, status: response.status, code })
}
