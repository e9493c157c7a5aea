import { z } from 'zod'

/** An error in Meta's words: of an answer, of a status, of a message. */
export const metaError = z.looseObject({
  code: z.coerce.number(),
  error_subcode: z.coerce.number().optional(),
  title: z.string().optional(),
  message: z.string().optional(),
  error_data: z.looseObject({ details: z.string().optional() }).optional(),
})
