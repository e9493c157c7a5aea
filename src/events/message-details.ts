import { z } from 'zod'

/**
 * The structured parts of a message that the company writes, as the log keeps them for ever. What may be asked for is
 * narrower, and says so where it is asked: `commands/message/content.ts`.
 */
export const messageDetails = {
  location: z
    .object({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().optional(),
      address: z.string().optional(),
    })
    .optional(),
  contacts: z
    .array(
      z.object({
        name: z.string(),
        /** As they were written. */
        phones: z.array(z.string()),
        emails: z.array(z.string()).optional(),
        organisation: z.string().optional(),
      }),
    )
    .optional(),
  /** Buttons, or a list that `button` opens. Ids come back with the customer's choice. */
  interactive: z
    .discriminatedUnion('type', [
      z.object({
        type: z.literal('buttons'),
        buttons: z.array(z.object({ id: z.string(), title: z.string() })),
      }),
      z.object({
        type: z.literal('list'),
        button: z.string(),
        sections: z.array(
          z.object({
            title: z.string(),
            rows: z.array(
              z.object({ id: z.string(), title: z.string(), description: z.string().optional() }),
            ),
          }),
        ),
      }),
    ])
    .optional(),
  /** An approved template of the channel; `parameters` fill its places in order. The rest is as the customer sees it. */
  template: z
    .object({
      name: z.string(),
      language: z.string(),
      parameters: z.array(z.string()),
      /** A file's own facts stand where any message's do. `parameter` fills the place of a text. */
      header: z
        .discriminatedUnion('type', [
          z.object({ type: z.literal('text'), text: z.string(), parameter: z.string().optional() }),
          z.object({ type: z.enum(['image', 'video', 'document']) }),
          z.object({
            type: z.literal('location'),
            latitude: z.number(),
            longitude: z.number(),
            name: z.string().optional(),
            address: z.string().optional(),
          }),
        ])
        .optional(),
      footer: z.string().optional(),
      /** All of them in their order. `value`: what it opens; `parameter`: what filled it. */
      buttons: z
        .array(
          z.object({
            type: z.enum(['quick-reply', 'url', 'phone', 'copy-code', 'otp', 'flow']),
            text: z.string(),
            value: z.string().optional(),
            parameter: z.string().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
}
