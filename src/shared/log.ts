import { pino, stdSerializers, type Logger } from 'pino'

export type Log = Logger

/**
 * JSON lines with service, version and environment. Known secret fields are cut out wherever they stand up to
 * two levels deep; message bodies and personal data are never handed to the log in the first place.
 */
export const createLog = (options: {
  level: string
  version: string
  environment: string
  /** Which process this is, where there are several. */
  node?: string
  destination?: { write(line: string): void }
}): Log =>
  pino(
    {
      level: options.level,
      base: {
        service: 'fio',
        version: options.version,
        environment: options.environment,
        ...(options.node ? { node: options.node } : {}),
        pid: process.pid,
      },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: plainError },
      formatters: { level: label => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[secret]',
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  )

/**
 * An error without the fields that others hang on it: a database names the whole row that it refused, and rows are what
 * people wrote.
 */
const plainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  const { type, message, stack } = stdSerializers.err(error)
  const { code } = error as { code?: unknown }
  return { type, message, stack, ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}) }
}

const SECRET_FIELDS = [
  'password',
  'passwordHash',
  'accessToken',
  'refreshToken',
  'appSecret',
  'verifyToken',
  'authorization',
  'cookie',
  'secretKey',
  'secretAccessKey',
  'token',
  'otp',
]

/** A log that writes nothing, for tests. */
export const silentLog: Log = pino({ level: 'silent' })
