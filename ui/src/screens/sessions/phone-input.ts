import type * as Library from 'libphonenumber-js/min'
import { locale } from '../../i18n/index.ts'
import { loadPart } from '../../sync/load-part.ts'

type Country = Library.CountryCode

/** Without a country code a number is taken for one of here. */
const homeOf = (): Country => {
  const region = new Intl.Locale(navigator.language).region
  if (region) return region as Country
  return locale() === 'pt-BR' ? 'BR' : locale() === 'es' ? 'MX' : 'US'
}
/** Written before Brazil's ninth digit came: WhatsApp still knows old accounts by it. */
const BRAZIL_OLD_MOBILE = /^[1-9]\d[6-9]\d{7}$/

export type PhoneInput = {
  /** As people of that country write it, as far as it is typed. */
  format(text: string): string
  /** The number with country code, and the country's name; `null`: no country knows such a number. */
  read(text: string): { readonly phone: string; readonly shown: string; readonly country: string } | null
}

/** The numbering plans of all countries weigh more than a screen: they come when somebody types a number. */
export const loadPhoneInput = async (): Promise<PhoneInput> => {
  const { AsYouType, parsePhoneNumberFromString } = await loadPart(() => import('libphonenumber-js/min'))
  const home = homeOf()
  return {
    format: text => new AsYouType(home).input(text),
    read: text => {
      const number = parsePhoneNumberFromString(text, home)
      if (!number) return null
      const old = number.countryCallingCode === '55' && BRAZIL_OLD_MOBILE.test(number.nationalNumber)
      if (!number.isValid() && !old) return null
      const names = new Intl.DisplayNames([locale()], { type: 'region' })
      const country = number.country ?? (old ? 'BR' : undefined)
      return {
        phone: number.number,
        shown: number.formatInternational(),
        country: (country && names.of(country)) ?? '',
      }
    },
  }
}
