import { parsePhoneNumberFromString } from 'libphonenumber-js'

/**
 * Phone numbers as digits with country code and no plus sign. Brazilian mobile numbers got a ninth digit (a 9 before
 * the eight) between 2012 and 2016; WhatsApp still knows older accounts without it, people type both. They are shown
 * and compared with it, found with and without it, and written to as the channel gave them.
 */
const digitsOf = (phone: string): string => phone.replace(/\D/g, '')

/** 55, area, and eight digits of which the first is a mobile one: written before the ninth digit came. */
const BRAZIL_OLD_MOBILE = /^55([1-9]\d)([6-9]\d{7})$/
const BRAZIL_MOBILE = /^55([1-9]\d)9([6-9]\d{7})$/

/** The one form in which a number is kept, shown and compared: with the ninth digit in Brazil. */
export const canonicalPhone = (phone: string): string =>
  digitsOf(phone).replace(BRAZIL_OLD_MOBILE, (_, area: string, rest: string) => `55${area}9${rest}`)

/** Every form in which the same number is written or typed; the canonical one first. */
export const phoneVariants = (phone: string): string[] => {
  const canonical = canonicalPhone(phone)
  const old = canonical.replace(BRAZIL_MOBILE, '55$1$2')
  return old === canonical ? [canonical] : [canonical, old]
}

/** The digits of a number that exists in some country's numbering plan, `null` for anything else. */
export const validPhone = (phone: string): string | null => {
  const canonical = canonicalPhone(phone)
  return parsePhoneNumberFromString(`+${canonical}`)?.isValid() ? canonical : null
}

/** As people of that country write it abroad: `+55 11 98765-4321`. */
export const displayPhone = (phone: string): string =>
  parsePhoneNumberFromString(`+${canonicalPhone(phone)}`)?.formatInternational() ?? `+${digitsOf(phone)}`
