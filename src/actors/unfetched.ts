/**
 * Which messages still wait for their media. The log says it, so that a job that was lost, or rung twice, or cut off
 * between storing and recording, ends in one recorded outcome.
 */
type Waiting = { readonly unfetched: readonly string[] }
type Received = {
  readonly messageId: string
  readonly media?:
    | {
        readonly atChannel?: boolean | undefined
        readonly key?: string | undefined
        readonly tooLarge?: boolean | undefined
      }
    | undefined
}

/** Whether a message came with media that has to be asked for at its channel. */
const asksForMedia = ({ media }: Pick<Received, 'media'>): boolean =>
  media?.atChannel === true && media.key === undefined && media.tooLarge !== true

export const mediaAwaited = (context: Waiting, data: Received): Partial<Waiting> =>
  asksForMedia(data) ? { unfetched: [...context.unfetched, data.messageId] } : {}

export const mediaSettled = (context: Waiting, { data }: { data: { messageId: string } }): Waiting => ({
  unfetched: context.unfetched.filter(id => id !== data.messageId),
})
