import { vi } from 'vitest'

type Listener = (event: { lengthComputable: boolean; loaded: number; total: number }) => void
/** One upload as the browser would run it, moved by the test. */
export type FakeUpload = {
  readonly name: string
  readonly headers: Record<string, string>
  aborted: boolean
  progress(part: number): void
  answer(status: number, body: unknown): void
}

/** Stands where the network begins for uploads: jsdom's own request cannot be asked how far it is. */
export const holdUploads = (): FakeUpload[] => {
  const all: FakeUpload[] = []
  class Held {
    status = 0
    responseText = ''
    readonly headers: Record<string, string> = {}
    readonly listeners = new Map<string, Listener[]>()
    readonly upload = {
      addEventListener: (name: string, run: Listener) => this.listen(`upload ${name}`, run),
    }
    listen(name: string, run: Listener) {
      this.listeners.set(name, [...(this.listeners.get(name) ?? []), run])
    }
    addEventListener = (name: string, run: Listener) => this.listen(name, run)
    tell(name: string, part = 0) {
      for (const run of this.listeners.get(name) ?? [])
        run({ lengthComputable: true, loaded: part, total: 1 })
    }
    open() {}
    setRequestHeader(name: string, value: string) {
      this.headers[name] = value
    }
    abort() {
      const held = all.find(one => one.headers === this.headers)
      if (held) held.aborted = true
      this.tell('abort')
      this.tell('loadend')
    }
    send(form: FormData) {
      const file = form.get('file')
      all.push({
        name: file instanceof File ? file.name : '',
        headers: this.headers,
        aborted: false,
        progress: part => this.tell('upload progress', part),
        answer: (status, body) => {
          this.status = status
          this.responseText = JSON.stringify(body)
          this.tell('load')
          this.tell('loadend')
        },
      })
    }
  }
  vi.stubGlobal('XMLHttpRequest', Held)
  URL.createObjectURL = () => 'blob:held'
  URL.revokeObjectURL = () => undefined
  return all
}
