/** Why a channel could not be asked something that is no message: `retryable` when asking again may help. */
export class ChannelError extends Error {
  readonly code: string
  readonly retryable: boolean
  constructor(code: string, reason: string, retryable: boolean) {
    super(reason)
    this.name = 'ChannelError'
    this.code = code
    this.retryable = retryable
  }
}
