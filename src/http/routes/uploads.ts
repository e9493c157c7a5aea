import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import busboy from 'busboy'
import { isRefusal } from '../../commands/define.ts'
import { MalwareFound, MediaTooLarge } from '../../media/port.ts'
import { ScanUnavailable } from '../../media/clamd.ts'
import { MediaRefused } from '../../media/take-in.ts'
import type { NewUpload } from '../../media/upload-shelf.ts'
import type { Upload } from '../../media/uploads.ts'
import { derivedId, newId } from '../../shared/ids.ts'
import { UPLOAD_KINDS } from '../../shared/upload-kind.ts'
import { principalOf, type Ctx, type Env, type HttpParts } from '../context.ts'
import { Problem } from '../problem.ts'
import { json } from '../schemas.ts'

const NAME_LENGTH_MAX = 255
const MAY_UPLOAD: ReadonlySet<string> = new Set(['super-admin', 'admin', 'supervisor', 'agent'])

const kind = z.enum(UPLOAD_KINDS)
const UploadAnswer = z
  .object({
    id: z.uuid(),
    mime: z.string().meta({ description: 'As the bytes say, whatever the browser called it' }),
    size: z.int(),
    name: z.string().nullable(),
    kind: kind.meta({ description: 'What it is sent as' }),
    seconds: z.number().optional(),
    width: z.int().optional(),
    height: z.int().optional(),
  })
  .meta({ id: 'Upload' })

const upload = createRoute({
  method: 'post',
  path: '/uploads',
  tags: ['Messages'],
  summary: 'Upload one file for a message that names it as `uploadId`; kept for a day unless it is sent',
  request: {
    query: z.strictObject({
      kind: kind.optional().meta({
        description: 'What it is to be sent as, where its bytes leave a choice: `voice`, `document`',
      }),
    }),
  },
  // Described and not validated: the form is read as it streams by.
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['file'],
          properties: { file: { type: 'string', format: 'binary' } },
        },
      },
    },
  },
  responses: { 201: json(UploadAnswer, 'Kept') },
})

type File = {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly name: string | null
  readonly declared: string
}

/** Without folders. Browsers write a quotation mark in a form's name as `%22`. */
const nameOf = (given: string | undefined): string | null => {
  const last = (given ?? '').replaceAll('%22', '"').split(/[\\/]/).at(-1) ?? ''
  return last.slice(-NAME_LENGTH_MAX) || null
}

const formOf = (c: Ctx) => {
  try {
    return busboy({
      headers: { 'content-type': c.req.header('content-type') ?? '' },
      limits: { files: 1, fields: 0, headerPairs: 20 },
      defParamCharset: 'utf8',
    })
  } catch {
    throw new Problem('unsupported-media-type', 'Send multipart/form-data with one file.')
  }
}

/** Hands the form's file to `use` as it comes in. What `use` leaves unread ends the request. */
const fileIn = async <T>(c: Ctx, use: (file: File) => Promise<T>): Promise<T> => {
  const form = formOf(c)
  const body = c.req.raw.body
  if (!body) throw new Problem('invalid', 'The form has no file.')
  let used: Promise<T> | undefined
  let refusal: Error | undefined
  form.on('file', (_, stream, { filename, mimeType }) => {
    used = use({ bytes: stream, name: nameOf(filename), declared: mimeType })
    // Whoever refuses the file stops the whole form; a form that is cut stops the file.
    used.catch((error: unknown) => {
      refusal = error instanceof Error ? error : new Error(String(error))
      form.destroy(refusal)
    })
    form.once('error', error => stream.destroy(error instanceof Error ? error : new Error('cut')))
  })
  try {
    await pipeline(Readable.fromWeb(body as NodeStream), form)
  } catch (error) {
    if (error === refusal) throw error
    await used?.catch(() => undefined)
    throw new Problem('invalid', 'The form was cut off, or is none.')
  }
  if (!used) throw new Problem('invalid', 'The form has no file.')
  return used
}

/** Who uploaded what goes into the log; that it was refused does not hang on it. */
const recordRefused = async (
  parts: HttpParts,
  c: Ctx,
  fileName: string | null,
  found: string,
): Promise<void> => {
  const { companyId, userId } = principalOf(c)
  const { correlationId } = c.var
  parts.log.warn({ companyId, userId, found, correlationId }, 'an upload was refused: malware was found')
  const who = { kind: 'system', companyId, actor: { kind: 'user', id: userId } } as const
  const answer = await parts.door.ask(
    who,
    'user.refuseUpload',
    { id: userId, fileName, found },
    { correlationId, rule: 'scan-uploads' },
  )
  if (isRefusal(answer)) parts.log.error({ correlationId, answer }, 'a refused upload was not recorded')
}

const kept = async (parts: HttpParts, c: Ctx, bytes: File['bytes'], file: NewUpload): Promise<Upload> => {
  try {
    const done = await parts.uploads.keep(principalOf(c).companyId, bytes, file)
    if (done) return done
  } catch (error) {
    if (error instanceof MediaTooLarge)
      throw new Problem('too-large', `A file may have ${error.limit} bytes.`, { data: { max: error.limit } })
    if (error instanceof MediaRefused) throw new Problem('file-refused', error.message)
    if (error instanceof MalwareFound) {
      await recordRefused(parts, c, file.name, error.found)
      throw new Problem('malware-found', `The scanner found ${error.found}.`, {
        data: { found: error.found },
      })
    }
    if (error instanceof ScanUnavailable)
      throw new Problem('not-ready', 'Files cannot be scanned for malware right now.', {
        headers: { 'Retry-After': '5' },
      })
    throw error
  }
  throw new Problem('idempotency-key-reused', 'This key was used for another file.')
}

export const uploadRoutes = (parts: HttpParts) =>
  new OpenAPIHono<Env>().openapi(upload, async c => {
    const who = principalOf(c)
    const { companyId, userId, role } = who
    if (!MAY_UPLOAD.has(role)) throw new Problem('forbidden', 'Your role may not do this.')
    const { key } = c.var
    const id = key === undefined ? newId<string>() : derivedId<string>('upload', companyId, userId, key)
    const { outboundMediaBytesMax } = await parts.readModels.companySettings(who)
    const limit = Math.min(outboundMediaBytesMax ?? parts.mediaBytesMax, parts.mediaBytesMax)
    const wished = c.req.valid('query').kind
    const done = await fileIn(c, ({ bytes, name, declared }) =>
      kept(parts, c, bytes, { id, name, declared, kind: wished, limit }),
    )
    const { mime, size, name, kind: sentAs, seconds, width, height } = done
    return c.json({ id, mime, size, name, kind: sentAs, seconds, width, height }, 201)
  })
