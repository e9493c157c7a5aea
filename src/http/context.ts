import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { TypedResponse } from 'hono'
import { isRefusal, type Answer, type AskOptions, type Door } from '../commands/define.ts'
import type { UserPrincipal } from '../events/principal.ts'
import type { ProviderKind } from '../events/session.ts'
import type { Config } from '../config.ts'
import type { MediaStore } from '../media/port.ts'
import type { Thumbnails } from '../media/thumbnails.ts'
import type { UploadShelf } from '../media/upload-shelf.ts'
import type { KeptAnswers } from '../projections/kept-answers.ts'
import type { Lookups, Page, ReadModels } from '../projections/read-models.ts'
import type { Projections } from '../projections/status.ts'
import type { Capabilities } from '../providers/provider.ts'
import type { Clock } from '../shared/clock.ts'
import type { Log } from '../shared/log.ts'
import type { Health } from '../telemetry/health.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { inSpan } from '../telemetry/tracing.ts'
import type { Auth, Authenticated } from './auth.ts'
import type {
  AuditDoor,
  CodesDoor,
  InspectionDoor,
  QuarantineDoor,
  SimulatorDoor,
  WebhookDoor,
} from './doors.ts'
import type { FileLinks } from './file-links.ts'
import type { MediaLinks } from './media-links.ts'
import { Problem, refusalProblem } from './problem.ts'

/** What `main` hands to the HTTP side. */
export type HttpParts = {
  readonly door: Door
  readonly readModels: ReadModels
  /** Answers that still hold. */
  readonly answers: Pick<KeptAnswers, 'answer'>
  readonly projections: Projections
  readonly lookups: Pick<Lookups, 'principal' | 'sharedFile'>
  readonly auth: Auth
  readonly media: Pick<MediaStore, 'get' | 'head'>
  readonly thumbnails: Pick<Thumbnails, 'of'>
  readonly mediaLinks: MediaLinks
  readonly fileLinks: FileLinks
  readonly uploads: Pick<UploadShelf, 'keep'>
  /** Bytes of one file that this installation takes in or sends, whatever a company chose. */
  readonly mediaBytesMax: number
  /** What a channel can carry; `null` for one that this release does not have. */
  capabilities(provider: ProviderKind): Capabilities | null
  readonly codes: CodesDoor
  readonly inspection: InspectionDoor
  readonly webhooks: WebhookDoor
  readonly simulator: SimulatorDoor
  readonly quarantine: QuarantineDoor
  readonly audit: AuditDoor
  readonly health: Health
  readonly metrics: Metrics
  readonly config: Pick<
    Config,
    'publicUrl' | 'trustProxy' | 'metricsToken' | 'rateLimitPerSecond' | 'uiDir' | 'version'
  >
  readonly log: Log
  readonly clock: Clock
}

export type Env = {
  Bindings: Partial<HttpBindings>
  Variables: {
    correlationId: string
    /** Set on every route that needs a login. */
    login: Authenticated
    /** The client's idempotency key, checked. */
    key: string | undefined
    ifMatch: number | undefined
  }
}
export type Ctx = Context<Env>

export const principalOf = (c: Ctx): UserPrincipal => c.var.login.principal

const ID_CHARS = /^[\x21-\x7e]{1,200}$/
const REVISION = /^(?:"(\d{1,15})"|(\d{1,15}))$/

/** The `Idempotency-Key` header. @throws Problem */
export const idempotencyKeyOf = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined
  if (ID_CHARS.test(header)) return header
  throw new Problem('invalid', 'The idempotency key must be 1 to 200 visible ASCII characters.', {
    issues: [{ path: 'Idempotency-Key', message: 'must be 1 to 200 visible ASCII characters' }],
  })
}

/** The revision in an `If-Match` header: `"12"` or `12`. @throws Problem */
export const revisionOf = (header: string | undefined): number | undefined => {
  if (header === undefined) return undefined
  const match = REVISION.exec(header)
  if (match) return Number(match[1] ?? match[2])
  throw new Problem('invalid', 'If-Match must be the revision that you saw, such as "12".', {
    issues: [{ path: 'If-Match', message: 'must be a revision, such as "12"' }],
  })
}

const askOptions = (c: Ctx): AskOptions => ({
  correlationId: c.var.correlationId,
  ...(c.var.key === undefined ? {} : { key: c.var.key }),
  ...(c.var.ifMatch === undefined ? {} : { ifMatch: c.var.ifMatch }),
})

/** Asks the door on behalf of the logged-in person. @throws Problem for a refusal */
export const ask = async (c: Ctx, parts: HttpParts, command: string, input: unknown): Promise<Answer> => {
  const answer = await inSpan(`command ${command}`, { 'fio.company': principalOf(c).companyId }, () =>
    parts.door.ask(principalOf(c), command, input, askOptions(c)),
  )
  if (isRefusal(answer)) throw refusalProblem(answer)
  if (answer.position !== null) c.header('X-Position', answer.position)
  if (answer.duplicate) c.header('Idempotent-Replayed', 'true')
  return answer
}

export type CommandAnswer = { id: string; revision: number; position: string | null }
/** An answer as it goes out. */
export const bodyOf = ({ id, revision, position }: Answer): CommandAnswer => ({ id, revision, position })

/** Carries out a command that changes something. */
export const change = async (
  c: Ctx,
  parts: HttpParts,
  command: string,
  input: unknown,
): Promise<Response & TypedResponse<CommandAnswer, 200, 'json'>> =>
  c.json(bodyOf(await ask(c, parts, command, input)), 200)

/** Carries out a command that creates something, which then lives at `location`. */
export const create = async (
  c: Ctx,
  parts: HttpParts,
  command: string,
  input: unknown,
  location: (id: string) => string,
): Promise<Response & TypedResponse<CommandAnswer, 201, 'json'>> => {
  const answer = await ask(c, parts, command, input)
  c.header('Location', `/api/v1${location(answer.id)}`)
  return c.json(bodyOf(answer), 201)
}

/** A page as the answer's schema wants it. */
export const pageOf = <T>(page: Page<T>): { items: T[]; nextCursor: string | null } => ({
  items: [...page.items],
  nextCursor: page.nextCursor,
})
