import type { Log } from '../shared/log.ts'
import type { Service } from '../shared/service.ts'

export type RunningServices = {
  stop(service: Service): Promise<void>
  /** Resolves when a service ended although nobody stopped it. */
  readonly died: Promise<Error>
}

/** Runs services side by side, each with its own stop. */
export const runServices = (services: readonly Service[], log: Log): RunningServices => {
  let die: (why: Error) => void = () => undefined
  const died = new Promise<Error>(resolve => (die = resolve))
  const running = new Map(
    services.map(service => {
      const stopper = new AbortController()
      const done = service.run(stopper.signal).then(
        () => {
          if (!stopper.signal.aborted) die(new Error(`${service.name} ended by itself`))
        },
        (error: unknown) => {
          log.error({ service: service.name, err: error }, 'a service failed')
          if (!stopper.signal.aborted) die(error instanceof Error ? error : new Error(String(error)))
        },
      )
      return [service, { stopper, done }] as const
    }),
  )
  return {
    died,
    stop: async service => {
      const found = running.get(service)
      found?.stopper.abort()
      await found?.done
    },
  }
}
