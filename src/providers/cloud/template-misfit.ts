import {
  isPlainParameter,
  placesIn,
  TEMPLATE_BODY_CHARS_MAX,
  TEMPLATE_CODE_CHARS_MAX,
  TEMPLATE_HEADER_CHARS_MAX,
  TEMPLATE_URL_CHARS_MAX,
} from '../../shared/template-parts.ts'
import type { ChannelTemplate, FilledButton, OutboundContent, TemplateButton } from '../provider.ts'

type Given = OutboundContent & { kind: 'template' }
/** Where it does not fit, and what is wrong there. */
type Misfit = {
  readonly code: 'template-unsupported' | 'template-header' | 'template-body' | 'template-button'
  readonly reason: string
}

/** What of a template is missing, too long or of the wrong kind in what is to be sent; `null`: it fits. Pure. */
export const templateMisfit = (template: ChannelTemplate, given: Given): Misfit | null => {
  const [part] = template.unsupported ?? []
  if (part !== undefined)
    return {
      code: 'template-unsupported',
      reason: `this template has a part that is not sent from here: ${part}`,
    }
  const header = headerMisfit(template, given)
  if (header !== null) return { code: 'template-header', reason: `header: ${header}` }
  const body = bodyMisfit(template, given)
  if (body !== null) return { code: 'template-body', reason: `body: ${body}` }
  return buttonMisfit(template.buttons ?? [], given.buttons ?? [])
}

const headerMisfit = ({ header: wanted }: ChannelTemplate, { header }: Given): string | null => {
  if (!wanted || (wanted.type === 'text' && placesIn(wanted.text).length === 0)) {
    const filled = header !== undefined && (header.type !== 'text' || header.parameter !== undefined)
    return filled ? 'this template has nothing to fill there' : null
  }
  if (!header) return `${wanted.type} is needed`
  if (header.type !== wanted.type) return `${wanted.type} is needed, not ${header.type}`
  if (header.type !== 'text') return null
  if (!header.parameter) return 'its place is empty'
  if (!isPlainParameter(header.parameter)) return 'no line breaks, tabs or more than four spaces in a row'
  return header.text.length > TEMPLATE_HEADER_CHARS_MAX
    ? `has at most ${TEMPLATE_HEADER_CHARS_MAX} characters, these are ${header.text.length}`
    : null
}

const bodyMisfit = (template: ChannelTemplate, { parameters, body }: Given): string | null => {
  if (parameters.length !== template.places)
    return `has ${template.places} places, and ${parameters.length} parameters were given`
  const uneven = parameters.findIndex(text => text === '' || !isPlainParameter(text))
  if (uneven >= 0)
    return `parameter ${uneven + 1} is empty, or has line breaks, tabs or more than four spaces in a row`
  // Alone, it may be longer; Meta says so where it is too long even for that.
  const alone = !template.header && !template.footer && !template.buttons
  return !alone && parameters.length > 0 && body.length > TEMPLATE_BODY_CHARS_MAX
    ? `has at most ${TEMPLATE_BODY_CHARS_MAX} characters, these are ${body.length}`
    : null
}

const buttonMisfit = (wanted: readonly TemplateButton[], given: readonly FilledButton[]): Misfit | null => {
  if (given.length > wanted.length)
    return { code: 'template-button', reason: `buttons: there are ${wanted.length}, not ${given.length}` }
  for (const [index, button] of wanted.entries()) {
    const wrong = wrongButton(button, given[index])
    if (wrong !== null)
      return { code: 'template-button', reason: `button ${index + 1} (${button.text}): ${wrong}` }
  }
  return null
}

const wrongButton = (wanted: TemplateButton, given: FilledButton | undefined): string | null => {
  const { type, value = '' } = wanted
  if (given && given.type !== type) return `${type} is needed, not ${given.type}`
  const parameter = given?.parameter ?? ''
  switch (type) {
    case 'url': {
      if (placesIn(value).length === 0) return parameter === '' ? null : 'its address has no place'
      if (parameter === '') return 'the end of its address is missing'
      if (/\s/.test(parameter)) return 'an address has no spaces'
      return value.length + parameter.length > TEMPLATE_URL_CHARS_MAX
        ? `an address has at most ${TEMPLATE_URL_CHARS_MAX} characters`
        : null
    }
    case 'copy-code':
    case 'otp':
      if (parameter === '') return 'its code is missing'
      return parameter.length > TEMPLATE_CODE_CHARS_MAX
        ? `a code has at most ${TEMPLATE_CODE_CHARS_MAX} characters`
        : null
    case 'phone':
      return parameter === '' ? null : 'takes no parameter'
    case 'quick-reply':
    case 'flow':
      return null
  }
}
