import { createSignal } from 'solid-js'

const [online, setOnline] = createSignal<ReadonlySet<string>>(new Set())

/** Who has the screen open somewhere, as far as the line has told. */
export const isOnline = (userId: string): boolean => online().has(userId)

export const showPresence = (push: { userId: string; online: boolean }): void => {
  setOnline(old => {
    const next = new Set(old)
    if (push.online) next.add(push.userId)
    else next.delete(push.userId)
    return next
  })
}

/** A new line tells everybody anew: whoever left meanwhile is not among them. */
export const forgetPresence = (): void => void setOnline(new Set<string>())
