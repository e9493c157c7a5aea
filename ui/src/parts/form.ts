/** What a form holds, by field name: trimmed text, nothing for what was left out. */
export const fieldsOf = (form: HTMLFormElement): ((name: string) => string) => {
  const given = new FormData(form)
  return name => {
    const value = given.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
}
