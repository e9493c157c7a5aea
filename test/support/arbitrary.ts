import fc from 'fast-check'
import { z } from 'zod'

/**
 * Any value that a schema allows, with a liking for what breaks stores: NUL, lone surrogates, emoji, empty texts. Knows
 * the schemas of which facts are made; another one is an error, so that nothing is left out silently.
 */
const TEXTS: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '\0', '\uD800', '\uDFFF tail', 'a\0b', '👩‍👩‍👧‍👦 Olá', '__proto__', '\u2028', '"\\\n'),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map(units => String.fromCharCode(...units)),
)

const JSON_TEXT = fc.stringMatching(/^[a-z0-9 _-]{0,12}$/)
const JSONS: fc.Arbitrary<unknown> = fc.letrec<{ json: unknown }>(tie => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => (Object.is(value, -0) ? 0 : value)),
    TEXTS,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(JSON_TEXT, tie('json'), { maxKeys: 4 }),
  ),
})).json

const TIME = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map(date => date.toISOString())

const textOf = (schema: z.ZodString): fc.Arbitrary<string> => {
  const { format, minLength, maxLength } = schema
  if (format === 'uuid') return fc.uuid({ version: [4, 7, 8] })
  if (format === 'datetime') return TIME
  if (format) throw new Error(`no texts of the format ${format}`)
  const min = minLength ?? 0
  return TEXTS.map(text => text.padEnd(min, 'x').slice(0, maxLength ?? undefined)).filter(
    text => text.length >= min,
  )
}

const numberOf = (schema: z.ZodNumber): fc.Arbitrary<number> => {
  const whole = (value: number | null): number | null => (Number.isSafeInteger(value) ? value : null)
  const [minValue, maxValue] = [whole(schema.minValue), whole(schema.maxValue)]
  const positive = schema.safeParse(0).success ? 0 : 1
  return fc.integer({
    min: Math.max(
      minValue ?? Number.MIN_SAFE_INTEGER,
      positive === 1 && (minValue ?? -1) >= 0 ? 1 : Number.MIN_SAFE_INTEGER,
    ),
    max: maxValue ?? Number.MAX_SAFE_INTEGER,
  })
}

const objectOf = (schema: z.ZodObject): fc.Arbitrary<Record<string, unknown>> => {
  const fields = Object.entries(schema.shape)
  const required = fields.filter(([, field]) => !(field instanceof z.ZodOptional)).map(([name]) => name)
  return fc
    .record(Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field as z.ZodType)])), {
      requiredKeys: required,
    })
    .map(value => ({ ...value }))
}

export const arbitraryOf = (schema: z.ZodType): fc.Arbitrary<unknown> => {
  if (schema instanceof z.ZodObject) return objectOf(schema)
  if (schema instanceof z.ZodOptional) return arbitraryOf(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodNullable)
    return fc.option(arbitraryOf(schema.unwrap() as z.ZodType), { nil: null })
  if (schema instanceof z.ZodDefault) return arbitraryOf(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodArray)
    return fc.array(arbitraryOf(schema.element as z.ZodType), {
      maxLength: 5,
      ...(schema.safeParse([]).success ? {} : { minLength: 1 }),
    })
  if (schema instanceof z.ZodTuple)
    return fc.tuple(...schema.def.items.map(item => arbitraryOf(item as z.ZodType)))
  if (schema instanceof z.ZodUnion)
    return fc.oneof(...schema.options.map(option => arbitraryOf(option as z.ZodType)))
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options)
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values)
  if (schema instanceof z.ZodBoolean) return fc.boolean()
  if (schema instanceof z.ZodNumber) return numberOf(schema)
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat)
    return textOf(schema as unknown as z.ZodString)
  // `z.json()`, the only recursive one.
  if (schema instanceof z.ZodLazy) return JSONS
  throw new Error(`no arbitrary for ${schema.def.type}`)
}
