import type { ChoiceLimits } from './provider.ts'

/** What WhatsApp's official API takes. Source: "Interactive reply buttons" and "Interactive list messages". */
export const WHATSAPP_CHOICES: ChoiceLimits = {
  buttons: { max: 3, titleMax: 20, bodyMax: 1_024 },
  list: { rowsMax: 10, sectionsMax: 10, titleMax: 24, descriptionMax: 72, openerMax: 20, bodyMax: 4_096 },
}

/** Quick replies of Messenger and Instagram; lists they have none. Source: "Quick Replies" of the Messenger Platform. */
export const PAGE_CHOICES: ChoiceLimits = {
  buttons: { max: 13, titleMax: 20, bodyMax: 2_000 },
  list: null,
}
