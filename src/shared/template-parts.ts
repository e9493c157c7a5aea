/** A file that stands above a template's words. */
export const TEMPLATE_FILES = ['image', 'video', 'document'] as const
export type TemplateFile = (typeof TEMPLATE_FILES)[number]

/** `otp` copies or fills in a code for logging in; `copy-code` a coupon's. */
export const TEMPLATE_BUTTONS = ['quick-reply', 'url', 'phone', 'copy-code', 'otp', 'flow'] as const
export type TemplateButtonType = (typeof TEMPLATE_BUTTONS)[number]

/** What Meta takes, in characters. Sources: "Template components", "Coupon code" and "Authentication templates" of the WhatsApp Business Platform. */
export const TEMPLATE_HEADER_CHARS_MAX = 60
export const TEMPLATE_BODY_CHARS_MAX = 1_024
export const TEMPLATE_URL_CHARS_MAX = 2_000
export const TEMPLATE_CODE_CHARS_MAX = 15

/** A place in a template's words: a number or a name in double braces. */
const PLACE = /\{\{\s*(\w+)\s*\}\}/g

/** The places of a text in the order in which their parameters are sent: numbers by their value, names as they come, each once. */
export const placesIn = (text: string): readonly string[] => {
  const names = [...new Set([...text.matchAll(PLACE)].map(([, name = '']) => name))]
  return names.every(name => /^\d+$/.test(name)) ? names.sort((a, b) => Number(a) - Number(b)) : names
}

/** What Meta refuses in a place: line breaks, tabs, and more than four spaces in a row. */
export const isPlainParameter = (text: string): boolean => !/[\n\r\t]| {5}/.test(text)
