/** Something long-lived that `main` starts and stops. `run` resolves once `stop` was signalled and its work is put away. */
export type Service = {
  readonly name: string
  run(stop: AbortSignal): Promise<void>
}
