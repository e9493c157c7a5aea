/**
 * Something was to be sealed with the key of somebody who was erased: no key is ever made for that id again. Whoever
 * writes looks again at who this is now.
 */
export class ErasedSubject extends Error {
  readonly subject: string
  constructor(subject: string) {
    super(`${subject} was erased`)
    this.name = 'ErasedSubject'
    this.subject = subject
  }
}
